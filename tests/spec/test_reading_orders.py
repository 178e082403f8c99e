"""Draft orders: which of them are orders for this patient, and where their references lead."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.reported import SUBJECT, reported, request
from tests.spec.resources import SNOMED, Resource, concept

ATC, RXNORM = "http://www.whocc.no/atc", "http://www.nlm.nih.gov/research/umls/rxnorm"
CETUXIMAB = concept(RXNORM, "318341")
MEDICATION = {"resourceType": "Medication", "id": "m1", "code": concept(ATC, "L01FE01")}
UNKNOWN = {"url": "http://example.net/ruled-out", "valueBoolean": True}
NOT_TO_DO = {"url": "http://hl7.org/fhir/StructureDefinition/request-doNotPerform", "valueBoolean": True}
UUID = "urn:uuid:0f7c2f0e-54a0-4d33-8f44-4f4a1b0c6a55"


def draft(kind: str = "MedicationRequest", **more: Any) -> Resource:
    fixed: Resource = {"resourceType": kind, "id": "cet", "status": "draft", "intent": "order", "subject": SUBJECT}
    return fixed | {"authoredOn": "2025-06-01"} | more


def signing(*entries: Resource, hook: str = "order-sign", **changed: Any) -> dict[str, Any]:
    drafts = {"resourceType": "Bundle", "type": "collection", "entry": list(entries)}
    context = {"draftOrders": drafts} | ({"selections": ["MedicationRequest/cet"]} if hook == "order-select" else {})
    return explain(request(hook=hook, context=context, **changed))


def entry(resource: Resource, address: str | None = None) -> Resource:
    return {"resource": resource} | ({"fullUrl": address} if address else {})


def to(reference: str) -> Resource:
    return draft(medicationReference={"reference": reference})


POINTS: dict[str, tuple[list[Resource], dict[str, Any]]] = {
    "relative": ([entry(to("Medication/m1")), entry(MEDICATION)], {}),
    "relative, before it": ([entry(MEDICATION), entry(to("Medication/m1"))], {}),
    "absolute": (
        [
            entry(to("https://ehr.example.net/r4/Medication/m1")),
            entry(MEDICATION, "https://ehr.example.net/r4/Medication/m1"),
        ],
        {},
    ),
    "by urn:uuid": ([entry(to(UUID)), entry(MEDICATION, UUID)], {}),
    "by urn:uuid, without an id": (
        [entry(to(UUID)), entry({key: value for key, value in MEDICATION.items() if key != "id"}, UUID)],
        {},
    ),
    "contained": ([entry(to("#m1") | {"contained": [MEDICATION]})], {}),
    "by identifier": (
        [
            entry(draft(medicationReference={"identifier": {"system": "urn:local", "value": "c"}})),
            entry(MEDICATION | {"identifier": [{"system": "urn:local", "value": "c"}]}),
        ],
        {},
    ),
    "in the record": (
        [entry(to("Medication/m1"))],
        {"medications": [{"entry": {"resource": MEDICATION, "search": {"mode": "include"}}, "id": "m1"}]},
    ),
}


@pytest.mark.parametrize("hook", ["order-sign", "order-select"])
@pytest.mark.parametrize(("entries", "changed"), POINTS.values(), ids=list(POINTS))
def test_a_drug_is_found_wherever_the_draft_points_to(
    entries: list[Resource], changed: dict[str, Any], hook: str
) -> None:
    explanation = signing(*entries, hook=hook, **changed)
    assert [(order["reference"], order["recognisedByName"]) for order in explanation["orders"]] == [
        ("MedicationRequest/cet", False)
    ]
    assert "anti-egfr" in explanation["orders"][0]["classes"]
    assert explanation["cards"]


def test_the_reason_of_a_draft_is_found_among_the_drafts() -> None:
    lung = {"resourceType": "Condition", "id": "new", "code": concept(SNOMED, "94391008"), "subject": SUBJECT}
    ablation = draft("ServiceRequest", code=concept(SNOMED, "879916008"), reasonReference=[{"reference": UUID}])
    assert signing(entry(ablation), entry(lung, UUID))["orders"][0]["classes"] == ["lung-ablation"]


ORDERS: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"status": "active"}, True),
    ({"status": "on-hold"}, True),
    ({"status": "unknown"}, True),
    ({"doNotPerform": False}, True),
    ({"status": "revoked"}, False),
    ({"status": "Cancelled"}, False),
    ({"status": "stopped"}, False),
    ({"status": "completed"}, False),
    ({"status": "entered-in-error"}, False),
    ({"doNotPerform": True}, False),
    ({"modifierExtension": [NOT_TO_DO]}, False),
    ({"modifierExtension": [UNKNOWN]}, False),
    ({"subject": {"reference": "Patient/someone-else"}}, False),
    ({"subject": {"reference": "https://ehr.example.net/r4/Patient/pt-77"}}, True),
    ({"subject": None}, True),
]


@pytest.mark.parametrize("hook", ["order-sign", "order-select"])
@pytest.mark.parametrize(("more", "judged"), ORDERS, ids=str)
def test_what_is_an_order(more: dict[str, Any], judged: bool, hook: str) -> None:
    explanation = signing(entry(draft(medicationCodeableConcept=CETUXIMAB) | more), hook=hook)
    assert (bool(explanation["orders"]), bool(explanation["cards"])) == (judged, judged)


@pytest.mark.parametrize(("more", "silent"), ORDERS, ids=str)
def test_only_a_referral_that_is_an_order_silences_the_mdt(more: dict[str, Any], silent: bool) -> None:
    referral = draft("ServiceRequest", code=concept(SNOMED, "720006006")) | {"id": "mdt"} | more
    drug = draft(medicationCodeableConcept=CETUXIMAB)
    rules = next(
        order["rules"]
        for order in signing(entry(drug), entry(referral))["orders"]
        if order["reference"].endswith("cet")
    )
    assert ("O-02" not in rules) is silent


def test_a_draft_of_another_patient_is_set_aside() -> None:
    other = draft(medicationCodeableConcept=CETUXIMAB, subject={"reference": "Patient/someone-else"})
    problems = {(item["resource"], item["problem"]) for item in signing(entry(other))["dataQuality"]}
    assert ("MedicationRequest/cet", "OTHER_PATIENT") in problems


def test_a_draft_with_an_unknown_modifier_is_reported() -> None:
    doubtful = draft(medicationCodeableConcept=CETUXIMAB, modifierExtension=[UNKNOWN])
    problems = {(item["resource"], item["problem"]) for item in signing(entry(doubtful))["dataQuality"]}
    assert ("MedicationRequest/cet", "MODIFIER_UNKNOWN") in problems


REPORTS = {
    "basket-mdt-revoked-silences": [("ServiceRequest/abl", True)],
    "do-not-perform-draft-cetuximab": [],
    "draft-order-of-another-patient": [],
    "order-select-medication-in-bundle": [("MedicationRequest/cet", True)],
    "order-sign-card-points-to-medication": [("MedicationRequest/cet", True)],
    "order-sign-stopped": [],
}


@pytest.mark.parametrize(("name", "orders"), REPORTS.items())
def test_reported(name: str, orders: list[tuple[str, bool]]) -> None:
    explanation = explain(reported(name))
    assert [(order["reference"], "O-02" in order["rules"]) for order in explanation["orders"]] == orders
    assert bool(explanation["cards"]) is bool(orders)
    named = "org.example.crc-lung-metastasis.order"
    assert all(card["extension"][named]["reference"] == orders[0][0] for card in explanation["cards"])
