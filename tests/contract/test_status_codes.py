"""CDS Hooks: HTTP Status Codes, Returning OperationOutcome."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from gunicorn.http.errors import InvalidChunkSize, NoMoreData  # type: ignore[import-untyped]
from werkzeug.exceptions import BadRequest, Conflict, ServiceUnavailable

from tests.contract.requirements import proves
from tests.contract.service import BASE, PATIENT_VIEW, app, client, code, issue, request

EXPLAIN = f"/explain/{BASE}-patient-view"
CANARY = "CANARY-Zyxwell"
JSON = {"Content-Type": "application/json"}


@proves("WIRE-04", "ERR-01")
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


@proves("ERR-01")
@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b"true"])
def test_status_codes_json_that_is_no_object_is_400(body: bytes) -> None:
    answer = client().post(PATIENT_VIEW, data=body, headers=JSON)
    assert (answer.status_code, code(answer)) == (400, "CLM-1002")


@proves("ERR-06")
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


@proves("ERR-05")
@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
@pytest.mark.parametrize(("size", "status"), [(1000, 400), (1001, 413), (5000, 413)])
def test_status_codes_a_body_over_the_limit_is_413(chunked: bool, size: int, status: int) -> None:
    body = b"{}" + b" " * (size - 2)
    sent: dict[str, Any] = {"data": body}
    if chunked:
        sent = {"input_stream": BytesIO(body), "environ_overrides": {"wsgi.input_terminated": True}}
    answer = app(max_body_bytes=1000).test_client().post(PATIENT_VIEW, content_type="application/json", **sent)
    assert (answer.status_code, code(answer)) == (status, "CLM-1002" if status == 400 else "CLM-1007")


class Broken(BytesIO):
    """A body that the server cannot read to its end."""

    def __init__(self, fault: Exception) -> None:
        super().__init__()
        self.fault = fault

    def readinto(self, *_: Any) -> int:
        raise self.fault

    def read(self, *_: Any) -> bytes:
        raise self.fault


@pytest.mark.parametrize("fault", [InvalidChunkSize(b"zz"), ConnectionResetError(), NoMoreData(b"")])
def test_status_codes_a_body_that_breaks_off_is_400(fault: Exception) -> None:
    overrides = {"wsgi.input_terminated": True}
    answer = client().post(
        PATIENT_VIEW, content_type="application/json", input_stream=Broken(fault), environ_overrides=overrides
    )
    assert (answer.status_code, code(answer)) == (400, "CLM-1001")


@proves("ERR-03")
@pytest.mark.parametrize("path", [f"/cds-services/{CANARY}", f"/explain/{CANARY}"])
def test_status_codes_an_unknown_service_is_404(path: str) -> None:
    answer = client().post(path, json=request())
    assert (answer.status_code, code(answer)) == (404, "CLM-1004")
    assert CANARY not in answer.text


@pytest.mark.parametrize("path", ["/nothing", f"{PATIENT_VIEW}/nothing", "/cds-services/a/b/c"])
def test_status_codes_an_unknown_path_is_404(path: str) -> None:
    answer = client().post(path, json=request())
    assert (answer.status_code, code(answer)) == (404, "CLM-1009")


@proves("ERR-04")
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", PATIENT_VIEW, "POST"), ("PUT", EXPLAIN, "POST"), ("POST", "/cds-services", "GET")],
)
def test_status_codes_another_method_is_405_and_says_which_are_allowed(method: str, path: str, allowed: str) -> None:
    answer = client().open(path, method=method)
    assert (answer.status_code, code(answer)) == (405, "CLM-1006")
    assert allowed in answer.headers["Allow"].split(", ")


@proves("ERR-07", "OWN-05")
def test_returning_operation_outcome_a_server_answers_an_error_with_hint_and_request_id() -> None:
    answer = client().post(PATIENT_VIEW, json={}, headers={"X-Request-Id": "call-1"})
    assert answer.headers["X-Request-Id"] == "call-1"
    assert "call-1" in issue(answer)["diagnostics"]


def test_a_request_id_that_is_no_plain_token_is_replaced() -> None:
    answer = client().get("/health/live", headers={"X-Request-Id": "a b"})
    assert answer.headers["X-Request-Id"] != "a b"


class Interrupted(BytesIO):
    """A connection that breaks while the body is read."""

    def readinto(self, _: Any) -> int:
        raise OSError(CANARY)


def test_status_codes_a_body_that_ends_early_is_400() -> None:
    answer = client().post(PATIENT_VIEW, content_type="application/json", input_stream=Interrupted(b"{}"))
    assert (answer.status_code, code(answer)) == (400, "CLM-1001")


@pytest.mark.parametrize(
    ("raised", "status", "error_code"),
    [
        (BadRequest(CANARY), 400, "CLM-1999"),
        (Conflict(), 400, "CLM-1999"),
        (ServiceUnavailable(CANARY), 500, "CLM-5000"),
    ],
)
def test_status_codes_what_the_web_framework_raises_is_an_outcome_too(
    raised: Exception, status: int, error_code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise raised

    broken = app().test_client()
    monkeypatch.setattr("cds_service.app.complete", fail)
    answer = broken.post(PATIENT_VIEW, json=request())
    assert (answer.status_code, code(answer)) == (status, error_code)
    assert CANARY not in answer.text
