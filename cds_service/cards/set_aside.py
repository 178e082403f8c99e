"""The card of a diagnosis that is on record and cannot be read (G-06): silence would say that there is none."""

from __future__ import annotations

from cds_service.cards.evidence import closing, why
from cds_service.cards.parts import found
from cds_service.cards.writer import CardWriter
from cds_service.protocol.card import Card

_FINDING = "SET_ASIDE"
_RULE = "G-06"


def set_aside_card(writer: CardWriter) -> tuple[Card, ...]:
    """One information card when the only primary or lung metastasis was set aside; else none."""
    if all(finding.code != _FINDING for finding in writer.assessment.findings):
        return ()
    card = writer.compose(
        topic="data-needed",
        rules=[_RULE],
        summary=writer.text("summary.set_aside"),
        blocks=(found(writer), why(writer, [_RULE]), closing(writer)),
    )
    return (card,)
