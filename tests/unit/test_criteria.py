"""Criteria and events of an assessment: what is not on record is never shown as met, and every step has its date."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.oncology.therapy.verdict import LOCAL
from tests.spec.core import explain, site
from tests.spec.patients import patient
from tests.spec.resources import HL7
from tests.spec.tables import rows

EVERYTHING: dict[str, Any] = {"nodes": "negative", "statement": "resectable"}


def states(**changes: Any) -> dict[tuple[str, str], str]:
    found = explain(patient(**(EVERYTHING | changes)))["criteria"]
    return {(modality, item["topic"]): item["state"] for modality, items in found.items() for item in items}


def test_every_topic_of_every_modality_is_met_when_everything_is_known_and_good() -> None:
    rows = {(therapy, str(rule.topic)) for therapy in LOCAL for rule in site().knowledge.rules_of(therapy)}
    assert states() == dict.fromkeys(rows, "met")
    assert {topic for _, topic in rows} == set(site().knowledge.group("criterion"))


CASES: list[tuple[dict[str, Any], dict[tuple[str, str], str]]] = [
    (
        {"nodes": None},
        {("surgery", "nodes"): "unknown", ("sbrt", "nodes"): "unknown", ("ablation", "nodes"): "unknown"},
    ),
    ({"plt": None}, {("ablation", "platelets"): "unknown"}),
    ({"plt": 49}, {("ablation", "platelets"): "not_met"}),
    ({"inr": 1.7}, {("ablation", "inr"): "caution"}),
    ({"inr": None}, {("ablation", "inr"): "unknown"}),
    ({"coag_on": "2025-01-02"}, {("ablation", "platelets"): "unknown", ("ablation", "inr"): "unknown"}),
    ({"fev1": None, "dlco": None}, {("surgery", "lung_function"): "unknown", ("sbrt", "lung_function"): "unknown"}),
    ({"fev1": 60}, {("surgery", "lung_function"): "unknown"}),
    ({"fev1": 25}, {("surgery", "lung_function"): "unknown", ("sbrt", "lung_function"): "caution"}),
    ({"statement": None}, {("surgery", "statement"): "unknown"}),
    ({"statement": "unresectable-technical"}, {("surgery", "statement"): "not_met"}),
    ({"statement_on": "2024-12-01"}, {("surgery", "statement"): "unknown"}),
    ({"declined": "sbrt"}, {("sbrt", "declined"): "caution"}),
    ({"device": True}, {("ablation", "device"): "caution"}),
    ({"anticoagulant": True}, {("ablation", "drugs"): "caution"}),
    (
        {"pneumonectomy_on": "2010-05-05"},
        {("surgery", "single_lung"): "caution", ("ablation", "single_lung"): "caution"},
    ),
    ({"chest_ct": None}, {(modality, "imaging"): "unknown" for modality in ("surgery", "sbrt", "ablation")}),
    ({"extra": None}, {(modality, "elsewhere"): "unknown" for modality in ("surgery", "sbrt", "ablation")}),
    ({"extra": "untreatable"}, {(modality, "elsewhere"): "not_met" for modality in ("surgery", "sbrt", "ablation")}),
]


@pytest.mark.parametrize(("changes", "expected"), CASES, ids=[str(changes) for changes, _ in CASES])
def test_one_fact_changes_its_own_criteria_and_no_other(
    changes: dict[str, Any], expected: dict[tuple[str, str], str]
) -> None:
    now, then = states(), states(**changes)
    assert {key: state for key, state in then.items() if state != now[key]} == expected


UNREAD = {
    "medications": {("ablation", "drugs")},
    "requests": {(modality, "declined") for modality in ("surgery", "sbrt", "ablation")},
}


@pytest.mark.parametrize("key", UNREAD)
def test_a_source_that_was_not_read_leaves_its_criteria_unknown(key: str) -> None:
    request = patient(**EVERYTHING)
    del request["prefetch"][key]
    found = explain(request)["criteria"]
    unknown = {(name, item["topic"]) for name, items in found.items() for item in items if item["state"] == "unknown"}
    assert unknown == UNREAD[key]


@pytest.mark.parametrize(("verification", "state"), [("provisional", "unknown"), ("refuted", "met"), (None, "caution")])
def test_a_comorbidity_that_nobody_confirmed_is_neither_there_nor_absent(verification: str | None, state: str) -> None:
    request = patient(**EVERYTHING, comorbidity="D66")
    entries = request["prefetch"]["conditions"]["entry"]
    (bleeding,) = (item["resource"] for item in entries if "D66" in json.dumps(item["resource"]["code"]))
    if verification is not None:
        coding = {"system": f"{HL7}/condition-ver-status", "code": verification}
        bleeding["verificationStatus"] = {"coding": [coding]}
    (row,) = (item for item in explain(request)["criteria"]["ablation"] if item["topic"] == "bleeding")
    assert row["state"] == state


def test_innumerable_lesions_leave_size_and_place_open() -> None:
    found = states(count="innumerable")
    assert {found["sbrt", "size"], found["sbrt", "place"], found["ablation", "size"]} == {"unknown"}
    assert found["surgery", "count"] == "not_met"


def test_a_criterion_that_passed_names_what_it_rests_on() -> None:
    found = explain(patient(**EVERYTHING))["criteria"]["ablation"]
    facts = {item["topic"]: item["facts"] for item in found}
    assert facts["platelets"] == ["Observation/platelets"]
    assert facts["performance"] == ["Observation/ecog"]
    assert "BodyStructure/lesion-1" in facts["size"]


def test_a_gate_leaves_no_criteria() -> None:
    assert explain(patient(hospice=True))["criteria"] == {}


EVENTS = rows("""
    kind              | date       | changes
    ------------------+------------+---------------------------------
    primary           | 2022-01-03 |
    primary-resection | 2022-01-10 |
    lung-metastasis   | 2024-12-01 |
    chest-ct          | 2025-05-12 |
    abdomen-imaging   | 2025-05-10 |
    systemic          | 2022-02-20 | oxaliplatin_on=2022-02-20
    resection         | 2024-08-20 | lung_surgery_on=2024-08-20
    pneumonectomy     | 2010-05-05 | pneumonectomy_on=2010-05-05
    mdt-held          | 2025-01-10 | mdt_held=2025-01-10
    mdt-requested     | 2025-05-20 | mdt_requested=2025-05-20
""")


@pytest.mark.parametrize("row", EVENTS, ids=lambda row: row["kind"])
def test_an_event_has_its_date_and_its_resource(row: dict[str, str]) -> None:
    name, _, value = row["changes"].partition("=")
    found = explain(patient(**({name: value} if name else {})))["events"]
    (event,) = [item for item in found if item["kind"] == row["kind"]]
    assert event["date"] == row["date"]
    assert event["resources"]
    assert event["text"] == site().knowledge.text(f"event.{row['kind']}")


def test_events_are_in_the_order_of_time_and_undated_ones_last() -> None:
    found = explain(patient(dx=None, mdt_held="2025-01-10", lung="2024", k=2))["events"]
    dates = [event["date"] for event in found]
    assert dates[-1] is None
    assert dates[:-1] == sorted(dates[:-1])


def test_a_pneumonectomy_is_one_event() -> None:
    found = [event["kind"] for event in explain(patient(pneumonectomy_on="2010-05-05"))["events"]]
    assert found.count("pneumonectomy") == 1
    assert "resection" not in found


def test_a_lesion_tells_its_treatment() -> None:
    (lesion,) = explain(patient(ablated_on="2025-03-01"))["lesions"]
    assert (lesion["treatment"], lesion["treatedOn"], lesion["counted"]) == ("ablation", "2025-03-01", False)


def test_a_cea_that_was_set_aside_keeps_its_date() -> None:
    cea = explain(patient(cea_unit="furlong"))["cea"]
    assert [item["date"] for item in cea["setAside"]] == ["2025-05-15"]
    assert cea["threshold"] == {"ngPerMl": 5.0, "comparison": ">", "parameter": "cea.thresholdNgMl"}
