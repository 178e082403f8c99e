"""Statuses and certainty marks: one word, however a record writes it, and what contradicts itself is not believed."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir.status import Verification, clinical_activity, status_of, verification
from cds_service.truth import Truth
from tests.spec.core import explain
from tests.spec.reported import SUBJECT, request
from tests.spec.resources import HL7, SNOMED, Resource, concept

VER = f"{HL7}/condition-ver-status"
CLINICAL = f"{HL7}/condition-clinical"
LOCAL = {"system": "urn:oid:1.2.392.200119.4.1006", "code": "2"}
GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
MARK = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"
MARKS = "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT"


def coded(*codes: str, system: str | None = VER) -> Resource:
    return {"coding": [({"system": system} if system else {}) | {"code": code} for code in codes]}


VERIFICATIONS: dict[str, tuple[Any, Verification]] = {
    "absent": (None, Verification.NOT_RECORDED),
    "empty object": ({}, Verification.NOT_RECORDED),
    "empty coding": ({"coding": []}, Verification.NOT_RECORDED),
    "confirmed": (coded("confirmed"), Verification.CONFIRMED),
    "refuted": (coded("refuted"), Verification.REFUTED),
    "capital": (coded("Refuted"), Verification.REFUTED),
    "all capitals": (coded("REFUTED"), Verification.REFUTED),
    "blanks": (coded(" refuted "), Verification.REFUTED),
    "without a system": (coded("refuted", system=None), Verification.REFUTED),
    "STU3 system": (coded("refuted", system="http://hl7.org/fhir/condition-ver-status"), Verification.REFUTED),
    "https and version": (
        coded("refuted", system=f"https://{VER.removeprefix('http://')}|4.0.1"),
        Verification.REFUTED,
    ),
    "plain code": ("refuted", Verification.REFUTED),
    "plain code with a capital": ("Provisional", Verification.UNCONFIRMED),
    "a list": ([coded("refuted")], Verification.REFUTED),
    "a Coding": ({"system": VER, "code": "refuted"}, Verification.REFUTED),
    "local coding first": ({"coding": [LOCAL, {"system": VER, "code": "provisional"}]}, Verification.UNCONFIRMED),
    "local coding last": ({"coding": [{"system": VER, "code": "provisional"}, LOCAL]}, Verification.UNCONFIRMED),
    "refuted as display alone": ({"coding": [{"system": VER, "display": "Refuted"}]}, Verification.DOUBTFUL),
    "in error as text alone": ({"text": "Entered in Error"}, Verification.DOUBTFUL),
    "provisional as display alone": ({"coding": [{"system": VER, "display": "Provisional"}]}, Verification.UNCONFIRMED),
    "confirmed as text alone": ({"text": "Confirmed"}, Verification.CONFIRMED),
    "underscore": (coded("entered_in_error"), Verification.IN_ERROR),
    "the code before its display": (
        {"coding": [{"system": VER, "code": "confirmed", "display": "Refuted"}]},
        Verification.CONFIRMED,
    ),
    "another system's code": (coded("refuted", system="urn:local"), Verification.DOUBTFUL),
    "local code alone": ({"coding": [LOCAL]}, Verification.DOUBTFUL),
    "unknown word": (coded("perhaps"), Verification.DOUBTFUL),
    "differential": (coded("differential"), Verification.UNCONFIRMED),
    "unconfirmed beside confirmed": (coded("confirmed", "unconfirmed"), Verification.UNCONFIRMED),
    "refuted beside confirmed": (coded("confirmed", "refuted"), Verification.DOUBTFUL),
    "refuted beside provisional": (coded("provisional", "refuted"), Verification.DOUBTFUL),
    "in error beside confirmed": (coded("confirmed", "entered-in-error"), Verification.IN_ERROR),
    "no text": (7, Verification.NOT_RECORDED),
}


@pytest.mark.parametrize(("element", "expected"), VERIFICATIONS.values(), ids=list(VERIFICATIONS))
def test_verification(element: Any, expected: Verification) -> None:
    assert verification({"verificationStatus": element} if element is not None else {}) is expected


def extension(mark: Any, url: str = MARK) -> Resource:
    return {"url": url, **mark}


A_CODING = {"valueCoding": {"system": MARKS, "code": "A"}}
MARKED: dict[str, tuple[Resource, Verification]] = {
    "A on the coding": (
        {"code": {"coding": [{"system": GM, "code": "C78.0", "extension": [extension(A_CODING)]}]}},
        Verification.REFUTED,
    ),
    "A on the code": (
        {"code": {**coded("C78.0", system=GM), "extension": [extension(A_CODING)]}},
        Verification.REFUTED,
    ),
    "A on the Condition": (
        {
            "code": coded("C78.0", system=GM),
            "extension": [extension({"valueCode": "A"}, MARK.replace("http", "https"))],
        },
        Verification.REFUTED,
    ),
    "A as a CodeableConcept": (
        {
            "code": {
                "coding": [
                    {"extension": [extension({"valueCodeableConcept": {"coding": [{"system": MARKS, "code": "a"}]}})]}
                ]
            }
        },
        Verification.REFUTED,
    ),
    "A behind the code": ({"code": coded("C78.0 A", system=GM)}, Verification.REFUTED),
    "V behind the code": ({"code": coded("C78.0V", system=GM)}, Verification.UNCONFIRMED),
    "G behind the code": ({"code": coded("C78.0 G", system=GM)}, Verification.CONFIRMED),
    "a letter of ICD-10-CM is none": (
        {"code": coded("S72.0A", system="http://hl7.org/fhir/sid/icd-10-cm")},
        Verification.NOT_RECORDED,
    ),
    "V": (
        {"code": {"coding": [{"extension": [extension({"valueCoding": {"system": MARKS, "code": "V"}})]}]}},
        Verification.UNCONFIRMED,
    ),
    "Z": (
        {"code": {"coding": [{"extension": [extension({"valueCoding": {"system": MARKS, "code": "Z"}})]}]}},
        Verification.CONFIRMED,
    ),
    "A against confirmed": (
        {
            "verificationStatus": coded("confirmed"),
            "code": {"coding": [{"extension": [extension({"valueCoding": {"system": MARKS, "code": "A"}})]}]},
        },
        Verification.DOUBTFUL,
    ),
    "A on one coding, G on another": (
        {"code": {"coding": [{"extension": [extension({"valueCode": m})]} for m in "AG"]}},
        Verification.DOUBTFUL,
    ),
    "another extension": (
        {"code": {"coding": [{"extension": [extension({"valueCode": "A"}, "http://fhir.de/other")]}]}},
        Verification.NOT_RECORDED,
    ),
}


@pytest.mark.parametrize(("condition", "expected"), MARKED.values(), ids=list(MARKED))
def test_certainty_mark(condition: Resource, expected: Verification) -> None:
    assert verification(condition) is expected


ACTIVITIES: dict[str, tuple[Resource, Truth]] = {
    "absent": ({}, Truth.UNKNOWN),
    "active": ({"clinicalStatus": coded("active", system=CLINICAL)}, Truth.TRUE),
    "Active": ({"clinicalStatus": coded("Active", system=CLINICAL)}, Truth.TRUE),
    "relapse": ({"clinicalStatus": "relapse"}, Truth.TRUE),
    "resolved": ({"clinicalStatus": "Resolved"}, Truth.FALSE),
    "resolved of STU3": (
        {"clinicalStatus": coded("resolved", system="http://hl7.org/fhir/condition-clinical")},
        Truth.FALSE,
    ),
    "a local resolved": ({"clinicalStatus": coded("resolved", system="urn:local")}, Truth.UNKNOWN),
    "active and resolved": ({"clinicalStatus": coded("active", "resolved", system=CLINICAL)}, Truth.UNKNOWN),
    "unknown of R5": ({"clinicalStatus": coded("unknown", system=CLINICAL)}, Truth.UNKNOWN),
    "active as display alone": ({"clinicalStatus": {"coding": [{"display": "Active"}]}}, Truth.TRUE),
    "resolved as display alone": ({"clinicalStatus": {"text": "Resolved"}}, Truth.UNKNOWN),
    "state after": ({"code": coded("C78.7 Z", system=GM)}, Truth.FALSE),
    "state after, yet active": (
        {"code": coded("C78.7 Z", system=GM), "clinicalStatus": coded("active", system=CLINICAL)},
        Truth.UNKNOWN,
    ),
}


@pytest.mark.parametrize(("condition", "expected"), ACTIVITIES.values(), ids=list(ACTIVITIES))
def test_clinical_activity(condition: Resource, expected: Truth) -> None:
    assert clinical_activity(condition) is expected


@pytest.mark.parametrize(
    ("status", "word"),
    [("final", "final"), ("Final", "final"), (" COMPLETED ", "completed"), ("In Progress", "in-progress"), (3, "")],
)
def test_plain_status(status: object, word: str) -> None:
    assert status_of({"status": status}) == word


def liver(**more: Any) -> Resource:
    fixed = {"resourceType": "Condition", "id": "liv", "code": concept(SNOMED, "94381002"), "subject": SUBJECT}
    return fixed | {"onsetDateTime": "2024-12-01"} | more


@pytest.mark.parametrize(
    ("more", "spread"),
    [
        ({"clinicalStatus": "active", "verificationStatus": "confirmed"}, "non_isolated"),
        ({"clinicalStatus": "Active", "verificationStatus": "Confirmed"}, "non_isolated"),
        ({"clinicalStatus": "active", "verificationStatus": "Refuted"}, "isolated"),
        ({"clinicalStatus": "active", "verificationStatus": coded("confirmed", "refuted")}, "unknown"),
        ({"clinicalStatus": "active", "verificationStatus": {"coding": [LOCAL]}}, "unknown"),
        ({"clinicalStatus": {"coding": [LOCAL]}, "verificationStatus": "confirmed"}, "unknown"),
    ],
)
def test_a_doubtful_metastasis_elsewhere_is_not_read_as_none(more: dict[str, Any], spread: str) -> None:
    explanation = explain(request(conditions=[liver(**more)]))
    assert explanation["classification"]["spread"]["value"] == spread


def test_a_doubtful_status_is_reported() -> None:
    explanation = explain(request(conditions=[liver(verificationStatus={"coding": [LOCAL]})]))
    assert [item["problem"] for item in explanation["dataQuality"]] == ["STATUS_UNREADABLE"]


def test_a_comorbidity_of_doubtful_status_still_counts() -> None:
    ild = {
        "resourceType": "Condition",
        "id": "ild",
        "subject": SUBJECT,
        "code": coded("J84.10", system="http://hl7.org/fhir/sid/icd-10-cm"),
        "clinicalStatus": "active",
        "verificationStatus": {"coding": [LOCAL]},
    }
    assert [item["code"] for item in explain(request(conditions=[ild]))["therapies"]["sbrt"]["reasons"]] == ["ILD"]


def test_a_completed_operation_written_in_capitals_was_done() -> None:
    capital = {
        "resourceType": "Procedure",
        "id": "wedge",
        "status": "COMPLETED",
        "code": concept("http://www.ama-assn.org/go/cpt", "32666"),
        "subject": SUBJECT,
        "performedDateTime": "2024-12-20",
    }
    changed = [event for event in explain(request(procedures=[capital]))["events"] if event["kind"] == "resection"]
    assert len(changed) == 1
