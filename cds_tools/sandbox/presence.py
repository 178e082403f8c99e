"""Which fixture resources a server holds: those with our tag and our identifier, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cds_service.fhir.references import literal_keys
from cds_tools.sandbox.errors import ServerRefused
from cds_tools.sandbox.fhir_server import FhirServer
from cds_tools.sandbox.fixture_records import IDENTIFIER_SYSTEM, TAG

#: Every type that a fixture's record has a resource of; a test compares. The order is that of messages.
KINDS = (
    "Patient", "Condition", "BodyStructure", "Procedure", "Observation", "ImagingStudy", "DiagnosticReport",
    "ServiceRequest", "MedicationRequest",
)  # fmt: skip
_PAGE = 200
_TAGGED = quote(f"{TAG['system']}|{TAG['code']}", safe="")


@dataclass(frozen=True, slots=True)
class Present:
    """One resource of a fixture on a server. ``name`` and ``mark``: as in ``fixture_records.Item``."""

    name: str
    mark: str
    reference: str
    points_to: frozenset[str]


def present(server: FhirServer, each: Callable[[], None] = lambda: None) -> dict[str, Present]:
    """What is there, by name. ``each`` is called after each type of resource.

    Raises: SandboxStopped; ServerRefused also when the server does not search by tag, or not to the end: then what is
    there cannot be known.
    """
    found: dict[str, Present] = {}
    for kind in KINDS:
        entries, complete = server.search(f"{kind}?_tag={_TAGGED}&_count={_PAGE}")
        resources = [entry["resource"] for entry in entries if entry["resource"].get("resourceType") == kind]
        tagged = [resource for resource in resources if _is_tagged(resource)]
        if len(tagged) < len(resources) or not complete:
            raise ServerRefused(
                f"The FHIR server does not search {kind} by _tag, or not to the end: what is there cannot be known.",
                hint="The sandbox needs a server that searches by _tag and whose pages stay at one address.",
            )
        for resource in tagged:
            for identifier in _ours(resource):
                name, mark = identifier["value"], str((identifier.get("type") or {}).get("text"))
                reference = f"{kind}/{resource['id']}"
                found[name] = Present(name, mark, reference, frozenset(_references(resource)) - {reference})
        each()
    return found


def fixture_names(resource: Mapping[str, Any]) -> list[str]:
    """The names under which a resource on a server was put; empty for a resource that is not ours."""
    return [identifier["value"] for identifier in _ours(resource)] if _is_tagged(resource) else []


def _is_tagged(resource: Mapping[str, Any]) -> bool:
    tags = (resource.get("meta") or {}).get("tag") or ()
    return any((tag.get("system"), tag.get("code")) == (TAG["system"], TAG["code"]) for tag in tags)


def _ours(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = resource.get("identifier") or ()
    return [item for item in listed if item.get("system") == IDENTIFIER_SYSTEM and item.get("value")]


def _references(value: Any) -> set[str]:
    """Every resource that is referred to anywhere in it."""
    if isinstance(value, list):
        return {key for item in value for key in _references(item)}
    if not isinstance(value, dict):
        return set()
    here = set(literal_keys(value.get("reference")))
    return here | {key for item in value.values() for key in _references(item)}
