"""One list of what was concluded and one wording of the classification: an axis stands in every view or in none."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from cds_service.cards.repetition import grounds_of_case
from cds_service.commands.assess_report import render
from cds_service.oncology.conclude import conclude
from cds_service.oncology.disease.axes import Classification
from cds_service.oncology.report import compare, describe
from cds_service.oncology.what_if import outcome
from cds_service.values import replace
from cds_service.web.playground.difference import classes
from fhir_fixtures import cases
from tests.spec.core import decision, explain, site
from tests.spec.deciding import case as made
from tests.spec.patients import patient
from tests.unit.test_metrics import counted, ehr  # noqa: F401 - a fixture

KNOWLEDGE = site().knowledge
AXES = list(Classification.__struct_fields__)
ANSWERED = [one for one in cases() if one.expected["status"] == 200]


def in_json(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest))


def printed(explanation: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=200)
    render(explanation, console, KNOWLEDGE)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("axis", AXES)
def test_every_axis_is_an_item_and_has_words_in_every_view(axis: str) -> None:
    name, explanation, assessment = in_json(axis), explain(patient()), decision(patient()).assessment
    label, words = describe.label(name, KNOWLEDGE), describe.rows(explanation["classification"], KNOWLEDGE)
    assert compare.items(assessment)[name] == explanation["classification"][name]
    assert classes(explanation, KNOWLEDGE)[label] == words[label]
    assert f"│ {label} " in printed(explanation)
    assert words[label] in printed(explanation)
    assert outcome(made(), conclude(made()))[name]
    assert {f"label.{name}", f"repetition.{name}"} & grounds_of_case(assessment).keys()


@pytest.mark.parametrize("axis", AXES)
def test_another_value_of_an_axis_is_a_change(axis: str) -> None:
    assessment = decision(patient()).assessment
    now = getattr(assessment.classification, axis)
    other = replace(now, value="another") if hasattr(now, "value") else "another"
    changed = replace(assessment, classification=replace(assessment.classification, **{axis: other}))
    (found,) = compare.changed(compare.items(assessment), compare.items(changed))
    assert found.what.partition(".")[0] == in_json(axis)
    assert found.after == "another"
    assert grounds_of_case(assessment) != grounds_of_case(changed)


def test_every_axis_but_the_certainty_is_counted(ehr: Any) -> None:  # noqa: F811
    ehr.post("/cds-services/crc-lung-metastasis-patient-view", json=patient())
    criteria = {dict(labels)["criterion"] for name, labels in counted(ehr) if name == "cds_criteria_total"}
    assert set(AXES) - criteria == {"certainty"}


def test_an_axis_without_words_is_an_error_and_no_gap() -> None:
    axes = explain(patient())["classification"] | {"depth": {"value": "confirmed"}}
    with pytest.raises(KeyError, match=r"label\.depth"):
        describe.rows(axes, KNOWLEDGE)


@pytest.mark.parametrize("one", ANSWERED, ids=[one.id for one in ANSWERED])
def test_every_case_can_be_described(one: Any) -> None:
    explanation = explain(one.request)
    rows = describe.rows(explanation["classification"], KNOWLEDGE)
    assert len(rows) == len(AXES)
    for text in rows.values():
        assert text in classes(explanation, KNOWLEDGE).values()


NUMBERS: list[tuple[dict[str, Any], str]] = [
    ({"value": "solitary", "n": 1, "nIndeterminate": 0, "nAtLeast": 1}, "solitary"),
    ({"value": "solitary", "n": 1, "nIndeterminate": 2, "nAtLeast": 1}, "solitary: 1 (+2 below 6 mm)"),
    ({"value": "multiple", "n": 3, "nIndeterminate": 0, "nAtLeast": 3}, "multiple: 3"),
    ({"value": "multiple", "n": None, "nIndeterminate": 1, "nAtLeast": 4}, "multiple: at least 4"),
    ({"value": "unknown", "n": None, "nIndeterminate": 0, "nAtLeast": 1}, "not known: at least 1"),
    ({"value": "unknown", "n": None, "nIndeterminate": 0, "nAtLeast": 0}, "not known"),
    ({"value": "unknown", "n": 0, "nIndeterminate": 0, "nAtLeast": 0}, "not known: 0"),
]


@pytest.mark.parametrize(("number", "words"), NUMBERS, ids=[words for _, words in NUMBERS])
def test_the_number_in_words(number: dict[str, Any], words: str) -> None:
    axes = explain(patient())["classification"] | {"number": number}
    assert describe.rows(axes, KNOWLEDGE)["Number"] == words


OLIGOMETASTATIC = [
    ("true", "true", "oligometastatic"),
    ("false", "true", "not oligometastatic"),
    ("false", "false", "not oligometastatic"),
    ("unknown", "true", "oligometastatic by count; treatability of all sites not stated"),
    ("unknown", "unknown", "not known"),
]


@pytest.mark.parametrize(("value", "by_count", "words"), OLIGOMETASTATIC)
def test_oligometastatic_in_words(value: str, by_count: str, words: str) -> None:
    """Few enough, and one of them stated as not treatable: not oligometastatic, and nothing is unstated."""
    axes = explain(patient())["classification"] | {"oligometastatic": {"value": value, "byCount": by_count}}
    assert describe.rows(axes, KNOWLEDGE)["Oligometastatic"] == words


def test_that_definitions_disagree_is_said_beside_the_timing() -> None:
    axes = explain(patient())["classification"]
    axes["timing"] |= {"definitionSensitive": True}
    assert describe.rows(axes, KNOWLEDGE)["Timing"].endswith(KNOWLEDGE.text("line.definition_sensitive"))
