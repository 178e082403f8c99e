"""A request under another hook: the same patient, met while an order is entered, signed or sent.

The orders are drafts that exist in this request only. Pure: the request that is given stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

from cds_service.hooks.services import HOOKS
from cds_service.protocol.request import REQUESTS
from cds_service.web.playground.chart_edits import LOINC, SNOMED, Chart, Request, Resource, concept

_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_USER = "Practitioner/playground"


@dataclass(frozen=True, slots=True)
class Order:
    """An order that can be entered in the playground."""

    id: str
    label: str
    type: str  # ServiceRequest | MedicationRequest
    code: Mapping[str, Any]
    of_the_lung: bool = False  # the code names no organ, so the order names it

    def resource(self, chart: Chart, status: str) -> Resource:
        """The order as a FHIR resource of this patient."""
        coded = "code" if self.type == "ServiceRequest" else "medicationCodeableConcept"
        return {
            "resourceType": self.type,
            "id": f"playground-{self.id}",
            "status": status,
            "intent": "order",
            coded: dict(self.code),
            "subject": chart.subject,
            "authoredOn": chart.on.isoformat(),
            **({"bodySite": [concept(SNOMED, "39607008", "Lung structure")]} if self.of_the_lung else {}),
        }


def _named(code: Resource, text: str) -> Resource:
    return code | {"text": text}


ORDERS: tuple[Order, ...] = (
    Order(
        "ablation",
        "Radiofrequency ablation",
        "ServiceRequest",
        _named(concept(SNOMED, "879916008"), "Radiofrequency ablation of lung metastasis"),
        of_the_lung=True,
    ),
    Order(
        "sbrt",
        "Stereotactic radiotherapy",
        "ServiceRequest",
        _named(concept(SNOMED, "395096001"), "Stereotactic radiotherapy of lung metastasis"),
        of_the_lung=True,
    ),
    Order("lobectomy", "Lobectomy", "ServiceRequest", concept(SNOMED, "173171007", "Lobectomy of lung")),
    Order("biopsy", "Lung biopsy", "ServiceRequest", concept(SNOMED, "78603008", "Biopsy of lung")),
    Order("ct-chest", "CT of the chest", "ServiceRequest", concept(LOINC, "24627-2", "CT Chest")),
    Order("fluorouracil", "Fluorouracil", "MedicationRequest", concept(_RXNORM, "4492", "fluorouracil")),
    Order("potassium", "Potassium (has no bearing)", "ServiceRequest", concept(LOINC, "2823-3", "Potassium")),
)


def under_hook(request: Request, hook: str, order_id: str, *, on: date, own: str) -> Request:
    """The request as a call of ``hook``. A request that is one already stays, unless an order is chosen.

    ``order_id``: one of :data:`ORDERS`; empty for the request's own orders, or the first of the table.
    """
    if hook not in HOOKS or (request.get("hook") == hook and not order_id):
        return request
    chart = Chart(deepcopy(request), on, own)
    context = chart.request.get("context")
    if not isinstance(context, dict):
        return request
    drafts = _drafts(context)
    if order_id or not drafts:
        chosen = next((order for order in ORDERS if order.id == order_id), ORDERS[0])
        drafts = [chosen.resource(chart, "draft")]
    kept = {name: context[name] for name in ("userId", "patientId", "encounterId") if name in context}
    chart.request["hook"] = hook
    chart.request["context"] = {"userId": _USER, **kept, **REQUESTS[hook].context_about(drafts)}
    if HOOKS[hook].on_record:
        for draft in drafts:
            key = "medications" if draft.get("resourceType") == "MedicationRequest" else "requests"
            chart.add(key, {**draft, "status": "active"})
    return chart.request


def _drafts(context: Mapping[str, Any]) -> list[Resource]:
    """The orders that the request carries already, with an id to name them by."""
    bundle = context.get("draftOrders")
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    found = [entry.get("resource") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [item for item in found if isinstance(item, dict) and isinstance(item.get("id"), str)]
