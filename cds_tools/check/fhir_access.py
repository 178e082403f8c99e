"""Probes of fetching from a FHIR server of ours (CDS Hooks, FHIR Resource Access)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from cds_tools.caller import Answer
from cds_tools.check.probe import of_service
from cds_tools.check.results import Omit, Skip
from cds_tools.check.subject import ListedService, Subject
from cds_tools.ehr import PlayedServer, access, played_server

_SCOPE = "patient/*.rs user/*.rs patient/*.read user/*.read"


def _fetched(subject: Subject, service: ListedService, *, denies: bool) -> tuple[Answer, PlayedServer]:
    """A call without prefetch and with a FHIR server of ours; its answer, and what the server saw."""
    if subject.prefetch_only:
        raise Omit("only prefetch is checked (--prefetch-only)")
    if not subject.on_this_machine:
        raise Skip("the FHIR server of this check can be reached from this machine alone")
    if not service.templates:
        raise Omit("the service asks for no data")
    request = subject.example(service)
    request.pop("prefetch", None)
    token = secrets.token_urlsafe(24)
    patient_id = request["context"]["patientId"]
    with played_server(subject.record(service, patient_id), token, denies=denies) as server:
        granted = access(server.base_url, token, patient=patient_id, subject="cds-service-check", scope=_SCOPE)
        answer = subject.call(service, request | granted)
    if not server.asked and answer.status < 500:
        raise Skip("the service did not call our FHIR server; perhaps it is not on its allow-list")
    return answer, server


@of_service("FHIR-02")
def the_token_is_sent(subject: Subject, service: ListedService) -> Iterator[str]:
    """The access token is sent with each FHIR call"""
    _, server = _fetched(subject, service, denies=False)
    if not server.asked:
        raise Skip("the service did not call our FHIR server")
    if without := server.asked.count(False):
        yield f"{without} of {len(server.asked)} calls came without the token"


@of_service("FHIR-08")
def access_alone_is_enough(subject: Subject, service: ListedService) -> Iterator[str]:
    """Without prefetch the data are fetched, and the call is answered"""
    answer, _ = _fetched(subject, service, denies=False)
    if answer.status != 200:
        yield f"it answered {answer.status}"


@of_service("FHIR-05")
def data_that_are_denied_are_412(subject: Subject, service: ListedService) -> Iterator[str]:
    """A FHIR server that denies the data leads to 412, or to an answer without them"""
    answer, _ = _fetched(subject, service, denies=True)
    if answer.status not in (200, 412):
        yield f"it answered {answer.status}"


PROBES = (the_token_is_sent, access_alone_is_enough, data_that_are_denied_are_412)
