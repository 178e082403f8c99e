"""Modifiers: what is not to be done is not there, and what cannot be understood is neither used nor taken as absent."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir.modifiers import has_unknown_modifier, is_negated
from tests.spec.core import explain
from tests.spec.reported import SUBJECT, Request, reported, request
from tests.spec.resources import SNOMED, Resource, concept, service_request

UNKNOWN = {"url": "http://example.net/fhir/StructureDefinition/ruled-out", "valueBoolean": True}
NOT_TO_DO = {"url": "http://hl7.org/fhir/StructureDefinition/request-doNotPerform", "valueBoolean": True}
QI_CORE = {"url": "http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDone", "valueBoolean": True}


@pytest.mark.parametrize(
    ("resource", "negated"),
    [
        ({}, False),
        ({"doNotPerform": True}, True),
        ({"doNotPerform": False}, False),
        ({"doNotPerform": "true"}, False),
        ({"notDone": True}, True),
        ({"notGiven": True}, True),
        ({"wasNotTaken": True}, True),
        ({"modifierExtension": [NOT_TO_DO]}, True),
        ({"modifierExtension": [QI_CORE]}, True),
        ({"modifierExtension": [{**NOT_TO_DO, "valueBoolean": False}]}, False),
        ({"modifierExtension": [UNKNOWN]}, False),
    ],
)
def test_negation(resource: Resource, negated: bool) -> None:
    assert is_negated(resource) is negated


@pytest.mark.parametrize(
    ("resource", "unknown"),
    [
        ({}, False),
        ({"modifierExtension": []}, False),
        ({"modifierExtension": None}, False),
        ({"modifierExtension": [UNKNOWN]}, True),
        ({"modifierExtension": UNKNOWN}, True),
        ({"modifierExtension": [{}]}, True),
        ({"modifierExtension": ["?"]}, True),
        ({"modifierExtension": [NOT_TO_DO]}, False),
        ({"modifierExtension": [NOT_TO_DO, UNKNOWN]}, True),
        ({"extension": [UNKNOWN]}, False),
        ({"component": [{"modifierExtension": [UNKNOWN]}]}, True),
        ({"component": [{"modifierExtension": []}, None]}, False),
        ({"contained": [{"modifierExtension": [UNKNOWN]}]}, False),
    ],
)
def test_unknown_modifier(resource: Resource, unknown: bool) -> None:
    assert has_unknown_modifier(resource) is unknown


def base(key: str, id_: str) -> Resource:
    found: Resource = next(
        entry["resource"] for entry in request()["prefetch"][key]["entry"] if entry["resource"]["id"] == id_
    )
    return found


def modified(key: str, id_: str) -> Request:
    """The patient with one of her resources modified in a way that nobody here knows."""
    return request(**{key.replace("-", "_"): [base(key, id_) | {"modifierExtension": [UNKNOWN]}]})


@pytest.mark.parametrize(
    ("key", "id_", "state"),
    [
        ("conditions", "lungmet", "conditions"),
        ("conditions", "crc", "conditions"),
        ("observations", "plt", "observations"),
        ("imaging-findings", "sz1", "imaging-findings"),
        ("procedures", "colectomy", "procedures"),
        ("reports", "ctap", "reports"),
    ],
)
def test_a_modified_resource_is_reported_and_nothing_is_concluded_from_its_absence(
    key: str, id_: str, state: str
) -> None:
    explanation = explain(modified(key, id_))
    assert [item["problem"] for item in explanation["dataQuality"]][:1] == ["MODIFIER_UNKNOWN"]
    assert explanation["sources"][state]["state"] == "incomplete"


def test_a_modified_size_leaves_the_number_open() -> None:
    assert explain(modified("imaging-findings", "sz1"))["classification"]["number"]["n"] is None


@pytest.mark.parametrize("id_", ["lungmet", "crc"])
def test_a_modified_diagnosis_is_told_by_an_information_card(id_: str) -> None:
    explanation = explain(modified("conditions", id_))
    assert explanation["therapies"] == {}
    card = explanation["cards"][-1]
    assert card["summary"] == "A diagnosis of the primary or of a lung metastasis could not be read: see the chart"
    assert card["indicator"] == "info"


def test_a_modified_diagnosis_without_any_lesion_is_told_too() -> None:
    alone = modified("conditions", "lungmet")
    alone["prefetch"]["imaging-findings"] = None
    explanation = explain(alone)
    assert (explanation["population"], len(explanation["cards"])) == ("out", 1)


def test_a_second_record_of_the_same_diagnosis_is_enough() -> None:
    twice = base("conditions", "lungmet") | {"id": "again", "modifierExtension": [UNKNOWN]}
    explanation = explain(request(conditions=[twice]))
    assert explanation["population"] == "in"
    assert not any("could not be read" in card["summary"] for card in explanation["cards"])


def test_a_modified_diagnosis_is_told_where_an_order_is_signed() -> None:
    order = service_request("rx", concept(SNOMED, "879916008"), on="2025-06-01", status="draft", subject=SUBJECT)
    lung = {"bodySite": [concept(SNOMED, "39607008")]}
    drafts = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order | lung}]}
    signing = modified("conditions", "lungmet") | {"hook": "order-sign"}
    signing["context"] = signing["context"] | {"draftOrders": drafts}
    assert [card["indicator"] for card in explain(signing)["cards"]] == ["info"]


def test_an_unrelated_modified_condition_is_no_reason_for_a_card() -> None:
    other = {"resourceType": "Condition", "id": "bp", "subject": SUBJECT, "modifierExtension": [UNKNOWN]}
    healthy = request(conditions={"gone": ["crc", "lungmet"], "new": [other | {"code": concept(SNOMED, "38341003")}]})
    healthy["prefetch"]["imaging-findings"] = None
    assert explain(healthy)["cards"] == []


MDT = concept(SNOMED, "720006006")


@pytest.mark.parametrize(
    ("more", "suppressed"),
    [
        ({}, "mdt_requested"),
        ({"doNotPerform": False}, "mdt_requested"),
        ({"doNotPerform": True}, None),
        ({"modifierExtension": [NOT_TO_DO]}, None),
        ({"modifierExtension": [UNKNOWN]}, None),
        ({"status": "revoked"}, None),
        ({"status": "entered-in-error"}, None),
    ],
)
def test_only_a_referral_that_is_to_be_done_counts_as_requested(more: dict[str, Any], suppressed: str | None) -> None:
    referral = service_request("mdt1", MDT, on="2025-05-20", subject=SUBJECT, intent="order") | more
    assert explain(request(requests=[referral]))["mdt"]["suppressedBy"] == suppressed


def test_a_refused_operation_that_is_not_to_be_done_is_declined() -> None:
    refusal = concept(SNOMED, "105480006")
    wedge = service_request("w", concept("http://www.ama-assn.org/go/cpt", "32666"), on="2025-05-20", subject=SUBJECT)
    declined = wedge | {"doNotPerform": True, "reasonCode": [refusal]}
    reasons = explain(request(requests=[declined]))["therapies"]["surgery"]["reasons"]
    assert [reason["code"] for reason in reasons] == ["PATIENT_DECLINED"]


def test_a_drug_that_was_not_given_is_none_in_use() -> None:
    warfarin = concept("http://www.nlm.nih.gov/research/umls/rxnorm", "11289")
    drug: Resource = {"resourceType": "MedicationRequest", "id": "w", "status": "active", "intent": "order"}
    drug |= {"subject": SUBJECT, "medicationCodeableConcept": warfarin, "authoredOn": "2025-05-01"}

    def reasons(record: Request) -> list[str]:
        return [reason["code"] for reason in explain(record)["therapies"]["ablation"]["reasons"]]

    assert reasons(request(medications=[drug])) == ["HOLD_PLAN"]
    assert reasons(request(medications=[drug | {"doNotPerform": True}])) == []


def test_a_contained_resource_with_an_unknown_modifier_is_not_read() -> None:
    drug = {"resourceType": "Medication", "id": "m", "code": concept("http://www.whocc.no/atc", "B01AA03")}
    holder: Resource = {"resourceType": "MedicationRequest", "id": "w", "status": "active", "intent": "order"}
    holder |= {"subject": SUBJECT, "medicationReference": {"reference": "#m"}, "authoredOn": "2025-05-01"}
    plain = explain(request(medications=[holder | {"contained": [drug]}]))
    assert [reason["code"] for reason in plain["therapies"]["ablation"]["reasons"]] == ["HOLD_PLAN"]
    doubtful = explain(request(medications=[holder | {"contained": [drug | {"modifierExtension": [UNKNOWN]}]}]))
    assert ("MedicationRequest/w", "MODIFIER_UNKNOWN") in {
        (item["resource"], item["problem"]) for item in doubtful["dataQuality"]
    }


def test_the_reported_records() -> None:
    assert explain(reported("do-not-perform-mdt-request"))["mdt"]["suggest"] is True
    liver = explain(reported("modifier-extension-liver"))
    assert liver["classification"]["spread"]["value"] == "unknown"
