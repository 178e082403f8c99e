"""CDS Hooks, CDS Service Response. Each test names its section."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.protocol.card import check_response
from fhir_fixtures import cases
from tests.contract.requirements import proves
from tests.contract.service import BASE, PATIENT_VIEW, client, request

CASES = [one for one in cases() if one.expected["status"] == 200]


def response(name: str) -> dict[str, Any]:
    whole = request(name)
    answer = client().post(f"/cds-services/{BASE}-{whole['hook']}", json=whole)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.get_json()
    return body


def actions(card: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for suggestion in card.get("suggestions", ()):
        yield from suggestion["actions"]


@proves(
    "WIRE-03",
    "CARD-01",
    "CARD-02",
    "CARD-03",
    "CARD-04",
    "CARD-05",
    "CARD-06",
    "CARD-07",
    "CARD-08",
    "CARD-09",
    "CARD-10",
    "CARD-11",
    "SUGG-01",
    "SUGG-02",
    "SUGG-03",
    "ACT-01",
    "ACT-02",
    "ACT-03",
    "OVER-01",
    "LINK-01",
    "LINK-02",
    "OWN-03",
    "KIT-03",
    "KIT-04",
)
@pytest.mark.parametrize("name", [one.id for one in CASES])
def test_card_attributes_every_rule_is_kept(name: str) -> None:
    assert check_response(response(name)) == []


@proves("RESP-01", "ERR-09")
def test_http_response_no_guidance_is_an_empty_array() -> None:
    assert response("colon-cancer-without-lung-disease") == {"cards": []}


@proves("CARD-03", "OWN-03")
@pytest.mark.parametrize("name", [one.id for one in CASES])
def test_card_attributes_the_indicator_is_never_critical(name: str) -> None:
    assert {card["indicator"] for card in response(name)["cards"]} <= {"info", "warning"}


@proves("SYS-01")
@pytest.mark.parametrize("name", [one.id for one in CASES])
def test_system_action_there_are_none(name: str) -> None:
    assert set(response(name)) == {"cards"}


@proves("ACT-04", "WIRE-05")
@pytest.mark.parametrize("name", [one.id for one in CASES])
def test_action_suggested_resources_are_valid_drafts_for_this_patient(name: str) -> None:
    patient = request(name)["context"]["patientId"]
    for card in response(name)["cards"]:
        for action in actions(card):
            if action["type"] == "create":
                resource = action["resource"]
                get_fhir_model_class(resource["resourceType"]).model_validate(resource)
                assert (resource["status"], resource["intent"]) == ("draft", "proposal")
                assert resource["subject"]["reference"] == f"Patient/{patient}"


@proves("KIT-05")
@pytest.mark.parametrize("name", [one.id for one in CASES])
def test_action_update_and_delete_name_a_draft_of_the_same_call(name: str) -> None:
    entries = request(name)["context"].get("draftOrders", {}).get("entry", [])
    drafts = {f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in entries}
    for card in response(name)["cards"]:
        assert {action["resourceId"] for action in actions(card) if action["type"] == "delete"} <= drafts
        assert not [action for action in actions(card) if action["type"] == "update"]


def test_card_attributes_the_same_call_gives_the_same_bytes() -> None:
    first, second = (client().post(PATIENT_VIEW, json=request()).data for _ in range(2))
    assert first == second


@proves("OWN-08", "DUTY-03")
@pytest.mark.parametrize("name", [one.id for one in CASES])
def test_explain_gives_the_very_cards_of_the_service(name: str) -> None:
    whole = request(name)
    explained = client().post(f"/explain/{BASE}-{whole['hook']}", json=whole)
    assert explained.status_code == 200
    assert explained.get_json()["cards"] == response(name)["cards"]


@proves("DUTY-02")
def test_answers_about_a_patient_are_kept_by_no_cache() -> None:
    assert client().post(PATIENT_VIEW, json=request()).headers["Cache-Control"] == "no-store"
