"""The hooks that this service listens to: one declaration a hook.

What a request of the hook must hold stands in ``protocol/request.py``. All else goes through :data:`HOOKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cds_service.cards import CardContext, order_cards, patient_view_cards
from cds_service.fhir.pool import ResourcePool
from cds_service.fhir.references import local_reference
from cds_service.hooks.prefetch import NEEDED, prefetch
from cds_service.oncology.report.assessment import Assessment
from cds_service.protocol.card import Card
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.terminology import Terminology
from cds_service.values import ValueObject

SHARED_ID = "crc-lung-metastasis"
"""With one id for all hooks, newer cards replace older ones at the client (CDS Hooks 3.0, Discovery)."""

Orders = tuple[Mapping[str, Any], ...]


class Hook(ValueObject, frozen=True):
    """A hook: what discovery says of it, which orders a call of it decides on, and which cards it gives.

    ``when``: what happens at the EHR when it fires. ``on_record``: a call only names its orders, which are then read
    from the record.
    """

    name: str
    version: str
    when: str
    title: str
    description: str
    orders: Callable[[HookRequest, ResourcePool], Orders]
    cards: Callable[[Assessment, CardContext], tuple[Card, ...]]
    on_record: bool = False

    def service(self, templates: Mapping[str, str], *, shared_id: bool = False) -> Service:
        """The entry of discovery. ``templates``: for prefetch. ``shared_id``: under the one id of all hooks."""
        return Service(
            id=SHARED_ID if shared_id else f"{SHARED_ID}-{self.name}",
            hook=self.name,
            hook_version=self.version,
            title=f"Colorectal lung metastases: {self.title}",
            description=self.description,
            prefetch=templates,
            needs=NEEDED,
        )


def _none(_: HookRequest, __: ResourcePool) -> Orders:
    return ()


def _drafts(request: HookRequest, _: ResourcePool) -> Orders:
    """Every draft order of the call, new and signed again alike."""
    return request.draft_orders


def _selected_drafts(request: HookRequest, _: ResourcePool) -> Orders:
    """The selected draft orders; the others are background."""
    return tuple(order for order in request.draft_orders if local_reference(order) in request.selections)


def _named(request: HookRequest, pool: ResourcePool) -> Orders:
    """The named orders that the record holds; one that it does not hold is reported with the data problems."""
    found = (pool.get(reference) for reference in request.selections)
    return tuple(order for order in found if order is not None)


HOOKS: Mapping[str, Hook] = {
    hook.name: hook
    for hook in (
        Hook(
            name="patient-view",
            version="1.0",
            when="a chart is opened",
            title="options to discuss",
            description=(
                "Classifies lung metastases of colorectal cancer, suggests MDT referral, and names the local therapies "
                "worth discussing, with reasons, evidence and what is still missing."
            ),
            orders=_none,
            cards=patient_view_cards,
        ),
        Hook(
            name="order-select",
            version="1.0",
            when="an order is picked",
            title="order being chosen",
            description=(
                "Checks selected orders for lung resection, thoracic radiotherapy, lung ablation, antineoplastic drugs "
                "and their work-up against the lung metastases of colorectal cancer on record."
            ),
            orders=_selected_drafts,
            cards=order_cards,
        ),
        Hook(
            name="order-sign",
            version="1.1",
            when="orders are about to be signed",
            title="orders being signed",
            description=(
                "Checks the orders about to be signed (lung resection, thoracic radiotherapy, lung ablation, "
                "antineoplastic drugs and their work-up) against the lung metastases of colorectal cancer on record."
            ),
            orders=_drafts,
            cards=order_cards,
        ),
        Hook(
            name="order-dispatch",
            version="1.1",
            when="an order is sent out",
            title="orders being dispatched",
            description=(
                "Checks dispatched orders (lung resection, thoracic radiotherapy, lung ablation, antineoplastic drugs "
                "and their work-up) against the lung metastases of colorectal cancer on record."
            ),
            orders=_named,
            cards=order_cards,
            on_record=True,
        ),
    )
}
"""By name, in the order of discovery."""


def services(terminology: Terminology, *, shared_id: bool = False) -> tuple[Service, ...]:
    """One service a hook. ``shared_id``: all under one id; dispatch is on id and hook together, always."""
    templates = prefetch(terminology)
    return tuple(hook.service(templates, shared_id=shared_id) for hook in HOOKS.values())


def service_of(hook: str, terminology: Terminology) -> Service:
    """The service that listens to a hook, under its own id."""
    return HOOKS[hook].service(prefetch(terminology))
