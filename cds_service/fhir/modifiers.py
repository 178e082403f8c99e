"""Modifiers: what turns the meaning of a resource round. The one reader of them.

FHIR R4 2.4.1: whoever reads a resource must check for modifier extensions that he does not know, and must not use the
resource as if they were not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Resource = Mapping[str, Any]

#: Elements that say that something is not to be done or was not done: R4, STU3, DSTU2.
_NEGATIONS = ("doNotPerform", "notDone", "notGiven", "notPerformed", "wasNotGiven", "wasNotTaken")
#: The same as an extension, in FHIR's own extensions and those of QI-Core.
_KNOWN = re.compile(
    r"https?://(?:www\.)?hl7\.org/fhir/(?:StructureDefinition/request-doNotPerform"
    r"|us/qicore/StructureDefinition/qicore-(?:notDone|isNegated))(?:\|.*)?"
)
#: Parts of a resource that can carry modifiers of their own and hold what is read.
_PARTS = ("component", "series")


def is_negated(resource: Resource) -> bool:
    """Does the resource say that something is not to be done, or was not done?"""
    return any(resource.get(name) is True for name in _NEGATIONS) or any(
        extension.get("valueBoolean") is True for extension in _extensions(resource) if _is_known(extension)
    )


def has_unknown_modifier(resource: Resource) -> bool:
    """Does the resource, or a part of it, carry a modifier extension that is not known here?"""
    if "modifierExtension" in resource and any(not _is_known(item) for item in _extensions(resource)):
        return True
    return any(
        isinstance(part, dict) and bool(part.get("modifierExtension"))
        for name in _PARTS
        if name in resource
        for part in (resource[name] if isinstance(resource[name], list) else [resource[name]])
    )


def _is_known(extension: Resource) -> bool:
    return isinstance(url := extension.get("url"), str) and _KNOWN.fullmatch(url.strip()) is not None


def _extensions(resource: Resource) -> Iterator[Resource]:
    """The modifier extensions; whatever stands there and is none counts as one that is not known."""
    found = resource.get("modifierExtension")
    for item in found if isinstance(found, list) else [found] if found else []:
        yield item if isinstance(item, dict) else {}
