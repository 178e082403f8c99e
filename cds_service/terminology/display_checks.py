"""Displays that contradict their code, for the codes that public data are known to label wrongly.

A check stands with the concept in its value set, as the extension ``display-check``: words that the display of this
concept may hold (``confirms``) and words that belong to something else (``contradicts``). A display is a contradiction
only if it holds a word of the second kind and none of the first. Synonyms and other languages are never one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cds_service.fhir.codings import canonical_system
from cds_service.values import ValueObject

_CHECK = "/StructureDefinition/display-check"
_LONGEST = 500


class DisplayCheck(ValueObject, frozen=True):
    """Word beginnings that confirm and that contradict, as patterns."""

    confirms: re.Pattern[str]
    contradicts: re.Pattern[str]

    def is_contradicted_by(self, display: str) -> bool:
        """Does the display speak of something else?"""
        text = display[:_LONGEST].casefold()
        return self.contradicts.search(text) is not None and self.confirms.search(text) is None


def read_display_checks(resource: dict[str, Any]) -> dict[tuple[str, str], DisplayCheck]:
    """The display checks of one of our ValueSet resources, by system and code."""
    found = {}
    for part in resource["compose"]["include"]:
        for concept in part.get("concept", ()):
            for extension in concept.get("extension", ()):
                if extension["url"].endswith(_CHECK):
                    key = (canonical_system(part["system"]), concept["code"])
                    found[key] = DisplayCheck(*(_pattern(extension, name) for name in ("confirms", "contradicts")))
    return found


def _pattern(extension: dict[str, Any], name: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(map(re.escape, _words(extension, name))) + ")")


def _words(extension: dict[str, Any], name: str) -> Iterator[str]:
    for part in extension["extension"]:
        if part["url"] == name:
            yield from part["valueString"].casefold().split()
