"""Saying a fact in another way, or denying one, never turns caution into comfort."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.spec.core import explain
from tests.spec.reported import SUBJECT, Request, request
from tests.spec.resources import HL7, ICD10CM, LOINC, SNOMED, UCUM, Resource, concept

STEADY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
RANK = {"NOT_ELIGIBLE": 0, "BLOCKED": 1, "UNKNOWN": 2, "CONDITIONAL": 3, "ELIGIBLE": 4}
MODALITIES = ("surgery", "sbrt", "ablation")
ICD_O_3 = "urn:oid:2.16.840.1.113883.6.43.1"
GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"


def results(record: Request) -> dict[str, int]:
    """How favourable each modality is; where no therapy is listed, less than any result."""
    therapies = explain(record)["therapies"]
    return {name: RANK[therapies[name]["result"]] if therapies else -1 for name in MODALITIES}


def condition(id_: str, code: Resource, **more: Any) -> Resource:
    fixed: Resource = {"resourceType": "Condition", "id": id_, "code": code, "subject": SUBJECT}
    return fixed | {"onsetDateTime": "2024-12-01", "clinicalStatus": "active", "verificationStatus": "confirmed"} | more


def result(id_: str, code: str, value: float, unit: str) -> Resource:
    quantity = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    fixed: Resource = {"resourceType": "Observation", "id": id_, "status": "final", "subject": SUBJECT}
    return fixed | {"code": concept(LOINC, code), "effectiveDateTime": "2025-05-28", "valueQuantity": quantity}


def lesion(id_: str, **more: Any) -> Resource:
    return result(id_, "21889-1", 45, "mm") | {"bodySite": concept(SNOMED, "41224006")} | more


# An adverse fact, by the key that brings it.
ADVERSE: dict[str, tuple[str, Resource]] = {
    "liver": ("conditions", condition("liv", concept(SNOMED, "94381002"))),
    "liver in ICD-10": ("conditions", condition("liv", concept(ICD10CM, "C78.7"))),
    "liver by its site": (
        "conditions",
        condition("liv", concept(SNOMED, "128462008"), bodySite=[concept(SNOMED, "10200004")]),
    ),
    "another cancer": ("conditions", condition("breast", concept(ICD10CM, "C50.911"))),
    "lung disease": ("conditions", condition("ild", concept(ICD10CM, "J84.10"))),
    "platelets": ("observations", result("low", "777-3", 30, "10*3/uL")),
    "INR": ("observations", result("high", "6301-6", 3, "{INR}")),
    "FEV1": ("observations", result("poor", "20152-5", 40, "%")),
    "second lesion": ("imaging_findings", lesion("big")),
}

# Ways to say the same fact, and ways to say less of it.
Change = dict[str, Any]
SAME: list[Change] = [
    {"clinicalStatus": "Active"},
    {"clinicalStatus": {"coding": [{"system": "http://hl7.org/fhir/condition-clinical", "code": "active"}]}},
    {"verificationStatus": {"coding": [{"system": "urn:local", "code": "2"}, {"code": "confirmed"}]}},
    {"verificationStatus": {"text": "Confirmed"}},
    {"status": "FINAL"},
    {"status": "amended"},
]
LESS: list[Change] = [
    {"clinicalStatus": {"coding": [{"system": "urn:local", "code": "1"}]}},
    {"clinicalStatus": {"text": "Resolved"}},
    {"verificationStatus": {"coding": [{"system": "urn:local", "code": "2"}]}},
    {"verificationStatus": {"text": "Refuted"}},
    {"verificationStatus": {"coding": [{"code": "confirmed"}, {"code": "refuted"}]}},
    {"clinicalStatus": None, "abatementString": "ongoing"},
    {"clinicalStatus": None, "abatementBoolean": False},
    {"clinicalStatus": None, "abatementDateTime": "9999-12-31"},
    {"modifierExtension": [{"url": "http://example.net/unknown", "valueBoolean": True}]},
    {"effectiveDateTime": "28.05.2025"},
    {"effectiveDateTime": "0001-01-01"},
    {"valueQuantity": {"value": 30, "unit": "?"}},
    {"valueQuantity": None, "valueString": "30"},
    {"bodySite": {"text": "left lower lobe"}},
    {"bodySite": concept("urn:local", "LLL")},
    {"bodySite": None},
]
#: What is neither read nor reassures when it is said less clearly: the finding itself is a comorbidity or other cancer.
_CONDITION_ONLY = frozenset({"another cancer", "lung disease"})
SITED = frozenset({"second lesion"})
VALUED = frozenset({"platelets", "INR", "FEV1"})


def with_fact(name: str, change: Change) -> Request:
    key, fact = ADVERSE[name]
    changed = {element: value for element, value in (copy.deepcopy(fact) | change).items() if value is not None}
    return request(**{key: [changed]})


def applies(name: str, change: Change) -> bool:
    """Does the change say something about this fact at all?"""
    _, fact = ADVERSE[name]
    if "bodySite" in change:
        return name in SITED
    if {"effectiveDateTime", "valueQuantity"} & set(change):
        return fact["resourceType"] == "Observation" and name not in SITED
    return "modifierExtension" in change or bool(set(change) & set(fact))


@pytest.mark.parametrize("name", ADVERSE)
@pytest.mark.parametrize("change", SAME, ids=str)
def test_another_spelling_changes_no_result(name: str, change: Change) -> None:
    if applies(name, change):
        assert results(with_fact(name, change)) == results(with_fact(name, {}))


@pytest.mark.parametrize("name", [name for name in ADVERSE if name not in _CONDITION_ONLY])
@pytest.mark.parametrize("change", LESS, ids=str)
def test_a_fact_that_is_said_less_clearly_never_becomes_its_absence(name: str, change: Change) -> None:
    """It may block less, as a lesser doubt does; but never is everything as if the fact were not there."""
    if not applies(name, change):
        return
    explanation, without = explain(with_fact(name, change)), explain(request())
    worse = any(results(with_fact(name, change))[item] < results(request())[item] for item in MODALITIES)
    asked = {need["code"] for need in explanation["needs"]} - {need["code"] for need in without["needs"]}
    assert worse or asked, (name, change)


NEGATED: list[Change] = [
    {"verificationStatus": "refuted"},
    {"verificationStatus": {"coding": [{"system": f"{HL7}/condition-ver-status", "code": "Refuted"}]}},
    {"verificationStatus": "entered-in-error"},
    {"status": "entered-in-error"},
    {"status": "Cancelled"},
    {"doNotPerform": True},
]


@pytest.mark.parametrize("there", ADVERSE)
@STEADY
@given(denied=st.sampled_from(list(ADVERSE)), change=st.sampled_from(NEGATED))
def test_a_denied_fact_beside_an_adverse_one_makes_nothing_better(there: str, denied: str, change: Change) -> None:
    key, fact = ADVERSE[there]
    other_key, other = ADVERSE[denied]
    beside = copy.deepcopy(other) | change | {"id": "denied"}
    alone = results(request(**{key: [fact]}))
    facts: dict[str, list[Resource]] = {key: [fact]}
    facts.setdefault(other_key, []).append(beside)
    both = results(request(**facts))
    assert all(both[name] <= alone[name] for name in MODALITIES)


@pytest.mark.parametrize("code", [concept(GM, "C78.7 A"), concept(GM, "C78.7 V"), concept(GM, "C78.7 Z")])
def test_a_certainty_mark_beside_a_confirmed_metastasis_makes_nothing_better(code: Resource) -> None:
    liver = condition("liv", concept(SNOMED, "94381002"))
    marked = condition("marked", code)
    del marked["verificationStatus"], marked["clinicalStatus"]
    alone, both = results(request(conditions=[liver])), results(request(conditions=[liver, marked]))
    assert all(both[name] <= alone[name] for name in MODALITIES)
