"""The cards at order entry: at most two a call, the gravest first, the rest folded into its detail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cds_service.cards.compose import compose
from cds_service.cards.concern import Concern, order_name
from cds_service.cards.context import EXTENSION, CardContext
from cds_service.cards.markdown import bullets, escape, few, heading
from cds_service.cards.order_concerns import concerns
from cds_service.cards.service_requests import is_literal
from cds_service.cards.set_aside import set_aside_card
from cds_service.cards.sources import closing, why
from cds_service.cards.words import headline
from cds_service.oncology.report.assessment import Assessment
from cds_service.protocol.card import Card, extended

_MOST_CARDS = 2
_ORDER_NAME = 160
_MOST_FOLDED = 10
_LONGEST_FOLDED = 400


def order_cards(assessment: Assessment, site: CardContext) -> tuple[Card, ...]:
    """What to show about the orders of the call; where no rule fired, at most that a diagnosis could not be read."""
    found = concerns(assessment, site)
    if not found and assessment.orders:
        return set_aside_card(assessment, site)
    shown, folded = found[:_MOST_CARDS], found[_MOST_CARDS:]
    return tuple(
        _card(concern, folded if index == 0 else (), index, assessment, site) for index, concern in enumerate(shown)
    )


def _card(concern: Concern, folded: Sequence[Concern], index: int, assessment: Assessment, site: CardContext) -> Card:
    all_here = (concern, *folded)
    rules = _rules(all_here)
    card = compose(
        site,
        topic=concern.topic,
        rules=rules,
        index=index,
        summary=concern.summary,
        indicator=concern.indicator,
        blocks=(
            _about(concern, site),
            *concern.blocks,
            *_folded(folded, site),
            escape(site.text("card.case", text=headline(assessment, site))),
            why(rules, site),
            closing(site, "line.no_treatment_orders"),
        ),
        offers=[offer for item in all_here for offer in item.offers],
    )
    return extended(card, _extension(all_here))


def _about(concern: Concern, site: CardContext) -> str:
    """The orders that the card is about, by name."""
    names = [escape(order_name(order, site, _ORDER_NAME)) for order in concern.orders]
    return f"**{site.said('heading.order')}:** {'; '.join(few(names))}"


def _folded(folded: Sequence[Concern], site: CardContext) -> list[str]:
    """What else there is to say, one line each; its own sentence follows its summary."""
    if not folded:
        return []
    lines = [f"{escape(item.summary)}. {_short(item.blocks[0])}" for item in folded]
    return [f"{heading(site.text('card.also'))}\n\n{bullets(few(lines, _MOST_FOLDED))}"]


def _short(block: str) -> str:
    """A block that can be cut between words, never inside an escape."""
    return block if len(block) <= _LONGEST_FOLDED else f"{block[:_LONGEST_FOLDED].rsplit(' ', 1)[0]} …"


def _rules(shown: Sequence[Concern]) -> list[str]:
    """The order-entry rules, and for O-01 the therapy rules behind it."""
    return [rule for item in shown for rule in (item.rule, *item.behind)]


def _extension(shown: Sequence[Concern]) -> dict[str, Any]:
    """The orders that the card is about, for machines; an order without an id cannot be pointed to."""
    named = [order.reference for item in shown for order in item.orders if is_literal(order.reference)]
    references = [{"reference": name} for name in dict.fromkeys(named)]
    if not references:
        return {}
    found: dict[str, Any] = {f"{EXTENSION}.order": references[0]}
    return found | ({f"{EXTENSION}.orders": references} if len(references) > 1 else {})
