"""order-sign: orders are about to be signed. All of them count, drafts and re-signed ones alike."""

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

HOOK = "order-sign"


def service(terminology: Terminology) -> Service:
    """The entry of discovery."""
    return Service(
        id="crc-lung-metastasis-order-sign",
        hook=HOOK,
        hook_version="1.1",
        title="Colorectal lung metastases: orders being signed",
        description=(
            "Checks the orders about to be signed (lung resection, thoracic radiotherapy, lung ablation, "
            "antineoplastic drugs and their work-up) against the lung metastases of colorectal cancer on record."
        ),
        prefetch=prefetch(terminology),
        needs=NEEDED,
    )


def orders(request: HookRequest, _: ResourcePool) -> tuple[Mapping[str, Any], ...]:
    """Every order of the call."""
    return request.draft_orders


def cards(assessment: Assessment, context: CardContext) -> tuple[Card, ...]:
    """At most two cards about the orders."""
    return order_cards(assessment, context)
