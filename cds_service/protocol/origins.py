"""Where an address leads: its origin, and whether it stays on this machine. Pure; no name is looked up."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an http(s) URL; None for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        return None
    return parts.scheme, parts.hostname.rstrip("."), port or _PORTS[parts.scheme]


def same_origin(one: str, two: str) -> bool:
    """True if both URLs lead to the same scheme, host and port."""
    return (found := origin(one)) is not None and found == origin(two)


def is_loopback(host: str) -> bool:
    """True if this host name or address is only reachable from the same machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def encrypted_or_local(url: str) -> bool:
    """True if what is sent to the URL is encrypted on its way, or does not leave this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")
