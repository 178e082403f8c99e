"""A card set aside for the same facts is not shown again for a while; a changed fact shows it again, and says so.

Pure: what was set aside comes from the store, the moment from the caller. Facts are compared by their digests, because
the store keeps no values. Two cards are the same card when they have one topic and, about orders, one rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from cds_service.cards.context import EXTENSION
from cds_service.cards.facts import Facts, order_rule, rules_of_card
from cds_service.cards.markdown import escape
from cds_service.knowledge import Knowledge
from cds_service.protocol.card import Card, extended

_MOST_NAMED = 6
Digests = Mapping[str, str]
"""Name of a fact -> a digest of its value; equal digests mean equal values."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A card that the clinician has overridden. ``digests``: the facts that it rested on."""

    card: str  # its uuid
    topic: str
    rule: str  # the rule that it was about
    at: datetime
    digests: Digests


@dataclass(frozen=True, slots=True)
class Withheld:
    """A card that is not shown, and until when."""

    topic: str
    rule: str
    card: str  # the uuid of the one that was set aside
    set_aside: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Repetition:
    """What remembering did. ``changed``: for each card shown again, by uuid, the facts that changed, in words."""

    state: str  # off | on | unavailable
    cards: tuple[Card, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def digests_of(facts: Facts, digest: Callable[[str, str], str]) -> Digests:
    """The digests of facts; ``digest`` is given a name and a value."""
    return {name: digest(name, value) for name, value in facts.items()}


def without_repetition(
    cards: Sequence[tuple[Card, Digests]],
    set_aside: Iterable[SetAside],
    *,
    now: datetime,
    pause: timedelta,
    zone: tzinfo,
    knowledge: Knowledge,
) -> Repetition:
    """The cards that are shown. ``set_aside``: what this clinician has overridden for this patient, in any order."""
    known = sorted((item for item in set_aside if item.at <= now < item.at + pause), key=lambda item: item.at)
    shown: list[Card] = []
    withheld: list[Withheld] = []
    changed: dict[str, tuple[str, ...]] = {}
    for card, digests in cards:
        topic, rule = card.source.topic.code if card.source.topic else "", order_rule(rules_of_card(card))
        earlier = [item for item in known if (item.topic, item.rule) == (topic, rule)]
        same = [item for item in earlier if item.digests == digests]
        if same:
            last = same[-1]
            withheld.append(Withheld(topic, rule, last.card, last.at, last.at + pause))
        elif earlier:
            last = earlier[-1]
            changed[card.uuid] = _changed(last.digests, digests, knowledge)
            day = last.at.astimezone(zone).date().isoformat()
            shown.append(_said_again(card, changed[card.uuid], day, knowledge))
        else:
            shown.append(card)
    return Repetition("on", tuple(shown), tuple(withheld), changed)


def _changed(before: Digests, now: Digests, knowledge: Knowledge) -> tuple[str, ...]:
    """The facts that were added, taken away or given another value, in the words of the wording."""
    names = [name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)]
    return tuple(dict.fromkeys(knowledge.text(name) for name in names))


def _said_again(card: Card, changed: Sequence[str], day: str, knowledge: Knowledge) -> Card:
    """The card with a first line that tells why it is shown again."""
    named = ", ".join(changed[:_MOST_NAMED])
    if more := len(changed) - _MOST_NAMED:
        named += f" (+{more})" if more > 0 else ""
    line = escape(knowledge.text("repetition.again", date=day, values=named))
    detail = f"{line}\n\n{card.detail}" if card.detail else line
    return extended(replace(card, detail=detail), {f"{EXTENSION}.changed": list(changed)})
