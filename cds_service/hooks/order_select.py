"""order-select: a clinician picks an order. Only the selected orders count; the other drafts are background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.cards import CardContext, order_cards
from cds_service.fhir.pool import ResourcePool
from cds_service.fhir.references import local_reference
from cds_service.hooks.prefetch import NEEDED, prefetch
from cds_service.oncology.report.assessment import Assessment
from cds_service.protocol.card import Card
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.terminology import Terminology

HOOK = "order-select"


def service(terminology: Terminology) -> Service:
    """The entry of discovery."""
    return Service(
        id="crc-lung-metastasis-order-select",
        hook=HOOK,
        hook_version="1.0",
        title="Colorectal lung metastases: order being chosen",
        description=(
            "Checks selected orders for lung resection, thoracic radiotherapy, lung ablation, antineoplastic drugs and "
            "their work-up against the lung metastases of colorectal cancer on record."
        ),
        prefetch=prefetch(terminology),
        needs=NEEDED,
    )


def orders(request: HookRequest, _: ResourcePool) -> tuple[Mapping[str, Any], ...]:
    """The selected drafts."""
    return tuple(order for order in request.draft_orders if local_reference(order) in request.selections)


def cards(assessment: Assessment, context: CardContext) -> tuple[Card, ...]:
    """At most two cards about the selected orders."""
    return order_cards(assessment, context)
