"""Which FHIR servers may be called."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from cds_service.protocol.origins import is_loopback, origin


class AllowList:
    """The FHIR servers that the operator listed, by base URL; loopback where that is allowed."""

    def __init__(self, servers: Iterable[str], *, loopback: bool) -> None:
        self._bases = {base for server in servers if (base := _base(server)) is not None}
        self._loopback = loopback

    def permits(self, base_url: str) -> bool:
        """May this base URL be called? The whole base is compared, so another tenant of a listed host is not."""
        base = _base(base_url)
        if base is None:
            return False
        return base in self._bases or (self._loopback and is_loopback(base[0][1]))


def _base(url: str) -> tuple[tuple[str, str, int], str] | None:
    found = origin(url)
    return (found, urlsplit(url).path.rstrip("/")) if found else None
