"""What no card may say and what it must say, over the cards of every case of the book and every golden case."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from cds_service.knowledge.loader import HERE
from cds_service.protocol.card_rules import check_response
from fhir_fixtures import cases as golden_cases
from tests.spec.asking import day_of, request_of
from tests.spec.book import cases
from tests.spec.core import explain
from tests.spec.patients import patient

Explanation = dict[str, Any]
Card = dict[str, Any]

FORBIDDEN = tomllib.loads((HERE / "knowledge.toml").read_text(encoding="utf-8"))["forbidden"]
THERAPIES = ("surgery", "sbrt", "ablation")
OPTIONS = ("ELIGIBLE", "CONDITIONAL")
CONSULTATIONS = {"surgery": "Thoracic surgery", "sbrt": "Radiation oncology", "ablation": "Interventional radiology"}


PROVEN = {"mm": 15, "side": "R", "lobe": "RLL", "zone": "peripheral"}
UNPROVEN = PROVEN | {"histology": None}
TINY = UNPROVEN | {"mm": 4}


@cache
def explanations() -> tuple[tuple[str, Explanation], ...]:
    """Every case with its explanation, cards included."""
    book = [(table.id(row), explain(request_of(table, row), on=day_of(row))) for table, row in cases()]
    golden = [(one.id, explain(one.request)) for one in golden_cases() if one.expected["status"] == 200]
    return (*book, *golden)


def text(card: Card) -> str:
    """What stands on a card, suggestions included, without the escapes of Markdown."""
    labels = [suggestion["label"] for suggestion in card.get("suggestions", ())]
    return "\n".join([card["summary"], card.get("detail", ""), *labels]).replace("\\", "")


def said(explanation: Explanation) -> str:
    return "\n".join(text(card) for card in explanation["cards"])


def labels(explanation: Explanation) -> list[str]:
    return [suggestion["label"] for card in explanation["cards"] for suggestion in card.get("suggestions", ())]


def result(explanation: Explanation, name: str) -> str | None:
    therapy = explanation["therapies"].get(name)
    return therapy["result"] if therapy else None


def listed(explanation: Explanation) -> bool:
    """Does a card of the opened chart list the modalities with their results?"""
    return explanation["hook"] == "patient-view" and "| Modality | Result | Reasons |" in said(explanation)


Rule = Callable[[Explanation], Iterator[str]]


def forbidden_phrases(explanation: Explanation) -> Iterator[str]:
    """No promise, no order, no laboratory medicine, nobody else's schedule."""
    found = said(explanation).lower()
    yield from (phrase for phrase in (*FORBIDDEN["cards"], *FORBIDDEN["everywhere"]) if phrase.lower() in found)


def survival_of_groups_only(explanation: Explanation) -> Iterator[str]:
    """A percentage of survival stands only with the operated patients that it comes from, and who they were."""
    for line in said(explanation).splitlines():
        told = all(words in line for words in ("operated patients", "927 patients", "Not a personal forecast"))
        if "surviv" in line.lower() and re.search(r"\d ?%", line) and not told:
            yield line
    if re.search(r"\b(your|his|her|this patient's) (survival|chance|prognosis|risk)", said(explanation)):
        yield "a personal forecast"


def order_is_a_preference(explanation: Explanation) -> Iterator[str]:
    """Where SBRT and ablation are ordered by zone, the order is called a consensus preference."""
    ranks, results = explanation["order"], {result(explanation, name) for name in ("sbrt", "ablation")}
    refused = any("declined" in gate["text"] for gate in explanation["gates"])
    ordered = len(ranks) > 1 and len(results) == 1 and not refused
    if listed(explanation) and ordered and "consensus preference, low-level evidence" not in said(explanation):
        yield f"{ranks} without its weakness"
    for line in said(explanation).splitlines():
        if re.search(r"(SBRT|ablation) before (SBRT|ablation)", line) and "consensus preference" not in line:
            yield line


def trial_beside_surgery(explanation: Explanation) -> Iterator[str]:
    """The only randomised trial stands beside surgery as an option, and nowhere else on the list."""
    trial = "hazard ratio for death 0.82" in said(explanation)
    if listed(explanation) and trial is not (result(explanation, "surgery") in OPTIONS):
        yield f"surgery {result(explanation, 'surgery')}, trial {'named' if trial else 'missing'}"


def second_primary_raised(explanation: Explanation) -> Iterator[str]:
    """A solitary lesion without histology is never shown without the second primary."""
    asked = any(need["code"] == "HISTOLOGY" for need in explanation["needs"])
    active = explanation["mdt"]["suppressedBy"] not in ("gate", "no_active_lesion")
    if explanation["hook"] == "patient-view" and asked and active and "second primary" not in said(explanation):
        yield "second primary not raised"


def suspected_is_not_a_metastasis(explanation: Explanation) -> Iterator[str]:
    """Nothing unconfirmed is called a metastasis, and no modality is named for it."""
    if explanation["population"] != "suspected":
        return
    for card in explanation["cards"]:
        if re.search(r"option to discuss|with caution|assess for|Modality", text(card)):
            yield f"a modality for a suspected lesion: {card['summary']}"
        if "metastas" in card["summary"].lower() and "suspected" not in card["summary"].lower():
            yield card["summary"]
    if explanation["classification"]["certainty"] == "indeterminate":
        yield from (card["summary"] for card in explanation["cards"] if "metastas" in card["summary"].lower())


def missing_is_not_normal(explanation: Explanation) -> Iterator[str]:
    """Nodes, spread and lung function that are not known are never worded as normal."""
    found, axes = said(explanation), explanation["classification"]
    if listed(explanation) and axes["thoracicNodes"]["value"] == "unknown" and "does not mean negative" not in found:
        yield "nodes not recorded, and not said"
    if axes["spread"]["value"] == "unknown" and "isolated to the lung" in found:
        yield "called isolated without imaging"
    reasons = {reason["code"] for therapy in explanation["therapies"].values() for reason in therapy["reasons"]}
    if listed(explanation) and "PFT_MISSING" in reasons and "Lung function missing or outdated" not in found:
        yield "lung function missing, and not said"


def nothing_for_the_excluded(explanation: Explanation) -> Iterator[str]:
    """No card for the dead; for a minor, in hospice, or where a gate stops, no suggestion; no local therapy where
    disease elsewhere cannot be treated."""
    stops = {gate["id"] for gate in explanation["gates"] if gate["result"] == "stop"}
    if "G-01" in stops and explanation["cards"]:
        yield "a card for the dead"
    if stops and labels(explanation):
        yield f"suggested although {stops} stop"
    reasons = {reason["code"] for therapy in explanation["therapies"].values() for reason in therapy["reasons"]}
    if "EXTRAPULMONARY" in reasons:
        yield from (label for label in labels(explanation) if "assess for" in label)


def age_excludes_nobody(explanation: Explanation) -> Iterator[str]:
    """No reason speaks of age."""
    for therapy in explanation["therapies"].values():
        yield from (reason["text"] for reason in therapy["reasons"] if re.search(r"\bage\b|years old", reason["text"]))


def no_second_referral(explanation: Explanation) -> Iterator[str]:
    """Where the MDT is requested or held nothing refers to it again."""
    if not explanation["mdt"]["suggest"]:
        yield from (label for label in labels(explanation) if label.startswith(("Refer to the MDT", "Refer for MDT")))


def drafts_only(explanation: Explanation) -> Iterator[str]:
    """What is created is a draft of a referral, a consultation or a test; only the referral is recommended; a
    consultation only for a modality that is an option."""
    for card in explanation["cards"]:
        for suggestion in card.get("suggestions", ()):
            if suggestion.get("isRecommended") and "MDT" not in suggestion["label"]:
                yield f"recommended: {suggestion['label']}"
            for action in suggestion["actions"]:
                made = action.get("resource", {})
                wanted = ("ServiceRequest", "draft", "proposal")
                if action["type"] == "create" and tuple(map(made.get, ("resourceType", "status", "intent"))) != wanted:
                    yield f"created: {made.get('resourceType')}"
    for name, specialist in CONSULTATIONS.items():
        if result(explanation, name) not in OPTIONS:
            yield from (label for label in labels(explanation) if label.startswith(f"{specialist} consultation"))


def definitions_are_named(explanation: Explanation) -> Iterator[str]:
    """Synchronous and metachronous with the definition, disagreement with the others, raised CEA with its edge."""
    found, timing = said(explanation), explanation["classification"]["timing"]
    if listed(explanation) and timing["value"] != "unknown" and "(definition: EGOSLIM)" not in found:
        yield "synchronous or metachronous without its definition"
    if listed(explanation) and timing["definitionSensitive"] and "Other definitions in use" not in found:
        yield "the definitions disagree, and nobody says so"
    if listed(explanation) and explanation["cea"]["elevated"] == "true" and "the edge of the consensus" not in found:
        yield "raised CEA without its edge"


def salah_only_for_operated_type(explanation: Explanation) -> Iterator[str]:
    """No Salah group while CEA is stale or not known, nor where surgery is no option."""
    shown = "Salah model" in said(explanation) and ", group " in said(explanation)
    latest = explanation["cea"]["latest"]
    if shown and (latest is None or latest["state"] == "stale"):
        yield "a group with a stale CEA"
    if shown and result(explanation, "surgery") not in OPTIONS:
        yield "a group where surgery is no option"


def tiny_nodules_beside_the_count(explanation: Explanation) -> Iterator[str]:
    """Tiny nodules stand beside the count: ``3 (+2 below 6 mm)``."""
    number = explanation["classification"]["number"]
    asked = explanation["hook"] == "patient-view" and explanation["therapies"] and number["n"]
    if asked and number["nIndeterminate"] and f"(+{number['nIndeterminate']} below 6 mm)" not in said(explanation):
        yield "the tiny nodules are swallowed"


def ablation_waits(explanation: Explanation) -> Iterator[str]:
    """What blocks ablation is said, and no consultation for it is offered."""
    if result(explanation, "ablation") == "BLOCKED":
        if listed(explanation) and "not until corrected" not in said(explanation):
            yield "blocked, and not said"
        yield from (label for label in labels(explanation) if "thermal ablation" in label)


def form(explanation: Explanation) -> Iterator[str]:
    """The standard, and ours: summaries under 140 characters, never critical, at most two cards."""
    yield from check_response({"cards": explanation["cards"]})
    yield from (card["summary"] for card in explanation["cards"] if len(card["summary"]) >= 140)
    yield from (card["summary"] for card in explanation["cards"] if card["indicator"] not in ("info", "warning"))
    if len(explanation["cards"]) > 2:
        yield f"{len(explanation['cards'])} cards"


RULES: tuple[Rule, ...] = (
    forbidden_phrases,
    survival_of_groups_only,
    order_is_a_preference,
    trial_beside_surgery,
    second_primary_raised,
    suspected_is_not_a_metastasis,
    missing_is_not_normal,
    nothing_for_the_excluded,
    age_excludes_nobody,
    no_second_referral,
    drafts_only,
    definitions_are_named,
    salah_only_for_operated_type,
    tiny_nodules_beside_the_count,
    ablation_waits,
    form,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_card_of_every_case(rule: Rule) -> None:
    found = [f"{name}: {offence}" for name, explanation in explanations() for offence in rule(explanation)]
    assert not found, "\n".join(found[:20])


def test_there_is_enough_to_judge() -> None:
    """A rule that finds nothing because nothing is shown would prove nothing."""
    shown = [explanation for _, explanation in explanations()]
    assert sum(map(listed, shown)) > 300
    assert sum(explanation["population"] == "suspected" for explanation in shown) > 15
    assert sum(bool(explanation["classification"]["number"]["nIndeterminate"]) for explanation in shown) > 5
    assert sum("Salah model" in said(explanation) for explanation in shown) > 100
    assert sum(explanation["hook"] == "order-sign" for explanation in shown) > 50


#: One offence for each rule: a patient, and what is written over on her cards (or in her assessment).
OFFENCES: tuple[tuple[Rule, dict[str, Any], str, str], ...] = (
    (forbidden_phrases, {}, "option to discuss", "recommended treatment"),
    (survival_of_groups_only, {}, "in operated patients", "for this patient"),
    (order_is_a_preference, {}, "consensus preference", "best choice"),
    (trial_beside_surgery, {}, "hazard ratio for death 0.82", ""),
    (second_primary_raised, {"lesions": [UNPROVEN]}, "second primary", "second thought"),
    (suspected_is_not_a_metastasis, {"lung_certainty": "provisional"}, "Suspected", "Proven"),
    (missing_is_not_normal, {}, "does not mean negative", ""),
    (nothing_for_the_excluded, {"extra": "untreatable"}, "Refer to the MDT", "Consultation: assess for SBRT"),
    (age_excludes_nobody, {"plt": 49}, "correct first", "and her age"),
    (no_second_referral, {"mdt_requested": "2025-05-20"}, "Thoracic surgery consultation", "Refer to the MDT"),
    (drafts_only, {}, '"status": "draft"', '"status": "active"'),
    (definitions_are_named, {}, "(definition: EGOSLIM)", ""),
    (salah_only_for_operated_type, {}, '"state": "current"', '"state": "stale"'),
    (tiny_nodules_beside_the_count, {"lesions": [PROVEN, TINY]}, "(+1 below 6 mm)", ""),
    (ablation_waits, {"plt": 49}, "not until corrected", "go ahead"),
    (form, {}, '"indicator": "info"', '"indicator": "critical"'),
)


def test_every_rule_has_an_offence() -> None:
    assert [rule for rule, *_ in OFFENCES] == list(RULES)


@pytest.mark.parametrize(("rule", "changed", "old", "new"), OFFENCES, ids=[case[0].__name__ for case in OFFENCES])
def test_rule_sees_an_offence(rule: Rule, changed: dict[str, Any], old: str, new: str) -> None:
    explanation = explain(patient(**changed))
    assert list(rule(explanation)) == []
    written = json.dumps(explanation).replace("\\\\", "")
    assert old in written
    assert list(rule(json.loads(written.replace(old, new))))
