"""Probes of feedback (CDS Hooks, Feedback). A service that offers none is not at fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cds_tools.caller import Answer, fresh_id
from cds_tools.check.probe import of_service
from cds_tools.check.results import Omit, Skip
from cds_tools.check.subject import ListedService, Subject

_REASON = {
    "code": "action-completed",
    "system": "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes",
    "display": "Action completed",
}


def _url(subject: Subject, service: ListedService) -> str:
    return subject.url(service, "feedback")


def _card(subject: Subject, service: ListedService) -> str:
    """The uuid of a card that the service sent to a clinician of this probe alone; else a new one.

    A service may keep a card from the clinician who has set it aside: no other probe must suffer from that.
    """
    request = subject.example(service)
    if "userId" in request["context"]:
        request["context"]["userId"] = f"Practitioner/canary-{fresh_id()}"
    for card in subject.call(service, request).cards:
        if isinstance(card, dict) and isinstance(card.get("uuid"), str):
            return str(card["uuid"])
    return fresh_id()


def _overridden(card: str, **more: Any) -> dict[str, Any]:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": moment} | more


def _accepted(card: str, suggestion: str) -> dict[str, Any]:
    return _overridden(card) | {"outcome": "accepted", "acceptedSuggestions": [{"id": suggestion}]}


def _sent(subject: Subject, service: ListedService, document: Any) -> Answer:
    """The answer to a feedback call. Raises: Omit when the service offers no feedback."""
    answer = subject.caller.post(_url(subject, service), document)
    if answer.status in (404, 405, 501):
        raise Omit(f"the service offers no feedback ({answer.status})")
    if answer.status == 401 and subject.caller.signer is None:
        raise Skip("the service wants signed calls: give a key that it trusts (--jwt-key)")
    return answer


@of_service("FEED-01")
def feedback_is_taken(subject: Subject, service: ListedService) -> Iterator[str]:
    """Feedback in the standard's shape is taken"""
    answer = _sent(subject, service, {"feedback": [_overridden(_card(subject, service))]})
    if not answer.good:
        yield f"it answered {answer.status}"


@of_service("FEED-04")
def reasons_and_comments_are_taken(subject: Subject, service: ListedService) -> Iterator[str]:
    """A coded reason, a comment, both or none are taken with an override"""
    card = _card(subject, service)
    for what, reason in (
        ("a coded reason", {"reason": _REASON}),
        ("a comment", {"userComment": "discussed already"}),
        ("both", {"reason": _REASON, "userComment": "discussed already"}),
    ):
        answer = _sent(subject, service, {"feedback": [_overridden(card, overrideReason=reason)]})
        if not answer.good:
            yield f"with {what} it answered {answer.status}"


@of_service("FEED-05")
def batches_and_repeats_are_taken(subject: Subject, service: ListedService) -> Iterator[str]:
    """Several entries, repeats, and both outcomes of one card are taken"""
    card = _card(subject, service)
    entries = [_overridden(card), _accepted(card, fresh_id()), _overridden(fresh_id()), _overridden(card)]
    for _ in range(2):
        answer = _sent(subject, service, {"feedback": entries})
        if not answer.good:
            yield f"it answered {answer.status}"


@of_service("FEED-06")
def reasons_of_the_client_are_taken(subject: Subject, service: ListedService) -> Iterator[str]:
    """A reason with a code alone, or with the client's own code, is taken"""
    card = _card(subject, service)
    for reason in ({"code": "patient-refuses"}, {"code": "r-17", "system": "https://ehr.example.org/reasons"}):
        answer = _sent(subject, service, {"feedback": [_overridden(card, overrideReason={"reason": reason})]})
        if not answer.good:
            yield f"with {', '.join(reason)} it answered {answer.status}"


@of_service("USER-16", "FEED-07")
def another_shape_is_refused(subject: Subject, service: ListedService) -> Iterator[str]:
    """Feedback of another shape is 400 or 422"""
    entry = _overridden(_card(subject, service))
    for what, document in (
        ("one entry in place of the array", {"feedback": entry}),
        ("an entry without its envelope", entry),
        ("an array without its envelope", [entry]),
        ("no card", {"feedback": [_without(entry, "card")]}),
        ("no outcome", {"feedback": [_without(entry, "outcome")]}),
        ("an unknown outcome", {"feedback": [entry | {"outcome": "ignored"}]}),
        ("no outcomeTimestamp", {"feedback": [_without(entry, "outcomeTimestamp")]}),
        ("an acceptance without suggestions", {"feedback": [entry | {"outcome": "accepted"}]}),
    ):
        status = _sent(subject, service, document).status
        if status not in (400, 422):
            yield f"{what} was answered {status}"


def _without(entry: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != name}


PROBES = (
    feedback_is_taken,
    reasons_and_comments_are_taken,
    batches_and_repeats_are_taken,
    reasons_of_the_client_are_taken,
    another_shape_is_refused,
)
