"""Probes of bad requests (CDS Hooks, HTTP Status Codes, Returning OperationOutcome).

Statuses are checked as this project reads the standard: any 4xx is a refusal; which one is good practice alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from cds_tools.caller import Answer, NoAnswer, fresh_id
from cds_tools.check.calls import REQUIRED_CONTEXT
from cds_tools.check.probe import of_address, of_service
from cds_tools.check.results import Omit, Skip
from cds_tools.check.subject import ListedService, Subject

_TRACE = re.compile(
    rb'Traceback \(most recent|File "[^"]+", line \d|^\s*at [\w.$<>]+\(|\.java:\d+\)|<pre>', re.MULTILINE
)
_PATIENT = re.compile(rb"canary", re.IGNORECASE)
_MALFORMED = {
    "no body": b"",
    "half a document": b'{"hook": ',
    "a comment": b'{"hook": "patient-view"} // comment',
    "a trailing comma": b'{"hook": "patient-view",}',
    "NaN": b'{"hook": NaN}',
    "bytes that are no UTF-8": b'{"hook": "\xff"}',
    "100000 open brackets": b"[" * 100_000,
}


def _malformed(subject: Subject, service: ListedService) -> Iterator[tuple[str, Answer]]:
    for what, body in _MALFORMED.items():
        yield what, subject.call(service, body)


def _incomplete(subject: Subject, service: ListedService) -> Iterator[tuple[str, Answer]]:
    """Calls without a part of the envelope."""
    request = subject.example(service)
    for name in ("hook", "hookInstance", "context"):
        yield f"no {name}", subject.call(service, {key: value for key, value in request.items() if key != name})
    yield "no object", subject.call(service, [])
    yield "no fields", subject.call(service, {})


def _bad_contexts(subject: Subject, service: ListedService) -> Iterator[tuple[str, Answer]]:
    if service.hook not in REQUIRED_CONTEXT:
        raise Skip(f"the context of hook {service.hook} is not known here")
    for name in REQUIRED_CONTEXT[service.hook]:
        if name == "performer":
            continue  # a service that does not mind who carries an order out may do without it
        request = deepcopy(subject.example(service))
        del request["context"][name]
        yield f"no context.{name}", subject.call(service, request)


def _odd(subject: Subject, service: ListedService) -> Iterator[tuple[str, Answer]]:
    """Other requests that a service must survive."""
    request = subject.example(service)
    for what, change in (
        ("a hookInstance that is no UUID", {"hookInstance": "7"}),
        ("an empty context", {"context": {}}),
        ("a null context", {"context": None}),
        ("an empty extension", {"extension": {}}),
        ("a prefetch that is no object", {"prefetch": []}),
        ("fhirAuthorization without fhirServer", {"fhirAuthorization": {"access_token": "x", "token_type": "Bearer"}}),
    ):
        yield what, subject.call(service, request | {"hookInstance": fresh_id()} | change)


def _refused(subject: Subject) -> Iterator[tuple[str, Answer]]:
    """One of each kind of refusal, of one service."""
    service = subject.first()
    yield from _malformed(subject, service)
    yield from _incomplete(subject, service)
    if service.hook in REQUIRED_CONTEXT:
        yield from _bad_contexts(subject, service)
    yield "an unknown service", subject.caller.post(f"{subject.discovery_url}/no-such-service-{fresh_id()}", {})
    yield "another method", subject.caller.get(subject.url(service))


@of_service("WIRE-04")
def what_is_not_json_gets_no_cards(subject: Subject, service: ListedService) -> Iterator[str]:
    """A body that is not JSON is refused"""
    for what, answer in _malformed(subject, service):
        if answer.good:
            yield f"{what} was answered {answer.status}"


@of_service("ERR-11")
def a_hook_instance_is_a_uuid(subject: Subject, service: ListedService) -> Iterator[str]:
    """A hookInstance that is no UUID is refused"""
    answer = subject.call(service, subject.example(service) | {"hookInstance": "7"})
    if answer.good:
        yield f"it answered {answer.status}"


@of_service("ERR-01")
def a_bad_envelope_is_400(subject: Subject, service: ListedService) -> Iterator[str]:
    """What is not JSON, or lacks a part of the envelope, is 400"""
    for calls in (_malformed, _incomplete):
        for what, answer in calls(subject, service):
            if answer.status != 400:
                yield f"{what}: it answered {answer.status}"


@of_service("ERR-02")
def a_bad_context_is_4xx(subject: Subject, service: ListedService) -> Iterator[str]:
    """A context without a required field is refused, with 422 or 400"""
    for what, answer in _bad_contexts(subject, service):
        if answer.status not in (400, 422):
            yield f"{what}: it answered {answer.status}"


@of_service("ERR-08", "USER-07")
def no_request_breaks_the_service(subject: Subject, service: ListedService) -> Iterator[str]:
    """Nothing that a caller sends is answered 5xx"""
    for calls in (_malformed, _incomplete, _bad_contexts, _odd):
        for what, answer in calls(subject, service):
            if answer.status >= 500:
                yield f"{what}: it answered {answer.status}"


@of_address("ERR-03")
def an_unknown_service_is_404(subject: Subject) -> Iterator[str]:
    """An unknown service is 404"""
    url = f"{subject.discovery_url}/no-such-service-{fresh_id()}"
    if (status := subject.caller.post(url, {"hook": "patient-view"}).status) != 404:
        yield f"it answered {status}"


@of_service("ERR-04")
def another_method_is_405(subject: Subject, service: ListedService) -> Iterator[str]:
    """GET and PUT of a service are 405"""
    for method in ("GET", "PUT"):
        if (status := subject.caller.send(method, subject.url(service)).status) != 405:
            yield f"{method} was answered {status}"


@of_service("ERR-06")
def another_media_type_is_415(subject: Subject, service: ListedService) -> Iterator[str]:
    """A body that is not declared as JSON is 415"""
    for media_type in ("text/plain", "application/xml"):
        answer = subject.call(service, subject.example(service), headers={"Content-Type": media_type})
        if answer.status != 415:
            yield f"{media_type} was answered {answer.status}"


@of_address("ERR-05")
def a_huge_body_is_413(subject: Subject) -> Iterator[str]:
    """A body far over any need (16 MiB) is 413"""
    if not subject.on_this_machine:
        raise Omit("so large a body is sent on this machine alone")
    try:
        answer = subject.call(subject.first(), b'{"x": "' + b"x" * (16 * 1024 * 1024) + b'"}')
    except NoAnswer:
        raise Skip("the connection was closed before an answer could be read") from None
    if answer.status >= 500 or answer.good:
        yield f"it answered {answer.status}"
    elif answer.status != 413:
        raise Skip(f"it answered {answer.status}; the limit may be higher")


@of_address("WIRE-01")
def errors_are_json(subject: Subject) -> Iterator[str]:
    """Errors are JSON, or have no body"""
    for what, answer in _refused(subject):
        if answer.good or not answer.body:
            continue
        if not answer.says_json:
            yield f"{what}: {answer.status} came as {answer.media_type or 'something unsaid'}"
        elif answer.document is None:
            yield f"{what}: {answer.status} came with a body that is no JSON"


@of_address("ERR-07")
def errors_are_operation_outcomes(subject: Subject) -> Iterator[str]:
    """Errors carry an OperationOutcome with severity, code and a text"""
    for what, answer in _refused(subject):
        if not answer.good and not _is_outcome(answer.document):
            yield f"{what}: {answer.status} without one"


@of_address("ERR-09")
def no_error_is_200(subject: Subject) -> Iterator[str]:
    """An error is never answered 200"""
    for what, answer in _refused(subject):
        if answer.good:
            yield f"{what} was answered {answer.status}"


@of_address("ERR-10")
def errors_tell_no_secrets(subject: Subject) -> Iterator[str]:
    """No error shows a stack trace or anything of the patient"""
    for what, answer in _refused(subject):
        if answer.good:
            continue
        if _TRACE.search(answer.body):
            yield f"{what}: there is a stack trace"
        if _PATIENT.search(answer.body):
            yield f"{what}: there is something of the patient"


def _is_outcome(document: Any) -> bool:
    if not isinstance(document, dict) or document.get("resourceType") != "OperationOutcome":
        return False
    issues = document.get("issue")
    return isinstance(issues, list) and bool(issues) and all(_is_issue(issue) for issue in issues)


def _is_issue(issue: Any) -> bool:
    if not isinstance(issue, dict) or not issue.get("severity") or not issue.get("code"):
        return False
    details = issue.get("details")
    return bool(issue.get("diagnostics")) or (isinstance(details, dict) and bool(details.get("text")))


PROBES = (
    what_is_not_json_gets_no_cards,
    errors_are_json,
    errors_are_operation_outcomes,
    no_error_is_200,
    no_request_breaks_the_service,
    a_bad_envelope_is_400,
    a_bad_context_is_4xx,
    an_unknown_service_is_404,
    another_method_is_405,
    a_huge_body_is_413,
    another_media_type_is_415,
    a_hook_instance_is_a_uuid,
    errors_tell_no_secrets,
)
