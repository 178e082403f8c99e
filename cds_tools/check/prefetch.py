"""Probes of what a service makes of its prefetch (CDS Hooks, Providing FHIR Resources to a CDS Service)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cds_tools.caller import Answer, fresh_id
from cds_tools.check.probe import of_service
from cds_tools.check.results import Omit, Skip
from cds_tools.check.subject import ListedService, Subject

_EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}
_OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "exception", "details": {"text": "The EHR could not search."}}],
}


def _searches(subject: Subject, service: ListedService) -> tuple[dict[str, Any], list[str]]:
    """A complete request, and its keys that are searches. Raises: Omit when there is none."""
    request = subject.example(service)
    keys = [key for key in request.get("prefetch", {}) if "?" in service.templates[key]]
    if not keys:
        raise Omit("the service asks for no search to be prefetched")
    return request, keys


def _sent(subject: Subject, service: ListedService, request: dict[str, Any], changes: dict[str, Any]) -> Answer:
    changed = request | {"prefetch": request["prefetch"] | changes, "hookInstance": fresh_id()}
    return subject.call(service, changed)


def _nothing_found(subject: Subject, service: ListedService) -> Iterator[tuple[str, int]]:
    request, keys = _searches(subject, service)
    for what, value in (("null", None), ("a Bundle without entries", _EMPTY)):
        for key in keys:
            yield f"{what} for {key}", _sent(subject, service, request, {key: value}).status


@of_service("PRE-02")
def null_and_empty_are_understood(subject: Subject, service: ListedService) -> Iterator[str]:
    """A search that is null, or a Bundle without entries, is no error"""
    for what, status in _nothing_found(subject, service):
        if status not in (200, 412):
            yield f"with {what} it answered {status}"


@of_service("PRE-10")
def null_and_empty_are_answers(subject: Subject, service: ListedService) -> Iterator[str]:
    """A search that is null, or a Bundle without entries, is not taken for a key that is missing"""
    for what, status in _nothing_found(subject, service):
        if status == 412:
            yield f"with {what} it answered 412"


@of_service("PRE-01", "PRE-06")
def a_key_that_is_missing_is_noticed(subject: Subject, service: ListedService) -> Iterator[str]:
    """A key that is missing and cannot be fetched gives an answer without it, or 412"""
    request, _ = _searches(subject, service)
    for key in request["prefetch"]:
        rest = {name: value for name, value in request["prefetch"].items() if name != key}
        changed = request | {"prefetch": rest, "hookInstance": fresh_id()}
        if (status := subject.call(service, changed).status) not in (200, 412):
            yield f"without {key} it answered {status}"


@of_service("PRE-06")
def no_prefetch_at_all_is_412(subject: Subject, service: ListedService) -> Iterator[str]:
    """Without any prefetch and without a FHIR server the answer is 412, or needs no data"""
    request, _ = _searches(subject, service)
    del request["prefetch"]
    if (status := subject.call(service, request).status) not in (200, 412):
        yield f"it answered {status}"


@of_service("PRE-07", "USER-02")
def a_412_names_what_is_missing(subject: Subject, service: ListedService) -> Iterator[str]:
    """The 412 names the keys that are missing"""
    request, _ = _searches(subject, service)
    keys = list(request.pop("prefetch"))
    answer = subject.call(service, request)
    if answer.status != 412:
        raise Skip(f"without data it answered {answer.status}")
    if not any(key in answer.body.decode("utf-8", "replace") for key in keys):
        yield "none of the keys is named"


@of_service("PRE-04")
def a_failed_search_is_no_data(subject: Subject, service: ListedService) -> Iterator[str]:
    """An OperationOutcome in place of a key's data is understood"""
    request, keys = _searches(subject, service)
    within = _EMPTY | {"entry": [{"resource": _OUTCOME, "search": {"mode": "outcome"}}]}
    for what, value in (("an OperationOutcome", _OUTCOME), ("a Bundle that holds one", within)):
        for key in keys:
            if (status := _sent(subject, service, request, {key: value}).status) not in (200, 412):
                yield f"with {what} for {key} it answered {status}"


@of_service("PRE-05")
def a_page_of_several_is_understood(subject: Subject, service: ListedService) -> Iterator[str]:
    """A Bundle with a next page that cannot be had is understood"""
    request, keys = _searches(subject, service)
    following = [{"relation": "next", "url": "https://ehr.invalid/fhir?page=2"}]
    for key in keys:
        value = request["prefetch"][key] | {"link": following}
        if (status := _sent(subject, service, request, {key: value}).status) not in (200, 412):
            yield f"with a page of {key} it answered {status}"


@of_service("PRE-09")
def keys_that_were_not_asked_for_change_nothing(subject: Subject, service: ListedService) -> Iterator[str]:
    """A key that the service did not ask for is ignored"""
    request, _ = _searches(subject, service)
    if (status := _sent(subject, service, request, {"org.example.not-asked": _EMPTY}).status) != 200:
        yield f"it answered {status}"


@of_service("PRE-08")
def one_patient_is_not_taken_for_another(subject: Subject, service: ListedService) -> Iterator[str]:
    """What was sent for one call is not used for the next"""
    request, _ = _searches(subject, service)
    known = subject.call(service, request)
    if not known.cards:
        raise Skip("no sample patient brought a card")
    stranger = {name: value for name, value in request.items() if name != "prefetch"}
    stranger["context"] = request["context"] | {"patientId": f"canary-{fresh_id()}"[:64]}
    answer = subject.call(service, stranger | {"hookInstance": fresh_id()})
    if answer.cards and _summaries(answer) == _summaries(known):
        yield "a patient without any data got the cards of the patient before"


def _summaries(answer: Answer) -> list[Any]:
    return [card.get("summary") for card in answer.cards if isinstance(card, dict)]


PROBES = (
    null_and_empty_are_understood,
    a_key_that_is_missing_is_noticed,
    no_prefetch_at_all_is_412,
    a_failed_search_is_no_data,
    a_page_of_several_is_understood,
    null_and_empty_are_answers,
    a_412_names_what_is_missing,
    keys_that_were_not_asked_for_change_nothing,
    one_patient_is_not_taken_for_another,
)
