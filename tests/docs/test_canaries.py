"""No patient in the log, in an error, in the metrics or in the store: the fixtures' canaries would be seen there."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from fhir_fixtures import Case, cases
from tests.contract.requirements import proves
from tests.spec.wire import client, post

CANARY = re.compile("canary", re.IGNORECASE)
CASES = cases()


@pytest.fixture
def ehr(tmp_path: Path) -> FlaskClient:
    return client(tmp_path)


def broken(request: dict[str, Any]) -> list[Any]:
    """Requests that fail at the envelope, at the context and at the data, all of them naming the patient."""
    person = request["prefetch"]["patient"]
    return [
        person,
        request | {"hookInstance": person},
        request | {"context": person},
        request | {"context": request["context"] | {"patientId": person["name"]}},
        request | {"context": {"userId": "Practitioner/canary-clinician"}},
        request | {"prefetch": {"patient": person}},
        request | {"prefetch": {"patient": person, "conditions": "CANARY-Zyxwell"}},
        request | {"hook": "CANARY-Zyxwell"},
    ]


def everything_written(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> str:
    """Log records with all that hangs on them, and both output streams, where the trace of a defect is written."""
    records = " ".join(
        f"{record.getMessage()} { {name: value for name, value in vars(record).items() if name != 'exc_info'}!r}"
        for record in caplog.records
    )
    out, err = capfd.readouterr()
    return f"{records} {out} {err}"


@proves("FHIR-03", "DUTY-02", "ERR-10")
@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_no_canary_in_the_log_or_an_error(
    one: Case, ehr: FlaskClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    for path in ("cds-services", "explain"):
        status, answer = post(ehr, path, one.request)
        assert status == one.expected["status"]
        if status != 200:
            assert not CANARY.search(json.dumps(answer))
    assert not CANARY.search(everything_written(caplog, capfd))
    assert not CANARY.search(ehr.get("/metrics").get_data(as_text=True))
    assert not any(CANARY.search(file.read_bytes().decode("latin-1")) for file in tmp_path.rglob("*") if file.is_file())


@pytest.mark.parametrize("number", range(8))
def test_no_canary_when_the_request_is_broken(
    number: int, ehr: FlaskClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    body = broken(CASES[0].request)[number]
    for path in ("cds-services", "explain"):
        answer = ehr.post(f"/{path}/crc-lung-metastasis-patient-view", json=body)
        assert 400 <= answer.status_code < 500
        assert not CANARY.search(answer.get_data(as_text=True))
    assert not CANARY.search(everything_written(caplog, capfd))


def test_no_canary_when_the_body_is_not_json(
    ehr: FlaskClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps(CASES[0].request)[:-3]
    answer = ehr.post(
        "/cds-services/crc-lung-metastasis-patient-view", data=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert not CANARY.search(answer.get_data(as_text=True))
    assert not CANARY.search(everything_written(caplog, capfd))


def test_no_canary_when_the_service_has_a_defect(
    ehr: FlaskClient,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The trace of a defect goes to the log; the values that the code was working on do not."""
    caplog.set_level(logging.DEBUG)

    def fail(*given: object, **named: object) -> object:
        raise RuntimeError(f"{given} {named}")

    monkeypatch.setattr("cds_service.app.decide", fail)
    answer = ehr.post("/cds-services/crc-lung-metastasis-patient-view", json=CASES[0].request)
    assert answer.status_code == 500
    assert not CANARY.search(answer.get_data(as_text=True))
    assert not CANARY.search(everything_written(caplog, capfd))
