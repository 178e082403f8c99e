"""Probes of how complete calls are answered (CDS Hooks, Calling a CDS Service; the hooks of the Library)."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from statistics import median
from typing import Any

from cds_tools.caller import fresh_id
from cds_tools.check.probe import of_service
from cds_tools.check.results import Omit, Skip
from cds_tools.check.subject import ListedService, Subject

EXPECTED_MS = 500.0
KIT_MS = 5000.0


@of_service("REQ-01", "RESP-01")
def a_complete_call_is_answered(subject: Subject, service: ListedService) -> Iterator[str]:
    """A complete call is answered 200 with an array of cards"""
    answers = [call.answer for call in subject.calls(service)]
    if all(answer.status == 401 for answer in answers) and subject.caller.signer is None:
        raise Skip("the service wants signed calls: give a key that it trusts (--jwt-key)")
    if all(answer.status == 412 for answer in answers):
        raise Skip("the service needs data that the sample patients do not have (412)")
    for answer in answers:
        if answer.status not in (200, 412):
            yield f"a complete call was answered {answer.status}"
        elif answer.status == 200 and not isinstance(_member(answer.document, "cards"), list):
            yield "the answer has no array 'cards'"


@of_service("WIRE-01")
def answers_are_json(subject: Subject, service: ListedService) -> Iterator[str]:
    """Answers are JSON and say so"""
    for call in subject.answered(service):
        if not call.answer.says_json:
            yield f"Content-Type is {call.answer.media_type or 'absent'}"
        if call.answer.document is None:
            yield "the body is not JSON"


@of_service("KIT-02")
def every_complete_call_is_200(subject: Subject, service: ListedService) -> Iterator[str]:
    """Every complete call is 200, whoever the patient is"""
    answered = len(subject.answered(service))
    if answered < (calls := len(subject.calls(service))):
        yield f"{calls - answered} of {calls} complete calls were not answered 200"


@of_service("REQ-05")
def the_unknown_is_ignored(subject: Subject, service: ListedService) -> Iterator[str]:
    """Extensions and unknown fields change nothing about whether a call is answered"""
    request = subject.example(service)
    changes: dict[str, dict[str, Any]] = {
        "an extension of the request": {"extension": {"org.example.check": {"flag": True}}},
        "an unknown field of the request": {"somethingNew": [1]},
        "an extension of the context": {"context": request["context"] | {"extension": {"org.example.check": 1}}},
        "an unknown field of the context": {"context": request["context"] | {"newField": "x"}},
    }
    for what, change in changes.items():
        status = subject.call(service, request | change | {"hookInstance": fresh_id()}).status
        if status != 200:
            yield f"with {what} it answered {status}"


@of_service("REQ-16")
def another_hook_gets_no_cards(subject: Subject, service: ListedService) -> Iterator[str]:
    """A hook that the service did not announce is not answered with cards"""
    request = subject.example(service) | {"hook": "org.example.check-no-such-hook"}
    answer = subject.call(service, request)
    if answer.good:
        yield f"it answered {answer.status}"


@of_service("REQ-12")
def orders_of_any_type_are_passed_over(subject: Subject, service: ListedService) -> Iterator[str]:
    """Drafts of other types do not make a call fail"""
    request = _with_drafts(subject, service)
    person = {"reference": f"Patient/{request['context']['patientId']}"}
    request["context"]["draftOrders"]["entry"] += [{"resource": one} for one in _other_orders(person)]
    if (status := subject.call(service, request).status) != 200:
        yield f"with orders of other types it answered {status}"


@of_service("REQ-13")
def an_incomplete_order_is_no_fault(subject: Subject, service: ListedService) -> Iterator[str]:
    """A draft without details does not make a call fail"""
    request = _with_drafts(subject, service)
    for entry in request["context"]["draftOrders"]["entry"]:
        kept = ("resourceType", "id", "status", "intent", "subject")
        entry["resource"] = {name: value for name, value in entry["resource"].items() if name in kept}
    if (status := subject.call(service, request).status) != 200:
        yield f"with bare drafts it answered {status}"


@of_service("REQ-14")
def orders_may_be_signed_again(subject: Subject, service: ListedService) -> Iterator[str]:
    """Orders with another status than draft are accepted at order-sign"""
    if service.hook != "order-sign":
        raise Omit("only order-sign fires for orders that are signed again")
    request = _with_drafts(subject, service)
    for entry in request["context"]["draftOrders"]["entry"][:1]:
        entry["resource"]["status"] = "active"
    if (status := subject.call(service, request).status) != 200:
        yield f"with an active order it answered {status}"


@of_service("REQ-10")
def the_older_dispatch_is_understood(subject: Subject, service: ListedService) -> Iterator[str]:
    """order-dispatch is understood with order and task, too"""
    if service.hook != "order-dispatch":
        raise Omit("only order-dispatch has an older spelling")
    request = subject.example(service)
    context = request["context"]
    request["context"] = {
        "patientId": context["patientId"],
        "order": context["dispatchedOrders"][0],
        "performer": context["performer"],
    }
    if (status := subject.call(service, request).status) != 200:
        yield f"it answered {status}"


@of_service("RESP-02")
def answers_come_within_500_ms(subject: Subject, service: ListedService) -> Iterator[str]:
    """Answers come within about 500 ms"""
    middle = median(call.answer.milliseconds for call in subject.answered(service))
    if middle > EXPECTED_MS:
        yield f"the middle one took {middle:.0f} ms"


@of_service("KIT-09")
def nine_of_ten_come_within_5_s(subject: Subject, service: ListedService) -> Iterator[str]:
    """Nine of ten answers come within 5 s"""
    calls = subject.answered(service)
    slow = sum(call.answer.milliseconds > KIT_MS for call in calls)
    if slow * 10 > len(calls):
        yield f"{slow} of {len(calls)} answers took longer"


def _with_drafts(subject: Subject, service: ListedService) -> dict[str, Any]:
    request = deepcopy(subject.example(service))
    if "draftOrders" not in request["context"]:
        raise Omit(f"{service.hook} has no draftOrders")
    return request


def _other_orders(person: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Valid orders of kinds that are seldom thought of."""
    clinician = {"reference": "Practitioner/canary-clinician"}
    draft = {"status": "draft"}
    yield {"resourceType": "CommunicationRequest", "id": "draft-call", "subject": person} | draft
    yield {
        "resourceType": "DeviceRequest",
        "id": "draft-walker",
        "intent": "order",
        "codeCodeableConcept": {"text": "Walking frame"},
        "subject": person,
    } | draft
    yield {
        "resourceType": "NutritionOrder",
        "id": "draft-diet",
        "intent": "order",
        "patient": person,
        "dateTime": "2025-06-01",
    } | draft
    yield {
        "resourceType": "VisionPrescription",
        "id": "draft-glasses",
        "created": "2025-06-01",
        "dateWritten": "2025-06-01",
        "patient": person,
        "prescriber": clinician,
        "lensSpecification": [{"product": {"text": "Lens"}, "eye": "right"}],
    } | draft


def _member(document: object, name: str) -> object:
    return document.get(name) if isinstance(document, dict) else None


PROBES = (
    a_complete_call_is_answered,
    answers_are_json,
    the_unknown_is_ignored,
    another_hook_gets_no_cards,
    orders_of_any_type_are_passed_over,
    an_incomplete_order_is_no_fault,
    orders_may_be_signed_again,
    answers_come_within_500_ms,
    the_older_dispatch_is_understood,
    every_complete_call_is_200,
    nine_of_ten_come_within_5_s,
)
