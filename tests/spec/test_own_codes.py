"""Our code system for what has no standard code: each code is read on an Observation and as a component of one."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.spec.changing import add, resources
from tests.spec.core import explain, site
from tests.spec.patients import patient
from tests.spec.resources import LOINC, OWN, Resource, concept, observation, own, quantity
from tests.spec.tables import rows

NODULE_4_MM = [{"mm": 4, "side": "R", "zone": "peripheral", "histology": None}]
UNZONED = [{"mm": 15, "side": "R", "zone": None}]
ON_LESION = {"focus": [{"reference": "BodyStructure/lesion-1"}]}


def coded(system: str, code: str) -> Resource:
    return {"valueCodeableConcept": concept(f"{OWN}/CodeSystem/{system}", code)}


#: Code -> the patient to whom it matters, its value, and what else its Observation holds.
CODES: dict[str, tuple[dict[str, Any], Resource, Resource]] = {
    "lesion-zone": ({"lesions": UNZONED}, coded("lesion-zone", "central"), ON_LESION),
    "distance-to-bronchial-tree": ({"lesions": UNZONED}, {"valueQuantity": quantity(8, "mm")}, ON_LESION),
    "distance-to-vessel": ({"lesions": UNZONED}, {"valueQuantity": quantity(0.5, "cm")}, ON_LESION),
    "near-vessel-or-bronchus": ({"lesions": UNZONED}, {"valueBoolean": True}, ON_LESION),
    "lesion-count": ({}, {"valueInteger": 4}, {}),
    "resectability-statement": ({}, coded("resectability", "unresectable-technical"), {}),
    "extrapulmonary-treatability": ({"extra": "unstated"}, coded("treatability", "not-treatable"), {}),
    "primary-status": ({"primary": None, "resected": None}, coded("primary-status", "uncontrolled"), {}),
    "thoracic-node-status": ({}, coded("node-status", "proven"), {}),
    "peak-oxygen-uptake": ({"fev1": 60}, {"valueQuantity": quantity(9, "mL/kg/min")}, {}),
    "predicted-postoperative-fev1": ({"fev1": 60, "vo2": 12}, {"valueQuantity": quantity(25, "%")}, {}),
    "predicted-postoperative-dlco": ({"fev1": 60, "vo2": 12}, {"valueQuantity": quantity(25, "%")}, {}),
    "lesion-histology": ({}, coded("lesion-histology", "other"), ON_LESION),
    "lesion-growth": ({"lesions": NODULE_4_MM}, coded("lesion-growth", "growing"), ON_LESION),
}
WORDS = rows(
    """
    says        | number | at least
    ------------+--------+---------
    multiple    |        | 2
    innumerable |        | 6
    7           | 7      | 7
    """
)


def concluded(explanation: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in explanation.items() if name not in ("sources", "dataQuality", "cards")}


def test_every_code_has_its_row() -> None:
    (system,) = (
        item
        for item in site().terminology.resources()
        if item["resourceType"] == "CodeSystem" and item["id"] == "imaging-finding"
    )
    assert {item["code"] for item in system["concept"]} == set(CODES)


@pytest.mark.parametrize("place", ["observation", "component"])
@pytest.mark.parametrize("code", CODES)
def test_a_code_is_read_on_an_observation_and_as_a_component(code: str, place: str) -> None:
    whom, value, more = CODES[code]
    request = patient(**whom)
    if place == "observation":
        said = observation("said", own(code), "2025-05-20", category="imaging", **value, **more)
    else:
        part = {"code": own(code), **value}
        said = observation(
            "said", concept(LOINC, "18748-4"), "2025-05-20", category="imaging", component=[part], **more
        )
    before = explain(request)
    explanation = explain(add(request, "imaging-findings", said))
    assert concluded(explanation) != concluded(before)
    assert not any(item["resource"] == "Observation/said" for item in explanation["dataQuality"])


@pytest.mark.parametrize("code", [code for code in CODES if "valueQuantity" not in CODES[code][1]])
def test_a_value_that_is_not_known_is_reported_and_decides_nothing(code: str) -> None:
    whom, _, more = CODES[code]
    request = patient(**whom)
    said = observation("said", own(code), "2025-05-20", category="imaging", **more)
    said |= coded("lesion-zone", "outer-space")
    before = explain(request)
    explanation = explain(add(request, "imaging-findings", said))
    reported = {(item["resource"], item["problem"]) for item in explanation["dataQuality"]}
    assert ("Observation/said", "VALUE_INVALID") in reported
    for modality, answer in before["therapies"].items():
        assert explanation["therapies"][modality]["result"] == answer["result"]


@pytest.mark.parametrize("row", WORDS, ids=lambda row: row["says"])
def test_a_count_in_words(row: dict[str, str]) -> None:
    said = observation("said", own("lesion-count"), "2025-05-20", category="imaging", valueString=row["says"])
    number = explain(add(patient(), "imaging-findings", said))["classification"]["number"]
    assert number["n"] == (int(row["number"]) if row["number"] else None)
    assert number["nAtLeast"] >= int(row["at least"])


def test_the_codes_of_another_base_are_not_ours() -> None:
    request = patient(lesions=UNZONED)
    said = copy.deepcopy(resources(request, "imaging-findings")[0])
    foreign = "https://elsewhere.example.org/CodeSystem"
    said["component"] = [
        *said.get("component", []),
        {
            "code": concept(f"{foreign}/imaging-finding", "lesion-zone"),
            "valueCodeableConcept": concept(f"{foreign}/lesion-zone", "central"),
        },
    ]
    resources(request, "imaging-findings")[0] |= said
    assert explain(request)["lesions"][0]["zone"] is None


def test_without_a_statement_treatability_is_not_assumed() -> None:
    reasons = explain(patient(extra="unstated"))["therapies"]["sbrt"]["reasons"]
    assert ("EXTRAPULMONARY_TREATABILITY_UNKNOWN", "CONDITIONAL") in {(one["code"], one["result"]) for one in reasons}
