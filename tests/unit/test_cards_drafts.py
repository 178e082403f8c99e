"""The draft requests: valid FHIR, plain JSON, never a treatment."""

from __future__ import annotations

from typing import Any

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest

from cds_service.cards.drafts import DRAFTS, Drafter, is_literal
from cds_service.fhir.pool import pool
from cds_service.oncology.advice.orders import classify_order
from cds_service.values import replace
from fhir_fixtures import Case, cases
from tests.contract.requirements import proves
from tests.spec.core import site
from tests.unit.card_cases import assessment, drafts, the_card, writer


@proves("ACT-04", "USER-17")
@pytest.mark.parametrize("name", DRAFTS)
def test_each_draft_is_what_fhir_resources_understands_and_no_more(name: str) -> None:
    written = Drafter(writer(assessment())).draft(name)
    assert ServiceRequest.model_validate(written).model_dump(mode="json") == written
    assert (written["status"], written["intent"], written["authoredOn"]) == ("draft", "proposal", "2025-06-01")
    assert written["subject"] == {"reference": "Patient/canary-patient-01"}
    assert written["reasonReference"] == [{"reference": "Condition/lung"}]
    assert written["note"][0]["text"].startswith("Solitary colorectal lung metastasis, metachronous.")
    assert _without_nothing(written)


@pytest.mark.parametrize("one", [one for one in cases() if one.expected["status"] == 200], ids=lambda one: one.id)
def test_every_resource_that_a_case_is_offered_is_what_fhir_resources_understands(one: Case) -> None:
    for card in one.expected["response"]["cards"]:  # the exact answer of the service, as the golden tests hold
        for action in (action for offer in card.get("suggestions", ()) for action in offer["actions"]):
            if resource := action.get("resource"):
                assert ServiceRequest.model_validate(resource).model_dump(mode="json") == resource


def _without_nothing(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(value) and all(_without_nothing(item) for item in value.values())
    if isinstance(value, list):
        return bool(value) and all(_without_nothing(item) for item in value)
    return value not in (None, "")


def test_the_referral_carries_what_the_decision_used() -> None:
    referral = drafts(the_card())[0]
    assert referral["code"]["coding"] == [
        {"system": "http://snomed.info/sct", "code": "720006006", "display": "Cancer care review"}
    ]
    used = {item["reference"] for item in referral["supportingInfo"]}
    assert {"ImagingStudy/ct-chest", "Observation/cea", "BodyStructure/lesion-1"} <= used
    assert referral["priority"] == "urgent"
    assert drafts(the_card(oxaliplatin_on="2025-01-05"))[0]["priority"] == "routine"
    assert drafts(the_card(lung="2025-04-01"))[0]["priority"] == "urgent"


def test_a_test_is_routine_and_carries_no_record() -> None:
    test = drafts(the_card(lung="2025-04-01"))[-1]
    assert test["priority"] == "routine"
    assert "supportingInfo" not in test


def test_a_resource_without_id_is_not_pointed_to() -> None:
    found = replace(
        assessment(), lung_metastasis="Condition/?0a1b2c3d", supporting=("Observation/?1", "Observation/a b")
    )
    written = Drafter(writer(found)).draft("mdt")
    assert "reasonReference" not in written
    assert "supportingInfo" not in written
    assert "reasonReference" not in Drafter(writer(replace(found, lung_metastasis=None))).draft("mdt")
    assert is_literal("Observation/a_b.c-1")
    assert not is_literal("https://ehr.example.org/Observation/1")


def test_a_signed_draft_would_be_recognised() -> None:
    drafter, nothing = Drafter(writer(assessment())), pool((), patient_id="canary-patient-01")
    classes = {name: classify_order(drafter.draft(name), nothing, site().terminology) for name in DRAFTS}
    assert classes["mdt"] == ("mdt",)
    assert classes["surgery"] == ("consultation-thoracic-surgery",)
    assert classes["sbrt"] == ("consultation-radiation-oncology",)
    assert classes["ablation"] == ("consultation-interventional-radiology",)
    assert classes["CT_CHEST"] == ("chest-imaging",)
    assert classes["CT_ABDOMEN_PELVIS"] == ("abdomen-pelvis-imaging",)


def test_no_draft_is_a_treatment() -> None:
    drafter, nothing = Drafter(writer(assessment())), pool((), patient_id="canary-patient-01")
    treatments = {"lung-resection", "lung-ablation", "thoracic-radiotherapy", "antineoplastic"}
    for name in DRAFTS:
        assert not treatments & set(classify_order(drafter.draft(name), nothing, site().terminology))
