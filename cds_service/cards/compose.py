"""One card out of its parts: source and topic, the detail's blocks, suggestions with ids, override reasons, links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cds_service.cards.context import EXTENSION, CardContext
from cds_service.cards.drafts import Offer, as_suggestions
from cds_service.protocol.card import Card, Coding, Link, Source

GUIDELINE = "li-2019"
"""The primary guideline: the consensus on the management of colorectal lung metastases."""

OVERRIDE_SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
TO_AN_OFFER = (
    "action-completed",
    "patient-contraindication",
    "patient-refuses",
    "expert-contradicts",
    "need-more-info",
    "service-not-available",
)
TO_A_WARNING = ("action-completed", "expert-contradicts", "need-more-info")


def compose(
    site: CardContext,
    *,
    topic: str,
    rules: Sequence[str],
    summary: str,
    blocks: Iterable[str],
    indicator: str = "info",
    offers: Sequence[Offer] = (),
    index: int = 0,
) -> Card:
    """The card. ``rules``: what it rests on, what it is about first. ``index``: tells cards of a topic apart."""
    suggestions = as_suggestions(offers, site, topic, index)
    reasons = TO_AN_OFFER if suggestions else TO_A_WARNING if indicator == "warning" else ()
    return Card(
        summary=summary,
        indicator=indicator,
        source=Source(site.text("card.source"), site.knowledge.evidence[GUIDELINE].url, topic=site.topic(topic)),
        uuid=site.uuid(topic, index),
        detail="\n\n".join(block for block in blocks if block),
        suggestions=suggestions,
        selection_behavior="any" if suggestions else None,
        override_reasons=tuple(Coding(OVERRIDE_SYSTEM, code, site.text(f"override.{code}")) for code in reasons),
        links=_links(site),
        extension=_extension(site, rules),
    )


def _extension(site: CardContext, rules: Sequence[str]) -> dict[str, Any]:
    """What a machine needs to follow the card back: its rules, and the content that decided."""
    knowledge = {"version": site.knowledge.version, "hash": site.knowledge.hash}
    return {f"{EXTENSION}.rules": list(dict.fromkeys(rules)), f"{EXTENSION}.knowledge": knowledge}


def _links(site: CardContext) -> tuple[Link, ...]:
    """Our pages of rules and of the guideline, where a reader can reach them."""
    pages = (("link.evidence", f"evidence/{GUIDELINE}"), ("link.rules", "rules"))
    return tuple(Link(site.text(label), url) for label, path in pages if (url := site.page(path)))
