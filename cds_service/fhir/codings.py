"""Codings: which code of which system, whatever form the system's name came in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
UCUM = "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
CPT = "http://www.ama-assn.org/go/cpt"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
ICD_O_3 = "http://terminology.hl7.org/CodeSystem/icd-o-3"
RADLEX = "http://radlex.org"
RADELEMENT = "https://radelement.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"

#: Systems in which a code's beginning is its ancestor; dots and case carry no meaning in them.
HIERARCHICAL = frozenset({ICD_10, ICD_10_CM, ICD_O_3, ATC})
#: A longer text names no code system that is known here, and is not worth remembering.
_LONGEST = 256
#: Other names under which the systems are sent. Object identifiers are those of the HL7 registry.
_ALIASES = {
    SNOMED: ("2.16.840.1.113883.6.96",),
    LOINC: ("2.16.840.1.113883.6.1", "http://www.loinc.org"),
    ICD_10_CM: ("2.16.840.1.113883.6.90",),
    ICD_10: (
        "2.16.840.1.113883.6.3",
        "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
        "http://fhir.de/CodeSystem/dimdi/icd-10-gm",
    ),
    UCUM: ("2.16.840.1.113883.6.8", "http://www.unitsofmeasure.org"),
    RXNORM: ("2.16.840.1.113883.6.88",),
    ATC: (
        "2.16.840.1.113883.6.73",
        "http://whocc.no/atc",
        "http://fhir.de/CodeSystem/bfarm/atc",
        "http://fhir.de/CodeSystem/dimdi/atc",
    ),
    CPT: ("2.16.840.1.113883.6.12",),
    NCIT: ("2.16.840.1.113883.3.26.1.1",),
    ICD_O_3: ("2.16.840.1.113883.6.43.1", "http://hl7.org/fhir/sid/icd-o-3"),
    RADELEMENT: ("https://www.radelement.org",),
    RADLEX: ("2.16.840.1.113883.6.256", "http://www.radlex.org", "http://www.radlex.org/RID"),
    DICOM: ("1.2.840.10008.2.16.4",),
}

_END = re.compile(r"[\s/]+\Z")


def _without_scheme(url: str) -> str:
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


def _all_names() -> Iterator[tuple[str, str]]:
    for system, names in _ALIASES.items():
        for name in (system, *names):
            if name[0].isdigit():
                yield from ((f"urn:oid:{name}", system), (name, system))
            else:
                yield from ((scheme + _without_scheme(name), system) for scheme in ("http://", "https://", ""))


_NAMES = dict(_all_names())
_SYSTEMS = {name.lower(): system for name, system in _NAMES.items()} | _NAMES


class Coding(NamedTuple):
    """A code of a code system, with the display that came with it."""

    system: str
    code: str
    display: str | None


def canonical_system(url: str) -> str:
    """The canonical URL of a code system.

    Known are the object identifiers, http and https, a trailing slash, upper case, a version after ``|``, and SNOMED CT
    editions (``http://snomed.info/sct/731000124108/version/...``). An unknown system stays as it is, but for a trailing
    slash and a version.
    """
    return _canonical(url) if len(url) <= _LONGEST else url


@lru_cache(maxsize=1024)
def _canonical(url: str) -> str:
    if (known := _SYSTEMS.get(url)) is not None:
        return known
    plain = _END.sub("", url.partition("|")[0]).lstrip()
    lower = plain.lower()
    if (known := _SYSTEMS.get(lower)) is not None:
        return known
    return SNOMED if _without_scheme(lower).startswith("snomed.info/sct/") else plain


def has_coding(concept: object) -> bool:
    """Is there anything in the concept that :func:`codings` would read?"""
    if not isinstance(concept, dict):
        return False
    listed = concept.get("coding")
    for item in listed if isinstance(listed, list) else (concept,):
        if isinstance(item, dict):
            system, code = item.get("system"), item.get("code")
            if isinstance(system, str) and isinstance(code, str) and code:
                return True
    return False


def codings(concept: object) -> tuple[Coding, ...]:
    """The codings of a CodeableConcept, or the one of a Coding; whatever is not readable as a coding is left out."""
    if not isinstance(concept, dict):
        return ()
    listed = concept.get("coding")
    found = []
    for item in listed if isinstance(listed, list) else (concept,):
        if not isinstance(item, dict):
            continue
        system, code, display = item.get("system"), item.get("code"), item.get("display")
        if isinstance(system, str) and isinstance(code, str) and code:
            found.append(Coding(canonical_system(system), code.strip(), display if isinstance(display, str) else None))
    return tuple(found)
