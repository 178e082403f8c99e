"""The one question of this room: to which value sets does this concept belong?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

import orjson

from cds_service.fhir.codings import Coding, canonical_system, codings
from cds_service.terminology.code_tables import NOTHING, CodeTables, Key, key_of
from cds_service.terminology.display_checks import DisplayCheck
from cds_service.terminology.value_sets import ValueSet
from cds_service.values import ValueObject

_OWN_QUESTIONS = "imaging-finding"
#: Made-up codes fill no memory: so many answers are remembered, for systems and codes of at most this length.
_REMEMBERED, _LONGEST_SYSTEM, _LONGEST_CODE = 4096, 256, 64


class OfTheSite(ValueObject, frozen=True):
    """What a site's folder holds: how many files, and the codes that they name one by one."""

    files: int
    codes: frozenset[Key]


class Terminology:
    """Value sets, own code systems and local codes. System and code must match together; displays never decide."""

    def __init__(
        self,
        *,
        canonical_base: str,
        value_sets: Mapping[str, ValueSet],
        tables: CodeTables,
        own_systems: Mapping[str, str],
        own_values: Mapping[Key, Mapping[str, str]],
        display_checks: Mapping[Key, DisplayCheck],
        of_the_site: OfTheSite,
        resources: tuple[Mapping[str, Any], ...],
    ) -> None:
        """Made by :func:`~cds_service.terminology.loader.load_terminology`.

        ``own_systems``: further addresses of our code systems -> the address in use. ``own_values``: for each code of
        our code systems, and each local code mapped to one, the code by the name of the code system. ``of_the_site``:
        what the site's folder adds.
        """
        self.canonical_base = canonical_base
        self.of_the_site = of_the_site
        self.value_sets = value_sets
        self._tables = tables
        self._own_systems = own_systems
        self._own_values = own_values
        self._checks = display_checks
        self._checked_codes = frozenset(code for _, code in display_checks)
        self._resources = resources
        #: Of every value set, code system and map as they are used here: the same hash reads every code the same way.
        self.hash = f"sha256:{sha256(orjson.dumps(resources, option=orjson.OPT_SORT_KEYS)).hexdigest()}"
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._look_up)

    def memberships(self, concept: object) -> frozenset[str]:
        """Names of every value set that any coding of this CodeableConcept or Coding belongs to."""
        if not isinstance(concept, dict):
            return NOTHING
        listed = concept.get("coding")
        if not isinstance(listed, list):
            return self._names(concept) if "code" in concept else NOTHING
        if len(listed) != 1:
            return NOTHING.union(*map(self._names, listed))
        return self._names(listed[0])

    def _names(self, coding: Any) -> frozenset[str]:
        try:
            system, code = coding["system"], coding["code"]
            if len(system) <= _LONGEST_SYSTEM and len(code) <= _LONGEST_CODE:
                return self._remembered(system, code)
        except (KeyError, TypeError):  # not a coding, or not with a text as system and as code
            return NOTHING
        return self._look_up(system, code)

    def _look_up(self, system: object, code: object) -> frozenset[str]:
        if not isinstance(system, str) or not isinstance(code, str):
            return NOTHING
        return self._tables.of(self._system(system), code)

    def _system(self, system: str) -> str:
        known = canonical_system(system)
        return self._own_systems.get(known, known)

    def member(self, concept: object, value_set: str) -> bool:
        """Does any coding of the concept belong to this value set? Raises: KeyError for a name that does not exist."""
        return self.value_sets[value_set].name in self.memberships(concept)

    def coding_in(self, concept: object, value_set: str) -> Coding | None:
        """The first coding of the concept that belongs to this value set. Raises: KeyError for an unknown name."""
        name = self.value_sets[value_set].name
        for coding in codings(concept):
            if name in self._look_up(coding.system, coding.code):
                return coding
        return None

    def display_mismatch(self, concept: object) -> Coding | None:
        """The first coding whose display contradicts its code, of the codes known to be labelled wrongly."""
        if not isinstance(concept, dict) or self._checked_codes.isdisjoint(_raw_codes(concept)):
            return None
        for coding in codings(concept):
            check = self._checks.get((coding.system, coding.code))
            if coding.display and check is not None and check.is_contradicted_by(coding.display):
                return coding
        return None

    def enumerated(self, value_set: str) -> tuple[Coding, ...]:
        """Every code that the value set names one by one, and the local codes mapped to it; sorted.

        Codes that belong to it only by their beginning (ICD-10, ATC) are not listed. Raises: KeyError.
        """
        return self._tables.enumerated(self.value_sets[value_set].name)

    def codes(self, value_set: str, system: str | None = None) -> tuple[str, ...]:
        """The enumerated codes of a value set, of one system or of all; sorted, each once. Raises: KeyError."""
        wanted = self._system(system) if system is not None else None
        found = {item.code for item in self.enumerated(value_set) if wanted is None or item.system == wanted}
        return tuple(sorted(found))

    def site_codings(self, value_set: str) -> tuple[Coding, ...]:
        """The codes of a value set that the site's folder added, one by one or by a map; sorted. Raises: KeyError."""
        return tuple(
            item for item in self.enumerated(value_set) if key_of(item.system, item.code) in self.of_the_site.codes
        )

    def own(self, code: str) -> Coding:
        """One of our own questions as a Coding. Raises: KeyError for a code that does not exist."""
        system = f"{self.canonical_base}/CodeSystem/{_OWN_QUESTIONS}"
        return Coding(system, self._own_values[(system, code)][_OWN_QUESTIONS], None)

    def own_value(self, concept: object, code_system: str) -> str | None:
        """The code of the concept in one of our code systems, such as ``lesion-zone``; None when it has none."""
        for coding in codings(concept):
            found = self._own_values.get(key_of(self._system(coding.system), coding.code))
            if found is not None and code_system in found:
                return found[code_system]
        return None

    def resources(self) -> tuple[Mapping[str, Any], ...]:
        """ValueSets (with a site's additions), CodeSystems and a site's ConceptMaps as FHIR JSON, by type and id."""
        return self._resources


def _raw_codes(concept: dict[str, Any]) -> list[str]:
    """The codes of a concept as they stand: a first look that most concepts do not get beyond."""
    listed = concept.get("coding")
    items = listed if isinstance(listed, list) else [concept]
    return [item["code"] for item in items if isinstance(item, dict) and isinstance(item.get("code"), str)]
