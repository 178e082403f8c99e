"""What the sandbox makes of a server's odd answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses

from cds_tools import caller
from cds_tools.sandbox.errors import AccessRefused, NotFhirR4, SandboxStopped, ServerRefused, ServerUnreachable
from cds_tools.sandbox.fhir_server import FhirServer, Made, TransactionRefused

BASE = "https://fhir.example.org/r4"
ENTRY: dict[str, Any] = {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "ifNoneExist": "x"}}


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Iterator[responses.RequestsMock]:
    monkeypatch.setattr(caller.time, "sleep", lambda _: None)
    with responses.RequestsMock() as mocked:
        yield mocked


def outcome(*issues: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ({"resourceType": "CapabilityStatement", "fhirVersion": "5.0.0"}, "speaks FHIR 5.0.0"),
        ({"resourceType": "CapabilityStatement"}, "speaks FHIR of an unknown version"),
        ({"resourceType": "Conformance", "fhirVersion": "1.0.2"}, "speaks FHIR 1.0.2"),
        ({"resourceType": "Patient"}, "is not the base address of a FHIR server"),
        ([], "is not the base address of a FHIR server"),
    ],
)
def test_what_is_no_r4_server_is_told(net: responses.RequestsMock, statement: Any, says: str) -> None:
    net.get(f"{BASE}/metadata", json=statement)
    with pytest.raises(NotFhirR4, match=says):
        FhirServer(BASE).about()


@pytest.mark.parametrize(
    ("rest", "transactions"),
    [
        ([], True),
        ([{"mode": "server"}], True),
        ([{"mode": "server", "interaction": [{"code": "batch"}]}], False),
        ([{"mode": "server", "interaction": [{"code": "batch"}, {"code": "transaction"}]}], True),
    ],
)
def test_transactions_are_tried_unless_the_server_lists_others_without_them(
    net: responses.RequestsMock, rest: list[Any], transactions: bool
) -> None:
    net.get(f"{BASE}/metadata", json={"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": rest})
    assert FhirServer(BASE).about().transactions is transactions


@pytest.mark.parametrize(
    ("status", "any_"), [(404, True), (405, True), (501, True), (400, False), (413, False), (422, False)]
)
def test_a_server_without_transactions_is_told_from_one_that_refuses_this_one(
    net: responses.RequestsMock, status: int, any_: bool
) -> None:
    net.post(BASE, status=status, json=outcome({"severity": "error", "diagnostics": "too long"}))
    with pytest.raises(TransactionRefused, match=f"{status}: too long") as refused:
        FhirServer(BASE).transact([ENTRY])
    assert refused.value.any is any_


def test_a_transaction_that_was_taken_apart_is_an_error(net: responses.RequestsMock) -> None:
    good = {"response": {"status": "201 Created", "location": "Patient/1"}}
    bad = {"response": {"status": "422", "outcome": outcome({"severity": "error", "diagnostics": "no name"})}}
    net.post(BASE, json={"resourceType": "Bundle", "entry": [good, bad]})
    with pytest.raises(ServerRefused, match="422 to an entry of the transaction, which it took apart: no name"):
        FhirServer(BASE).transact([ENTRY, ENTRY])


@pytest.mark.parametrize(
    ("answered", "made"),
    [
        ({"response": {"status": "201 Created", "location": "Patient/1/_history/1"}}, Made("Patient/1", new=True)),
        ({"response": {"status": "201", "location": f"{BASE}/Patient/1"}}, Made("Patient/1", new=True)),
        ({"response": {"status": "200 OK", "location": "Patient/1"}}, Made("Patient/1", new=False)),
        (
            {"response": {"status": "304"}, "resource": {"resourceType": "Patient", "id": "1"}},
            Made("Patient/1", new=False),
        ),
    ],
)
def test_ids_are_read_from_what_servers_answer(
    net: responses.RequestsMock, answered: dict[str, Any], made: Made
) -> None:
    net.post(BASE, json={"resourceType": "Bundle", "entry": [answered]})
    assert FhirServer(BASE).transact([ENTRY]) == [made]


@pytest.mark.parametrize("entries", [[], [{"response": {"status": "201"}}], [{"response": {}}, {"response": {}}]])
def test_a_transaction_without_ids_is_an_error(net: responses.RequestsMock, entries: list[Any]) -> None:
    net.post(BASE, json={"resourceType": "Bundle", "entry": entries})
    with pytest.raises(ServerRefused, match="does not say which ids"):
        FhirServer(BASE).transact([ENTRY])


@pytest.mark.parametrize(
    ("link", "total", "complete"),
    [
        ([], None, True),
        ([], 1, True),
        ([], 2, False),
        ([{"relation": "self", "url": f"{BASE}/Patient"}], None, True),
        ([{"relation": "next", "url": "https://elsewhere.example/r4/Patient?page=2"}], None, False),
        ([{"relation": "next", "url": f"{BASE}/Patient"}], None, False),
    ],
)
def test_a_search_says_whether_it_came_to_the_end(
    net: responses.RequestsMock, link: list[Any], total: int | None, complete: bool
) -> None:
    bundle = {"resourceType": "Bundle", "link": link, "entry": [{"resource": {"resourceType": "Patient"}}]}
    net.get(f"{BASE}/Patient", json=bundle | ({} if total is None else {"total": total}))
    entries, whole = FhirServer(BASE).search("Patient")
    assert (len(entries), whole) == (1, complete)


def test_a_redirect_is_not_followed_with_the_token(net: responses.RequestsMock) -> None:
    net.get(f"{BASE}/Patient/1", status=302, headers={"Location": "https://elsewhere.example"})
    with pytest.raises(ServerRefused, match="redirects") as refused:
        FhirServer(BASE, "token").read("Patient", "1")
    assert "https://elsewhere.example" in refused.value.message
    assert len(net.calls) == 1


@pytest.mark.parametrize(
    ("issues", "says"),
    [
        ([{"severity": "error", "code": "invalid", "diagnostics": "line\n one"}], "line one"),
        ([{"severity": "error", "code": "invalid", "details": {"text": "words"}, "diagnostics": "trace"}], "words"),
        ([{"severity": "error", "code": "invalid"}], "invalid"),
        (
            [{"severity": "information", "diagnostics": "fine"}, {"severity": "fatal", "diagnostics": "broken"}],
            "broken",
        ),
        ([{"severity": "error", "diagnostics": "x" * 1000}], "x" * 300),
        ([], "says no more"),
        ([None, 5], "says no more"),
    ],
)
def test_the_servers_own_words_are_repeated(net: responses.RequestsMock, issues: list[Any], says: str) -> None:
    net.put(f"{BASE}/Patient/1", status=422, json=outcome(*issues))
    with pytest.raises(ServerRefused, match=says) as refused:
        FhirServer(BASE).update("Patient/1", {"resourceType": "Patient"})
    assert "fine" not in refused.value.message
    assert len(refused.value.message) < 450


def test_what_is_not_there_is_none_and_what_is_gone_needs_no_deleting(net: responses.RequestsMock) -> None:
    net.get(f"{BASE}/Patient/1", status=410)
    net.delete(f"{BASE}/Patient/1", status=404)
    server = FhirServer(BASE)
    assert server.read("Patient", "1") is None
    server.delete("Patient/1")


def test_an_answer_that_is_no_json_is_an_error(net: responses.RequestsMock) -> None:
    net.get(f"{BASE}/Patient/1", body="<html>")
    with pytest.raises(ServerRefused, match="not JSON"):
        FhirServer(BASE).read("Patient", "1")


def test_a_create_without_an_id_is_an_error(net: responses.RequestsMock) -> None:
    net.post(f"{BASE}/Patient", status=201)
    with pytest.raises(ServerRefused, match="which id"):
        FhirServer(BASE).create({"resourceType": "Patient"}, "x")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (requests.exceptions.SSLError("x"), "its certificate is not valid here"),
        (requests.exceptions.ReadTimeout("x"), "it did not answer in time"),
        (requests.exceptions.ConnectionError("x"), "nothing answers there"),
    ],
)
def test_why_no_answer_came(net: responses.RequestsMock, fault: Exception, says: str) -> None:
    net.get(f"{BASE}/metadata", body=fault)
    with pytest.raises(ServerUnreachable, match=says):
        FhirServer(BASE).about()


@pytest.mark.parametrize(("retry_after", "calls_made"), [("0", 4), ("3600", 1), (None, 4)])
def test_a_busy_server_is_asked_again_a_few_times(
    net: responses.RequestsMock, retry_after: str | None, calls_made: int
) -> None:
    net.get(f"{BASE}/metadata", status=429, headers={} if retry_after is None else {"Retry-After": retry_after})
    with pytest.raises(SandboxStopped):
        FhirServer(BASE).about()
    assert len(net.calls) == calls_made


@pytest.mark.parametrize(("status", "hint"), [(401, "--token-file"), (403, "right")])
def test_a_refusal_of_access_says_what_to_do(net: responses.RequestsMock, status: int, hint: str) -> None:
    net.get(f"{BASE}/metadata", status=status)
    with pytest.raises(AccessRefused) as refused:
        FhirServer(BASE).about()
    assert hint in str(refused.value.hint)
