"""The cases are complete, valid FHIR R4, and about nobody."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhir_fixtures import EVALUATED_ON, Case, case, cases
from tests.spec.patients import patient
from tests.spec.resources import Resource

CASES = cases()
KEYS = {
    "patient",
    "conditions",
    "observations",
    "imaging-findings",
    "procedures",
    "reports",
    "imaging-studies",
    "body-structures",
    "requests",
    "medications",
}
EVERYTHING = {
    "extra": "resolved",
    "k": 2,
    "wedges_on": "2024-12-20",
    "prior_rt": "same_lobe",
    "ablated_on": "2025-05-20",
    "device": True,
    "hospice": True,
    "ras": "p.Gly12Asp",
    "braf": True,
    "msi": "high",
    "smoker": True,
    "mdt_requested": "2025-05-20",
    "mdt_held": "2025-03-01",
    "anticoagulant": True,
    "count": "innumerable",
    "statement": "resectable",
    "nodes": "positive",
    "vo2": 15,
    "lesions": [
        {"mm": "<10", "zone": "medial", "to_bronchi_mm": 15, "near": True, "earlier": [("2024-12-01", 9)]},
        {"mm": None},
    ],
}


def resources(value: Any) -> Iterator[Resource]:
    """Every outermost resource of a request."""
    if isinstance(value, dict):
        if "resourceType" in value:
            yield value
        else:
            for item in value.values():
                yield from resources(item)


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_resources_of_a_case_are_valid(one: Case) -> None:
    found = list(resources(one.request))
    assert found
    for resource in found:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@pytest.mark.parametrize("style", ["mcode", "plain", "icd10"])
@pytest.mark.parametrize("changed", [{}, EVERYTHING], ids=["baseline", "everything"])
def test_resources_of_the_test_patients_are_valid(changed: dict[str, Any], style: str) -> None:
    for resource in resources(patient(style=style, **changed)):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_case_is_complete(one: Case) -> None:
    assert one.story.startswith("# ")
    assert "The service should" in one.story
    assert uuid.UUID(one.request["hookInstance"]).version == 4
    assert set(one.request["prefetch"]) <= KEYS
    assert set(one.expected) == {"status", "assessment", "response"}
    assert (one.expected["assessment"] is None) is (one.expected["status"] != 200)


def test_cases_are_told_apart() -> None:
    assert len({one.request["hookInstance"] for one in CASES}) == len(CASES) >= 12
    assert len({one.request["context"]["patientId"] for one in CASES}) == len(CASES)
    assert case(CASES[0].id) == CASES[0]
    with pytest.raises(KeyError):
        case("no-such-case")


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_case_is_about_a_canary(one: Case) -> None:
    person = one.request["prefetch"]["patient"]
    assert person["id"] == one.request["context"]["patientId"]
    assert person["id"].startswith("canary-")
    texts = [person["name"][0]["family"], person["identifier"][0]["value"], *person["address"][0]["line"]]
    assert all("CANARY" in text for text in texts)


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_references_stay_with_the_patient(one: Case) -> None:
    """The one case about a mixed-up record holds one other patient; no other does."""
    named = set(re.findall(r"Patient/([A-Za-z0-9.-]+)", json.dumps(one.request)))
    others = named - {one.request["context"]["patientId"]}
    assert others == ({"canary-someone-else"} if one.id == "mixed-up-record" else set())


_SOMEBODY = re.compile(r"\bA (woman|man) of (\d+)\b")


@pytest.mark.parametrize("one", [one for one in CASES if _SOMEBODY.search(one.story)], ids=lambda one: one.id)
def test_the_story_tells_of_the_patient_of_the_record(one: Case) -> None:
    told = _SOMEBODY.search(one.story)
    assert told is not None
    record = one.request["prefetch"]["patient"]
    assert record["gender"] == {"woman": "female", "man": "male"}[told[1]]
    year, month, _ = EVALUATED_ON.split("-")
    year_of_birth, month_of_birth = record["birthDate"][:7].split("-")  # no case was born in the month of evaluation
    assert int(year) - int(year_of_birth) - (month_of_birth > month) == int(told[2])
