"""What would change this: every answer is what the service decides about such a record, and nothing is advised."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cds_service.fhir.source import Source, SourceState, read_source
from cds_service.hooks.services import services
from cds_service.hooks.what_if import what_if
from cds_service.knowledge import Knowledge
from cds_service.oncology.what_if.search import WhatIf, explained
from cds_service.protocol.request import read_request
from cds_service.values import replace
from cds_service.web.what_if import what_if_panel
from fhir_fixtures import cases
from tests.spec.core import RESOURCE_TYPES, explain, site
from tests.spec.patients import EVALUATED_ON, patient

OPTIONS = ("surgery", "sbrt", "ablation", "hybrid", "imrt")
KNOWLEDGE = site().knowledge


def asked(request: dict[str, Any], knowledge: Knowledge = KNOWLEDGE) -> WhatIf:
    hook_request = read_request(request)
    service = next(item for item in services(site().terminology) if item.hook == hook_request.hook)
    sources = {
        key: read_source(key, hook_request.prefetch[key], expected=expected)[0]
        if key in hook_request.prefetch
        else Source(key, SourceState.NOT_ASKED, ())
        for key, expected in RESOURCE_TYPES.items()
    }
    at = replace(site(), knowledge=knowledge)
    return what_if(service, hook_request, sources, site=at, on=date.fromisoformat(EVALUATED_ON))


def options(request: dict[str, Any]) -> dict[str, str]:
    therapies = explain(request)["therapies"]
    return {name: therapies[name]["result"] for name in OPTIONS}


def effects_of(answer: WhatIf, text: str) -> dict[str, str]:
    """What a change with these words would change, by name."""
    for change in answer.changes:
        if [fact.text for fact in change.facts] == [text]:
            return {effect.what: effect.after for effect in change.effects}
    for missing in answer.missing:
        for one in missing.answers:
            if text in one.values:
                return {effect.what: effect.after for effect in one.effects}
    raise AssertionError(f"nothing is said about {text!r}")


LESION = {"mm": 15, "side": "R", "lobe": "RLL", "zone": "peripheral"}
ABOVE_INR_MAX = KNOWLEDGE.parameter("rfa.inrMax").number + Decimal("0.1")
SAME_AS_A_RECORD: list[tuple[str, dict[str, Any]]] = [
    ("platelets 49 ×10⁹/L, measured now", {"plt": 49}),
    ("INR 1.6, measured now", {"inr": 1.6}),
    (f"INR {ABOVE_INR_MAX}, measured now", {"inr": float(ABOVE_INR_MAX)}),
    ("ECOG 3, recorded now", {"ecog": 3}),
    ("ECOG 4, recorded now", {"ecog": 4}),
    ("FEV1 80 % of predicted, measured now", {"fev1": 80}),
    ("DLCO 29 % of predicted, measured now", {"dlco": 29}),
    ("RLL 15 mm measured at 31 mm", {"lesions": [LESION | {"mm": 31}]}),
    ("RLL 15 mm measured at 51 mm", {"lesions": [LESION | {"mm": 51}]}),
    ("RLL 15 mm recorded as medial", {"lesions": [LESION | {"zone": "medial"}]}),
    ("RLL 15 mm recorded as ultracentral", {"lesions": [LESION | {"zone": "ultracentral"}]}),
    ("primary cannot be removed", {"primary": "unresectable"}),
    ("a liver metastasis found that can be treated", {"extra": "treatable"}),
    ("a liver metastasis found that cannot be treated", {"extra": "untreatable"}),
    ("thoracic nodes stated as suspected", {"nodes": "suspected"}),
    ("surgeon or MDT state that removal is not possible", {"statement": "unresectable-technical"}),
    ("CEA 5.1 ng/mL, measured now", {"cea": 5.1}),
]


@pytest.mark.parametrize(("text", "changes"), SAME_AS_A_RECORD, ids=[text for text, _ in SAME_AS_A_RECORD])
def test_a_changed_fact_gives_what_a_record_with_that_fact_gives(text: str, changes: dict[str, Any]) -> None:
    now, then = options(patient()), options(patient(**changes))
    said = effects_of(asked(patient()), text)
    assert {name: value for name, value in said.items() if name in OPTIONS} == {
        name: value for name, value in then.items() if value != now[name]
    }


def test_one_lesion_more_and_one_fewer() -> None:
    three = [LESION | {"mm": mm} for mm in (15, 12, 10)]
    answer = asked(patient(lesions=three))
    more = effects_of(answer, "one more lesion, right, of 10 mm")
    four = options(patient(lesions=[*three, LESION | {"mm": 10}]))
    assert {name: more[name] for name in OPTIONS if name in more} == {
        name: four[name] for name in OPTIONS if four[name] != options(patient(lesions=three))[name]
    }
    assert more["ablation"] == "NOT_ELIGIBLE"
    two = asked(patient(lesions=three[:2]))
    assert effects_of(two, "RLL 12 mm treated")["number"] == "solitary"


def test_a_missing_fact_names_each_answer_and_whether_it_is_the_only_open_question() -> None:
    answer = asked(patient(plt=None, nodes="negative", statement="resectable"))
    (platelets,) = [item for item in answer.missing if item.subject == "platelets"]
    assert platelets.settles == ("ablation",)
    assert platelets.decides == ("ablation", "order")
    assert [(one.values, [effect.after for effect in one.effects][:1]) for one in platelets.answers] == [
        (("platelets 49 ×10⁹/L, measured now",), ["BLOCKED"]),
        (("platelets 50 ×10⁹/L, measured now",), []),
    ]


def test_what_settles_most_comes_first() -> None:
    answer = asked(patient(extra=None, plt=None, nodes="negative", statement="resectable"))
    assert [item.subject for item in answer.missing] == ["elsewhere", "platelets"]
    assert answer.missing[0].settles == ("surgery", "sbrt")
    assert answer.missing[0].closes == ("ablation",)


def test_sides_that_are_not_known_are_tried_in_every_split() -> None:
    four = [{"mm": 12, "side": None, "zone": "peripheral"}] * 4
    (sides,) = [item for item in asked(patient(lesions=four)).missing if item.subject == "sides"]
    assert [one.values for one in sides.answers] == [
        ("sides: 0 right, 4 left", "sides: 4 right, 0 left"),
        ("sides: 1 right, 3 left", "sides: 2 right, 2 left", "sides: 3 right, 1 left"),
    ]
    assert "ablation" in sides.decides


def test_facts_that_only_help_together_are_put_together() -> None:
    """Platelets and INR both block: neither alone makes ablation a plain option, both together do."""
    answer = asked(patient(plt=40, inr=2.0))
    assert all(len(item.facts) > 1 for item in answer.changes if ("ablation", "ELIGIBLE") in after(item))
    (both,) = [item for item in answer.changes if ("ablation", "ELIGIBLE") in after(item)]
    assert {fact.subject for fact in both.facts} == {"platelets", "inr"}
    assert both.number == 2


def after(item: Any) -> list[tuple[str, str]]:
    return [(effect.what, effect.after) for effect in item.effects]


def test_fewest_facts_come_first_and_the_nearest_measurement_before_a_farther_one() -> None:
    answer = asked(patient(plt=40, inr=2.0))
    numbers = [item.number for item in answer.changes]
    assert numbers == sorted(numbers)
    texts = [fact.text for item in asked(patient()).changes for fact in item.facts]
    assert texts.index("INR 1.6, measured now") < texts.index("platelets 49 ×10⁹/L, measured now")
    assert texts.index("RLL 15 mm measured at 31 mm") < texts.index("RLL 15 mm measured at 51 mm")


def test_edges_are_those_of_the_content() -> None:
    moved = replace(
        KNOWLEDGE.parameter("sbrt.maxDiameterMm"), value=KNOWLEDGE.parameter("sbrt.maxDiameterMm").number - 9
    )
    answer = asked(patient(), replace(KNOWLEDGE, parameters={**KNOWLEDGE.parameters, moved.id: moved}))
    assert effects_of(answer, "RLL 15 mm measured at 42 mm")["sbrt"] == "NOT_ELIGIBLE"


@pytest.mark.parametrize("changes", [{"hospice": True}, {"deceased": True}, {"birth": "2015-01-01"}], ids=str)
def test_where_a_gate_stops_nothing_is_asked(changes: dict[str, Any]) -> None:
    answer = asked(patient(**changes))
    assert (answer.changes, answer.missing, answer.considered) == ((), (), 0)


def test_the_answer_does_not_depend_on_the_order_of_entries() -> None:
    lesions = [LESION, LESION | {"side": "L", "lobe": "LUL", "mm": 12}, {"mm": None, "side": None, "zone": None}]
    request = patient(lesions=lesions, plt=None, extra=None)
    answer = explained(asked(request))
    shuffler = random.Random(7)  # noqa: S311 - a fixed order, not a secret
    for value in request["prefetch"].values():
        if isinstance(value, dict) and "entry" in value:
            shuffler.shuffle(value["entry"])
    assert explained(asked(request)) == answer


def test_hundreds_of_lesions_are_asked_about_within_bounds() -> None:
    answer = asked(patient(lesions=[{"mm": 12, "side": None, "zone": None}] * 300, plt=None, fev1=None))
    assert answer.considered < 250
    assert len(answer.changes) <= 40


ADVICE = ("should", "recommend", "must", "advise", "better", "best", "need to", "treat ", "resectable")


@pytest.mark.parametrize("one", [one for one in cases() if one.expected["status"] == 200], ids=lambda one: one.id)
def test_it_tells_what_would_be_listed_and_never_advises(one: Any) -> None:
    answer = asked(one.request)
    page = str(what_if_panel(explained(answer), KNOWLEDGE))
    assert [word for word in ADVICE if word in page.lower()] == []
    for effect in [effect for item in answer.changes for effect in item.effects if effect.kind == "option"]:
        assert "would" in effect.text or "could not" in effect.text
    for item in answer.changes:
        assert item.effects


def test_the_panel_escapes_what_it_is_given() -> None:
    answer = explained(asked(patient(plt=None)))
    answer["missing"][0]["text"] = answer["changes"][0]["facts"][0]["text"] = "<script>alert(1)</script>"
    page = str(what_if_panel(answer, KNOWLEDGE))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2


def test_the_panel_says_so_when_there_is_nothing() -> None:
    page = str(what_if_panel(explained(asked(patient(hospice=True))), KNOWLEDGE))
    assert KNOWLEDGE.text("what_if.changes_none") in page
    assert KNOWLEDGE.text("what_if.missing_none") in page
