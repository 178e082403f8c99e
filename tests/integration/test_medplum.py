"""The whole service against a FHIR server that nobody here wrote: without prefetch, with part of it, with all of it.

Every case is loaded as a transaction, all of them into one server, so that a search has to find the right patient.
"""

from __future__ import annotations

import copy
import socket
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from cds_service.hooks.prefetch import prefetch
from fhir_fixtures import Case, cases
from tests.ehr.comparing import concluded, differences, whole
from tests.ehr.dialects.shapes import other_ids
from tests.ehr.record import Record, record_of, with_references
from tests.integration.real_server import running
from tests.spec.core import RESOURCE_TYPES, site
from tests.spec.wire import client, post

KEYS = tuple(RESOURCE_TYPES)
#: Cases whose record was sent whole; of the others a server knows more than the case says.
WHOLE = [one for one in cases() if one.expected["status"] == 200 and not record_of(one).closed]
SECONDS = 60
FORMER = "https://ehr.example.org/fhir/"  # where some cases say that they come from


def stored(one: Case) -> Record:
    """The record with ids that no other case uses, without what is another patient's."""
    record = record_of(one)
    ours = [item for item in record.resources if "someone-else" not in str(item)]
    number = record.patient_id.removeprefix("canary-")
    local = Record(record.patient_id, tuple(ours)).mapped(
        lambda item: with_references(item, lambda literal: literal.removeprefix(FORMER))
    )
    return other_ids(lambda _kind, name, _number: f"{number}.{name}")(local)


def transaction(record: Record) -> dict[str, Any]:
    """A Bundle that puts the record in place; twice has the effect of once."""
    entries = []
    for resource in record.resources:
        address = f"{resource['resourceType']}/{resource['id']}"
        entries.append({"resource": resource, "request": {"method": "PUT", "url": address}})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running() as base:
        for one in WHOLE:
            bundle = transaction(stored(one))
            answer = requests.post(
                base, json=bundle, headers={"Content-Type": "application/fhir+json"}, timeout=SECONDS
            )
            assert answer.status_code == 200, answer.text
            assert all(entry["response"]["status"][:2] == "20" for entry in answer.json()["entry"])
        yield base


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return client(tmp_path_factory.mktemp("state"), CDS_FHIR_BUDGET_MS="60000")


def fulfilled(server: str, template: str, patient_id: str) -> Any:
    """What an EHR with this server sends for a prefetch template: the first page of its answer, with its links."""
    url = f"{server}/{template.replace('{{context.patientId}}', patient_id)}"
    answer = requests.get(url, headers={"Accept": "application/fhir+json"}, timeout=SECONDS)
    assert answer.status_code == 200, answer.text
    return answer.json()


def asking(one: Case, server: str, sent: tuple[str, ...]) -> dict[str, Any]:
    templates = prefetch(site().terminology)
    request = copy.deepcopy(one.request)
    patient_id = request["context"]["patientId"]
    request["prefetch"] = {key: fulfilled(server, templates[key], patient_id) for key in sent}
    return request | {"fhirServer": server}


@pytest.mark.parametrize("one", WHOLE, ids=lambda one: one.id)
def test_assessment_is_the_same_through_a_server_of_other_people(one: Case, server: str, service: FlaskClient) -> None:
    _, from_the_case = post(service, "explain", one.request)
    explained = []
    for sent in ((), tuple(islice(KEYS, 0, None, 2)), KEYS):
        status, explanation = post(service, "explain", asking(one, server, sent))
        assert status == 200, explanation
        explained.append(explanation)
    without, part, all_sent = explained
    assert differences(concluded(from_the_case), concluded(without)) == []
    assert differences(whole(without), whole(part)) == []
    assert differences(whole(without), whole(all_sent)) == []


def test_the_server_pages_and_the_service_follows(server: str, service: FlaskClient) -> None:
    one = next(one for one in WHOLE if one.id == "mcode-rich-solitary")
    first = fulfilled(server, prefetch(site().terminology)["observations"], one.request["context"]["patientId"])
    assert [link["relation"] for link in first["link"]] == ["self", "next"]
    _, explanation = post(service, "explain", asking(one, server, ("observations",)))
    source = explanation["sources"]["observations"]
    assert (source["state"], source["resources"]) == ("found", first["total"])


def test_a_patient_that_the_server_does_not_have_is_412(server: str, service: FlaskClient) -> None:
    request = asking(WHOLE[0], server, ())
    request["context"]["patientId"] = "nobody"
    status, outcome = post(service, "cds-services", request)
    assert (status, outcome["resourceType"]) == (412, "OperationOutcome")
    assert "404" in outcome["issue"][0]["details"]["text"]


def test_loading_twice_changes_nothing(server: str, service: FlaskClient) -> None:
    one = WHOLE[0]
    _, before = post(service, "explain", asking(one, server, ()))
    requests.post(server, json=transaction(stored(one)), timeout=SECONDS).raise_for_status()
    _, after = post(service, "explain", asking(one, server, ()))
    assert before == after


def test_browsers_may_ask_the_server(server: str) -> None:
    answer = requests.options(f"{server}/Patient", headers={"Origin": "https://x.example"}, timeout=SECONDS)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert requests.get(f"{server}/metadata", timeout=SECONDS).json()["fhirVersion"] == "4.0.1"


def test_a_call_that_breaks_off_does_not_end_the_server(server: str) -> None:
    """Else every test after it would fail for a reason that is not its own."""
    host, port = server.removeprefix("http://").removesuffix("/fhir").split(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
        connection.sendall(b"PUT /fhir/Patient/half HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert requests.get(f"{server}/metadata", timeout=SECONDS).status_code == 200
    assert requests.get(f"{server}/Patient/half", timeout=SECONDS).status_code == 404
