"""The playground's page as it is served: what it shows, what it refuses, what it never keeps."""

from __future__ import annotations

import json
from functools import cache

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cds_service.settings import Mode, Settings, TrustMode
from fhir_fixtures import cases
from tests.contract.service import app, request

HTML = {"Accept": "text/html"}


@cache
def browser() -> FlaskClient:
    return app().test_client()


def shown(query: str = "") -> TestResponse:
    return browser().get(f"/{query}", headers=HTML)


def pasted(text: str, client: FlaskClient | None = None, **fields: str) -> TestResponse:
    form = {"request": text, **fields}
    return (client or browser()).post("/", data=form, content_type="multipart/form-data", headers=HTML)


@pytest.mark.parametrize("name", [case.id for case in cases()])
def test_every_case_is_shown_with_its_cards(name: str) -> None:
    answer = shown(f"?case={name}")
    expected = next(case.expected for case in cases() if case.id == name)
    assert answer.status_code == expected["status"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.count('<article class="card') == len(expected.get("response", {}).get("cards", []))


def test_what_no_control_offers_is_not_chosen() -> None:
    odd = shown("?case=../../etc&hook=x&order=y&on=yesterday&change=z&drop=nothing")
    assert odd.status_code == 200
    assert "One small, proven lung metastasis" in odd.text


def test_a_json_client_gets_the_front_page_at_the_same_address() -> None:
    for answer in (
        browser().get("/"),
        browser().get("/", headers={"Accept": "application/json"}),
        shown("?format=json"),
    ):
        assert answer.get_json()["discovery"] == "/cds-services"


def test_the_chosen_request_is_a_file_that_the_service_answers() -> None:
    chosen = (
        browser().get("/playground/request.json?case=mcode-rich-solitary&change=platelets-49&drop=reports").get_json()
    )
    assert "reports" not in chosen["prefetch"]
    cards = browser().post("/cds-services/crc-lung-metastasis-patient-view", json=chosen).get_json()["cards"]
    assert [card["indicator"] for card in cards] == ["info", "warning"]


def test_another_day_is_a_change_too() -> None:
    later = shown("?on=2026-06-01").text
    assert "What changes" in later
    assert "Evaluated as of 2026-06-01" in later
    assert "What changes" not in shown("?on=2025-06-01").text


FAULTY = [
    ("", 400, "CLM-1001"),
    ("{", 400, "CLM-1001"),
    ("[]", 400, "CLM-1002"),
    ('{"a":' * 200 + "1" + "}" * 200, 400, "CLM-1002"),
    ("{}", 400, "CLM-1002"),
    (json.dumps(request(hook="x")), 400, "CLM-1005"),
    (json.dumps(request(context={"patientId": "1"})), 422, "CLM-1003"),
    (json.dumps(request(prefetch={})), 412, "CLM-2001"),
    ('{"hook": "\\ud800"}', 400, "CLM-1001"),
]


@pytest.mark.parametrize(("text", "status", "code"), FAULTY, ids=range(len(FAULTY)))
def test_a_fault_is_answered_as_the_service_would(text: str, status: int, code: str) -> None:
    answer = pasted(text)
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert f"<code>{code}</code>" in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


@pytest.mark.parametrize("size", [200_001, 400_000])
def test_a_request_over_the_limit_is_refused_on_the_page(size: int) -> None:
    answer = pasted(" " * size, app(max_body_bytes=200_000).test_client())
    assert answer.status_code == 413
    assert "<code>CLM-1007</code>" in answer.text


def test_nothing_that_was_pasted_is_logged_or_kept(capsys: pytest.CaptureFixture[str]) -> None:
    client = app().test_client()
    capsys.readouterr()
    for text in (json.dumps(request()), json.dumps(request())[:-5], json.dumps(request(prefetch={}))):
        pasted(text, client, change="cea-5-1")
    log = capsys.readouterr().err
    assert log.count('"event": "call"') == 3
    assert "canary" not in log.lower()
    assert "CLM-2001" in log


def test_a_defect_is_a_500_without_the_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*given: object, **named: object) -> None:
        raise RuntimeError(f"{given} {named}")

    monkeypatch.setattr("cds_service.web.playground.deciding.decide", fail)
    answer = pasted(json.dumps(request()))
    assert answer.status_code == 500
    assert "canary" not in (answer.text + capsys.readouterr().err).lower()


def test_an_access_token_is_neither_used_nor_shown_in_a_command() -> None:
    authorization = {
        "access_token": "secret-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "x",
        "subject": "x",
    }
    sent = request(fhirServer="http://127.0.0.1:9/fhir", fhirAuthorization=authorization, prefetch={})
    answer = pasted(json.dumps(sent))
    assert answer.status_code == 412
    assert "not sent" in answer.text


@pytest.mark.parametrize(("playground", "served"), [(None, False), (True, True), (False, False)])
def test_in_production_the_playground_is_there_only_when_it_is_switched_on(
    playground: bool | None, served: bool
) -> None:
    settings = Settings(mode=Mode.PRODUCTION, trust=TrustMode.JWT, playground=playground)
    assert settings.shows_playground is served


def test_switched_off_the_front_page_is_short_and_nothing_can_be_pasted() -> None:
    off = app(playground=False).test_client()
    front = off.get("/", headers=HTML).get_json()
    assert front["pages"] == ["/rules", "/parameters", "/evidence", "/governance", "/feedback", "/api", "/docs"]
    assert off.post("/", data={"request": "{}"}).status_code == 405
    assert off.get("/playground/request.json").status_code == 404
    assert "Playground" not in off.get("/rules").text


def test_an_option_without_a_reason_against_it_says_what_is_not_known() -> None:
    """A missing fact must not reassure: without platelets on record no rule objects to ablation, which says little."""
    options = shown("?case=mcode-rich-solitary").text.partition('<table class="options">')[2].partition("</table>")[0]
    assert "nothing speaks against" not in options
    assert options.count("no rule speaks against it") == 3
    assert options.count("Not known: Thoracic nodes") == 3
    assert "Not known: Thoracic nodes, Statement of surgeon or MDT" in options
