"""A failure at each of the six steps is an OperationOutcome that is not 2xx, and the log tells no secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.hooks.services import HOOKS
from cds_service.values import replace
from tests.contract.requirements import proves
from tests.contract.service import BASE, PATIENT_VIEW, app, client, code, request

EXPLAIN = f"/explain/{BASE}-patient-view"
CANARY = "CANARY-Zyxwell"


class Broken:
    def check(self, *_: object) -> None:
        raise RuntimeError(CANARY)


def fail(*_: object, **__: object) -> Any:
    raise RuntimeError(CANARY)


def break_at(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``place``: the name of a function, or of a hook, whose cards then cannot be made."""
    if place in HOOKS:
        monkeypatch.setitem(HOOKS, place, replace(HOOKS[place], cards=fail))
    else:
        monkeypatch.setattr(place, fail)


@proves("ERR-09", "ERR-10", "OWN-07")
@pytest.mark.parametrize("path", [PATIENT_VIEW, EXPLAIN])
@pytest.mark.parametrize(
    "place",
    [
        "cds_service.app.read_body",
        "cds_service.app.parse",
        "cds_service.app.read_request",
        "cds_service.app.complete",
        "cds_service.hooks.decide.pool",
        "cds_service.hooks.decide.assess",
        "patient-view",
        "cds_service.app.check_response",
        "cds_service.hooks.decide.Decision.response",
    ],
)
def test_a_defect_at_any_step_is_500_and_never_an_empty_list_of_cards(
    path: str, place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = app().test_client()
    break_at(place, monkeypatch)
    answer = broken.post(path, json=request())
    assert (answer.status_code, code(answer)) == (500, "CLM-5000")
    log = capsys.readouterr().err
    assert CANARY not in answer.text + log
    assert '"event": "defect"' in log
    assert "builtins.RuntimeError" in log


def test_a_defect_at_the_first_step_is_500() -> None:
    answer = app(trust=Broken()).test_client().post(PATIENT_VIEW, json=request())
    assert (answer.status_code, code(answer)) == (500, "CLM-5000")


@proves("USER-17")
def test_a_response_that_breaks_the_rules_is_never_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = app().test_client()
    bad = {"cards": [{"summary": CANARY * 20}]}
    monkeypatch.setattr("cds_service.hooks.decide.Decision.response", lambda _: bad)
    answer = broken.post(PATIENT_VIEW, json=request())
    assert (answer.status_code, code(answer)) == (500, "CLM-5000")
    log = capsys.readouterr().err
    assert "cards[0].summary: must be one line of fewer than 140 characters" in log
    assert CANARY not in log


def test_a_defect_while_an_answer_is_finished_is_500_and_logged_without_its_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = app().test_client()
    monkeypatch.setattr("cds_service.monitoring.log.Call.finish", fail)
    assert broken.post(PATIENT_VIEW, json=request()).status_code == 500
    assert CANARY not in capsys.readouterr().err


@proves("OWN-07")
@pytest.mark.parametrize(
    "place",
    [
        "cds_service.hooks.decide.assess",
        *HOOKS,
    ],
)
def test_ready_is_503_when_the_service_cannot_decide(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = app().test_client()
    assert broken.get("/health/ready").status_code == 200
    break_at(place, monkeypatch)
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


def test_the_log_has_one_line_for_a_call_with_steps_states_and_no_patient(capsys: pytest.CaptureFixture[str]) -> None:
    ehr = app().test_client()
    capsys.readouterr()
    ehr.post(f"{PATIENT_VIEW}?patient={CANARY}", json=request(), headers={"Authorization": f"Bearer {CANARY}"})
    ehr.get("/health/live")
    (line,) = capsys.readouterr().err.splitlines()
    logged = json.loads(line)
    steps = ["trust", "receive", "read", "record", "decide", "remember", "check", "total"]
    assert list(logged["milliseconds"]) == steps
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
