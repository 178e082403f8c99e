"""The record of one invented patient, and what an EHR would answer from it to any prefetch template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

Resource = dict[str, Any]

CLINICIAN: Resource = {"resourceType": "Practitioner", "id": "canary-clinician", "active": True}
_TOKEN = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_ELEMENTS = {
    "code": "code",
    "category": "category",
    "clinical-status": "clinicalStatus",
    "verification-status": "verificationStatus",
    "status": "status",
    "_id": "id",
}
_USER_TOKENS = {"userPractitionerId": "Practitioner", "userPractitionerRoleId": "PractitionerRole"}


@dataclass(frozen=True, slots=True)
class Record:
    """One patient. Searches understand the parameters of ``_ELEMENTS``; every other one is taken to match."""

    patient: Resource
    others: tuple[Resource, ...]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The patient, the clinician, and everything else."""
        return (self.patient, CLINICIAN, *self.others)

    def prefetch(self, templates: Mapping[str, str], context: Mapping[str, Any]) -> dict[str, Any]:
        """What a client sends for a service's templates. A key that it cannot answer is left out."""
        queries = {key: expanded(template, context) for key, template in templates.items()}
        return {key: self.answer(query) for key, query in queries.items() if query is not None}

    def answer(self, query: str) -> Resource | None:
        """What a FHIR server answers to a read or search relative to its base; None to a read that finds nothing."""
        path, _, parameters = query.partition("?")
        kind, _, id_ = path.partition("/")
        if id_:
            return next((one for one in self.resources if (one["resourceType"], one["id"]) == (kind, id_)), None)
        found = [one for one in self.resources if one["resourceType"] == kind and _matches(one, parameters)]
        entries = [{"fullUrl": f"urn:check:{one['resourceType']}/{one['id']}", "resource": one} for one in found]
        bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
        return bundle | ({"entry": entries} if entries else {})


def record_of(request: Mapping[str, Any]) -> Record:
    """The record that the prefetch of a complete request holds."""
    found: dict[tuple[str, str], Resource] = {}
    for value in request["prefetch"].values():
        for resource in _resources(value):
            found.setdefault((resource["resourceType"], resource["id"]), resource)
    patient = found.pop(("Patient", request["context"]["patientId"]))
    return Record(patient, tuple(found.values()))


def expanded(template: str, context: Mapping[str, Any]) -> str | None:
    """The template with its tokens filled from the context; None when one of them has no plain value."""
    values = [_value(match[1], context) for match in _TOKEN.finditer(template)]
    if None in values:
        return None
    filled = iter(values)
    return _TOKEN.sub(lambda _: next(filled) or "", template)


def _value(token: str, context: Mapping[str, Any]) -> str | None:
    user_type, _, user_id = str(context.get("userId", "")).partition("/")
    if token in _USER_TOKENS:
        return user_id if user_type == _USER_TOKENS[token] else None
    value = context.get(token.removeprefix("context."))
    return value if isinstance(value, str) else None


def _resources(value: Any) -> Iterator[Resource]:
    if not isinstance(value, dict):
        return
    if value.get("resourceType") != "Bundle":
        yield value
    for entry in value.get("entry", ()):
        yield entry["resource"]


def _matches(resource: Resource, parameters: str) -> bool:
    for name, wanted in parse_qsl(parameters):
        element = _ELEMENTS.get(name)
        if element is not None and not _has(resource.get(element), unquote(wanted).split(",")):
            return False
    return True


def _has(value: Any, wanted: list[str]) -> bool:
    found: set[str] = set()
    for concept in value if isinstance(value, list) else [value]:
        if isinstance(concept, dict):
            for coding in concept.get("coding", ()):
                code = str(coding.get("code"))
                found |= {code, f"{coding.get('system', '')}|{code}"}
        elif isinstance(concept, str):
            found.add(concept)
    return not found.isdisjoint(wanted)
