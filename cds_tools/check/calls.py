"""Complete hook requests about invented patients, for any service that discovery lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from cds_tools.caller import fresh_id
from cds_tools.ehr import Record, record_of
from fhir_fixtures import Case, cases

PATIENTS = (
    "mcode-rich-solitary",
    "sparse-c7800",
    "bilateral-five",
    "severe-lung-disease",
    "msi-high-braf-central",
    "synchronous-european-record",
    "colon-cancer-without-lung-disease",
    "mdt-already-requested",
)
"""Whose charts are opened: much and little data, one lesion and many, and one about whom there is little to say."""

USER = "Practitioner/canary-clinician"
ENCOUNTER = "canary-encounter"


@dataclass(frozen=True, slots=True)
class Situation:
    """A hook's context, and the record of the patient that it is about."""

    name: str
    context: Mapping[str, Any]
    record: Record


@cache
def situations(hook: str) -> tuple[Situation, ...]:
    """The situations in which a hook is called; none when the hook's context is not known here."""
    make = _CONTEXTS.get(hook)
    if make is None:
        return ()
    by_id = {one.id: one for one in cases()}
    with_orders = [one for one in by_id.values() if one.request["hook"] in ("order-select", "order-sign")]
    chosen = [by_id[name] for name in PATIENTS] if hook == "patient-view" else with_orders
    return tuple(Situation(one.id, make(one), _record(one, hook)) for one in chosen)


def hook_request(service: Mapping[str, Any], situation: Situation) -> dict[str, Any]:
    """A complete request: everything that the service asks to be prefetched, as far as an EHR could know it."""
    context = deepcopy(dict(situation.context))
    request: dict[str, Any] = {"hook": service["hook"], "hookInstance": fresh_id(), "context": context}
    templates = service.get("prefetch")
    if isinstance(templates, dict):
        readable = {key: template for key, template in templates.items() if isinstance(template, str)}
        if prefetch := situation.record.prefetch(readable, context):
            request["prefetch"] = prefetch
    return request


def _record(one: Case, hook: str) -> Record:
    """The patient's record; an order that is dispatched has been signed, so it is part of it."""
    record = record_of(one.request)
    if hook != "order-dispatch":
        return record
    signed = [entry["resource"] | {"status": "active"} for entry in _drafts(one)["entry"]]
    return replace(record, others=(*record.others, *signed))


def _basic(one: Case) -> dict[str, Any]:
    return {"userId": USER, "patientId": one.request["context"]["patientId"]}


def _drafts(one: Case) -> dict[str, Any]:
    return deepcopy(dict(one.request["context"]["draftOrders"]))


def _names(drafts: Mapping[str, Any]) -> list[str]:
    return [f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in drafts["entry"]]


def _patient_view(one: Case) -> dict[str, Any]:
    return _basic(one)


def _order_sign(one: Case) -> dict[str, Any]:
    return _basic(one) | {"draftOrders": _drafts(one)}


def _order_select(one: Case) -> dict[str, Any]:
    drafts = _drafts(one)
    return _basic(one) | {"draftOrders": drafts, "selections": _names(drafts)[:1]}


def _order_dispatch(one: Case) -> dict[str, Any]:
    names = _names(_drafts(one))
    patient_id = one.request["context"]["patientId"]
    return {"patientId": patient_id, "dispatchedOrders": names[:1], "performer": "Organization/canary-radiology"}


def _encounter(one: Case) -> dict[str, Any]:
    return _basic(one) | {"encounterId": ENCOUNTER}


def _appointment(one: Case) -> dict[str, Any]:
    patient = {"actor": {"reference": f"Patient/{one.request['context']['patientId']}"}, "status": "needs-action"}
    booked = {"resourceType": "Appointment", "id": "draft-1", "status": "proposed", "participant": [patient]}
    return _basic(one) | {"appointments": _collection(booked)}


def _refill(one: Case) -> dict[str, Any]:
    refill = {
        "resourceType": "MedicationRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": "http://www.whocc.no/atc", "code": "A02BC01"}]},
        "subject": {"reference": f"Patient/{one.request['context']['patientId']}"},
    }
    return _basic(one) | {"medications": _collection(refill)}


def _collection(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


_CONTEXTS: Mapping[str, Callable[[Case], dict[str, Any]]] = {
    "patient-view": _patient_view,
    "order-select": _order_select,
    "order-sign": _order_sign,
    "order-dispatch": _order_dispatch,
    "encounter-start": _encounter,
    "encounter-discharge": _encounter,
    "appointment-book": _appointment,
    "medication-refill": _refill,
}

REQUIRED_CONTEXT: Mapping[str, tuple[str, ...]] = {
    "patient-view": ("userId", "patientId"),
    "order-select": ("userId", "patientId", "selections", "draftOrders"),
    "order-sign": ("userId", "patientId", "draftOrders"),
    "order-dispatch": ("patientId", "dispatchedOrders", "performer"),
    "encounter-start": ("userId", "patientId", "encounterId"),
    "encounter-discharge": ("userId", "patientId", "encounterId"),
    "appointment-book": ("userId", "patientId", "appointments"),
    "medication-refill": ("patientId", "medications"),
}
"""What each hook requires (CDS Hooks Library)."""
