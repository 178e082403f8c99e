"""What an access token covers (SMART App Launch scopes, version 1 and 2)."""

from __future__ import annotations

import re

_SCOPE = re.compile(r"(?:patient|user|system)/(\*|[A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(?:\?.*)?")


def covers(scope: str, resource_type: str, *, search: bool) -> bool:
    """May resources of this type be read (or searched for) with a token of that scope?

    A scope that names no resources at all says nothing about them: the server will tell.
    """
    found = [match for part in scope.split() if (match := _SCOPE.fullmatch(part))]
    needed = "s" if search else "r"
    return not found or any(
        match[1] in ("*", resource_type) and (match[2] in ("read", "*") or (match[2] != "write" and needed in match[2]))
        for match in found
    )
