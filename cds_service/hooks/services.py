"""patient-view: a clinician opens a chart.

Classifies the lung metastases, and answers with at most two cards: a summary (MDT referral, options to discuss, what is
missing) and a caution (a second primary is not excluded, another cancer, ablation blocked).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.cards import CardContext, patient_view_cards
from cds_service.fhir.pool import ResourcePool
from cds_service.hooks.prefetch import NEEDED, prefetch
from cds_service.oncology.report.assessment import Assessment
from cds_service.protocol.card import Card
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.terminology import Terminology

HOOK = "patient-view"


def service(terminology: Terminology) -> Service:
    """The entry of discovery."""
    return Service(
        id="crc-lung-metastasis-patient-view",
        hook=HOOK,
        hook_version="1.0",
        title="Colorectal lung metastases: options to discuss",
        description=(
            "Classifies lung metastases of colorectal cancer, suggests MDT referral, and names the local therapies "
            "worth discussing, with reasons, evidence and what is still missing."
        ),
        prefetch=prefetch(terminology),
        needs=NEEDED,
    )


def orders(_: HookRequest, __: ResourcePool) -> tuple[Mapping[str, Any], ...]:
    """No order is being entered."""
    return ()


def cards(assessment: Assessment, context: CardContext) -> tuple[Card, ...]:
    """One summary card and one caution card at most; none when there is nothing to add."""
    return patient_view_cards(assessment, context)
