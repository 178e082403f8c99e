"""CDS Hooks: what a card says about orders and about itself. Each test names its section."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from fhir_fixtures import cases
from tests.contract.requirements import proves
from tests.contract.service import BASE, HOOKS, PATIENT_VIEW, client, request

SELECT = "order-ablation-low-platelets"
SEVERAL = "order-chemotherapy-without-mdt"
CASES = [one for one in cases() if one.expected["status"] == 200]
NON_ADHERENCE = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"


def cards(whole: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client().post(f"/cds-services/{BASE}-{whole['hook']}", json=whole)
    assert answer.status_code == 200
    return list(answer.get_json()["cards"])


@proves("KIT-02")
@pytest.mark.parametrize("name", [one.id for one in CASES])
def test_http_response_every_complete_call_is_200(name: str) -> None:
    cards(request(name))


@proves("CARD-12")
@pytest.mark.parametrize("name", [one.id for one in CASES])
def test_extensions_have_names_in_reverse_domain_notation(name: str) -> None:
    for card in cards(request(name)):
        assert all(key.startswith("org.example.") for key in card["extension"])


@proves("SUGG-04")
@pytest.mark.parametrize("name", [one.id for one in CASES])
def test_suggestion_action_selection_behavior_is_not_sent_unasked(name: str) -> None:
    for card in cards(request(name)):
        assert not any("actionSelectionBehavior" in suggestion for suggestion in card.get("suggestions", ()))


@proves("OWN-04", "OVER-01")
@pytest.mark.parametrize("name", [one.id for one in CASES])
def test_override_reason_each_is_of_the_standards_example_code_system(name: str) -> None:
    for card in cards(request(name)):
        if "suggestions" in card:
            assert card["overrideReasons"]
        for reason in card.get("overrideReasons", ()):
            assert reason["system"] == NON_ADHERENCE
            assert reason["display"]


@proves("CARD-13")
@pytest.mark.parametrize("name", [one.id for one in CASES])
def test_cards_and_transience_a_card_says_what_it_is_about_and_rests_on_no_other_call(name: str) -> None:
    first, again = cards(request(name)), cards(request(name))
    assert first == again
    for card in first:
        assert card["source"]["topic"]["display"]


@proves("KIT-07", "USER-13")
@pytest.mark.parametrize("name", [SELECT, SEVERAL])
def test_card_attributes_a_card_names_its_orders_in_words_and_for_a_machine(name: str) -> None:
    whole = request(name)
    drafts = {f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in orders(whole)}
    for card in cards(whole):
        assert card["detail"].startswith("**This order:** ")
        assert card["extension"]["org.example.crc-lung-metastasis.order"]["reference"] in drafts


def orders(whole: dict[str, Any]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = whole["context"]["draftOrders"]["entry"]
    return entries


@proves("USER-14")
def test_discovery_response_the_same_advice_at_another_hook_is_recognisable() -> None:
    select = request(SELECT)
    sign = deepcopy(select) | {"hook": "order-sign"}
    del sign["context"]["selections"]

    def known_by(whole: dict[str, Any]) -> set[tuple[str, str]]:
        of = "org.example.crc-lung-metastasis.order"
        return {(card["source"]["topic"]["code"], card["extension"][of]["reference"]) for card in cards(whole)}

    assert known_by(select)
    assert known_by(select) <= known_by(sign)


@proves("USER-19")
def test_sample_requests_hold_several_orders() -> None:
    assert len(orders(request(SEVERAL))) >= 2
    assert len(orders(request(SELECT))) >= 2


@proves("TMPL-05")
@pytest.mark.parametrize("key", [key for key in request()["prefetch"] if key != "patient"])
def test_prefetch_template_no_more_is_asked_for_than_is_used(key: str) -> None:
    """For every key there is a patient about whom another thing is said when the key brings nothing."""
    assert any(differs(request(one.id), key) for one in CASES if one.request["prefetch"].get(key))


def differs(whole: dict[str, Any], key: str) -> bool:
    found = [explained(whole), explained(whole | {"prefetch": whole["prefetch"] | {key: None}})]
    return found[0] != found[1]


def explained(whole: dict[str, Any]) -> dict[str, Any]:
    document = client().post(f"/explain/{BASE}-{whole['hook']}", json=whole).get_json()
    return {name: value for name, value in document.items() if name not in ("sources", "cards", "dataQuality")}


@proves("PRE-08")
def test_security_and_safety_the_data_of_one_call_are_not_used_for_another() -> None:
    whole = request()
    bare = {name: value for name, value in whole.items() if name != "prefetch"}
    assert cards(whole)
    assert client().post(PATIENT_VIEW, json=bare).status_code == 412


@proves("DISC-07")
def test_discovery_response_the_version_of_each_hook_is_announced() -> None:
    listed = client().get("/cds-services").get_json()["services"]
    assert {service["hook"]: service["hookVersion"].split(".")[0] for service in listed} == dict.fromkeys(HOOKS, "1")


@proves("REQ-15")
@pytest.mark.parametrize("patient_id", ["Patient/1", "https://ehr.example.org/Patient/1", "a b", ""])
def test_http_request_a_patient_id_is_a_bare_id(patient_id: str) -> None:
    whole = request()
    whole["context"]["patientId"] = patient_id
    assert client().post(PATIENT_VIEW, json=whole).status_code == 422


@proves("REQ-15")
@pytest.mark.parametrize("encounter_id", ["Encounter/1", {"id": "1"}, 7])
def test_http_request_an_encounter_id_of_another_form_is_not_used(encounter_id: Any) -> None:
    whole = request()
    whole["context"]["encounterId"] = encounter_id
    assert cards(whole) == cards(request())


@proves("REQ-14", "REQ-12")
def test_order_sign_new_and_revised_orders_may_be_mixed_in_any_order() -> None:
    whole = request(SEVERAL)
    before = cards(whole)
    orders(whole)[0]["resource"]["status"] = "active"
    orders(whole).reverse()
    after = cards(whole)
    assert [card["source"]["topic"] for card in before] == [card["source"]["topic"] for card in after]
