"""CDS Hooks, Calling a CDS Service, and Providing FHIR Resources. Each test names its section."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.contract.requirements import proves
from tests.contract.service import BASE, PATIENT_VIEW, client, code, issue, request

SELECT = "order-ablation-low-platelets"
SIGN = "order-ablation-four-on-one-side"


@proves("REQ-01", "RESP-01", "WIRE-01")
def test_http_request_a_complete_call_gets_cards() -> None:
    answer = client().post(PATIENT_VIEW, json=request())
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.get_json()["cards"]


@proves("REQ-02", "ERR-01")
@pytest.mark.parametrize("field", ["hook", "hookInstance", "context"])
def test_http_request_a_required_field_that_is_missing_is_400_with_its_path(field: str) -> None:
    whole = request()
    del whole[field]
    answer = client().post(PATIENT_VIEW, json=whole)
    assert answer.status_code == 400
    assert issue(answer)["expression"] == [field]


@proves("REQ-03", "ERR-11")
def test_hook_instance_must_be_a_uuid() -> None:
    assert client().post(PATIENT_VIEW, json=request(hookInstance="7")).status_code == 400


@proves("REQ-05")
def test_http_request_extensions_and_unknown_fields_are_ignored() -> None:
    whole = request(extension={"org.example.flag": {}}, somethingNew=[1])
    whole["context"] |= {"extension": {}, "newField": "x"}
    assert client().post(PATIENT_VIEW, json=whole).get_json() == client().post(PATIENT_VIEW, json=request()).get_json()


@proves("OWN-01", "PRE-02")
def test_http_request_a_caller_of_version_one_with_null_prefetch_is_understood() -> None:
    whole = request()
    whole["prefetch"] |= {"medications": None, "requests": None}
    whole |= {"fhirServer": None, "fhirAuthorization": None}
    assert client().post(PATIENT_VIEW, json=whole).status_code == 200


@proves("REQ-04")
def test_fhir_authorization_without_fhir_server_is_400() -> None:
    whole = request(fhirAuthorization={"access_token": "t", "token_type": "Bearer"})
    assert issue(client().post(PATIENT_VIEW, json=whole))["expression"] == ["fhirServer"]


@proves("FHIR-01", "ERR-02")
def test_fhir_authorization_for_another_patient_is_422() -> None:
    authorization = {"access_token": "t", "token_type": "Bearer", "expires_in": 9, "scope": "", "subject": "s"}
    whole = request(fhirServer="https://ehr.example.org", fhirAuthorization=authorization | {"patient": "other"})
    assert client().post(PATIENT_VIEW, json=whole).status_code == 422


@proves("REQ-06", "REQ-07", "REQ-08", "ERR-02")
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("mcode-rich-solitary", "patientId"),
        ("mcode-rich-solitary", "userId"),
        (SELECT, "selections"),
        (SELECT, "draftOrders"),
        (SIGN, "draftOrders"),
    ],
)
def test_hooks_a_required_context_field_that_is_missing_is_422_with_its_path(name: str, field: str) -> None:
    whole = request(name)
    del whole["context"][field]
    answer = client().post(f"/cds-services/{BASE}-{whole['hook']}", json=whole)
    assert answer.status_code == 422
    assert issue(answer)["expression"] == [f"context.{field}"]


@proves("REQ-11")
def test_order_select_only_the_selected_orders_are_decided_on() -> None:
    whole = request(SELECT)
    other = {"resourceType": "VisionPrescription", "id": "glasses", "status": "draft"}
    whole["context"]["draftOrders"]["entry"].append({"resource": other})
    with_order = client().post(f"/explain/{BASE}-order-select", json=whole).get_json()["orders"]
    whole["context"]["selections"] = ["VisionPrescription/glasses"]
    answer = client().post(f"/explain/{BASE}-order-select", json=whole)
    assert answer.status_code == 200
    assert with_order
    assert answer.get_json()["orders"] == []


@proves("REQ-12", "REQ-13")
def test_order_sign_orders_of_any_type_and_without_details_are_accepted() -> None:
    whole = request(SIGN)
    kinds = ("DeviceRequest", "NutritionOrder", "CommunicationRequest", "ServiceRequest", "MedicationRequest", "New")
    whole["context"]["draftOrders"]["entry"] = [{"resource": {"resourceType": kind}} for kind in kinds]
    answer = client().post(f"/cds-services/{BASE}-order-sign", json=whole)
    assert answer.status_code == 200


@proves("REQ-14")
def test_order_sign_resigned_orders_are_accepted() -> None:
    whole = request(SIGN)
    for entry in whole["context"]["draftOrders"]["entry"]:
        entry["resource"]["status"] = "active"
    assert client().post(f"/cds-services/{BASE}-order-sign", json=whole).get_json()["cards"]


@proves("REQ-09", "REQ-10")
@pytest.mark.parametrize(
    "context",
    [
        {"dispatchedOrders": ["ServiceRequest/a"], "performer": "Organization/x"},
        {"dispatchedOrders": ["ServiceRequest/a"], "performer": "Organization/x", "fulfillmentTasks": []},
        {"order": "ServiceRequest/a", "performer": "Organization/x", "task": {"resourceType": "Task"}},
    ],
)
def test_order_dispatch_needs_no_user_and_is_understood_in_both_versions(context: dict[str, Any]) -> None:
    whole = request(hook="order-dispatch")
    whole["context"] = {"patientId": whole["context"]["patientId"]} | context
    assert client().post(f"/cds-services/{BASE}-order-dispatch", json=whole).status_code == 200


@proves("REQ-16")
def test_http_request_a_service_answers_its_own_hook_only() -> None:
    answer = client().post(f"/cds-services/{BASE}-order-sign", json=request())
    assert (answer.status_code, code(answer)) == (400, "CLM-1005")


@proves("PRE-02", "PRE-10", "USER-01")
def test_prefetch_a_key_that_is_null_is_an_answer() -> None:
    whole = request()
    whole["prefetch"]["medications"] = None
    states = client().post(f"/explain/{BASE}-patient-view", json=whole).get_json()["sources"]
    assert states["medications"]["state"] == "empty"


@proves("PRE-01", "USER-01")
def test_prefetch_a_key_that_is_absent_is_not() -> None:
    whole = request()
    del whole["prefetch"]["medications"]
    states = client().post(f"/explain/{BASE}-patient-view", json=whole).get_json()["sources"]
    assert states["medications"]["state"] == "not_asked"


@proves("PRE-04", "USER-01", "USER-04")
def test_prefetch_an_operation_outcome_is_a_failure_of_the_client() -> None:
    whole = request()
    whole["prefetch"]["medications"] = {"resourceType": "OperationOutcome", "issue": []}
    states = client().post(f"/explain/{BASE}-patient-view", json=whole).get_json()["sources"]
    assert states["medications"]["state"] == "not_allowed"


@proves("PRE-09")
def test_prefetch_keys_that_were_not_asked_for_change_nothing() -> None:
    whole = request()
    whole["prefetch"]["everything"] = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Condition"}}]}
    assert client().post(PATIENT_VIEW, json=whole).get_json() == client().post(PATIENT_VIEW, json=request()).get_json()


@proves("PRE-01", "PRE-06", "PRE-07", "USER-02", "USER-03")
@pytest.mark.parametrize("key", ["patient", "conditions"])
def test_prefetch_needed_data_that_cannot_be_had_are_412_and_named(key: str) -> None:
    whole = request()
    del whole["prefetch"][key]
    answer = client().post(PATIENT_VIEW, json=whole)
    assert (answer.status_code, code(answer)) == (412, "CLM-2001")
    assert issue(answer)["expression"] == [f"prefetch.{key}"]


@proves("PRE-06", "PRE-07")
def test_prefetch_absent_altogether_is_412_and_names_every_needed_key() -> None:
    whole = request()
    del whole["prefetch"]
    answer = client().post(PATIENT_VIEW, json=whole)
    assert issue(answer)["expression"] == ["prefetch.conditions", "prefetch.patient"]


@proves("FHIR-07")
def test_fhir_resource_access_a_server_that_is_not_listed_is_not_called() -> None:
    whole = request(fhirServer="https://not-listed.example.org/fhir")
    del whole["prefetch"]["conditions"]
    answer = client().post(PATIENT_VIEW, json=whole)
    assert answer.status_code == 412
    assert "fhirServer is not on the allow-list" in issue(answer)["details"]["text"]


def test_hook_instance_two_calls_give_cards_of_their_own() -> None:
    first = client().post(PATIENT_VIEW, json=request()).get_json()["cards"]
    second = client().post(PATIENT_VIEW, json=request(hookInstance=str(uuid.uuid4()))).get_json()["cards"]
    assert {card["uuid"] for card in first}.isdisjoint(card["uuid"] for card in second)
    assert [card["summary"] for card in first] == [card["summary"] for card in second]
