"""What the service asks of any kind of trust."""

from __future__ import annotations

from typing import Protocol

from werkzeug.datastructures import Headers


class Trust(Protocol):
    """Decides whether a caller is trusted, from the headers of the call and the public URL that was called."""

    def check(self, headers: Headers, url: str) -> None:
        """Return when the caller is trusted. Raises: CallerNotTrusted (401), whose message is for the log alone."""
