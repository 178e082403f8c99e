"""The facts that a card rests on, its fingerprint, and what becomes of a card that was set aside.

Equal facts: nothing that the card says has changed, whatever day it is. A card set aside for the same facts is not
shown again for a while; a changed fact shows it again, and says so.

Pure: what was set aside comes from the store, the moment from the caller. Facts are compared by their digests, because
the store keeps no values. Two cards are the same card when they have one topic and, about orders, one rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Any

import orjson

from cds_service import __version__
from cds_service.cards.context import EXTENSION
from cds_service.cards.markdown import escape
from cds_service.knowledge import Knowledge
from cds_service.oncology.report.assessment import Assessment, to_json
from cds_service.protocol.card import Card, extended

ORDER_RULES = "O-"
_MOST_NAMED = 6
Facts = Mapping[str, str]
"""Name of a fact -> its value, as canonical JSON. Names are keys of the wording (``label.CEA``, ``therapy.sbrt``)."""


def facts_of_case(assessment: Assessment) -> Facts:
    """The facts behind every card of one assessment."""
    facts: dict[str, Any] = dict(_found(assessment))
    axes = to_json(assessment.classification)
    if isinstance(axes, dict):
        facts |= {f"label.{name}": value for name, value in axes.items() if name != "certainty"}
    facts["repetition.certainty"] = [assessment.population, assessment.classification.certainty]
    facts["repetition.gates"] = sorted(gate.id for gate in assessment.gates)
    facts["repetition.missing"] = sorted({need.code for need in assessment.needs})
    facts["repetition.mdt"] = [assessment.mdt.suggest, assessment.mdt.suppressed_by, assessment.mdt.trigger]
    for name, therapy in assessment.therapies.items():
        facts[f"therapy.{name}"] = [therapy.result.value, sorted({reason.code for reason in therapy.reasons})]
    return {name: _canonical(value) for name, value in facts.items()}


def facts_of_card(card: Card, case: Facts, assessment: Assessment) -> Facts:
    """The facts behind one card: those of the case and, where it is about orders, the orders."""
    if not is_about_orders(card):
        return case
    orders = [[item.reference, item.text, item.classes, item.rules] for item in assessment.orders]
    return {**case, "repetition.orders": _canonical(sorted(orders, key=orjson.dumps))}


def _canonical(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _found(assessment: Assessment) -> Mapping[str, list[Any]]:
    """What the chart says, under the name of its kind. Where it stands does not matter, only what and of which day."""
    found: dict[str, list[Any]] = defaultdict(list)
    for item in assessment.findings:
        found[f"label.{item.code}"].append([item.text, item.date])
    return {name: sorted(values, key=orjson.dumps) for name, values in found.items()}


def rules_of_card(card: Card) -> list[str]:
    """The rules that a card rests on, the one that it is about first."""
    rules: list[str] = (card.extension or {}).get(f"{EXTENSION}.rules", [])
    return rules


def is_about_orders(card: Card) -> bool:
    """Does an order-entry rule stand first?"""
    return order_rule(rules_of_card(card)) != ""


def order_rule(rules: Sequence[str]) -> str:
    """The rule that tells cards of one topic apart: the first one where it is about orders, else none."""
    return rules[0] if rules and rules[0].startswith(ORDER_RULES) else ""


def with_fingerprint(card: Card, facts: Mapping[str, str]) -> Card:
    """The card with a fingerprint: equal as long as its facts are equal, on whatever day.

    A client can show a card once per change with it, instead of at every opening.
    """
    text = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)
    return extended(card, {f"{EXTENSION}.fingerprint": sha256(text).hexdigest()[:32]})


def with_origin(card: Card, assessment_hash: str) -> Card:
    """The card with the hash of its assessment, and the version of the service that decided."""
    origin = {"hash": assessment_hash, "serviceVersion": __version__}
    return extended(card, {f"{EXTENSION}.assessment": origin})


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
