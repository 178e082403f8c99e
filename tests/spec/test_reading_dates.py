"""Dates: which of them end a disease, and which are none."""

from __future__ import annotations

import copy
import json
import re
from datetime import date
from typing import Any

import pytest

from cds_service.fhir.dates import add_days
from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.reported import SUBJECT, request
from tests.spec.resources import SNOMED, Resource, concept, observation, procedure

ABATEMENT: list[tuple[dict[str, Any], str]] = [
    ({}, "unknown"),
    ({"abatementDateTime": "2025-03-01"}, "isolated"),
    ({"abatementDateTime": "2025"}, "isolated"),
    ({"abatementDateTime": "2025-06-01"}, "isolated"),
    ({"abatementDateTime": "2025-06-02"}, "unknown"),
    ({"abatementDateTime": "2026"}, "unknown"),
    ({"abatementDateTime": "9999-12-31"}, "unknown"),
    ({"abatementDateTime": "0001-01-01"}, "unknown"),
    ({"abatementDateTime": "in spring"}, "unknown"),
    ({"abatementPeriod": {"start": "2025-01-01", "end": "2025-03-01"}}, "isolated"),
    ({"abatementPeriod": {"end": "2025-03-01"}}, "isolated"),
    ({"abatementPeriod": {"start": "2025-01-01", "end": "2025-09-01"}}, "unknown"),
    ({"abatementPeriod": {"start": "2025-01-01", "end": "0001-01-01"}}, "unknown"),
    ({"abatementPeriod": {"start": "2025-01-01"}}, "unknown"),
    ({"abatementString": "ongoing"}, "unknown"),
    ({"abatementString": "2025-03-01"}, "unknown"),
    ({"abatementString": ""}, "unknown"),
    ({"abatementBoolean": False}, "unknown"),
    ({"abatementBoolean": True}, "unknown"),
    ({"abatementAge": {"value": 60, "code": "a"}}, "unknown"),
    ({"_abatementDateTime": {"extension": []}}, "unknown"),
    ({"abatementDateTime": None}, "unknown"),
    ({"abatementDateTime": "2025-03-01", "clinicalStatus": "active"}, "non_isolated"),
    ({"abatementDateTime": "2026-03-01", "clinicalStatus": "resolved"}, "isolated"),
    ({"abatementString": "ongoing", "clinicalStatus": "active"}, "non_isolated"),
]


@pytest.mark.parametrize(("more", "spread"), ABATEMENT, ids=json.dumps)
def test_abatement(more: dict[str, Any], spread: str) -> None:
    liver: Resource = {"resourceType": "Condition", "id": "liv", "code": concept(SNOMED, "94381002")}
    liver |= {"subject": SUBJECT, "verificationStatus": "confirmed", "onsetDateTime": "2024-12-01"} | more
    assert explain(request(conditions=[liver]))["classification"]["spread"]["value"] == spread


@pytest.mark.parametrize(
    ("year", "known"),
    [("1879", False), ("1880", True), ("2024-12-01", True), ("0001-01-01", False), ("0001", False), ("1753", False)],
)
def test_an_impossible_year_is_not_known(year: str, known: bool) -> None:
    lung: Resource = {"resourceType": "Condition", "id": "lungmet", "code": concept(SNOMED, "94391008")}
    lung |= {"subject": SUBJECT, "verificationStatus": "confirmed", "onsetDateTime": year}
    problems = {item["problem"] for item in explain(request(conditions=[lung]))["dataQuality"]}
    assert ("DATE_OUT_OF_RANGE" in problems) is not known


def test_an_impossible_birth_date_leaves_the_age_open() -> None:
    explanation = explain(patient(birth="0001-01-01"))
    assert ("G-02", "note") in {(gate["id"], gate["result"]) for gate in explanation["gates"]}
    assert explanation["ageYears"] is None


EDGES = ("0001-01-01", "0001", "9999-12-31", "9999", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")
RICH = {
    "cea_before": "2024-12-01:2.0 2025-03-01:2.6",
    "oxaliplatin_on": "2025-05-01",
    "lung_surgery_on": "2025-01-01",
    "mdt_held": "2025-03-01",
    "mdt_requested": "2025-05-20",
    "extra": "resolved",
    "extra_ended": "2025-02-01",
    "statement": "resectable",
    "prior_rt": "same_lobe",
    "pregnant_on": "2025-05-01",
    "temperature": 37,
}
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T.*)?)?)?")


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a date stands in a record."""
    if isinstance(value, dict):
        return [place for name, item in value.items() for place in places(item, (*path, name))]
    if isinstance(value, list):
        return [place for index, item in enumerate(value) for place in places(item, (*path, index))]
    return [path] if isinstance(value, str) and _DATE.fullmatch(value) else []


def with_date(record: Any, path: tuple[Any, ...], text: str) -> Any:
    changed = copy.deepcopy(record)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = text
    return changed


@pytest.mark.parametrize("text", EDGES)
def test_no_date_anywhere_breaks_a_decision(text: str) -> None:
    record = patient(**RICH)
    found = places(record["prefetch"])
    assert len(found) > 20
    for path in found:
        explain(with_date(record, ("prefetch", *path), text))


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        ("2025-02-27", 2, "2025-03-01"),
        ("2025-03-01", -1, "2025-02-28"),
        ("0001-01-01", -1, "0001-01-01"),
        ("9999-12-31", 1, "9999-12-31"),
        ("2025-01-01", 10_000_000, "9999-12-31"),
        ("2025-01-01", -10_000_000, "0001-01-01"),
    ],
)
def test_days_stay_in_the_calendar(day: str, days: int, expected: str) -> None:
    assert add_days(date.fromisoformat(day), days) == date.fromisoformat(expected)


def test_an_operation_at_the_end_of_time_disturbs_no_marker() -> None:
    late = procedure("late", concept(SNOMED, "43075005"), "9999-12-31", subject=SUBJECT)
    marker = observation("cea2", concept("http://loinc.org", "2039-6"), "2025-05-20", subject=SUBJECT)
    marker["valueQuantity"] = {"value": 4, "unit": "ng/mL", "system": "http://unitsofmeasure.org", "code": "ng/mL"}
    explanation = explain(request(procedures=[late], observations=[marker]))
    assert explanation["cea"]["latest"]["ngPerMl"] == 4
