"""A strict FHIR search over one patient's record: what is not supported is refused, as a strict server does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from tests.ehr.personality import Personality
from tests.ehr.record import Record, Resource

#: Names of one code system that any server takes for each other.
_ALSO = {
    "urn:oid:2.16.840.1.113883.6.96": "http://snomed.info/sct",
    "urn:oid:2.16.840.1.113883.6.1": "http://loinc.org",
}
_COMMA = re.compile(r"(?<!\\),")
_ESCAPED = re.compile(r"\\([\\,|$])")


class Refused(Exception):
    """A search that is answered with an OperationOutcome."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.outcome = {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "error", "code": code, "details": {"text": text}}],
        }


def matches(record: Record, personality: Personality, kind: str, query: str) -> list[Resource]:
    """The resources of one type that a query asks for. Raises: Refused."""
    if kind not in personality.parameters:
        raise Refused(404, "not-supported", f"{kind} is not served here")
    if kind in record.closed:
        raise Refused(403, "forbidden", f"{kind} may not be read")
    pairs = parse_qsl(query, keep_blank_values=True)
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise Refused(400, "invalid", "a parameter stands twice")
    if unknown := sorted(set(names) - set(personality.parameters[kind])):
        raise Refused(400, "not-supported", f"unknown parameter {', '.join(unknown)}")
    asked = dict(pairs)
    if not asked.get("patient"):
        raise Refused(400, "required", "patient is required")
    one_of = personality.one_of.get(kind, ())
    if one_of and not any(asked.get(name) for name in one_of):
        raise Refused(400, "required", f"one of {', '.join(one_of)} is required")
    if asked["patient"].removeprefix("Patient/") != record.patient_id:
        return []
    found = record.of(kind)
    for name in ("code", "category"):
        if name in asked:
            wanted = {_token(text) for text in _COMMA.split(asked[name])}
            found = [item for item in found if _fits(item.get(name), wanted)]
    return found


def _token(text: str) -> tuple[str | None, str]:
    system, bar, code = (_ESCAPED.sub(r"\1", part) for part in text.rpartition("|"))
    return (_ALSO.get(system, system) if bar else None), code


def _fits(concepts: object, wanted: set[tuple[str | None, str]]) -> bool:
    return any(
        (system, code) in wanted or (None, code) in wanted or (system, "") in wanted for system, code in _all(concepts)
    )


def _all(concepts: object) -> Iterator[tuple[str, str]]:
    for concept in concepts if isinstance(concepts, list) else [concepts]:
        for coding in (concept or {}).get("coding", []):
            system = coding.get("system", "")
            yield _ALSO.get(system, system), coding.get("code", "")
