"""A CDS service: what it listens to, what it asks to be prefetched, what it cannot do without."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from cds_service.values import ValueObject

SPECIFICATION = "3.0.0"
"""The version of the CDS Hooks specification that discovery announces."""

_TYPE = re.compile(r"[A-Z][A-Za-z]*")


class Service(ValueObject, frozen=True, kw_only=True):
    """One entry of discovery. ``needs`` are the prefetch keys without which the answer is 412."""

    id: str
    hook: str
    title: str
    description: str
    prefetch: Mapping[str, str]
    needs: tuple[str, ...] = ()
    usage_requirements: str | None = None
    version: str = SPECIFICATION
    hook_version: str | None = None

    @property
    def types(self) -> Mapping[str, str]:
        """The resource type that each prefetch key asks for: what its template begins with."""
        return {key: _expected_type(template) for key, template in self.prefetch.items()}

    def descriptor(self) -> dict[str, Any]:
        """The entry as JSON; what has no value is left out (CDS Hooks 3.0, Discovery, Response)."""
        entry = {
            "hook": self.hook,
            "hookVersion": self.hook_version,
            "version": self.version,
            "title": self.title,
            "description": self.description,
            "id": self.id,
            "prefetch": dict(self.prefetch),
            "usageRequirements": self.usage_requirements,
        }
        return {name: value for name, value in entry.items() if value}


@cache
def _expected_type(template: str) -> str:
    """``Condition`` of ``Condition?patient=...``. Raises: ValueError for a template that names no type."""
    match = _TYPE.match(template)
    if match is None:
        raise ValueError("a prefetch template begins with the resource type that it asks for")
    return match[0]
