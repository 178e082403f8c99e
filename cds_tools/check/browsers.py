"""Probes of calls from browsers (CDS Hooks, Cross-Origin Resource Sharing)."""

from __future__ import annotations

from collections.abc import Iterator

from cds_tools.caller import Answer, fresh_id
from cds_tools.check.probe import of_address
from cds_tools.check.results import Omit
from cds_tools.check.subject import Subject

_ALLOW_ORIGIN = "Access-Control-Allow-Origin"
_ALLOW_HEADERS = "Access-Control-Allow-Headers"
_WANTED = ("authorization", "content-type")


def _preflights(subject: Subject) -> Iterator[tuple[str, Answer]]:
    """A preflight of discovery, of a service and of its feedback; without a token, as browsers send it."""
    if _ALLOW_ORIGIN not in _simple(subject).headers:
        raise Omit(f"browsers of {subject.origin} may not call this service")
    addresses = [("discovery", "GET", subject.discovery_url)]
    if subject.listed:
        service = subject.listed[0]
        addresses += [
            ("a service", "POST", subject.url(service)),
            ("feedback", "POST", subject.url(service, "feedback")),
        ]
    for what, method, url in addresses:
        headers = {
            "Origin": subject.origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": ", ".join(_WANTED),
        }
        yield what, subject.caller.send("OPTIONS", url, headers=headers, token=False)


def _simple(subject: Subject) -> Answer:
    return subject.caller.get(subject.discovery_url, headers={"Origin": subject.origin})


def _allowed(answer: Answer, origin: str) -> bool:
    return answer.headers.get(_ALLOW_ORIGIN) in ("*", origin)


@of_address("CORS-01", "CORS-03")
def preflights_are_answered(subject: Subject) -> Iterator[str]:
    """Discovery, service and feedback answer a preflight, without a token"""
    for what, answer in _preflights(subject):
        if not answer.good:
            yield f"{what}: the preflight was answered {answer.status}"
        elif not _allowed(answer, subject.origin):
            yield f"{what}: the origin is not allowed"


@of_address("CORS-02")
def headers_are_allowed_by_name(subject: Subject) -> Iterator[str]:
    """authorization and content-type are allowed by name"""
    for what, answer in _preflights(subject):
        named = {name.strip().lower() for name in answer.headers.get(_ALLOW_HEADERS, "").split(",")}
        if missing := [name for name in _WANTED if name not in named]:
            yield f"{what}: {', '.join(missing)} is not named"


@of_address("CORS-04")
def answers_to_post_carry_the_headers(subject: Subject) -> Iterator[str]:
    """Answers to a POST carry the headers, too"""
    service = subject.first()
    if not _allowed(_simple(subject), subject.origin):
        raise Omit(f"browsers of {subject.origin} may not call this service")
    if not _allowed(
        subject.call(service, subject.example(service), headers={"Origin": subject.origin}), subject.origin
    ):
        yield "the answer has no Access-Control-Allow-Origin"


@of_address("CORS-05", "USER-12")
def errors_carry_the_headers(subject: Subject) -> Iterator[str]:
    """Error answers carry the headers, too"""
    if not _allowed(_simple(subject), subject.origin):
        raise Omit(f"browsers of {subject.origin} may not call this service")
    origin = {"Origin": subject.origin}
    unknown = f"{subject.discovery_url}/no-such-service-{fresh_id()}"
    calls = [("an unknown service", subject.caller.post(unknown, {}, headers=origin))]
    if subject.listed:
        calls.append(("a bad request", subject.call(subject.listed[0], {}, headers=origin)))
    for what, answer in calls:
        if not _allowed(answer, subject.origin):
            yield f"{what}: {answer.status} without Access-Control-Allow-Origin"


@of_address("CORS-06")
def any_origin_never_goes_with_credentials(subject: Subject) -> Iterator[str]:
    """A wildcard never goes with credentials"""
    for what, answer in (("an answer", _simple(subject)), *_preflights(subject)):
        credentials = answer.headers.get("Access-Control-Allow-Credentials", "").lower() == "true"
        if credentials and "*" in (answer.headers.get(_ALLOW_ORIGIN), answer.headers.get(_ALLOW_HEADERS)):
            yield f"{what} allows both"


PROBES = (
    preflights_are_answered,
    headers_are_allowed_by_name,
    answers_to_post_carry_the_headers,
    errors_carry_the_headers,
    any_origin_never_goes_with_credentials,
)
