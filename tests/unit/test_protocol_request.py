"""Reading the hook request: what is refused as what, and what is tolerated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.errors import ContextUnusable, EnvelopeInvalid, HookMismatch
from cds_service.protocol.request import read_request

INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
SECRET = "CANARY-secret"
ORDER = {"resourceType": "ServiceRequest", "id": "o1", "status": "draft"}
ABSENT = object()


def bundle(*entries: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": list(entries)}


CONTEXTS: dict[str, dict[str, Any]] = {
    "patient-view": {"userId": "Practitioner/u", "patientId": "p1"},
    "order-select": {
        "userId": "Practitioner/u",
        "patientId": "p1",
        "draftOrders": bundle({"resource": ORDER}),
        "selections": ["ServiceRequest/o1"],
    },
    "order-sign": {"userId": "Practitioner/u", "patientId": "p1", "draftOrders": bundle({"resource": ORDER})},
    "order-dispatch": {"patientId": "p1", "dispatchedOrders": ["ServiceRequest/o1"], "performer": "Organization/x"},
}


def document(hook: str = "patient-view", context: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A good request; a context field or an envelope field set to ABSENT is left out."""
    whole = {"hook": hook, "hookInstance": INSTANCE, "context": CONTEXTS[hook] | (context or {})} | changes
    if isinstance(whole["context"], dict):
        whole["context"] = {name: value for name, value in whole["context"].items() if value is not ABSENT}
    return {name: value for name, value in whole.items() if value is not ABSENT}


AUTHORIZATION = {
    "access_token": "abc.DEF-1",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.rs",
    "subject": "us",
}
WITH_SERVER = {"fhirServer": "https://ehr.example.org/fhir", "fhirAuthorization": AUTHORIZATION}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"hook": ABSENT}, "hook"),
        ({"hook": ""}, "hook"),
        ({"hook": 3}, "hook"),
        ({"hook": None}, "hook"),
        ({"hookInstance": ABSENT}, "hookInstance"),
        ({"hookInstance": "not-a-uuid"}, "hookInstance"),
        ({"hookInstance": INSTANCE + "\n"}, "hookInstance"),
        ({"hookInstance": 7}, "hookInstance"),
        ({"context": ABSENT}, "context"),
        ({"context": None}, "context"),
        ({"context": []}, "context"),
        ({"prefetch": []}, "prefetch"),
        ({"prefetch": "x"}, "prefetch"),
        ({"fhirServer": "ehr.example.org/fhir"}, "fhirServer"),
        ({"fhirServer": "ftp://ehr.example.org"}, "fhirServer"),
        ({"fhirServer": "https://user:pw@ehr.example.org/fhir"}, "fhirServer"),
        ({"fhirServer": "https://ehr.example.org/fhir?x=1"}, "fhirServer"),
        ({"fhirServer": "https://ehr.example.org:port/fhir"}, "fhirServer"),
        ({"fhirServer": "https://ehr.example.org/a b"}, "fhirServer"),
        ({"fhirServer": 5}, "fhirServer"),
        ({"fhirAuthorization": AUTHORIZATION}, "fhirServer"),
        (WITH_SERVER | {"fhirAuthorization": "token"}, "fhirAuthorization"),
        (WITH_SERVER | {"fhirAuthorization": {}}, "fhirAuthorization.access_token"),
        (
            WITH_SERVER | {"fhirAuthorization": AUTHORIZATION | {"access_token": "a\r\nX-Evil: 1"}},
            "fhirAuthorization.access_token",
        ),
        (WITH_SERVER | {"fhirAuthorization": AUTHORIZATION | {"token_type": "mac"}}, "fhirAuthorization.token_type"),
        (WITH_SERVER | {"fhirAuthorization": AUTHORIZATION | {"expires_in": "soon"}}, "fhirAuthorization.expires_in"),
    ],
)
def test_a_malformed_envelope_is_400_and_names_the_path(changes: dict[str, Any], path: str) -> None:
    whole = {name: value for name, value in (document() | changes).items() if value is not ABSENT}
    with pytest.raises(EnvelopeInvalid) as refused:
        read_request(whole)
    assert path in refused.value.expression
    assert refused.value.status == 400


@pytest.mark.parametrize("whole", [None, [], "x", 1, True])
def test_a_document_that_is_no_object_is_400(whole: object) -> None:
    with pytest.raises(EnvelopeInvalid):
        read_request(whole)


def test_all_faults_of_an_envelope_are_named_at_once() -> None:
    with pytest.raises(EnvelopeInvalid) as refused:
        read_request({"hook": 1, "context": 2})
    assert set(refused.value.expression) == {"hook", "hookInstance", "context"}


def test_a_hook_that_nothing_listens_to_is_400_whatever_its_context() -> None:
    with pytest.raises(HookMismatch) as refused:
        read_request(document() | {"hook": "encounter-start", "context": {}})
    assert refused.value.expression == ("hook",)


@pytest.mark.parametrize(
    ("hook", "context", "path"),
    [
        ("patient-view", {"patientId": ABSENT}, "context.patientId"),
        ("patient-view", {"patientId": ""}, "context.patientId"),
        ("patient-view", {"patientId": None}, "context.patientId"),
        ("patient-view", {"patientId": 12}, "context.patientId"),
        ("patient-view", {"patientId": "Patient/12"}, "context.patientId"),
        ("patient-view", {"patientId": "a" * 65}, "context.patientId"),
        ("patient-view", {"patientId": "p1\n"}, "context.patientId"),
        ("patient-view", {"userId": ABSENT}, "context.userId"),
        ("patient-view", {"userId": ""}, "context.userId"),
        ("order-sign", {"userId": ABSENT}, "context.userId"),
        ("order-sign", {"draftOrders": ABSENT}, "context.draftOrders"),
        ("order-sign", {"draftOrders": {}}, "context.draftOrders"),
        ("order-sign", {"draftOrders": [ORDER]}, "context.draftOrders"),
        ("order-sign", {"draftOrders": ORDER}, "context.draftOrders"),
        ("order-sign", {"draftOrders": {"resourceType": "Bundle", "entry": {}}}, "context.draftOrders"),
        ("order-select", {"draftOrders": ABSENT}, "context.draftOrders"),
        ("order-select", {"selections": ABSENT}, "context.selections"),
        ("order-select", {"selections": []}, "context.selections"),
        ("order-select", {"selections": "ServiceRequest/o1"}, "context.selections"),
        ("order-select", {"selections": ["ServiceRequest/other"]}, "context.selections"),
        ("order-select", {"selections": [7, None]}, "context.selections"),
        ("order-select", {"draftOrders": bundle()}, "context.selections"),
        ("order-select", {"draftOrders": bundle({"resource": {"resourceType": "Task"}})}, "context.selections"),
        ("order-dispatch", {"patientId": ABSENT}, "context.patientId"),
        ("order-dispatch", {"dispatchedOrders": ABSENT}, "context.dispatchedOrders"),
        ("order-dispatch", {"dispatchedOrders": []}, "context.dispatchedOrders"),
    ],
)
def test_an_unusable_context_is_422_and_names_the_path(hook: str, context: dict[str, Any], path: str) -> None:
    with pytest.raises(ContextUnusable) as refused:
        read_request(document(hook, context))
    assert refused.value.expression == (path,)
    assert refused.value.status == 422


def test_a_token_for_another_patient_is_422() -> None:
    with pytest.raises(ContextUnusable) as refused:
        read_request(document(**WITH_SERVER | {"fhirAuthorization": AUTHORIZATION | {"patient": "p2"}}))
    assert "fhirAuthorization.patient" in refused.value.expression


@pytest.mark.parametrize(
    "faulty",
    [
        document(hookInstance=SECRET),
        document(prefetch=SECRET),
        document(fhirServer=SECRET),
        document(**WITH_SERVER | {"fhirAuthorization": {"access_token": SECRET + " x", "token_type": SECRET}}),
        document(context={"patientId": SECRET + "/x"}),
        document("order-select", {"selections": [SECRET]}),
        document() | {"hook": SECRET},
        document(**WITH_SERVER | {"fhirAuthorization": AUTHORIZATION | {"patient": SECRET}}),
    ],
)
def test_no_error_repeats_a_value(faulty: dict[str, Any]) -> None:
    with pytest.raises((EnvelopeInvalid, ContextUnusable, HookMismatch)) as refused:
        read_request(faulty)
    error = refused.value
    assert SECRET not in json.dumps([error.message, error.hint, error.expression, str(error), repr(error.__cause__)])


@pytest.mark.parametrize("hook", CONTEXTS)
def test_a_good_request_of_each_hook_is_read(hook: str) -> None:
    request = read_request(document(hook, **WITH_SERVER))
    assert (request.hook, request.hook_instance, request.patient_id) == (hook, INSTANCE, "p1")
    assert request.fhir_server == "https://ehr.example.org/fhir"
    assert request.authorization is not None
    assert request.authorization.access_token == "abc.DEF-1"
    assert request.authorization.expires_in == 300


@pytest.mark.parametrize(
    "changes",
    [
        {"prefetch": ABSENT},
        {"prefetch": None},
        {"prefetch": {}},
        {"fhirServer": None},
        {"fhirServer": ""},
        {"fhirAuthorization": None},
        {"extension": {"org.example": 1}, "unknown": [1]},
        {"hookInstance": INSTANCE.upper()},
    ],
)
def test_what_is_optional_may_be_absent_null_or_unknown(changes: dict[str, Any]) -> None:
    request = read_request(document(**changes))
    assert request.prefetch == {}
    assert request.fhir_server is None
    assert request.authorization is None


@pytest.mark.parametrize("context", [{"userId": "u"}, {"encounterId": 3}, {"encounterId": None}, {"future": {"a": []}}])
def test_context_fields_that_no_decision_rests_on_never_refuse(context: dict[str, Any]) -> None:
    request = read_request(document(context=context))
    assert request.encounter_id is None


def test_the_bearer_type_is_read_in_any_case() -> None:
    request = read_request(document(**WITH_SERVER | {"fhirAuthorization": AUTHORIZATION | {"token_type": "bearer"}}))
    assert request.authorization is not None
    assert request.authorization.token_type == "Bearer"


def test_neither_token_nor_patient_is_in_the_representation() -> None:
    request = read_request(document(prefetch={"patient": {"name": SECRET}}, **WITH_SERVER))
    shown = repr(request)
    assert "abc.DEF-1" not in shown
    assert SECRET not in shown
    assert "'p1'" not in shown


def test_orders_of_any_type_are_kept_and_what_is_no_resource_is_skipped() -> None:
    drafts = bundle(
        {"resource": ORDER}, {"resource": {"resourceType": "VisionPrescription"}}, {"resource": 3}, None, {}
    )
    request = read_request(document("order-sign", {"draftOrders": drafts}))
    assert [order["resourceType"] for order in request.draft_orders] == ["ServiceRequest", "VisionPrescription"]


def test_nothing_to_sign_is_not_an_error() -> None:
    empty = {"resourceType": "Bundle", "type": "collection"}
    assert read_request(document("order-sign", {"draftOrders": empty})).draft_orders == ()


@pytest.mark.parametrize(
    ("entry", "selection", "read"),
    [
        ({"resource": ORDER}, "ServiceRequest/o1", "ServiceRequest/o1"),
        ({"resource": ORDER}, "https://ehr.example.org/fhir/ServiceRequest/o1", "ServiceRequest/o1"),
        ({"resource": ORDER}, "ServiceRequest/o1/_history/2", "ServiceRequest/o1"),
        ({"resource": ORDER, "fullUrl": "urn:uuid:1"}, "urn:uuid:1", "ServiceRequest/o1"),
    ],
)
def test_a_selection_finds_its_order(entry: dict[str, Any], selection: str, read: str) -> None:
    context = {"draftOrders": bundle(entry), "selections": [selection, "ServiceRequest/gone", selection]}
    assert read_request(document("order-select", context)).selections == (read,)


@pytest.mark.parametrize(
    "context",
    [
        {"dispatchedOrders": ["ServiceRequest/o1"], "fulfillmentTasks": [{"resourceType": "Task"}]},
        {"dispatchedOrders": ["ServiceRequest/o1"], "fulfillment-tasks": [{"resourceType": "Task"}]},
        {"dispatchedOrders": ABSENT, "order": "ServiceRequest/o1", "task": {"resourceType": "Task"}},
        {"dispatchedOrders": ["ServiceRequest/o1"], "performer": ABSENT},
    ],
)
def test_order_dispatch_is_read_in_both_spellings(context: dict[str, Any]) -> None:
    request = read_request(document("order-dispatch", context))
    assert request.selections == ("ServiceRequest/o1",)
    assert request.user_id is None


@pytest.mark.parametrize(
    "name", ["patient_id", "user_id", "draft_orders", "selections", "hook_instance", "fhir_server"]
)
def test_our_own_names_of_fields_are_not_read_from_the_wire(name: str) -> None:
    assert read_request(document() | {name: [SECRET]}) == read_request(document())


def test_draft_orders_belong_to_the_hooks_that_have_them() -> None:
    context = {"draftOrders": bundle({"resource": ORDER}), "selections": ["ServiceRequest/o1"]}
    request = read_request(document("patient-view", context))
    assert (request.draft_orders, request.selections) == ((), ())


def test_the_envelope_is_refused_before_the_context_and_the_form_of_a_field_before_its_content() -> None:
    selected = {"patientId": ABSENT, "selections": ["ServiceRequest/other"]}
    with pytest.raises(EnvelopeInvalid) as envelope:
        read_request(document("order-select", selected, prefetch=[]))
    assert envelope.value.expression == ("prefetch",)
    with pytest.raises(ContextUnusable) as context:
        read_request(document("order-select", selected))
    assert context.value.expression == ("context.patientId",)
