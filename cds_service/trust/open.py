"""Open trust: everyone who can reach the port may call. For development, or behind a gateway that knows its callers."""

from __future__ import annotations

from werkzeug.datastructures import Headers

from cds_service.trust.trust import ANYONE, Caller


class OpenTrust:
    """Trusts every caller."""

    def check(self, _headers: Headers, _url: str) -> Caller:
        """Accept the call; a token that was sent is not looked at."""
        return ANYONE

    def problem(self) -> str | None:
        """Nothing can go wrong where nothing is asked."""
        return None
