"""Status elements and certainty marks: the one reader of what a resource says about its own standing.

The bindings are required, but records differ in form: several codings of which only one is standard, a plain code (as
in DSTU2 and STU3), capitals, or the display in the place of the code. A word that is only displayed may cast doubt on a
disease; it never sets it aside and never ends it. ICD-10-GM writes the certainty of a diagnosis as a mark on its code:
A excluded, V suspected, Z state after, G confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from cds_service.truth import Truth

Resource = Mapping[str, Any]

_ACTIVE = frozenset({"active", "recurrence", "relapse"})
_INACTIVE = frozenset({"inactive", "remission", "resolved"})
_UNCONFIRMED = frozenset({"unconfirmed", "provisional", "differential"})
_CLINICAL = _ACTIVE | _INACTIVE | {"unknown"}
_VERIFICATION = _UNCONFIRMED | {"confirmed", "refuted", "entered-in-error"}
#: The code systems of both elements in R4, R4B and R5, in STU3, and in DSTU2; the scheme and the end carry no meaning.
_STANDARD = re.compile(
    r"(?:https?://)?(?:www\.)?(?:terminology\.hl7\.org/codesystem|hl7\.org/fhir(?:/valueset)?)"
    r"/condition-(?:clinical|ver-status)",
    re.IGNORECASE,
)
#: Extensions that hold the ICD-10-GM mark, under http or https, on the coding, the code or the Condition.
_MARK = re.compile(r"https?://fhir\.de/StructureDefinition/icd-10-gm-diagnosesicherheit(?:\|.*)?", re.IGNORECASE)
_GERMAN = "icd-10-gm"
_MARKED_CODE = re.compile(r"[A-Z]\d\d(?:\.?[\d-]{1,2})?[+*!]?\s*([AVZG])", re.IGNORECASE)
_MARKS = frozenset("AVZG")
_MARK_VALUES = ("valueCoding", "valueCode", "valueCodeableConcept", "valueString")
_DEEPEST = 4


class Verification(Enum):
    """How sure a Condition is recorded to be."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"  # provisional, differential, suspected
    DOUBTFUL = "doubtful"  # it contradicts itself, or nothing of it is understood
    REFUTED = "refuted"
    IN_ERROR = "entered in error"
    NOT_RECORDED = "not recorded"


def status_of(resource: Resource) -> str:
    """The code of ``status`` in lower case, with hyphens; the empty text when there is none that can be read."""
    status = resource.get("status")
    return _word(status) if isinstance(status, str) else ""


def verification(condition: Resource) -> Verification:
    """Verification status and certainty marks together. What contradicts itself is doubtful, never refuted."""
    element = condition.get("verificationStatus")
    words, shown = status_words(element, _VERIFICATION)
    marks = certainty_marks(condition)
    if "entered-in-error" in words:
        return Verification.IN_ERROR
    refuted = "refuted" in words or "A" in marks
    affirmed = "confirmed" in words or bool(marks & {"G", "Z"})
    unsure = bool(words & _UNCONFIRMED) or "V" in marks
    if refuted:
        return Verification.DOUBTFUL if affirmed or unsure else Verification.REFUTED
    if unsure or shown & _UNCONFIRMED:
        return Verification.UNCONFIRMED
    if affirmed or shown == {"confirmed"}:
        return Verification.CONFIRMED
    return Verification.DOUBTFUL if _says_something(element) else Verification.NOT_RECORDED


def is_unconfirmed(condition: Resource) -> bool:
    """Is the Condition recorded as provisional, differential, unconfirmed or suspected, or in a doubtful way (G-06)?"""
    return verification(condition) in {Verification.UNCONFIRMED, Verification.DOUBTFUL}


def clinical_activity(condition: Resource) -> Truth:
    """What the clinical status and the mark "state after" say: present, over, or unknown where they contradict."""
    active, over = _activity(condition)
    if active == over:
        return Truth.UNKNOWN
    return Truth.TRUE if active else Truth.FALSE


def status_conflicts(condition: Resource) -> bool:
    """Does the Condition say both that the disease is present and that it is over?"""
    return all(_activity(condition))


def _activity(condition: Resource) -> tuple[bool, bool]:
    words, shown = status_words(condition.get("clinicalStatus"), _CLINICAL)
    return bool((words | shown) & _ACTIVE), bool(words & _INACTIVE) or "Z" in certainty_marks(condition)


def has_recurred(condition: Resource) -> bool:
    """Is the Condition recorded as a recurrence or relapse?"""
    words, shown = status_words(condition.get("clinicalStatus"), _CLINICAL)
    return bool((words | shown) & {"recurrence", "relapse"})


def status_words(element: object, known: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The standard words of a status element: those coded, and where there is none, those only displayed.

    Codes of other systems are passed over. A code without a system is the standard one, as the binding is required.
    """
    coded: set[str] = set()
    shown: set[str] = set()
    for part in _parts(element):
        if isinstance(part, str):
            coded.add(_word(part))
            continue
        system, code = part.get("system"), part.get("code")
        if isinstance(code, str) and (not system or (isinstance(system, str) and _STANDARD.match(system.strip()))):
            coded.add(_word(code))
        shown.update(_word(text) for text in (part.get("display"), part.get("text")) if isinstance(text, str))
    return frozenset(coded & known), frozenset() if coded & known else frozenset(shown & known)


def certainty_marks(condition: Resource) -> frozenset[str]:
    """The ICD-10-GM marks of a Condition: A excluded, V suspected, Z state after, G confirmed."""
    code = condition.get("code")
    holders = [condition, code, *_parts(code)]
    found = {mark for holder in holders if isinstance(holder, dict) for mark in _marks_of(holder.get("extension"))}
    for coding in _parts(code):
        if isinstance(coding, dict) and _GERMAN in str(coding.get("system", "")).lower():
            marked = _MARKED_CODE.fullmatch(str(coding.get("code", "")).strip())
            found |= {marked[1].upper()} if marked else set()
    return frozenset(found)


def _marks_of(extensions: object, depth: int = _DEEPEST) -> Iterator[str]:
    for extension in extensions if isinstance(extensions, list) else [extensions]:
        if not isinstance(extension, dict):
            continue
        if _MARK.fullmatch(str(extension.get("url", "")).strip()):
            for name in _MARK_VALUES:
                for part in _parts(extension.get(name)):
                    mark = part.get("code") if isinstance(part, dict) else part
                    if isinstance(mark, str) and (letter := mark.strip().upper()) in _MARKS:
                        yield letter
        elif depth:
            yield from _marks_of(extension.get("extension"), depth - 1)


def _parts(element: object, depth: int = _DEEPEST) -> Iterator[dict[str, Any] | str]:
    """The codings, concepts and plain codes of an element, in whatever way they are nested."""
    if isinstance(element, str):
        yield element
    elif isinstance(element, dict):
        yield element
        if depth and "coding" in element:
            yield from _parts(element["coding"], depth - 1)
    elif isinstance(element, list) and depth:
        for item in element:
            yield from _parts(item, depth - 1)


def _says_something(element: object) -> bool:
    """Does a status element hold any text or code, though none of it is understood?"""
    return any(
        bool(part.strip())
        if isinstance(part, str)
        else any(isinstance(part.get(name), str) and part[name].strip() for name in ("code", "display", "text"))
        for part in _parts(element)
    )


def _word(text: str) -> str:
    return "-".join(text.strip().lower().replace("_", " ").split())
