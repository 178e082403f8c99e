"""What the service asks of any kind of trust, and what it learns about a caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from werkzeug.datastructures import Headers


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called, as far as that was proven. ``issuer`` is None where nobody was asked to prove anything."""

    issuer: str | None = None
    tenant: str | None = None

    @property
    def name(self) -> str:
        """One text for each caller; empty for a caller whom nobody asked."""
        return " ".join(part for part in (self.issuer, self.tenant) if part)


ANYONE = Caller()


class Trust(Protocol):
    """Decides whether a caller is trusted, from the headers of the call and the public URL that was called."""

    def check(self, headers: Headers, url: str, /) -> Caller:
        """Who called. Raises: CallerNotTrusted (401), whose message is for the log alone; StoreUnavailable (503)."""

    def problem(self) -> str | None:
        """Why nobody can be trusted at the moment; None when callers can be."""
