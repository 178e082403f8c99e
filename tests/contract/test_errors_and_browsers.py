"""CDS Hooks: HTTP Status Codes, Returning OperationOutcome, Cross-Origin Resource Sharing, Trusting CDS Clients."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from cds_service.errors import CallerNotTrusted
from tests.contract.service import BASE, PATIENT_VIEW, app, client, code, issue, request

EXPLAIN = f"/explain/{BASE}-patient-view"
CANARY = "CANARY-Zyxwell"
JSON = {"Content-Type": "application/json"}
ORIGIN = {"Origin": "https://sandbox.example.org"}


# ------------------------------------------------------------------------------------------- HTTP Status Codes


@pytest.mark.parametrize("path", [PATIENT_VIEW, EXPLAIN])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"hook": NaN}',
        b'{"hook": Infinity}',
        b'{"hook": "\xff"}',
        '{"hook": "x"}'.encode("utf-16"),
        b'{"hook": "x"} // comment',
        b'{"hook": "x",}',
        b"[" * 100_000,
        b'"\\ud800"',
    ],
    ids=["none", "cut", "nan", "infinity", "latin-1", "utf-16", "comment", "comma", "deep", "surrogate"],
)
def test_status_codes_a_body_that_is_not_json_is_400(path: str, body: bytes) -> None:
    answer = client().post(path, data=body, headers=JSON)
    assert (answer.status_code, code(answer)) == (400, "CLM-1001")


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b"true"])
def test_status_codes_json_that_is_no_object_is_400(body: bytes) -> None:
    answer = client().post(PATIENT_VIEW, data=body, headers=JSON)
    assert (answer.status_code, code(answer)) == (400, "CLM-1002")


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", None])
def test_status_codes_a_body_not_declared_as_json_is_415(media_type: str | None) -> None:
    answer = client().post(PATIENT_VIEW, data=b"{}", headers={"Content-Type": media_type} if media_type else None)
    assert (answer.status_code, code(answer)) == (415, "CLM-1008")


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/fhir+json", "APPLICATION/JSON"])
def test_status_codes_every_kind_of_json_is_read(media_type: str) -> None:
    answer = client().post(PATIENT_VIEW, data=json.dumps(request()), headers={"Content-Type": media_type})
    assert answer.status_code == 200


def test_status_codes_a_compressed_body_is_415() -> None:
    answer = client().post(PATIENT_VIEW, data=b"{}", headers=JSON | {"Content-Encoding": "gzip"})
    assert (answer.status_code, code(answer)) == (415, "CLM-1008")


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
@pytest.mark.parametrize(("size", "status"), [(1000, 400), (1001, 413)])
def test_status_codes_a_body_over_the_limit_is_413(chunked: bool, size: int, status: int) -> None:
    body = b"{}" + b" " * (size - 2)
    sent: dict[str, Any] = {"data": body}
    if chunked:
        sent = {"input_stream": BytesIO(body), "environ_overrides": {"wsgi.input_terminated": True}}
    answer = app(max_body_bytes=1000).test_client().post(PATIENT_VIEW, content_type="application/json", **sent)
    assert (answer.status_code, code(answer)) == (status, "CLM-1002" if status == 400 else "CLM-1007")


@pytest.mark.parametrize("path", [f"/cds-services/{CANARY}", f"/explain/{CANARY}"])
def test_status_codes_an_unknown_service_is_404(path: str) -> None:
    answer = client().post(path, json=request())
    assert (answer.status_code, code(answer)) == (404, "CLM-1004")
    assert CANARY not in answer.text


@pytest.mark.parametrize("path", ["/nothing", f"{PATIENT_VIEW}/feedback", "/cds-services/a/b/c"])
def test_status_codes_an_unknown_path_is_404(path: str) -> None:
    answer = client().post(path, json=request())
    assert (answer.status_code, code(answer)) == (404, "CLM-1009")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", PATIENT_VIEW, "POST"), ("PUT", EXPLAIN, "POST"), ("POST", "/cds-services", "GET")],
)
def test_status_codes_another_method_is_405_and_says_which_are_allowed(method: str, path: str, allowed: str) -> None:
    answer = client().open(path, method=method)
    assert (answer.status_code, code(answer)) == (405, "CLM-1006")
    assert allowed in answer.headers["Allow"].split(", ")


def test_returning_operation_outcome_a_server_answers_an_error_with_hint_and_request_id() -> None:
    answer = client().post(PATIENT_VIEW, json={}, headers={"X-Request-Id": "call-1"})
    assert answer.headers["X-Request-Id"] == "call-1"
    assert "call-1" in issue(answer)["diagnostics"]


def test_a_request_id_that_is_no_plain_token_is_replaced() -> None:
    answer = client().get("/health/live", headers={"X-Request-Id": "a b"})
    assert answer.headers["X-Request-Id"] != "a b"


# -------------------------------------------------------------------------- Injected faults: each of the six steps


class Refusing:
    def check(self, *_: object) -> None:
        raise CallerNotTrusted(f"{CANARY}: unknown issuer")


class Broken:
    def check(self, *_: object) -> None:
        raise RuntimeError(CANARY)


def fail(*_: object, **__: object) -> Any:
    raise RuntimeError(CANARY)


@pytest.mark.parametrize("path", [PATIENT_VIEW, EXPLAIN])
@pytest.mark.parametrize(
    "place",
    [
        "cds_service.app.read_json",
        "cds_service.app.read_request",
        "cds_service.app.complete",
        "cds_service.hooks.decision.pool",
        "cds_service.hooks.decision.assess",
        "cds_service.hooks.patient_view.patient_view_cards",
        "cds_service.app.check_response",
        "cds_service.hooks.decision.Decision.response",
    ],
)
def test_a_defect_at_any_step_is_500_and_never_an_empty_list_of_cards(
    path: str, place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = app().test_client()
    monkeypatch.setattr(place, fail)
    answer = broken.post(path, json=request())
    assert (answer.status_code, code(answer)) == (500, "CLM-5000")
    log = capsys.readouterr().err
    assert CANARY not in answer.text + log
    assert '"event": "defect"' in log
    assert "builtins.RuntimeError" in log


def test_a_defect_at_the_first_step_is_500() -> None:
    answer = app(trust=Broken()).test_client().post(PATIENT_VIEW, json=request())
    assert (answer.status_code, code(answer)) == (500, "CLM-5000")


def test_a_response_that_breaks_the_rules_is_never_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = app().test_client()
    bad = {"cards": [{"summary": CANARY * 20}]}
    monkeypatch.setattr("cds_service.hooks.decision.Decision.response", lambda _: bad)
    answer = broken.post(PATIENT_VIEW, json=request())
    assert (answer.status_code, code(answer)) == (500, "CLM-5000")
    log = capsys.readouterr().err
    assert "cards[0].summary: must be one line of fewer than 140 characters" in log
    assert CANARY not in log


def test_a_defect_while_an_answer_is_finished_is_500_and_logged_without_its_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = app().test_client()
    monkeypatch.setattr("cds_service.telemetry.Call.finish", fail)
    assert broken.post(PATIENT_VIEW, json=request()).status_code == 500
    assert CANARY not in capsys.readouterr().err


def test_ready_is_503_when_the_service_cannot_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = app().test_client()
    assert broken.get("/health/ready").status_code == 200
    monkeypatch.setattr("cds_service.hooks.decision.assess", fail)
    answer = broken.get("/health/ready")
    assert (answer.status_code, code(answer)) == (503, "CLM-5000")
    assert broken.get("/health/live").status_code == 200


def test_ready_says_which_content_decides_and_that_the_date_is_fixed() -> None:
    ready = client().get("/health/ready").get_json()
    assert ready["knowledge"]["hash"].startswith("sha256:")
    assert ready["terminology"]["valueSets"] > 100
    assert ready["evaluationDate"] == {"value": "2025-06-01", "fixed": True}


def test_the_front_page_says_what_this_is_for() -> None:
    front = client().get("/").get_json()
    assert "never an order" in front["intendedUse"]
    assert front["discovery"] == "/cds-services"


# -------------------------------------------------------------------------------------- Trusting CDS Clients


@pytest.mark.parametrize(("method", "path"), [("GET", "/cds-services"), ("POST", PATIENT_VIEW), ("POST", EXPLAIN)])
def test_trusting_cds_clients_a_caller_that_is_not_trusted_gets_a_bare_401(
    method: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = app(trust=Refusing()).test_client().open(path, method=method, json=request())
    assert (answer.status_code, code(answer)) == (401, "CLM-1000")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "issuer" not in answer.text
    assert "unknown issuer" in capsys.readouterr().err


def test_trusting_cds_clients_the_public_address_is_what_a_token_must_name() -> None:
    seen = []

    class Noting:
        def check(self, _: Headers, url: str) -> None:
            seen.append(url)

    app(trust=Noting(), public_base_url="https://cds.example.org/crc/").test_client().post(PATIENT_VIEW, json=request())
    app(trust=Noting()).test_client().post(PATIENT_VIEW, json=request(), query_string={"x": "1"})
    assert seen == [f"https://cds.example.org/crc{PATIENT_VIEW}", f"http://localhost{PATIENT_VIEW}"]


# ----------------------------------------------------------------------- Cross-Origin Resource Sharing


PREFLIGHT = ORIGIN | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


@pytest.mark.parametrize("path", ["/cds-services", PATIENT_VIEW, f"{PATIENT_VIEW}/feedback", EXPLAIN])
def test_cors_a_preflight_is_answered_before_authentication(path: str) -> None:
    answer = app(trust=Refusing()).test_client().options(path, headers=PREFLIGHT)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def every_kind_of_answer(ehr: FlaskClient) -> list[Any]:
    return [
        ehr.get("/cds-services", headers=ORIGIN),
        ehr.post(PATIENT_VIEW, json=request(), headers=ORIGIN),
        ehr.post(PATIENT_VIEW, json={}, headers=ORIGIN),
        ehr.post("/cds-services/unknown", json={}, headers=ORIGIN),
        ehr.get(PATIENT_VIEW, headers=ORIGIN),
    ]


def test_cors_the_headers_stand_on_error_answers_too() -> None:
    for answer in every_kind_of_answer(client()):
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]
        assert "Origin" in answer.headers["Vary"]


def test_cors_an_origin_that_is_not_listed_gets_no_headers() -> None:
    listed = app(cors_origins=("https://ehr.example.org",)).test_client()
    for answer in (*every_kind_of_answer(listed), listed.options(PATIENT_VIEW, headers=PREFLIGHT)):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Origin" in answer.headers["Vary"]
    allowed = listed.get("/cds-services", headers={"Origin": "https://EHR.example.org"})
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://EHR.example.org"


# ------------------------------------------------------------------------------------------------ the log


def test_the_log_has_one_line_for_a_call_with_steps_states_and_no_patient(capsys: pytest.CaptureFixture[str]) -> None:
    ehr = app().test_client()
    capsys.readouterr()
    ehr.post(f"{PATIENT_VIEW}?patient={CANARY}", json=request(), headers={"Authorization": f"Bearer {CANARY}"})
    ehr.get("/health/live")
    (line,) = capsys.readouterr().err.splitlines()
    logged = json.loads(line)
    assert list(logged["milliseconds"]) == ["trust", "read", "record", "decide", "check", "total"]
    assert logged["sources"]["patient"] == "found"
    assert (logged["status"], logged["hook"], logged["cards"]) == (200, "patient-view", 1)
    assert logged["hookInstance"] == request()["hookInstance"]
    assert "canary" not in line.lower()


def test_the_log_names_the_keys_that_were_missing(capsys: pytest.CaptureFixture[str]) -> None:
    client().post(PATIENT_VIEW, json=request("prefetch-missing"))
    logged = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (logged["status"], logged["code"]) == (412, "CLM-2001")
    assert "'conditions'" in logged["reason"]


def test_the_start_says_open_trust_and_a_fixed_date(capsys: pytest.CaptureFixture[str]) -> None:
    app()
    events = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert events[:3] == ["started", "open trust", "fixed evaluation date"]
