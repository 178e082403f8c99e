"""Metrics: what is counted, that every label is of a closed set, and who may ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from fhir_fixtures import case
from tests.contract.service import PATIENT_VIEW, app, code, request
from tests.spec.wire import client

CANARY = "CANARY-Zyxwell"


def counted(ehr: FlaskClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample of ``/metrics``, by name and labels."""
    answer = ehr.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.get_data(as_text=True))
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def number(ehr: FlaskClient, name: str, **labels: str) -> float:
    """The sum of the samples that have these labels."""
    wanted = set(labels.items())
    return sum(value for (found, has), value in counted(ehr).items() if found == name and wanted <= set(has))


@pytest.fixture
def ehr(tmp_path: Path) -> FlaskClient:
    return client(tmp_path)


def test_a_decision_is_counted_with_its_cards_steps_sources_and_what_is_unknown(ehr: FlaskClient) -> None:
    assert ehr.post(PATIENT_VIEW, json=request()).status_code == 200
    assert number(ehr, "cds_requests_total", route="/cds-services/<service_id>", status="200", code="none") == 1
    assert number(ehr, "cds_decisions_total", hook="patient-view", population="in", outcome="cards") == 1
    assert number(ehr, "cds_cards_total", hook="patient-view", indicator="info") == 1
    assert number(ehr, "cds_sources_total", key="patient", state="found") == 1
    assert number(ehr, "cds_request_duration_seconds_count") == 1
    for step in ("trust", "read", "record", "decide", "remember", "check"):
        assert number(ehr, "cds_step_duration_seconds_count", step=step) == 1
    assert number(ehr, "cds_criteria_total", criterion="timing") == 1
    assert number(ehr, "cds_criteria_total", criterion="surgery") == 1


def test_a_record_that_says_little_leaves_criteria_unknown(ehr: FlaskClient) -> None:
    sent = request()
    kept = {key: sent["prefetch"][key] for key in ("patient", "conditions")}
    assert ehr.post(PATIENT_VIEW, json=sent | {"prefetch": kept}).status_code == 200
    assert number(ehr, "cds_criteria_total", criterion="surgery", known="no") == 1
    assert number(ehr, "cds_criteria_total", criterion="surgery", known="yes") == 0
    assert number(ehr, "cds_unknown_reasons_total") > 0
    assert number(ehr, "cds_sources_total", state="not_asked") == 8


def test_an_explanation_is_a_call_but_no_decision_that_was_sent(ehr: FlaskClient) -> None:
    assert ehr.post(PATIENT_VIEW.replace("cds-services", "explain"), json=request()).status_code == 200
    assert number(ehr, "cds_requests_total", route="/explain/<service_id>") == 1
    assert number(ehr, "cds_decisions_total") == 0


def test_feedback_and_the_card_that_is_withheld_after_it(ehr: FlaskClient) -> None:
    card = ehr.post(PATIENT_VIEW, json=request()).get_json()["cards"][0]
    ehr.application.extensions["parts"].remembering.memory.flush()
    entry = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2025-06-01T10:00:00Z"}
    assert ehr.post(f"{PATIENT_VIEW}/feedback", json={"feedback": [entry]}).status_code == 200
    assert number(ehr, "cds_feedback_total", outcome="overridden") == 1
    assert ehr.post(PATIENT_VIEW, json=request()).get_json() == {"cards": []}
    assert number(ehr, "cds_decisions_total", outcome="withheld") == 1
    assert number(ehr, "cds_cards_withheld_total", topic=card["source"]["topic"]["code"]) == 1


def test_nothing_that_a_caller_wrote_becomes_a_label(ehr: FlaskClient) -> None:
    ehr.post(f"/cds-services/{CANARY}", json=request())
    ehr.post(PATIENT_VIEW, json=request(hook=CANARY, hookInstance=CANARY))
    ehr.post(PATIENT_VIEW, json=request() | {"prefetch": {CANARY: None}}, headers={"X-Request-Id": CANARY})
    ehr.open(f"/{CANARY}", method="CANARY")
    text = ehr.get("/metrics").get_data(as_text=True)
    assert number(ehr, "cds_requests_total") == 4
    assert number(ehr, "cds_requests_total", route="none", status="404") == 1
    assert "canary" not in text.lower()


def test_calling_often_makes_no_new_series(ehr: FlaskClient) -> None:
    ehr.post(PATIENT_VIEW, json=request())
    before = set(counted(ehr))
    for patient in ("mcode-rich-solitary", "mcode-rich-solitary"):
        ehr.post(PATIENT_VIEW, json=case(patient).request)
    assert set(counted(ehr)) == before


@pytest.mark.parametrize(
    ("allowed", "address", "headers", "status"),
    [
        ("loopback", "127.0.0.1", {}, 200),
        ("loopback", "::1", {}, 200),
        ("loopback", "10.0.0.7", {}, 404),
        ("loopback", "127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}, 404),
        ("loopback", "127.0.0.1", {"Forwarded": "for=10.0.0.7"}, 404),
        ("on", "10.0.0.7", {}, 200),
        ("off", "127.0.0.1", {}, 404),
    ],
)
def test_who_may_ask(allowed: str, address: str, headers: dict[str, str], status: int) -> None:
    made = app(metrics=allowed).test_client()
    answer = made.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == status
    if status == 404:
        assert code(answer) == "CLM-1009"
    else:
        assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"


def test_counting_that_fails_fails_no_answer(
    ehr: FlaskClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("cds_service.monitoring.metrics.Metrics.call", full)
    assert ehr.post(PATIENT_VIEW, json=request()).status_code == 200
    assert '"event": "defect"' in capsys.readouterr().err


def test_the_line_of_the_log_says_the_outcome_and_what_decided(
    ehr: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = ehr.post(PATIENT_VIEW, json=request()).get_json()
    origin = answer["cards"][0]["extension"]["org.example.crc-lung-metastasis.assessment"]
    line = capsys.readouterr().err.splitlines()[-1]
    assert '"outcome": "cards"' in line
    assert f'"assessment": "{origin["hash"]}"' in line
    assert f'"version": "{origin["serviceVersion"]}"' in line
    assert re.search(r'"knowledgeHash": "sha256:[0-9a-f]{64}"', line)
