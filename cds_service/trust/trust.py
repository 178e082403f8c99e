"""What the service asks of any kind of trust."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Trust(Protocol):
    """Decides whether a caller is trusted, from the headers of the call and the public URL that was called."""

    def check(self, headers: Mapping[str, str], url: str) -> None:
        """Return when the caller is trusted. Raises: CallerNotTrusted (401), whose message is for the log alone."""
