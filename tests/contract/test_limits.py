"""CDS Hooks: Security and Safety. Rate limit, depth, headers, public discovery, and a start that lints what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from cds_service import runtime as parts
from cds_service.errors import CallerNotTrusted, ServiceInvalid
from cds_service.settings import Mode
from cds_service.trust import ANYONE, Caller
from cds_service.values import replace
from tests.contract.requirements import proves
from tests.contract.service import PATIENT_VIEW, app, client, code, issue, request

FEEDBACK = f"{PATIENT_VIEW}/feedback"


class Naming:
    """Trusts everybody, and believes the name that they give."""

    def check(self, headers: Any, _: str) -> Caller:
        if headers.get("X-Name") == "stranger":
            raise CallerNotTrusted("the issuer is not listed")
        return Caller(headers["X-Name"]) if "X-Name" in headers else ANYONE

    def problem(self) -> str | None:
        return "there is no key" if self is DOWN else None


DOWN = Naming()


@proves("OWN-06")
def test_rate_limit_a_caller_that_calls_too_often_is_told_when_to_come_back() -> None:
    ehr = app(rate_limit_per_minute=3).test_client()
    assert [ehr.post(PATIENT_VIEW, json=request()).status_code for _ in range(3)] == [200] * 3
    for method, path in (("POST", PATIENT_VIEW), ("POST", FEEDBACK), ("GET", "/cds-services")):
        answer = ehr.open(path, method=method, json=request())
        assert (answer.status_code, code(answer)) == (429, "CLM-1010")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert ehr.get("/health/ready").status_code == 200


def test_rate_limit_callers_do_not_use_up_each_others_calls() -> None:
    ehr = app(trust=Naming(), rate_limit_per_minute=1).test_client()
    assert ehr.get("/cds-services", headers={"X-Name": "north"}).status_code == 200
    assert ehr.get("/cds-services", headers={"X-Name": "south"}).status_code == 200
    assert ehr.get("/cds-services", headers={"X-Name": "north"}).status_code == 429


def test_rate_limit_trying_out_tokens_is_limited_and_does_not_lock_out_the_trusted() -> None:
    ehr = app(trust=Naming(), rate_limit_per_minute=2).test_client()
    stranger = [ehr.get("/cds-services", headers={"X-Name": "stranger"}).status_code for _ in range(4)]
    assert stranger == [401, 401, 429, 429]
    assert ehr.get("/cds-services", headers={"X-Name": "north"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/cds-services"),
        ("POST", PATIENT_VIEW),
        ("POST", FEEDBACK),
        ("GET", "/health/live"),
        ("GET", "/nothing"),
        ("GET", "/fhir/metadata"),
        ("GET", "/rules"),
        ("GET", "/docs"),
    ],
)
def test_security_headers_stand_on_every_answer(method: str, path: str) -> None:
    headers = client().open(path, method=method, json=request()).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_security_headers_production_keeps_browsers_to_https() -> None:
    made = app(trust=Naming(), mode=Mode.PRODUCTION, public_base_url="https://cds.example.org")
    assert made.test_client().get("/cds-services").headers["Strict-Transport-Security"].startswith("max-age=")


def test_ready_in_production_a_fixed_evaluation_date_is_no_pass() -> None:
    made = app(trust=Naming(), mode=Mode.PRODUCTION, public_base_url="https://cds.example.org")
    answer = made.test_client().get("/health/ready")
    assert (answer.status_code, code(answer)) == (503, "CLM-6002")
    assert "evaluation date is fixed" in issue(answer)["details"]["text"]


@proves("AUTH-17")
@pytest.mark.parametrize(("public", "status"), [(False, 401), (True, 200)])
def test_trusting_cds_clients_discovery_is_public_only_where_the_operator_says_so(public: bool, status: int) -> None:
    ehr = app(trust=Naming(), public_discovery=public).test_client()
    assert ehr.get("/cds-services", headers={"X-Name": "stranger"}).status_code == status
    assert ehr.post(PATIENT_VIEW, json=request(), headers={"X-Name": "stranger"}).status_code == 401


def test_use_of_json_a_byte_order_mark_is_passed_over() -> None:
    body = b"\xef\xbb\xbf" + json.dumps(request()).encode()
    answer = client().post(PATIENT_VIEW, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200


@proves("ERR-01", "ERR-08")
def test_use_of_json_what_is_nested_too_deeply_is_400_and_says_so() -> None:
    body = b'{"hook": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    answer = client().post(PATIENT_VIEW, data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, code(answer)) == (400, "CLM-1001")
    assert "nested too deeply" in issue(answer)["details"]["text"]


@proves("USER-05")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"description": ""}, "description: is empty"),
        ({"id": "a/b"}, "id: cannot stand in a URL"),
        ({"prefetch": {"patient": "Patient/{{context.secret}}", "conditions": "Condition?x=y"}}, "is not a token"),
    ],
)
def test_discovery_a_service_that_breaks_the_standard_does_not_start(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], said: str
) -> None:
    sound = parts.all_services
    monkeypatch.setattr(parts, "all_services", lambda *a, **k: tuple(replace(one, **change) for one in sound(*a, **k)))
    with pytest.raises(ServiceInvalid, match=said):
        app()


def test_ready_is_503_while_no_caller_can_be_verified() -> None:
    answer = app(trust=DOWN).test_client().get("/health/ready")
    assert (answer.status_code, code(answer)) == (503, "CLM-6002")
    assert "there is no key" in issue(answer)["details"]["text"]


def test_ready_is_503_while_the_database_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    made = app()

    def away(*_: object) -> Any:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(Engine, "begin", away)
    answer = made.test_client().get("/health/ready")
    assert (answer.status_code, code(answer)) == (503, "CLM-6002")
    assert "database does not answer" in issue(answer)["details"]["text"]
