"""The record of a fixture patient, made ready to be put into a FHIR server.

Ids are the server's to give, and the fixtures share ids (each has a ``Condition/lung``). So every resource carries an
identifier of ours, ``<case>/<Type>/<id>``, by which it is found again, a tag of ours, and the standard label for test
data. References stand as ``urn:uuid:`` of the resource that they mean, until the server's ids are known.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from cds_service.fhir.references import canonical_json, literal_keys, local_reference, resource_keys
from cds_service.fhir.resource_types import READ_TYPES
from fhir_fixtures import Case

IDENTIFIER_SYSTEM = "https://crc-lung-metastasis.example.org/fhir/sandbox/fixture"
TAG = {
    "system": "https://crc-lung-metastasis.example.org/fhir/CodeSystem/sandbox",
    "code": "fixture",
    "display": "Fixture of the colorectal lung metastasis decision service",
}
TEST_DATA = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}
_DIGITS = 12  # of a hash that only tells one version of a fixture from another

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One resource to be put. ``name``: our identifier's value. ``points_to``: the names that it refers to."""

    name: str
    resource: Mapping[str, Any]
    points_to: frozenset[str]

    @property
    def kind(self) -> str:
        """Its resource type."""
        return str(self.resource["resourceType"])

    @property
    def mark(self) -> str:
        """What our identifier says of the content; a resource on a server with the same mark needs no update."""
        return str(self.resource["identifier"][-1]["type"]["text"])

    def referring(self, references: Mapping[str, str]) -> Resource:
        """The resource with each reference as ``references`` has it by name; others stay ``urn:uuid:``."""
        by_urn = {urn(name): reference for name, reference in references.items()}

        def place(reference: Resource) -> Resource:
            literal = reference["reference"]
            return reference | {"reference": by_urn.get(literal, literal)}

        changed: Resource = _with_references(self.resource, place)
        return changed


@dataclass(frozen=True, slots=True)
class Record:
    """One patient: the resources, each after those that it points to, and what of the fixture cannot be put."""

    case: Case
    items: tuple[Item, ...]
    left_out: tuple[str, ...]

    @property
    def patient(self) -> str:
        """The name of the Patient."""
        return next(item.name for item in self.items if item.kind == "Patient")


def urn(name: str) -> str:
    """The placeholder of a resource: always the same for the same name."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{IDENTIFIER_SYSTEM}/{name}").urn


def record_of(case: Case) -> Record:
    """The patient's resources in the prefetch of a case. Draft orders belong to a call, not to the record."""
    found: dict[str, Resource] = {}
    names: dict[str, str] = {}
    left_out: list[str] = []
    for resource, full_url in _resources(case.request["prefetch"]):
        local = local_reference(resource)
        if resource["resourceType"] not in READ_TYPES:
            left_out.append(f"the {resource['resourceType']}, which is no part of a record")
        elif local not in found:
            found[local] = resource
            names |= dict.fromkeys(resource_keys(resource, full_url), f"{case.id}/{local}")
    for local in [local for local, resource in found.items() if _of_another(resource, names)]:
        del found[local]
        left_out.append(f"{local}, which is about another patient")
        names = {key: name for key, name in names.items() if name != f"{case.id}/{local}"}
    items = {f"{case.id}/{local}": _item(case.id, local, resource, names) for local, resource in found.items()}
    order = TopologicalSorter({name: item.points_to for name, item in items.items()}).static_order()
    return Record(case, tuple(items[name] for name in order), tuple(left_out))


def _resources(prefetch: Mapping[str, Any]) -> Iterator[tuple[Resource, str | None]]:
    for value in prefetch.values():
        if isinstance(value, dict) and value.get("resourceType") == "Bundle":
            for entry in value.get("entry", ()):
                yield entry["resource"], entry.get("fullUrl")
        elif isinstance(value, dict):
            yield value, None


def _of_another(resource: Resource, names: Mapping[str, str]) -> bool:
    """Does the resource say that it is about a patient who is not in the record?"""
    subjects = [resource[element] for element in READ_TYPES[resource["resourceType"]] if element in resource]
    keys = [key for subject in subjects for key in literal_keys(subject.get("reference"))]
    return any(key.startswith("Patient/") and key not in names for key in keys)


def _item(case: str, local: str, resource: Resource, names: Mapping[str, str]) -> Item:
    points_to: set[str] = set()

    def place(reference: Resource) -> Resource:
        keys = literal_keys(reference["reference"])
        name = next((names[key] for key in keys if key in names), None)
        if name is not None:
            points_to.add(name)
            return reference | {"reference": urn(name)}
        if not keys or keys[0].startswith("#"):  # contained
            return reference
        # Literally, it would point to whatever the server holds under that id. So it only says what is meant.
        logical = {name: value for name, value in reference.items() if name != "reference"}
        kind = {} if keys[0].startswith("urn:") else {"type": keys[0].partition("/")[0]}
        return kind | logical | {"identifier": {"system": IDENTIFIER_SYSTEM, "value": f"{case}/{keys[0]}"}}

    placed: Resource = _with_references(resource, place)
    content = {name: value for name, value in placed.items() if name not in ("id", "meta", "identifier")}
    profile = resource.get("meta", {}).get("profile")
    mark = hashlib.sha256(canonical_json(placed).encode()).hexdigest()[:_DIGITS]
    ours = {"type": {"text": f"fixture {mark}"}, "system": IDENTIFIER_SYSTEM, "value": f"{case}/{local}"}
    head = {
        "resourceType": content.pop("resourceType"),
        "meta": ({"profile": profile} if profile else {}) | {"security": [TEST_DATA], "tag": [TAG]},
        "identifier": [*placed.get("identifier", ()), ours],
    }
    return Item(f"{case}/{local}", head | content, frozenset(points_to - {f"{case}/{local}"}))


def _with_references(value: Any, place: Callable[[Resource], Resource]) -> Any:
    """A copy in which each Reference with a literal reference is what ``place`` makes of it."""
    if isinstance(value, list):
        return [_with_references(item, place) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("reference"), str):
        return place(value)
    return {name: _with_references(item, place) for name, item in value.items()}
