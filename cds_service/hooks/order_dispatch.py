"""order-dispatch: signed orders are sent to a performer. The hook only names them; they are read from the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.cards import CardContext, order_cards
from cds_service.fhir.pool import ResourcePool
from cds_service.hooks.prefetch import NEEDED, prefetch
from cds_service.oncology.report.assessment import Assessment
from cds_service.protocol.card import Card
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.terminology import Terminology

HOOK = "order-dispatch"


def service(terminology: Terminology) -> Service:
    """The entry of discovery."""
    return Service(
        id="crc-lung-metastasis-order-dispatch",
        hook=HOOK,
        hook_version="1.1",
        title="Colorectal lung metastases: orders being dispatched",
        description=(
            "Checks dispatched orders (lung resection, thoracic radiotherapy, lung ablation, antineoplastic drugs and "
            "their work-up) against the lung metastases of colorectal cancer on record."
        ),
        prefetch=prefetch(terminology),
        needs=NEEDED,
    )


def orders(request: HookRequest, pool: ResourcePool) -> tuple[Mapping[str, Any], ...]:
    """The dispatched orders that the record holds; one that it does not hold is reported with the data problems."""
    found = (pool.get(reference) for reference in request.selections)
    return tuple(order for order in found if order is not None)


def cards(assessment: Assessment, context: CardContext) -> tuple[Card, ...]:
    """At most two cards about the dispatched orders."""
    return order_cards(assessment, context)
