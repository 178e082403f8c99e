"""Open trust: everyone who can reach the port may call. For development, or behind a gateway that knows its callers."""

from __future__ import annotations

from collections.abc import Mapping


class OpenTrust:
    """Trusts every caller."""

    def check(self, headers: Mapping[str, str], url: str) -> None:
        """Accept the call; a token that was sent is not looked at."""
