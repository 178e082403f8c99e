"""What the tests of the cards share: decisions on test patients, assessments with one thing changed, card reading."""

from __future__ import annotations

from datetime import date
from typing import Any

from cds_service.cards import CardContext, order_cards, patient_view_cards
from cds_service.cards.markdown import _INVISIBLE
from cds_service.cards.writer import CardWriter
from cds_service.oncology.report.assessment import Assessment
from cds_service.protocol.card import Card
from cds_service.protocol.request import read_request
from cds_service.values import replace
from tests.spec.core import decision, site
from tests.spec.patients import patient
from tests.spec.resources import CPT, LOINC, SNOMED, concept, medication_request, service_request

BASE_URL = "https://cds.example.org/"
LESION = {"mm": 20, "side": "R", "lobe": "RLL", "zone": "peripheral"}
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LUNG = [concept(SNOMED, "39607008")]


def draft(id_: str, code: dict[str, Any], **more: Any) -> dict[str, Any]:
    return service_request(id_, code, on="2025-06-01", status="draft", **more)


def drug(id_: str, rxnorm: str, name: str) -> dict[str, Any]:
    return medication_request(id_, concept(RXNORM, rxnorm, name), on="2025-06-01", status="draft")


ABLATION = draft("draft-1", concept(SNOMED, "879916008", text="Radiofrequency ablation of lung"), bodySite=LUNG)
LOBECTOMY = draft("draft-2", concept(SNOMED, "173171007", text="Lobectomy of lung"))
WEDGE = draft("draft-3", concept(CPT, "32505", text="Wedge resection"))
RADIOTHERAPY = draft("draft-4", concept(SNOMED, "395096001", text="Stereotactic radiotherapy"), bodySite=LUNG)
MDT = draft("draft-5", concept(SNOMED, "720006006", "Cancer care review"))
CT = draft("draft-6", concept(LOINC, "24627-2", "CT Chest"))
POTASSIUM = draft("draft-7", concept(LOINC, "2823-3", "Potassium"))
CETUXIMAB = drug("drug-1", "318341", "cetuximab")
FLUOROURACIL = drug("drug-2", "4492", "fluorouracil")


def cards(**changes: Any) -> tuple[Card, ...]:
    """The cards of a test patient with these changes."""
    return decision(patient(**changes)).cards


def the_card(**changes: Any) -> Card:
    """The first card of a test patient."""
    return cards(**changes)[0]


def assessment(**changes: Any) -> Assessment:
    """The assessment of a test patient with these changes."""
    return decision(patient(**changes)).assessment


def context(*, base: str | None = None, fixed: bool = False, hook: str = "patient-view", **changes: Any) -> CardContext:
    """The call about a test patient."""
    return CardContext(
        knowledge=site().knowledge,
        request=read_request(patient(hook=hook, **changes)),
        public_base_url=base,
        fixed_date=fixed,
        on=date(2025, 6, 1),
        canonical_base=site().terminology.canonical_base,
    )


def writer(found: Assessment) -> CardWriter:
    """Who writes the cards of that assessment, in the call about a test patient."""
    return CardWriter(found, context())


def shown(found: Assessment, **changed: Any) -> Card:
    """The first card of an assessment with fields changed."""
    return patient_view_cards(replace(found, **changed), context())[0]


def shown_orders(found: Assessment, call: CardContext, **changed: Any) -> tuple[Card, ...]:
    return order_cards(replace(found, **changed), call)


def detail(card: Card) -> str:
    """The detail as a reader sees it: without escapes and invisible marks."""
    return (card.detail or "").replace(_INVISIBLE, "").replace("\\", "")


def labels(card: Card) -> list[str]:
    return [suggestion.label for suggestion in card.suggestions]


def drafts(card: Card) -> list[dict[str, Any]]:
    """Every resource that the card offers to create."""
    return [dict(a.resource) for s in card.suggestions for a in s.actions if a.resource is not None]
