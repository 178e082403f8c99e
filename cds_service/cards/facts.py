"""The facts that a card rests on, by name, so that two cards of one patient can be compared.

Equal facts: nothing that the card says has changed, whatever day it is. A name is what the card calls the fact, so that
a reader can be told which one changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from cds_service.cards.context import EXTENSION
from cds_service.oncology.report.assessment import Assessment, to_json
from cds_service.protocol.card import Card

ORDER_RULES = "O-"


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
