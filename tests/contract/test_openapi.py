"""``/openapi.json`` describes what the service does: every route, every status, every body."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from werkzeug.test import TestResponse

from cds_service import __version__
from cds_service.errors import StoreUnavailable
from fhir_fixtures import Case, cases
from tests.contract.requirements import proves
from tests.contract.service import BASE, PATIENT_VIEW, app, client, request

DOCUMENT: dict[str, Any] = client().get("/openapi.json").get_json()
EXPLAIN = f"/explain/{BASE}-patient-view"
FEEDBACK = f"{PATIENT_VIEW}/feedback"
ENTRY = {
    "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
    "outcome": "overridden",
    "outcomeTimestamp": "2025-06-01T12:00:00Z",
}
SERVICES = [PATIENT_VIEW, EXPLAIN]


def described(path: str) -> str:
    """The path of the description that covers an address."""
    for known in DOCUMENT["paths"]:
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path):
            return str(known)
    raise AssertionError(path)


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    found: Any = DOCUMENT
    for step in part["$ref"].removeprefix("#/").split("/") if "$ref" in part else ():
        found = found[step]
    return dict(found) if "$ref" in part else part


def schema(part: dict[str, Any]) -> dict[str, Any]:
    return part | {"components": DOCUMENT["components"]}


def keeps(answer: TestResponse, method: str, path: str) -> None:
    """The answer's status is described, and its body is as the description says."""
    operation = DOCUMENT["paths"][described(path)][method.lower()]
    assert str(answer.status_code) in operation["responses"], (answer.status_code, path)
    content = resolved(operation["responses"][str(answer.status_code)]).get("content", {})
    if answer.data:
        assert answer.mimetype in content
        jsonschema_rs.validator_for(schema(content[answer.mimetype]["schema"])).validate(answer.get_json())


def test_the_document_is_open_api_3_1_of_this_version() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["version"] == __version__
    assert all(jsonschema_rs.meta.is_valid(one) for one in DOCUMENT["components"]["schemas"].values())


def test_the_public_address_stands_in_it() -> None:
    public = app(public_base_url="https://cds.example.org/crc").test_client().get("/openapi.json").get_json()
    assert public["servers"] == [{"url": "https://cds.example.org/crc"}]
    assert DOCUMENT["servers"] == [{"url": "/"}]


def test_every_route_and_method_is_described_and_no_other() -> None:
    rules = {
        (re.sub(r"<(?:\w+:)?\w+>", "{id}", rule.rule), method.lower())
        for rule in app().url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    named = {
        (path, method)
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method in ("get", "post", "put")
    }
    assert named == rules


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    used = set(references(DOCUMENT))
    for reference in used:
        resolved({"$ref": reference})
    kinds = ("schemas", "responses", "parameters", "requestBodies", "headers")
    all_of_them = {f"#/components/{kind}/{name}" for kind in kinds for name in DOCUMENT["components"][kind]}
    assert all_of_them - used == set()


def test_every_operation_says_what_it_is_for() -> None:
    for item in DOCUMENT["paths"].values():
        for method in ("get", "post"):
            if method in item:
                assert item[method]["summary"].endswith(".")
                assert item[method]["operationId"]


@pytest.mark.parametrize("one", cases(), ids=lambda one: one.id)
def test_every_case_is_described_request_and_answer(one: Case) -> None:
    whole = one.request
    jsonschema_rs.validator_for(schema({"$ref": "#/components/schemas/HookRequest"})).validate(whole)
    for kind in ("cds-services", "explain"):
        path = f"/{kind}/{BASE}-{whole['hook']}"
        keeps(client().post(path, json=whole), "post", path)


def test_the_cards_of_the_explanation_are_those_of_the_service() -> None:
    cards = DOCUMENT["components"]["schemas"]
    assert cards["Assessment"]["properties"]["cards"]["items"] == cards["CardsResponse"]["properties"]["cards"]["items"]


def failing(place: str, error: Exception) -> Callable[[pytest.MonkeyPatch], None]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return lambda monkeypatch: monkeypatch.setattr(place, fail)


CALLS: list[tuple[str, str, dict[str, Any], int]] = [
    ("get", "/cds-services", {}, 200),
    *(("post", path, {"json": request()}, 200) for path in SERVICES),
    *(("post", path, {"data": b"{", "content_type": "application/json"}, 400) for path in (*SERVICES, FEEDBACK)),
    *(("post", path, {"data": b"{}", "content_type": "text/plain"}, 415) for path in (*SERVICES, FEEDBACK)),
    *(("post", path, {"json": request(context={})}, 422) for path in SERVICES),
    *(("post", path, {"json": request(prefetch={})}, 412) for path in SERVICES),
    *(("post", f"/{kind}/unknown", {"json": request()}, 404) for kind in ("cds-services", "explain")),
    ("post", "/cds-services/unknown/feedback", {"json": {"feedback": [ENTRY]}}, 404),
    ("post", FEEDBACK, {"json": {"feedback": [ENTRY]}}, 200),
    ("post", FEEDBACK, {"json": {}}, 400),
    ("get", "/health/live", {}, 200),
    ("get", "/health/ready", {}, 200),
    ("get", "/openapi.json", {}, 200),
    ("get", "/", {}, 200),
    *(("get", path, {"query_string": {"format": "json"}}, 200) for path in ("/rules", "/parameters", "/evidence")),
    ("get", "/evidence/nothing", {}, 404),
    ("get", "/static/nothing", {}, 404),
]


@proves("USER-09")
@pytest.mark.parametrize(("method", "path", "sent", "status"), CALLS, ids=[f"{row[1]} {row[3]}" for row in CALLS])
def test_an_answer_is_as_described(method: str, path: str, sent: dict[str, Any], status: int) -> None:
    answer = client().open(path, method=method, **sent)
    assert answer.status_code == status
    keeps(answer, method, path)


@pytest.mark.parametrize("path", [*SERVICES, FEEDBACK])
def test_a_body_over_the_limit_is_as_described(path: str) -> None:
    answer = app(max_body_bytes=10).test_client().post(path, json=request())
    assert answer.status_code == 413
    keeps(answer, "post", path)


@pytest.mark.parametrize("path", ["/cds-services", *SERVICES, FEEDBACK])
def test_a_call_too_many_is_as_described(path: str) -> None:
    busy = app(rate_limit_per_minute=1).test_client()
    method = "get" if path == "/cds-services" else "post"
    answer = [busy.open(path, method=method, json={}) for _ in range(2)][-1]
    assert answer.status_code == 429
    keeps(answer, method, path)


@pytest.mark.parametrize(
    ("path", "place", "error", "status"),
    [
        (PATIENT_VIEW, "cds_service.app.complete", RuntimeError("x"), 500),
        (EXPLAIN, "cds_service.app.complete", RuntimeError("x"), 500),
        (FEEDBACK, "cds_service.app.read_feedback", RuntimeError("x"), 500),
        (FEEDBACK, "cds_service.store.FeedbackStore.keep", StoreUnavailable("x"), 503),
        (PATIENT_VIEW, "cds_service.trust.OpenTrust.check", StoreUnavailable("x"), 503),
        ("/cds-services", "cds_service.trust.OpenTrust.check", StoreUnavailable("x"), 503),
        ("/health/ready", "cds_service.app.self_check", RuntimeError("x"), 503),
    ],
)
def test_a_failure_is_as_described(
    path: str, place: str, error: Exception, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = app().test_client()
    failing(place, error)(monkeypatch)
    method = "get" if path in ("/cds-services", "/health/ready") else "post"
    answer = broken.open(path, method=method, json={"feedback": [ENTRY]} if path == FEEDBACK else request())
    assert answer.status_code == status
    keeps(answer, method, path)
