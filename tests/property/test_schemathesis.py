"""Schemathesis calls every operation of ``/openapi.json`` with what its schemas allow and with what they do not."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.requirements import proves
from tests.contract.service import BASE, HOOKS, app, client
from tests.hypothesis_profiles import examples

APP = app()
# Its second phase, one call for each edge of each schema, takes minutes; tests/contract/test_openapi.py has our edges.
CONFIG = SchemathesisConfig.from_dict({"phases": {"coverage": {"enabled": False}}})
SCHEMA = schemathesis.openapi.from_wsgi("/openapi.json", APP, config=CONFIG)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BOUNDED = settings(examples(12), suppress_health_check=list(HealthCheck))
IDS = [f"{BASE}-{hook}" for hook in HOOKS]
ENDPOINTS = [f"/{kind}/{id_}" for kind in ("cds-services", "explain") for id_ in IDS]
ENDPOINTS += [f"/cds-services/{id_}/feedback" for id_ in IDS]


@SCHEMA.parametrize()
@BOUNDED
def test_every_answer_is_as_described(case: Case) -> None:
    if "id" in (case.path_parameters or {}) and case.method == "POST":
        hook = case.body.get("hook") if isinstance(case.body, dict) else None
        case.path_parameters["id"] = f"{BASE}-{hook}" if hook in HOOKS else IDS[0]
    case.call_and_validate(checks=CHECKS)


@proves("ERR-08")
@pytest.mark.parametrize("path", ENDPOINTS)
@examples(15)
@given(body=st.binary(max_size=200), media_type=st.sampled_from(["application/json", "application/fhir+json", "x"]))
def test_any_bytes_get_a_4xx(path: str, body: bytes, media_type: str) -> None:
    answer = client().post(path, data=body, headers={"Content-Type": media_type})
    assert 400 <= answer.status_code < 500
    assert answer.get_json()["resourceType"] == "OperationOutcome"


@proves("ERR-08", "ERR-10")
@examples(100)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]),
    path=st.lists(st.one_of(st.sampled_from(["cds-services", "explain", "feedback", *IDS, ".."]), st.text(max_size=6))),
    query=st.text(max_size=10),
)
def test_any_path_gets_an_answer(method: str, path: list[str], query: str) -> None:
    whole = ("/" + "/".join(path)).encode().decode("latin-1")  # as WSGI has it
    answer = client().open("/", method=method, query_string={"q": query}, environ_overrides={"PATH_INFO": whole})
    assert answer.status_code < 500
    if (
        answer.status_code >= 400 and answer.mimetype == "text/html"
    ):  # the playground's form shows the outcome on its page
        assert "CLM-" in answer.text
    elif answer.status_code >= 400 and answer.data:
        assert answer.get_json()["resourceType"] == "OperationOutcome"


@proves("ERR-08")
@examples(40)
@given(
    headers=st.dictionaries(
        st.sampled_from(
            ["Authorization", "Origin", "If-None-Match", "X-Request-Id", "Content-Encoding", "Accept", "Host"]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
        max_size=4,
    )
)
def test_any_headers_get_an_answer(headers: dict[str, str]) -> None:
    for path in ("/cds-services", "/rules", "/health/ready"):
        assert client().get(path, headers=headers).status_code < 500
    assert client().post(ENDPOINTS[0], json={}, headers=headers).status_code < 500


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["card", "outcome", "reason", "id", "code"]), inner, max_size=3),
    ),
    max_leaves=8,
)
FIELDS = ("card", "outcome", "outcomeTimestamp", "acceptedSuggestions", "overrideReason", "extension")
GOOD: dict[str, Any] = {
    "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
    "outcome": "overridden",
    "outcomeTimestamp": "2025-06-01T12:00:00Z",
}


@proves("FEED-02", "ERR-08")
@examples(100)
@given(changes=st.dictionaries(st.sampled_from(FIELDS), anything, max_size=3), whole=anything, use_whole=st.booleans())
def test_any_feedback_is_kept_or_refused(changes: dict[str, Any], whole: Any, use_whole: bool) -> None:
    body = {"feedback": whole} if use_whole else {"feedback": [GOOD | changes]}
    answer = client().post(f"/cds-services/{IDS[0]}/feedback", json=body)
    assert answer.status_code in (200, 400)


def test_the_endpoints_exist() -> None:
    assert {client().post(path, json={}).status_code for path in ENDPOINTS} == {400}
