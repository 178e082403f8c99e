"""One patient's record as an EHR keeps it: resources by type, and the types that it does not let be read."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from fhir_fixtures import Case
from tests.spec.core import RESOURCE_TYPES

Resource = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """``closed``: types whose search is refused (403)."""

    patient_id: str
    resources: tuple[Resource, ...]
    closed: frozenset[str] = frozenset()

    def mapped(self, change: Callable[[Resource], Resource]) -> Record:
        """The record with every resource changed."""
        return replace(self, resources=tuple(change(copy.deepcopy(resource)) for resource in self.resources))

    def of(self, kind: str) -> list[Resource]:
        """The resources of one type."""
        return [resource for resource in self.resources if resource["resourceType"] == kind]


def record_of(case: Case) -> Record:
    """What stands in a case's prefetch. A type that was not sent, or was refused, is closed.

    ``urn:uuid`` references inside a Bundle become ordinary ones, as a server makes them on storing.
    """
    prefetch = case.request["prefetch"]
    found: dict[tuple[str, str], Resource] = {}
    addresses: dict[str, str] = {}
    closed = {kind for key, kind in RESOURCE_TYPES.items() if key not in prefetch}
    for key, value in prefetch.items():
        kind = (value or {}).get("resourceType")
        if kind == "OperationOutcome":
            closed.add(RESOURCE_TYPES[key])
        for entry in value.get("entry", []) if kind == "Bundle" else [{"resource": value}] if kind == "Patient" else []:
            resource = entry["resource"]
            name = (resource["resourceType"], resource["id"])
            found[name] = resource
            addresses[entry.get("fullUrl", "")] = "/".join(name)
    record = Record(case.request["context"]["patientId"], tuple(found.values()), frozenset(closed))
    return record.mapped(lambda resource: with_references(resource, lambda literal: addresses.get(literal, literal)))


def with_references(value: Any, change: Callable[[str], str]) -> Any:
    """A resource with every literal reference changed."""
    return _walked(value, lambda holder: holder | {"reference": change(holder["reference"])}, "reference")


def with_codings(resource: Resource, change: Callable[[Resource], Resource]) -> Resource:
    """A resource with every coding changed, wherever it stands."""
    changed: Resource = _walked(
        resource, lambda holder: change(holder) if isinstance(holder.get("system"), str) else holder, "code"
    )
    return changed


def _walked(value: Any, change: Callable[[Resource], Resource], element: str) -> Any:
    if isinstance(value, list):
        return [_walked(item, change, element) for item in value]
    if isinstance(value, dict):
        inner = {name: _walked(item, change, element) for name, item in value.items()}
        return change(inner) if isinstance(inner.get(element), str) else inner
    return value
