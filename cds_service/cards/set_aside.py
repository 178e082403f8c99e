"""The card of a diagnosis that is on record and cannot be read (G-06): silence would say that there is none."""

from __future__ import annotations

from cds_service.cards.compose import compose
from cds_service.cards.context import CardContext
from cds_service.cards.evidence import closing, why
from cds_service.cards.parts import found
from cds_service.oncology.report.assessment import Assessment
from cds_service.protocol.card import Card

_FINDING = "SET_ASIDE"
_RULE = "G-06"


def set_aside_card(assessment: Assessment, site: CardContext) -> tuple[Card, ...]:
    """One information card when the only primary or lung metastasis was set aside; else none."""
    if all(finding.code != _FINDING for finding in assessment.findings):
        return ()
    card = compose(
        site,
        topic="data-needed",
        rules=[_RULE],
        summary=site.text("summary.set_aside"),
        blocks=(found(assessment, site), why([_RULE], site), closing(site)),
    )
    return (card,)
