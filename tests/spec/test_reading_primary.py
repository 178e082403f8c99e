"""The colorectal primary: by its own code, by a code of history, or by a cancer without a site that lies there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.reported import SUBJECT, request
from tests.spec.resources import ICD10CM, MCODE, SNOMED, Resource, concept

ICD_O_3 = "http://terminology.hl7.org/CodeSystem/icd-o-3"
SIGMOID, ANUS, LUNG = concept(SNOMED, "60184004"), concept(SNOMED, "53505006"), concept(SNOMED, "39607008")
MORPHOLOGY = f"{MCODE}/mcode-histology-morphology-behavior"


def primary(code: Resource, *sites: Resource, morphology: Resource | None = None, **more: Any) -> Resource:
    fixed: Resource = {"resourceType": "Condition", "id": "p", "code": code, "subject": SUBJECT}
    fixed |= {"clinicalStatus": "active", "verificationStatus": "confirmed", "onsetDateTime": "2022-01-03"}
    fixed |= {"bodySite": list(sites)} if sites else {}
    fixed |= {"extension": [{"url": MORPHOLOGY, "valueCodeableConcept": morphology}]} if morphology else {}
    return fixed | more


def with_primary(*conditions: Resource) -> dict[str, Any]:
    return explain(request(conditions={"gone": ["crc"], "new": list(conditions)}))


POPULATION: dict[str, tuple[Resource, str]] = {
    "malignancy of the sigmoid": (primary(concept(SNOMED, "363346000"), SIGMOID), "in"),
    "malignancy of the sigmoid in ICD-O-3": (primary(concept(SNOMED, "363346000"), concept(ICD_O_3, "C18.7")), "in"),
    "malignancy of the rectum in ICD-O-3, without a dot": (
        primary(concept(SNOMED, "363346000"), concept(ICD_O_3, "C209")),
        "in",
    ),
    "malignancy without a site": (primary(concept(SNOMED, "363346000")), "out"),
    "malignancy with a text as site": (primary(concept(SNOMED, "363346000"), {"text": "sigmoid"}), "out"),
    "malignancy of the lung": (primary(concept(SNOMED, "363346000"), LUNG), "out"),
    "malignancy of the anus": (primary(concept(SNOMED, "363346000"), ANUS), "out"),
    "adenocarcinoma, a disorder": (primary(concept(SNOMED, "443961001"), SIGMOID), "in"),
    "adenocarcinoma, a morphology": (primary(concept(SNOMED, "35917007"), SIGMOID), "in"),
    "adenocarcinoma, a morphology in force": (primary(concept(SNOMED, "1187332001"), SIGMOID), "in"),
    "adenocarcinoma in ICD-O-3": (primary(concept(ICD_O_3, "8140/3"), concept(ICD_O_3, "C18.7")), "in"),
    "adenocarcinoma without a site": (primary(concept(SNOMED, "443961001")), "out"),
    "adenocarcinoma of the lung": (primary(concept(SNOMED, "443961001"), LUNG), "out"),
    "a local code with its morphology": (
        primary(concept("urn:local", "CRC"), SIGMOID, morphology=concept(SNOMED, "35917007")),
        "in",
    ),
    "a local code without a morphology": (primary(concept("urn:local", "CRC"), SIGMOID), "out"),
    "malignancy with a neuroendocrine morphology": (
        primary(concept(SNOMED, "363346000"), SIGMOID, morphology=concept(ICD_O_3, "8240/3")),
        "out",
    ),
    "hypertension of the sigmoid": (primary(concept(SNOMED, "38341003"), SIGMOID), "out"),
    "history of colon": (primary(concept(ICD10CM, "Z85.038")), "in"),
    "history of colon, without a dot": (primary(concept(ICD10CM, "Z85038")), "in"),
    "history of colon in SNOMED CT": (primary(concept(SNOMED, "429699009")), "in"),
    "history of colon, resolved": (primary(concept(ICD10CM, "Z85.038"), clinicalStatus="resolved"), "in"),
    "history of colon, provisional": (
        primary(concept(ICD10CM, "Z85.038"), verificationStatus="provisional"),
        "suspected",
    ),
    "history of colon, refuted": (primary(concept(ICD10CM, "Z85.038"), verificationStatus="refuted"), "out"),
    "history of rectum or anus": (primary(concept(ICD10CM, "Z85.048")), "in"),
    "history of carcinoid of colon": (primary(concept(ICD10CM, "Z85.030")), "out"),
    "history of carcinoid of rectum": (primary(concept(ICD10CM, "Z85.040")), "out"),
    "history of any digestive organ, WHO": (primary(concept("http://hl7.org/fhir/sid/icd-10", "Z85.0")), "out"),
    "history of any digestive organ, US": (primary(concept(ICD10CM, "Z85.0")), "out"),
    "history of the stomach": (primary(concept(ICD10CM, "Z85.028")), "out"),
}


@pytest.mark.parametrize(("condition", "population"), POPULATION.values(), ids=list(POPULATION))
def test_population(condition: Resource, population: str) -> None:
    assert with_primary(condition)["population"] == population


@pytest.mark.parametrize("code", ["Z85.030", "Z85.040"])
def test_a_history_of_carcinoid_is_out_of_scope(code: str) -> None:
    assert [gate["id"] for gate in with_primary(primary(concept(ICD10CM, code)))["gates"]] == ["G-07"]


def test_the_dates_of_a_history_are_not_those_of_the_diagnosis() -> None:
    explanation = with_primary(primary(concept(ICD10CM, "Z85.038"), recordedDate="2023-01-01"))
    assert explanation["classification"]["timing"]["value"] == "unknown"
    assert "PRIMARY_DATE" in {need["code"] for need in explanation["needs"]}
    both = with_primary(
        primary(concept(ICD10CM, "Z85.038"), onsetDateTime="2015-01-01"),
        primary(concept(ICD10CM, "C18.7")) | {"id": "q"},
    )
    assert both["classification"]["timing"]["value"] == "metachronous"
    assert "PRIMARY_IN_TWO_SITES" not in both["flags"]


def test_a_history_never_proves_control() -> None:
    history = primary(concept(ICD10CM, "Z85.038"), clinicalStatus="resolved")
    record = request(conditions={"gone": ["crc"], "new": [history]}, observations={"gone": ["prim"], "new": []})
    assert [item["code"] for item in explain(record)["therapies"]["surgery"]["reasons"]] == ["PRIMARY_STATUS"]


@pytest.mark.parametrize(
    ("codes", "flag"),
    [(["Z85.038"], False), (["Z85.048"], True), (["Z85.038", "Z85.048"], False), (["C20", "Z85.048"], False)],
)
def test_a_history_that_may_be_of_the_anus_is_flagged(codes: list[str], flag: bool) -> None:
    listed = [primary(concept(ICD10CM, code)) | {"id": f"p{number}"} for number, code in enumerate(codes)]
    assert ("PRIMARY_SITE_IMPRECISE" in with_primary(*listed)["flags"]) is flag


def test_the_histology_of_a_specimen_is_no_primary() -> None:
    specimen: Resource = {"resourceType": "Observation", "id": "h", "status": "final", "subject": SUBJECT}
    specimen |= {"code": concept(SNOMED, "35917007"), "bodySite": SIGMOID, "effectiveDateTime": "2022-01-03"}
    record = request(conditions={"gone": ["crc"], "new": []}, observations=[specimen])
    assert explain(record)["population"] == "out"


def coded(code: str, system: str = ICD10CM) -> Resource:
    return concept(system, code)


SIDES: list[tuple[list[Resource], str]] = [
    ([primary(coded(code))], side)
    for side, codes in {
        "right": ["C18.0", "C18.2", "C18.3", "C18.4"],
        "left": ["C18.5", "C18.6", "C18.7", "C19", "C20"],
        "unknown": ["C18.8", "C18.9", "Z85.038", "Z85.048"],
    }.items()
    for code in codes
] + [
    ([primary(concept(SNOMED, "363406005"))], "unknown"),
    ([primary(concept(SNOMED, "363406005"), SIGMOID)], "left"),
    ([primary(concept(SNOMED, "363346000"), concept(SNOMED, "32713005"))], "right"),
    ([primary(concept(SNOMED, "363346000"), concept(ICD_O_3, "C18.3"))], "right"),
    ([primary(concept(SNOMED, "363346000"), concept(SNOMED, "32713005"), SIGMOID)], "unknown"),
    ([primary(coded("C18.7")), primary(coded("C18.0")) | {"id": "q"}], "unknown"),
    ([primary(coded("C18.7")), primary(coded("C20")) | {"id": "q"}], "left"),
    ([primary(coded("C18.7")), primary(coded("C20")) | {"id": "q", "onsetDateTime": "2024-01-01"}], "unknown"),
    ([primary(coded("C18.7")), primary(coded("C18.9")) | {"id": "q"}], "unknown"),
]


@pytest.mark.parametrize(("conditions", "side"), SIDES)
def test_side(conditions: list[Resource], side: str) -> None:
    assert with_primary(*conditions)["primarySide"] == side


def test_no_primary_has_no_side() -> None:
    assert with_primary()["primarySide"] == "unknown"
