"""Completing the record against a FHIR server whose faults are switched on one by one."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import requests
import responses

from cds_service.errors import PrefetchMissing
from cds_service.fhir.source import Source, SourceState
from cds_service.protocol.request import FhirAuthorization, HookRequest
from cds_service.protocol.service import Service
from cds_service.record import AllowList, FhirClient, FhirFetcher, complete

BASE = "https://ehr.example.org/fhir"
TOKEN = "the-token"
PATIENT = {"resourceType": "Patient", "id": "p1"}
SERVICE = Service(
    id="s",
    hook="patient-view",
    title="t",
    description="d",
    prefetch={
        "patient": "Patient/{{context.patientId}}",
        "conditions": "Condition?patient={{context.patientId}}",
        "observations": "Observation?patient={{context.patientId}}&code=http://loinc.org|2039-6",
        "procedures": "Procedure?patient={{context.patientId}}",
    },
    needs=("patient", "conditions"),
)
CONDITION = {"resourceType": "Condition", "id": "c1"}


def bundle(*resources: Any, following: str | None = None, **more: Any) -> dict[str, Any]:
    link = {"link": [{"relation": "next", "url": following}]} if following else {}
    entry = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entry, **link, **more}


def request(prefetch: dict[str, object] | None = None, **changes: Any) -> HookRequest:
    authorization = FhirAuthorization(TOKEN, "Bearer", 300, "", None, None)
    asked = HookRequest(
        hook="patient-view",
        hook_instance="d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        patient_id="p1",
        user_id="Practitioner/u",
        encounter_id=None,
        draft_orders=(),
        selections=(),
        context={},
        prefetch=prefetch or {},
        fhir_server=BASE,
        authorization=authorization,
    )
    return replace(asked, **changes)


def fetcher(budget_ms: int = 2000, *, max_bytes: int = 10_000, allowed: tuple[str, ...] = (BASE,)) -> FhirFetcher:
    return FhirFetcher(FhirClient(max_response_bytes=max_bytes), AllowList(allowed, loopback=False), budget_ms)


class Ehr:
    """A FHIR server: what it answers to each path, and what it was asked."""

    def __init__(self, mocked: responses.RequestsMock) -> None:
        self.mocked = mocked
        self.asked: list[requests.PreparedRequest] = []
        self.lock = threading.Lock()
        self.on("/fhir/Patient/p1", PATIENT)
        self.on("/fhir/Condition", bundle(CONDITION))
        self.on("/fhir/Observation", bundle())
        self.on("/fhir/Procedure", bundle())

    def on(self, path: str, document: object = None, status: int = 200, **headers: str) -> None:
        """Answer ``document`` at the path from now on; a list of (status, document) is answered one after the other."""
        answers = list(document) if isinstance(document, tuple) else [(status, document)]

        def answer(asked: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
            with self.lock:
                self.asked.append(asked)
                code, body = answers.pop(0) if len(answers) > 1 else answers[0]
            if callable(body):
                code, body = body(asked)
            raw = body if isinstance(body, bytes) else orjson.dumps(body)
            return code, {"Content-Type": "application/fhir+json;charset=utf-8"} | headers, raw

        self.register(path, answer)

    def register(self, path: str, answer: Callable[..., Any]) -> None:
        url = BASE.removesuffix("/fhir") + path
        self.mocked.remove(responses.GET, url)
        self.mocked.add_callback(responses.GET, url, answer, content_type=None)

    def queries(self, resource: str) -> list[dict[str, list[str]]]:
        parts = [urlsplit(str(asked.url)) for asked in self.asked]
        return [parse_qs(part.query) for part in parts if part.path.endswith(f"/{resource}")]


@pytest.fixture
def ehr() -> Iterator[Ehr]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield Ehr(mocked)


def sources(asked: HookRequest, source_of: FhirFetcher | None = None) -> dict[str, Source]:
    return complete(asked, SERVICE, source_of or fetcher())[0]


def states(found: dict[str, Source]) -> dict[str, str]:
    return {key: source.state.value for key, source in found.items()}


def missing(asked: HookRequest, source_of: FhirFetcher | None = None) -> PrefetchMissing:
    with pytest.raises(PrefetchMissing) as refused:
        complete(asked, SERVICE, source_of or fetcher())
    return refused.value


# ------------------------------------------------------------------------------------------------ what is fetched


def test_everything_absent_is_fetched_with_the_token(ehr: Ehr) -> None:
    found = sources(request())
    assert states(found) == {
        "patient": "found",
        "conditions": "found",
        "observations": "empty",
        "procedures": "empty",
    }
    assert list(found) == list(SERVICE.prefetch)
    assert {asked.headers["Authorization"] for asked in ehr.asked} == {f"Bearer {TOKEN}"}
    assert "application/fhir+json" in ehr.asked[0].headers["Accept"]
    assert ehr.queries("Observation") == [{"patient": ["p1"], "code": ["http://loinc.org|2039-6"]}]


def test_what_was_sent_is_not_fetched(ehr: Ehr) -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": []}
    sent = {"patient": PATIENT, "conditions": bundle(CONDITION), "observations": None, "procedures": outcome}
    assert states(sources(request(sent))) == {
        "patient": "found",
        "conditions": "found",
        "observations": "empty",
        "procedures": "not_allowed",
    }
    assert ehr.asked == []


def test_without_a_token_an_open_server_is_asked_without_one(ehr: Ehr) -> None:
    sources(request(authorization=None))
    assert len(ehr.asked) == 4
    assert all("Authorization" not in asked.headers for asked in ehr.asked)


def test_keys_that_were_not_asked_for_are_not_read(ehr: Ehr) -> None:
    sent = {
        "patient": PATIENT,
        "conditions": None,
        "observations": None,
        "procedures": None,
        "other": bundle(CONDITION),
    }
    assert "other" not in sources(request(sent))


def test_keys_are_fetched_at_the_same_time(ehr: Ehr) -> None:
    together = threading.Barrier(4, timeout=5)

    def wait_for_the_others(_: object) -> tuple[int, object]:
        together.wait()
        return 200, bundle()

    for path in ("Condition", "Observation", "Procedure"):
        ehr.on(f"/fhir/{path}", wait_for_the_others)
    ehr.on("/fhir/Patient/p1", lambda _: (together.wait(), (200, PATIENT))[1])
    assert states(sources(request(), fetcher(10_000)))["conditions"] == "empty"


# -------------------------------------------------------------------------------------- whom we may call, and when


@pytest.mark.parametrize(
    ("asked", "note"),
    [
        (request(fhir_server=None, authorization=None), "no fhirServer"),
        (request(fhir_server="https://evil.example.org/fhir"), "allow-list"),
        (request(fhir_server="https://ehr.example.org/other-tenant"), "allow-list"),
        (request(fhir_server="http://ehr.example.org/fhir"), "allow-list"),
        (request(fhir_server="https://ehr.example.org:444/fhir"), "allow-list"),
        (request(fhir_server="http://127.0.0.1/fhir"), "allow-list"),
        (request(authorization=FhirAuthorization(TOKEN, "Bearer", 0, "", None, None)), "expired"),
    ],
)
def test_a_server_that_may_not_be_called_is_not(ehr: Ehr, asked: HookRequest, note: str) -> None:
    refused = missing(asked)
    assert ehr.asked == []
    assert note in refused.message
    assert refused.expression == ("prefetch.conditions", "prefetch.patient")


def test_the_allow_list_overlooks_case_default_port_and_slash(ehr: Ehr) -> None:
    listed = ("HTTPS://EHR.example.org:443/fhir/",)
    assert states(sources(request(), fetcher(allowed=listed)))["patient"] == "found"


@pytest.mark.parametrize("base", ["http://localhost:8080/fhir", "http://127.0.0.1", "https://[::1]:9/r4"])
def test_loopback_is_allowed_only_where_the_operator_says_so(base: str) -> None:
    assert AllowList((), loopback=True).permits(base)
    assert not AllowList((), loopback=False).permits(base)
    assert not AllowList((), loopback=True).permits("http://localhost.example.org/fhir")


def test_a_type_that_the_scope_leaves_out_is_not_asked_for(ehr: Ehr) -> None:
    scope = "openid patient/Patient.r patient/Condition.rs patient/Observation.read patient/Procedure.c"
    found = sources(request(authorization=FhirAuthorization(TOKEN, "Bearer", 300, scope, None, None)))
    assert states(found) == {
        "patient": "found",
        "conditions": "found",
        "observations": "empty",
        "procedures": "not_allowed",
    }
    assert "scope" in str(found["procedures"].note)
    assert ehr.queries("Procedure") == []


# ------------------------------------------------------------------------------------------ what servers answer


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
    ("retry_after", "calls"), [("0", 2), ("60", 1), ("Wed, 21 Oct 2015 07:28:00 GMT", 2), ("x", 2)]
)
def test_retry_after_is_honoured_if_the_budget_allows(ehr: Ehr, retry_after: str, calls: int) -> None:
    ehr.on("/fhir/Observation", {}, 429, **{"Retry-After": retry_after})
    started = time.monotonic()
    assert states(sources(request()))["observations"] == "incomplete"
    assert len(ehr.queries("Observation")) == calls
    assert time.monotonic() - started < 1.5


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


# ----------------------------------------------------------------------------------------------- second attempts


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


def test_another_400_is_final(ehr: Ehr) -> None:
    ehr.on("/fhir/Procedure", {}, 400)
    assert states(sources(request()))["procedures"] == "not_allowed"
    assert len(ehr.queries("Procedure")) == 1


# ------------------------------------------------------------------------------------------------------- pages


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


def test_further_pages_of_a_bundle_that_was_sent_are_fetched(ehr: Ehr) -> None:
    ehr.on("/fhir/Condition", bundle({"resourceType": "Condition", "id": "c2"}))
    sent = {"patient": PATIENT, "conditions": bundle(CONDITION, following=f"{BASE}/Condition?page=2")}
    found = sources(request(sent))["conditions"]
    assert [entry.resource["id"] for entry in found.entries] == ["c1", "c2"]
    assert found.state is SourceState.FOUND


def test_without_a_server_a_bundle_with_further_pages_is_incomplete_but_used() -> None:
    sent = {"patient": PATIENT, "conditions": bundle(CONDITION, following=f"{BASE}/Condition?page=2")}
    found = sources(request(sent, fhir_server=None, authorization=None))["conditions"]
    assert found.state is SourceState.INCOMPLETE
    assert len(found.entries) == 1


# ------------------------------------------------------------------------------------------------- time and size


def test_the_budget_is_kept_whatever_the_server_does(ehr: Ehr) -> None:
    released = threading.Event()
    ehr.on("/fhir/Observation", lambda _: (released.wait(10), (200, bundle()))[1])
    started = time.monotonic()
    found = sources(request(), fetcher(300))
    took = time.monotonic() - started
    released.set()
    assert states(found) == {
        "patient": "found",
        "conditions": "found",
        "observations": "incomplete",
        "procedures": "empty",
    }
    assert "time budget" in str(found["observations"].note)
    assert 0.25 < took < 1.5


def test_a_needed_key_that_does_not_come_in_time_is_412(ehr: Ehr) -> None:
    released = threading.Event()
    ehr.on("/fhir/Condition", lambda _: (released.wait(10), (200, bundle()))[1])
    refused = missing(request(), fetcher(200))
    released.set()
    assert "time budget" in refused.message


# ------------------------------------------------------------------------------------------- what is missing: 412


def test_no_conditions_is_an_answer() -> None:
    sent = {"patient": PATIENT, "conditions": None}
    assert states(sources(request(sent, fhir_server=None, authorization=None)))["conditions"] == "empty"


@pytest.mark.parametrize(
    ("patient", "why"),
    [
        (None, "null or empty"),
        (bundle(), "null or empty"),
        ({"resourceType": "OperationOutcome"}, "OperationOutcome"),
        ("CANARY", "not a FHIR resource"),
        (CONDITION, "Patient was expected"),
        ({"resourceType": "Patient", "id": "CANARY"}, "not the one of context.patientId"),
    ],
)
def test_no_usable_patient_is_412_and_says_why(ehr: Ehr, patient: object, why: str) -> None:
    refused = missing(request({"patient": patient, "conditions": None}))
    assert refused.expression == ("prefetch.patient",)
    assert why in refused.message
    assert "CANARY" not in refused.message


def test_a_patient_without_id_is_taken_as_the_one(ehr: Ehr) -> None:
    assert states(sources(request({"patient": {"resourceType": "Patient"}, "conditions": None})))["patient"] == "found"


def test_without_a_fetcher_what_is_absent_is_not_asked() -> None:
    found, problems = complete(request({"patient": PATIENT, "conditions": None}), SERVICE, None)
    assert states(found)["observations"] == "not_asked"
    assert problems == ()


def test_problems_of_the_data_are_reported_sorted(ehr: Ehr) -> None:
    ehr.on("/fhir/Procedure", bundle({"resourceType": "Condition"}, 5))
    _, problems = complete(request({"observations": bundle(CONDITION)}), SERVICE, fetcher())
    assert [problem.resource for problem in problems] == [
        "prefetch.observations.entry[0]",
        "prefetch.procedures.entry[0]",
        "prefetch.procedures.entry[1]",
    ]
