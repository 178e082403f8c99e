"""The newest usable result: one step for every test, so that what overrules one overrules all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.reported import SUBJECT, request
from tests.spec.resources import LOINC, UCUM, Resource, concept

OWN = "https://crc-lung-metastasis.example.org/fhir/CodeSystem/imaging-finding"
VO2 = concept(OWN, "peak-oxygen-uptake")


def quantity(value: float | None, unit: str | None) -> dict[str, Any]:
    number: dict[str, Any] = {} if value is None else {"value": value}
    return {"valueQuantity": number | ({"unit": unit, "system": UCUM, "code": unit} if unit else {})}


def result(id_: str, code: str | Resource, on: str | None = "2025-05-28", **more: Any) -> Resource:
    named = concept(LOINC, code) if isinstance(code, str) else code
    fixed: Resource = {"resourceType": "Observation", "id": id_, "status": "final", "code": named, "subject": SUBJECT}
    return fixed | ({"effectiveDateTime": on} if on else {}) | more


# A test, its unit, a good value that is on record, and the need that shows that the value is outdated.
TESTS: dict[str, tuple[str | Resource, str, float, str]] = {
    "platelets": ("777-3", "10*3/uL", 220, "PLATELETS"),
    "INR": ("6301-6", "{INR}", 1.0, "INR"),
    "FEV1": ("20152-5", "%", 95, "PFT"),
    "DLCO": ("19911-7", "%", 90, "PFT"),
    "CEA": ("2039-6", "ng/mL", 3, "CEA"),
    "ECOG": ("89247-1", "", 1, "ECOG"),
}
OVERRULES: dict[str, tuple[dict[str, Any], bool]] = {
    "a number without a unit": (quantity(40, "mol"), True),
    "a number as a text": ({"valueString": "45"}, True),
    "an unknown code": ({"valueCodeableConcept": concept("urn:local", "low")}, True),
    "a note": ({"valueString": "see note"}, False),
    "nothing": ({}, False),
    "a reason for the absence": (
        {"dataAbsentReason": concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-performed")},
        False,
    ),
    "a unit, and a reason for the absence": (
        quantity(None, "10*3/uL") | {"dataAbsentReason": concept("urn:any", "unknown")},
        False,
    ),
    "a code, and a reason for the absence": (
        {"valueString": "not done", "dataAbsentReason": {"text": "not done"}},
        False,
    ),
    "unreadable, but older": ({"valueString": "45", "effectiveDateTime": "2024-01-01"}, False),
    "unreadable, of the future": ({"valueString": "45", "effectiveDateTime": "2025-09-01"}, False),
    "unreadable, entered in error": ({"valueString": "45", "status": "entered-in-error"}, False),
    "unreadable, preliminary": ({"valueString": "45", "status": "preliminary"}, False),
    "unreadable, registered": ({"valueString": "45", "status": "registered"}, False),
}


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize(("more", "overrules"), OVERRULES.values(), ids=list(OVERRULES))
def test_a_newer_result_that_cannot_be_read_makes_the_older_outdated(
    test: str, more: dict[str, Any], overrules: bool
) -> None:
    code, _, _, need = TESTS[test]
    needs = {item["code"] for item in explain(request(observations=[result("newer", code, **more)]))["needs"]}
    assert (need in needs) is overrules


DATES: list[tuple[str | None, bool]] = [
    ("28.05.2025", True),
    ("20250528", True),
    ("0001-01-01", True),
    ("yesterday", True),
    ("2025-09-01", False),
    ("2012-01-01", False),
    ("2025-04-01", False),
]


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize(("on", "overrules"), DATES)
def test_a_result_whose_date_cannot_be_read_makes_the_others_outdated(
    test: str, on: str | None, overrules: bool
) -> None:
    code, unit, good, need = TESTS[test]
    value = {"valueInteger": int(good)} if not unit else quantity(good, unit)
    needs = {item["code"] for item in explain(request(observations=[result("undated", code, on, **value)]))["needs"]}
    assert (need in needs) is overrules


@pytest.mark.parametrize(
    ("status", "blocked"),
    [
        ("final", False),
        ("Amended", False),
        ("corrected", False),
        ("preliminary", True),
        ("Preliminary", True),
        ("registered", True),
        ("unknown", True),
        ("partial", True),
    ],
)
def test_only_a_final_result_replaces_a_final_one(status: str, blocked: bool) -> None:
    low = result("plt", "777-3", "2025-05-20", **quantity(30, "10*3/uL"))
    newer = result("newer", "777-3", status=status, **quantity(220, "10*3/uL"))
    ablation = explain(request(observations=[low, newer]))["therapies"]["ablation"]["result"]
    assert (ablation == "BLOCKED") is blocked


@pytest.mark.parametrize(("value", "therapy"), [(30, "BLOCKED"), (220, "ELIGIBLE")])
def test_a_preliminary_result_alone_may_block_and_passes_nothing(value: int, therapy: str) -> None:
    alone = result("plt", "777-3", status="preliminary", **quantity(value, "10*3/uL"))
    explanation = explain(request(observations=[alone]))
    assert explanation["therapies"]["ablation"]["result"] == therapy
    assert "PLATELETS" in {item["code"] for item in explanation["needs"]}


TIMES = [
    ("2025-05-28T08:00:00Z", 30, "2025-05-28T16:00:00Z", 220, "ELIGIBLE"),
    ("2025-05-28T08:00:00Z", 220, "2025-05-28T16:00:00Z", 30, "BLOCKED"),
    ("2025-05-28T16:00:00+08:00", 220, "2025-05-28T10:00:00Z", 30, "BLOCKED"),
    ("2025-05-28", 220, "2025-05-28", 30, "BLOCKED"),
    ("2025-05-28", 30, "2025-05-28T16:00:00Z", 220, "BLOCKED"),
]


@pytest.mark.parametrize(("first", "one", "second", "two", "therapy"), TIMES)
def test_times_within_a_day_tell_the_last(first: str, one: int, second: str, two: int, therapy: str) -> None:
    pair = [
        result("a", "777-3", first, **quantity(one, "10*3/uL")),
        result("b", "777-3", second, **quantity(two, "10*3/uL")),
    ]
    assert explain(request(observations=pair))["therapies"]["ablation"]["result"] == therapy


@pytest.mark.parametrize(
    ("unread", "current"), [("2025-05-28T08:00:00Z", True), ("2025-05-28T18:00:00Z", False), ("2025-05-28", False)]
)
def test_times_tell_whether_an_unreadable_result_of_that_day_came_later(unread: str, current: bool) -> None:
    good = result("a", "777-3", "2025-05-28T16:00:00Z", **quantity(200, "10*3/uL"))
    needs = explain(request(observations=[good, result("b", "777-3", unread, valueString="45")]))["needs"]
    assert ("PLATELETS" not in {item["code"] for item in needs}) is current


@pytest.mark.parametrize(
    ("morning", "evening", "latest", "trend"),
    [(30, 3, 3, "not_rising"), (3, 30, 30, "possible_rise")],
)
def test_cea_of_one_day_is_ordered_by_time(morning: float, evening: float, latest: float, trend: str) -> None:
    pair = [
        result("z", "2039-6", "2025-05-28T08:00:00Z", **quantity(morning, "ng/mL")),
        result("a", "2039-6", "2025-05-28T16:00:00Z", **quantity(evening, "ng/mL")),
    ]
    cea = explain(request(observations={"gone": ["cea1"], "new": pair}))["cea"]
    assert (cea["latest"]["ngPerMl"], cea["trend"]) == (latest, trend)


def test_oxygen_uptake_is_read_like_any_test() -> None:
    low = result("v1", VO2, "2025-04-20", **quantity(9, "mL/kg/min"))
    fev1 = result("fev1", "20152-5", "2025-04-15", **quantity(60, "%"))
    codes = [reason["code"] for reason in explain(request(observations=[fev1, low]))["therapies"]["surgery"]["reasons"]]
    assert "VO2_PROHIBITIVE" in codes
    good = result("v1", VO2, "2025-04-20", **quantity(25, "mL/kg/min"))
    unread = result("v2", VO2, "2025-05-20", valueString="9")
    plain = explain(request(observations=[fev1, good]))["therapies"]["surgery"]["result"]
    overruled = explain(request(observations=[fev1, good, unread]))["therapies"]["surgery"]["result"]
    assert (plain, overruled) == ("ELIGIBLE", "CONDITIONAL")


def test_a_karnofsky_that_cannot_be_read_makes_an_older_ecog_outdated() -> None:
    needs = explain(request(observations=[result("k", "89243-0", valueString="40")]))["needs"]
    assert "ECOG" in {item["code"] for item in needs}
