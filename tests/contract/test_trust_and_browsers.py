"""CDS Hooks: Trusting CDS Clients, Cross-Origin Resource Sharing."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from cds_service.errors import CallerNotTrusted
from cds_service.trust import ANYONE, Caller
from tests.contract.requirements import proves
from tests.contract.service import BASE, PATIENT_VIEW, app, client, code, request

EXPLAIN = f"/explain/{BASE}-patient-view"
CANARY = "CANARY-Zyxwell"
ORIGIN = {"Origin": "https://sandbox.example.org"}


class Refusing:
    def check(self, *_: object) -> None:
        raise CallerNotTrusted(f"{CANARY}: unknown issuer")


@proves("AUTH-01", "AUTH-14")
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/cds-services"), ("POST", PATIENT_VIEW), ("POST", EXPLAIN), ("POST", f"{PATIENT_VIEW}/feedback")],
)
def test_trusting_cds_clients_a_caller_that_is_not_trusted_gets_a_bare_401(
    method: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = app(trust=Refusing()).test_client().open(path, method=method, json=request())
    assert (answer.status_code, code(answer)) == (401, "CLM-1000")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "issuer" not in answer.text
    assert "unknown issuer" in capsys.readouterr().err


@proves("AUTH-15")
def test_trusting_cds_clients_the_public_address_is_what_a_token_must_name() -> None:
    seen = []

    class Noting:
        def check(self, _: Headers, url: str) -> Caller:
            seen.append(url)
            return ANYONE

    app(trust=Noting(), public_base_url="https://cds.example.org/crc/").test_client().post(PATIENT_VIEW, json=request())
    app(trust=Noting()).test_client().post(PATIENT_VIEW, json=request(), query_string={"x": "1"})
    assert seen == [f"https://cds.example.org/crc{PATIENT_VIEW}", f"http://localhost{PATIENT_VIEW}"]


PREFLIGHT = ORIGIN | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


@proves("CORS-01", "CORS-02", "CORS-03", "CORS-06")
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


@proves("CORS-04", "CORS-05", "USER-12")
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
