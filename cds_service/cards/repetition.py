"""The grounds that a card rests on, its fingerprint, and what becomes of a card that was set aside.

Equal grounds: nothing that the card says has changed, whatever day it is. A card set aside on the same grounds is not
shown again for a while; a changed one shows it again, and says so.

Pure: what was set aside comes from the store, the moment from the caller. Grounds are compared by their digests,
because the store keeps no values. Two cards are the same card when they have one topic and, about orders, one rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Any

import orjson

from cds_service import __version__
from cds_service.cards.markdown import escape
from cds_service.cards.writer import EXTENSION
from cds_service.knowledge import Knowledge
from cds_service.oncology.report.assessment import Assessment
from cds_service.oncology.report.compare import AXES, items
from cds_service.protocol.card import Card, extended
from cds_service.values import ValueObject, replace, value_field

_ORDER_RULES = "O-"
_MOST_NAMED = 6
Grounds = Mapping[str, str]
"""What a card rests on: a key of the wording (``label.CEA``, ``therapy.sbrt``) -> the value as canonical JSON."""


def grounds_of_case(assessment: Assessment) -> Grounds:
    """What every card of one assessment rests on: what was found, and what was concluded."""
    found: dict[str, list[Any]] = defaultdict(list)
    for item in assessment.findings:  # what and of which day; where in the record it stands does not matter
        found[f"label.{item.code}"].append([item.text, item.date])
    concluded = items(assessment)
    mdt = concluded["mdt"]
    grounds: dict[str, Any] = {
        **{name: sorted(values, key=orjson.dumps) for name, values in found.items()},
        **{f"label.{name}": concluded[name] for name in AXES if name != "certainty"},
        "repetition.certainty": [concluded["population"], concluded["certainty"]],
        "repetition.gates": concluded["gates"],
        "repetition.missing": concluded["needs"],
        "repetition.mdt": [mdt["suggest"], mdt["suppressedBy"], mdt["trigger"]],
    }
    for name in assessment.therapies:
        grounds[f"therapy.{name}"] = [concluded[name]["result"], sorted(concluded[name]["reasons"])]
    return {name: _canonical(value) for name, value in grounds.items()}


def grounds_of_card(card: Card, case: Grounds, assessment: Assessment) -> Grounds:
    """What one card rests on: the grounds of the case and, where it is about orders, the orders."""
    if not order_rule(rules_of_card(card)):
        return case
    orders = [[item.reference, item.text, item.classes, item.rules] for item in assessment.orders]
    return {**case, "repetition.orders": _canonical(sorted(orders, key=orjson.dumps))}


def _canonical(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def rules_of_card(card: Card) -> list[str]:
    """The rules that a card rests on, the one that it is about first."""
    rules: list[str] = (card.extension or {}).get(f"{EXTENSION}.rules", [])
    return rules


def order_rule(rules: Sequence[str]) -> str:
    """The rule that tells cards of one topic apart: the first one where it is about orders, else none."""
    return rules[0] if rules and rules[0].startswith(_ORDER_RULES) else ""


def marked(card: Card, grounds: Grounds, assessment_hash: str) -> Card:
    """The card with its fingerprint, the hash of its assessment and the version of the service that decided.

    The fingerprint is equal as long as the grounds are, on whatever day: a client can show a card once per change.
    """
    fingerprint = sha256(orjson.dumps(grounds, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
    origin = {"hash": assessment_hash, "serviceVersion": __version__}
    return extended(card, {f"{EXTENSION}.fingerprint": fingerprint, f"{EXTENSION}.assessment": origin})


Digests = Mapping[str, str]
"""Name of a ground -> a digest of its value; equal digests mean equal values."""


class SetAside(ValueObject, frozen=True):
    """A card that the clinician has overridden. ``digests``: of the grounds that it rested on."""

    card: str  # its uuid
    topic: str
    rule: str  # the rule that it was about
    at: datetime
    digests: Digests


class Withheld(ValueObject, frozen=True):
    """A card that is not shown, and until when."""

    topic: str
    rule: str
    card: str  # the uuid of the one that was set aside
    set_aside: datetime
    until: datetime


class Repetition(ValueObject, frozen=True):
    """What remembering did. ``changed``: for each card shown again, by uuid, the grounds that changed, in words."""

    state: str  # off | on | unavailable
    cards: tuple[Card, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    changed: Mapping[str, tuple[str, ...]] = value_field(default_factory=dict)


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
    """The grounds that were added, taken away or given another value, in the words of the wording."""
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
