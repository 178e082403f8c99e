"""Completing the record: what servers answer, second attempts, and pages."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import requests

from cds_service.fhir.source import SourceState
from cds_service.record import complete
from cds_service.values import replace
from tests.contract.requirements import proves
from tests.integration.fhir_double import (
    BASE,
    CONDITION,
    PATIENT,
    SERVICE,
    Ehr,
    bundle,
    fetcher,
    missing,
    request,
    sources,
    states,
)


@proves("FHIR-05")
@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_not_allowed_and_a_needed_key_is_412(ehr: Ehr, status: int) -> None:
    ehr.on("/fhir/Observation", {"resourceType": "OperationOutcome"}, status)
    assert states(sources(request()))["observations"] == "not_allowed"
    ehr.on("/fhir/Condition", {"resourceType": "OperationOutcome"}, status)
    refused = missing(request())
    assert refused.status == 412
    assert refused.expression == ("prefetch.conditions",)
    assert str(status) in refused.message


def test_an_outcome_with_status_200_is_not_an_empty_answer(ehr: Ehr) -> None:
    ehr.on("/fhir/Condition", {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]})
    assert missing(request()).expression == ("prefetch.conditions",)


@proves("FHIR-06")
@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_once_more(ehr: Ehr, status: int) -> None:
    ehr.on("/fhir/Condition", ((status, {}), (200, bundle(CONDITION))))
    assert states(sources(request()))["conditions"] == "found"
    assert len(ehr.queries("Condition")) == 2


def test_it_is_not_asked_a_third_time(ehr: Ehr) -> None:
    ehr.on("/fhir/Observation", {}, 503)
    found = sources(request())["observations"]
    assert found.state is SourceState.INCOMPLETE
    assert "503" in str(found.note)
    assert len(ehr.queries("Observation")) == 2


def test_a_fault_of_the_server_is_not_retried_and_says_nothing_about_what_there_is(ehr: Ehr) -> None:
    ehr.on("/fhir/Condition", {}, 500)
    assert "500" in missing(request()).message
    assert len(ehr.queries("Condition")) == 1


@pytest.mark.parametrize(
    ("retry_after", "calls"),
    [
        ("0", 2),
        ("60", 1),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 2),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 2),
        ("Wed, 21 Oct 2145 07:28:00 GMT", 1),
        ("x", 2),
    ],
)
def test_retry_after_is_honoured_if_the_budget_allows(
    ehr: Ehr, retry_after: str, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("cds_service.record.client.time", SimpleNamespace(sleep=pauses.append))
    ehr.on("/fhir/Observation", {}, 429, **{"Retry-After": retry_after})
    assert states(sources(request()))["observations"] == "incomplete"
    assert len(ehr.queries("Observation")) == calls
    assert len(pauses) == calls - 1
    assert max(pauses, default=0) < 1


def test_a_broken_connection_is_tried_once_more(ehr: Ehr) -> None:
    calls = []

    def break_once(asked: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        calls.append(asked)
        if len(calls) == 1:
            raise requests.ConnectionError("CANARY")
        return 200, {"Content-Type": "application/json"}, orjson.dumps(bundle(CONDITION))

    ehr.register("/fhir/Condition", break_once)
    assert states(sources(request()))["conditions"] == "found"
    assert len(calls) == 2


def test_a_server_that_cannot_be_reached_is_412_without_its_words(ehr: Ehr) -> None:
    def broken(asked: requests.PreparedRequest) -> None:
        raise requests.ConnectionError(f"CANARY {asked.url}")

    ehr.register("/fhir/Condition", broken)
    refused = missing(request())
    assert "could not be reached" in refused.message
    assert "CANARY" not in refused.message
    assert "p1" not in refused.message


@proves("FHIR-07")
def test_a_redirect_is_not_followed(ehr: Ehr) -> None:
    ehr.on("/fhir/Condition", {}, 302, Location="https://evil.example.org/fhir/Condition")
    assert "redirect" in missing(request()).message
    assert {urlsplit(str(asked.url)).hostname for asked in ehr.asked} == {"ehr.example.org"}


@pytest.mark.parametrize(
    ("body", "content_type", "note"),
    [
        (b"<Bundle/>", "application/fhir+xml", "not declared as JSON"),
        (b"<html>", "text/html", "not declared as JSON"),
        (b"{", "application/fhir+json", "not JSON"),
        (b'"' + b"x" * 20_000 + b'"', "application/json", "too large"),
    ],
)
def test_what_is_not_json_or_too_large_is_not_read(ehr: Ehr, body: bytes, content_type: str, note: str) -> None:
    ehr.on("/fhir/Condition", body, **{"Content-Type": content_type})
    assert note in missing(request()).message


def test_a_compressed_answer_is_read_and_its_size_counted_unpacked(ehr: Ehr) -> None:
    packed = {"Content-Encoding": "gzip"}
    ehr.on("/fhir/Condition", gzip.compress(orjson.dumps(bundle(CONDITION))), **packed)
    assert states(sources(request()))["conditions"] == "found"
    ehr.on("/fhir/Condition", gzip.compress(b'"' + b"x" * 1_000_000 + b'"'), **packed)
    assert "too large" in missing(request()).message


@pytest.mark.parametrize("content_type", ["application/json+fhir", "application/json", "application/fhir+json"])
def test_every_name_of_fhir_json_is_read(ehr: Ehr, content_type: str) -> None:
    ehr.on("/fhir/Condition", bundle(CONDITION), **{"Content-Type": content_type})
    assert states(sources(request()))["conditions"] == "found"


def test_observation_400_is_asked_again_by_category_and_is_incomplete(ehr: Ehr) -> None:
    cea = {"resourceType": "Observation", "id": "cea"}
    ehr.on("/fhir/Observation", ((400, {"resourceType": "OperationOutcome"}), (200, bundle(cea))))
    found = sources(request())["observations"]
    assert ehr.queries("Observation")[1] == {"patient": ["p1"], "category": ["laboratory"]}
    assert [entry.resource for entry in found.entries] == [cea]
    assert found.state is SourceState.INCOMPLETE


def test_condition_400_is_asked_again_for_each_category_and_merged(ehr: Ehr) -> None:
    def by_category(asked: requests.PreparedRequest) -> tuple[int, object]:
        category = parse_qs(urlsplit(str(asked.url)).query).get("category")
        if category is None:
            return 400, {"resourceType": "OperationOutcome"}
        return 200, bundle({"resourceType": "Condition", "id": category[0]})

    ehr.on("/fhir/Condition", by_category)
    found = sources(request())["conditions"]
    assert [entry.resource["id"] for entry in found.entries] == [
        "problem-list-item",
        "encounter-diagnosis",
        "health-concern",
    ]
    assert found.state is SourceState.FOUND


def test_a_category_that_is_refused_leaves_the_conditions_incomplete(ehr: Ehr) -> None:
    def by_category(asked: requests.PreparedRequest) -> tuple[int, object]:
        return (200, bundle(CONDITION)) if "problem-list-item" in str(asked.url) else (400, {})

    ehr.on("/fhir/Condition", by_category)
    found = sources(request())["conditions"]
    assert found.state is SourceState.INCOMPLETE
    assert len(found.entries) == 1


def test_a_search_by_category_that_is_refused_is_final(ehr: Ehr) -> None:
    template = {"observations": "Observation?patient={{context.patientId}}&category=imaging"}
    by_category = replace(SERVICE, prefetch={**SERVICE.prefetch, **template})
    ehr.on("/fhir/Observation", {}, 400)
    found, _ = complete(request(), by_category, fetcher())
    assert found["observations"].state is SourceState.NOT_ALLOWED
    assert len(ehr.queries("Observation")) == 1


def test_another_400_is_final(ehr: Ehr) -> None:
    ehr.on("/fhir/Procedure", {}, 400)
    assert states(sources(request()))["procedures"] == "not_allowed"
    assert len(ehr.queries("Procedure")) == 1


def pages(ehr: Ehr, count: int, link: Callable[[int], str]) -> None:
    """Condition answers ``count`` pages, each with one resource and a link to the next."""

    def page(asked: requests.PreparedRequest) -> tuple[int, object]:
        number = int(parse_qs(urlsplit(str(asked.url)).query).get("page", ["1"])[0])
        resource = {"resourceType": "Condition", "id": f"c{number}"}
        return 200, bundle(resource, following=link(number + 1) if number < count else None)

    ehr.on("/fhir/Condition", page)


@pytest.mark.parametrize(
    "link", [f"{BASE}/Condition?page=%d", "/fhir/Condition?page=%d", "Condition?page=%d", "?page=%d"]
)
def test_pages_are_followed_with_the_token(ehr: Ehr, link: str) -> None:
    pages(ehr, 3, lambda number: link % number)
    found = sources(request())["conditions"]
    assert [entry.resource["id"] for entry in found.entries] == ["c1", "c2", "c3"]
    assert found.state is SourceState.FOUND
    assert all(asked.headers["Authorization"] for asked in ehr.asked)


@proves("FHIR-07", "FHIR-02")
@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example.org/fhir/Condition?page=2",
        "http://ehr.example.org/fhir/Condition?page=2",
        "https://[x",
        "",
    ],
)
def test_a_page_at_another_origin_is_not_read(ehr: Ehr, link: str) -> None:
    pages(ehr, 2, lambda _: link)
    if not link:
        ehr.on("/fhir/Condition", bundle(CONDITION) | {"link": [{"relation": "next"}]})
    found = sources(request())["conditions"]
    assert found.state is SourceState.INCOMPLETE
    assert len(found.entries) == 1
    assert {urlsplit(str(asked.url)).hostname for asked in ehr.asked} == {"ehr.example.org"}


def test_pages_have_a_limit(ehr: Ehr) -> None:
    pages(ehr, 100, lambda number: f"{BASE}/Condition?page={number}")
    found = sources(request())["conditions"]
    assert found.state is SourceState.INCOMPLETE
    assert len(found.entries) == 20


def test_a_page_that_leads_to_itself_ends(ehr: Ehr) -> None:
    ehr.on("/fhir/Condition", bundle(CONDITION, following=f"{BASE}/Condition?patient=p1"))
    assert sources(request())["conditions"].state is SourceState.INCOMPLETE
    assert len(ehr.queries("Condition")) == 1


def test_a_page_that_fails_leaves_the_others(ehr: Ehr) -> None:
    ehr.on("/fhir/Condition", ((200, bundle(CONDITION, following=f"{BASE}/Condition?page=2")), (404, {})))
    found = sources(request())["conditions"]
    assert found.state is SourceState.INCOMPLETE
    assert len(found.entries) == 1
    assert "404" in str(found.note)


@proves("PRE-05")
def test_further_pages_of_a_bundle_that_was_sent_are_fetched(ehr: Ehr) -> None:
    ehr.on("/fhir/Condition", bundle({"resourceType": "Condition", "id": "c2"}))
    sent = {"patient": PATIENT, "conditions": bundle(CONDITION, following=f"{BASE}/Condition?page=2")}
    found = sources(request(sent))["conditions"]
    assert [entry.resource["id"] for entry in found.entries] == ["c1", "c2"]
    assert found.state is SourceState.FOUND


@proves("PRE-05")
def test_without_a_server_a_bundle_with_further_pages_is_incomplete_but_used() -> None:
    sent = {"patient": PATIENT, "conditions": bundle(CONDITION, following=f"{BASE}/Condition?page=2")}
    found = sources(request(sent, fhir_server=None, authorization=None))["conditions"]
    assert found.state is SourceState.INCOMPLETE
    assert len(found.entries) == 1
