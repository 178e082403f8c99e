"""What an access token covers (SMART App Launch scopes, version 1 and 2)."""

from __future__ import annotations

import re
from enum import Enum

_SCOPE = re.compile(r"(?:patient|user|system)/(\*|[A-Za-z]+)\.(read|write|\*|(?=[cruds])c?r?u?d?s?)(\?.*)?")


class Coverage(Enum):
    """How much of a resource type a token's scope lets read."""

    WHOLE = "whole"
    PART = "part"  # only what fits the scope's own query, such as one category: absence cannot be concluded from it
    NOTHING = "nothing"


def coverage(scope: str, resource_type: str, *, search: bool) -> Coverage:
    """How much of this type may be read (or searched for) with a token of that scope.

    An absent scope says nothing, and the server will tell. One that is there is kept to: it covers what it names, so
    that ``openid launch`` alone covers nothing.
    """
    if not scope.strip():
        return Coverage.WHOLE
    needed = "s" if search else "r"
    queries = {
        match[3]
        for part in scope.split()
        if (match := _SCOPE.fullmatch(part)) and match[1] in ("*", resource_type) and _reads(match[2], needed)
    }
    if not queries:
        return Coverage.NOTHING
    return Coverage.WHOLE if None in queries else Coverage.PART


def names_resources(scope: str) -> bool:
    """Does the scope name any FHIR resource at all?"""
    return any(_SCOPE.fullmatch(part) for part in scope.split())


def _reads(permission: str, needed: str) -> bool:
    return permission in ("read", "*") or (permission != "write" and needed in permission)
