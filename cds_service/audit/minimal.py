"""The input of a decision, reduced to what the decision read: as a JSON document, and back.

Kept are the hook, the patient's id, draft orders, and of each prefetch key its state and its resources, reduced to the
elements that the decision reads. Not kept are the caller, the clinician, the token, names and addresses, narratives and
notes. Two kinds of resource are kept whole, as they are compared or named by their whole content: those without an id,
and those that came more than once with different content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from cds_service.audit.elements import OF_A_REFERENCE, READ_ELEMENTS
from cds_service.fhir.problems import DataProblem
from cds_service.fhir.references import local_reference
from cds_service.fhir.source import Entry, Source, SourceState
from cds_service.hooks.decide import Site
from cds_service.protocol.request import HookRequest
from cds_service.values import replace

FORM = 1
"""The form of the document; raised when an older one can no longer be read as it stands."""


@dataclass(frozen=True, slots=True)
class Input:
    """What one decision was made of."""

    service: str
    request: HookRequest
    sources: Mapping[str, Source]
    problems: Sequence[DataProblem]
    on: date
    timezone: str
    public_base_url: str | None
    fixed_date: bool

    def site(self, loaded: Site) -> Site:
        """The loaded clinical content, with the rest of the site as it was then."""
        return replace(
            loaded, zone=ZoneInfo(self.timezone), public_base_url=self.public_base_url, fixed_date=self.fixed_date
        )


def minimal(given: Input) -> dict[str, Any]:
    """The document that is kept."""
    request = given.request
    resources = [entry.resource for source in given.sources.values() for entry in source.entries]
    whole = _whole([*resources, *request.draft_orders])
    return {
        "form": FORM,
        "service": given.service,
        "on": given.on.isoformat(),
        "timezone": given.timezone,
        "publicBaseUrl": given.public_base_url,
        "fixedDate": given.fixed_date,
        "hook": request.hook,
        "hookInstance": request.hook_instance,
        "patientId": request.patient_id,
        "draftOrders": [_reduced(order, whole) for order in request.draft_orders],
        "draftAddresses": list(request.draft_addresses),
        "selections": list(request.selections),
        "sources": {key: _source(source, whole) for key, source in given.sources.items()},
        "problems": [[item.resource, item.problem, item.text] for item in given.problems],
    }


def restored(document: Mapping[str, Any]) -> Input:
    """The input that a document holds. Raises: KeyError, TypeError, ValueError for a document of another form."""
    if document["form"] != FORM:
        raise ValueError("another form")
    request = HookRequest.model_construct(  # it was read and checked when the call came
        hook=document["hook"],
        hook_instance=document["hookInstance"],
        context={},
        patient_id=document["patientId"],
        draft_orders=tuple(document["draftOrders"]),
        draft_addresses=tuple(document.get("draftAddresses", ())),
        selections=tuple(document["selections"]),
    )
    return Input(
        service=document["service"],
        request=request,
        sources={key: _restored_source(key, kept) for key, kept in document["sources"].items()},
        problems=tuple(DataProblem(*item) for item in document["problems"]),
        on=date.fromisoformat(document["on"]),
        timezone=document["timezone"],
        public_base_url=document["publicBaseUrl"],
        fixed_date=document["fixedDate"],
    )


def _source(source: Source, whole: frozenset[str]) -> dict[str, Any]:
    return {
        "state": source.state.value,
        "note": source.note,
        "total": source.total,
        "matched": source.matched,
        "cut": source.cut,
        "entries": [[_reduced(entry.resource, whole), entry.full_url] for entry in source.entries],
    }


def _restored_source(key: str, kept: Mapping[str, Any]) -> Source:
    return Source(
        key,
        SourceState(kept["state"]),
        tuple(Entry(resource, full_url, local_reference(resource)) for resource, full_url in kept["entries"]),
        note=kept["note"],
        total=kept["total"],
        matched=kept["matched"],
        cut=kept["cut"],
    )


def _whole(resources: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The local references of resources that must be kept as they came."""
    seen: dict[str, Mapping[str, Any]] = {}
    whole = set()
    for resource in resources:
        local = local_reference(resource)
        if "/?" in local or seen.setdefault(local, resource) != resource:
            whole.add(local)
    return frozenset(whole)


def _reduced(resource: Mapping[str, Any], whole: frozenset[str]) -> Mapping[str, Any]:
    return resource if local_reference(resource) in whole else _elements(resource)


def _elements(value: Mapping[str, Any]) -> dict[str, Any]:
    """The elements that are read. A ``text`` that is no string is a narrative."""
    kept: dict[str, Any] = {}
    for name, item in value.items():
        if name not in READ_ELEMENTS or (name == "text" and not isinstance(item, str)):
            continue
        if name in ("subject", "patient") and isinstance(item, dict):
            kept[name] = {part: item[part] for part in OF_A_REFERENCE & item.keys()}
        elif isinstance(item, dict):
            kept[name] = _elements(item)
        elif isinstance(item, list):
            kept[name] = [_elements(part) if isinstance(part, dict) else part for part in item]
        else:
            kept[name] = item
    return kept
