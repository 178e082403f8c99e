"""Every fault of a FHIR server, over real sockets: what the service then says, and what it never says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from fhir_fixtures import case
from tests.ehr import faults
from tests.ehr.comparing import asking, concluded, differences
from tests.ehr.dialects.epic import message
from tests.ehr.faults import Fault, once
from tests.ehr.personality import PLAIN, Personality
from tests.ehr.record import Record, Resource, record_of
from tests.ehr.server import TOKEN, Ehr
from tests.spec.wire import client, post

ONE = case("mcode-rich-solitary")
HTML = b"<html><body>Please log in, CANARY</body></html>"
BUDGET_MS = 3000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return client(tmp_path_factory.mktemp("state"), CDS_FHIR_BUDGET_MS="30000")


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A service that does not wait long for what never comes."""
    return client(tmp_path_factory.mktemp("hurried"), CDS_FHIR_BUDGET_MS=str(BUDGET_MS))


def explained(ehr: Ehr, service: FlaskClient, path: str = "explain") -> tuple[int, dict[str, Any]]:
    status, answer = post(service, path, asking(ONE, ehr))
    return status, dict(answer)


FAULTS = [
    ("400 of another kind", faults.status(400), "not_allowed", "answered 400", 1),
    ("401", faults.status(401), "not_allowed", "answered 401", 1),
    ("403", faults.status(403), "not_allowed", "answered 403", 1),
    ("404", faults.status(404), "not_allowed", "answered 404", 1),
    ("406", faults.status(406), "not_allowed", "answered 406", 1),
    ("410", faults.status(410), "not_allowed", "answered 410", 1),
    ("429 for a second", faults.status(429, Retry_After="1"), "incomplete", "answered 429", 2),
    ("429 for an hour", faults.status(429, Retry_After="3600"), "incomplete", "answered 429", 1),
    ("500", faults.status(500), "incomplete", "answered 500", 1),
    ("502", faults.status(502), "incomplete", "answered 502", 2),
    ("503", faults.status(503), "incomplete", "answered 503", 2),
    ("504", faults.status(504), "incomplete", "answered 504", 2),
    ("redirect", faults.status(302, Location="https://elsewhere.example.org/"), "incomplete", "not followed", 1),
    ("truncated JSON", faults.truncated_json, "incomplete", "not JSON", 1),
    ("an answer broken off", faults.broken_off, "incomplete", "could not be reached", 2),
    ("a connection reset", faults.hung_up, "incomplete", "could not be reached", 2),
    ("HTML with 200", faults.instead(HTML, "text/html"), "incomplete", "not declared as JSON", 1),
    ("HTML with 200 that is called JSON", faults.instead(HTML, "application/json"), "incomplete", "not JSON", 1),
    ("another resource", faults.instead(b'{"resourceType":"Group"}', "application/json"), "not_allowed", "expected", 1),
    ("an outcome with 200", faults.instead(b'{"resourceType":"OperationOutcome"}', "application/json"), "not_allowed",
     "OperationOutcome", 1),
    ("a hung socket", faults.hung, "incomplete", "time budget", 1),
    ("a slow socket", faults.slow, "incomplete", "time budget", 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "state", "note", "calls"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_fault_of_one_source_leaves_the_others_and_is_named(
    fault: Fault, state: str, note: str, calls: int, hurried: FlaskClient
) -> None:
    with Ehr(record_of(ONE), faults={"Procedure": fault}) as ehr:
        status, explanation = explained(ehr, hurried)
        asked = len(ehr.of("Procedure"))
        assert not ehr.outlasted.is_set()
    assert status == 200
    source = explanation["sources"].pop("procedures")
    assert source["state"] == state
    assert note in source["note"]
    assert "CANARY" not in source["note"]
    assert {one["state"] for one in explanation["sources"].values()} <= {"found", "empty"}
    assert "HISTORY_UNKNOWN" in {reason["code"] for reason in explanation["therapies"]["surgery"]["reasons"]}
    assert asked == calls


@pytest.mark.parametrize(
    ("fault", "state", "note", "calls"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_fault_of_a_needed_source_is_412_and_never_an_empty_list(
    fault: Fault, state: str, note: str, calls: int, hurried: FlaskClient
) -> None:
    with Ehr(record_of(ONE), faults={"Patient": fault}) as ehr:
        status, outcome = explained(ehr, hurried, "cds-services")
        assert not ehr.outlasted.is_set()
    assert (status, outcome["resourceType"]) == (412, "OperationOutcome")
    assert outcome["issue"][0]["expression"] == ["prefetch.patient"]
    assert not any(word in str(outcome) for word in ("CANARY", "canary", TOKEN, "127.0.0.1"))


@pytest.mark.parametrize(
    "fault",
    [faults.hung_up, faults.broken_off, faults.status(503), faults.status(429, Retry_After="0"), faults.status(504)],
    ids=["reset", "broken off", "503", "429", "504"],
)
def test_one_fault_is_made_good_by_asking_again(fault: Fault, service: FlaskClient) -> None:
    _, from_the_case = post(service, "explain", ONE.request)
    with Ehr(record_of(ONE), faults={kind: once(fault) for kind in ("Condition", "Observation")}) as ehr:
        status, explanation = explained(ehr, service)
    assert status == 200
    assert differences(concluded(from_the_case), concluded(explanation)) == []


def test_a_server_that_is_late_but_in_time_is_waited_for(service: FlaskClient) -> None:
    with Ehr(record_of(ONE), faults={"Procedure": faults.late(0.4)}) as ehr:
        _, explanation = explained(ehr, service)
    assert explanation["sources"]["procedures"]["state"] == "found"


PAGED = replace(PLAIN, page_size=1)


@pytest.mark.parametrize("style", ["absolute", "relative", "query"])
def test_pages_are_followed_however_the_link_is_written(style: str, service: FlaskClient) -> None:
    record = record_of(ONE)
    with Ehr(record, replace(PAGED, next_style=style)) as ehr:
        _, explanation = explained(ehr, service)
        asked = len(ehr.of("Condition"))
    assert explanation["sources"]["conditions"]["resources"] == asked == len(record.of("Condition"))


def test_a_page_link_that_expires_at_once_leaves_what_came(service: FlaskClient) -> None:
    with Ehr(record_of(ONE), replace(PAGED, sessions_last=0)) as ehr:
        _, explanation = explained(ehr, service)
    source = explanation["sources"]["procedures"]
    assert (source["state"], source["resources"]) == ("incomplete", 1)
    assert "410" in source["note"]


def test_a_page_at_another_host_is_not_asked_for_and_gets_no_token(service: FlaskClient) -> None:
    record = record_of(ONE)
    with Ehr(record, token=None) as other:
        elsewhere = faults.next_page_at(f"{other.base_url}/Procedure?patient={record.patient_id}")
        with Ehr(record, faults={"Procedure": elsewhere}) as ehr:
            _, explanation = explained(ehr, service)
        assert other.asked == []
    source = explanation["sources"]["procedures"]
    assert source["state"] == "incomplete"
    assert "another address" in source["note"]


def with_outcome(outcome: Resource) -> Personality:
    return replace(PLAIN, no_results=outcome)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (message("4101", "Resource request returns no results."), "empty"),
        (message("4119", "It may not contain the entire record available in the system."), "incomplete"),
        (message("4101", "Resource request returns no results.", severity="error"), "incomplete"),
        (message("59100", "Content is invalid.", severity="information"), "empty"),
    ],
    ids=["nothing found", "more may exist", "an error", "information"],
)
def test_what_a_server_says_beside_an_empty_answer(outcome: Resource, state: str, service: FlaskClient) -> None:
    record = record_of(ONE)
    none = replace(record, resources=tuple(item for item in record.resources if item["resourceType"] != "Procedure"))
    with Ehr(none, with_outcome(outcome)) as ehr:
        _, explanation = explained(ehr, service)
    assert explanation["sources"]["procedures"]["state"] == state


CATEGORY_ONLY = replace(PLAIN, one_of={"Condition": ("category",), "Observation": ("category",)})


def test_a_server_that_searches_by_category_only_is_asked_so(service: FlaskClient) -> None:
    """Condition is complete after three categories; Observation is not after the laboratory alone."""
    with Ehr(record_of(ONE), CATEGORY_ONLY) as ehr:
        _, explanation = explained(ehr, service)
        conditions = [asked.parameters.get("category") for asked in ehr.of("Condition")]
        observations = {str(asked.parameters.get("category")) for asked in ehr.of("Observation")}
    assert conditions == [None, ["problem-list-item"], ["encounter-diagnosis"], ["health-concern"]]
    assert observations == {"None", "['laboratory']", "['imaging']"}
    assert explanation["sources"]["conditions"]["state"] == "found"
    assert explanation["sources"]["observations"]["state"] == "incomplete"
    assert explanation["cea"]["latest"] is not None
    assert explanation["classification"]["number"]["value"] == "unknown"


def changed(kind: str, change: dict[str, Any]) -> Record:
    return record_of(ONE).mapped(lambda item: item | change if item["resourceType"] == kind else item)


@pytest.mark.parametrize(
    "reference",
    [{"reference": "Condition/not-there"}, {"type": "Condition", "identifier": {"value": "not-there"}}],
    ids=["dangling", "by identifier only"],
)
def test_a_reference_that_leads_nowhere_is_reported_and_not_fatal(
    reference: dict[str, Any], service: FlaskClient
) -> None:
    with Ehr(changed("Procedure", {"reasonReference": [reference]})) as ehr:
        status, explanation = explained(ehr, service)
    assert status == 200
    problems = {(item["resource"], item["problem"]) for item in explanation["dataQuality"]}
    assert ("Procedure/primary-resection", "REFERENCE_DANGLING") in problems


def test_a_token_goes_with_every_request_and_nothing_else_does(service: FlaskClient) -> None:
    with Ehr(record_of(ONE), replace(PLAIN, page_size=2)) as ehr:
        explained(ehr, service)
    assert {asked.headers["Authorization"] for asked in ehr.asked} == {f"Bearer {TOKEN}"}
    assert not any("Cookie" in asked.headers for asked in ehr.asked)
    assert {asked.path.split("/")[1] for asked in ehr.asked} == {"fhir"}
