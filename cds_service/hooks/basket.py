"""The orders of a call: which of its drafts are orders for this patient, and where their references lead."""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.fhir.patients import OTHER_PATIENT, PatientKeys
from cds_service.fhir.pool import Resource, ResourcePool, unusable
from cds_service.fhir.problems import DataProblem
from cds_service.fhir.references import local_reference
from cds_service.fhir.resource_types import READ_TYPES
from cds_service.fhir.source import Entry, Source
from cds_service.fhir.status import status_of
from cds_service.hooks.services import Hook
from cds_service.oncology.assess import AssessmentRequest
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service

_REQUESTS = frozenset({"ServiceRequest", "MedicationRequest"})
_OVER = frozenset({"revoked", "cancelled", "stopped", "completed", "ended", "entered-in-error"})


def asked(
    hook: Hook, service: Service, request: HookRequest, sources: Mapping[str, Source], resources: ResourcePool
) -> tuple[AssessmentRequest, tuple[DataProblem, ...]]:
    """What is asked about the orders of a call, and which of its drafts were set aside.

    No order is what is being stopped, revoked or undone, what is not to be done, and what an order only points to, such
    as a Medication. A draft for another patient is set aside (I-9), and so is one with a modifier that is not known.
    """
    entries = [entry for source in sources.values() for entry in source.entries] if request.draft_orders else []
    patient = PatientKeys(request.patient_id, entries)
    problems = set()
    drafts = []
    for order in request.draft_orders:
        if not is_order(order):
            continue
        why = OTHER_PATIENT if patient.problem(order) is OTHER_PATIENT else unusable(order)
        if why is None:
            drafts.append(order)
        elif why[0] != "STATUS_NOT_USABLE":
            problems.add(DataProblem(local_reference(order), *why))
    reduced = request.model_copy(update={"draft_orders": tuple(drafts)})
    orders = tuple(order for order in hook.orders(reduced, resources) if is_order(order))
    found = AssessmentRequest(service.id, service.hook, orders, reduced.draft_orders, with_drafts(request, resources))
    return found, tuple(sorted(problems))


def is_order(resource: Resource) -> bool:
    """Does the resource ask for something to be done? Types that the service does not read are left to its codes."""
    kind = resource.get("resourceType")
    return (kind in _REQUESTS or kind not in READ_TYPES) and status_of(resource) not in _OVER


def with_drafts(request: HookRequest, resources: ResourcePool) -> ResourcePool:
    """Where the references of orders are looked up: in the Bundle of draft orders, then in the record."""
    if not request.draft_orders:
        return resources
    addresses = request.draft_addresses or (None,) * len(request.draft_orders)
    return resources.beside(
        Entry(resource, address, local_reference(resource))
        for resource, address in zip(request.draft_orders, addresses, strict=True)
    )
