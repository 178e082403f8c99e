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
from tests.unit.signing import ISSUER, key_set, token

CANARY = re.compile("canary", re.IGNORECASE)
CASES = cases()
CASES_BY_ID = {one.id: one for one in CASES}


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
    ehr.application.extensions["parts"].remembering.memory.flush()
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


def test_no_canary_and_no_token_when_calls_are_signed_and_answered(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A card, feedback on it and a second opening, each signed; then calls that are refused."""
    caplog.set_level(logging.DEBUG)
    (tmp_path / "jwks.json").write_text(json.dumps(key_set("ec")))
    ehr = client(tmp_path, CDS_TRUST="jwt", CDS_TRUSTED_ISSUERS=ISSUER, CDS_JWKS_FILE=str(tmp_path / "jwks.json"))
    path, request = "/cds-services/crc-lung-metastasis-patient-view", CASES_BY_ID["mcode-rich-solitary"].request
    sent: list[str] = []

    def call(address: str, body: Any, **claims: Any) -> tuple[int, Any]:
        sent.append(token(aud=f"http://localhost{address}", jti=f"canary-{len(sent)}", **claims))
        answer = ehr.post(address, json=body, headers={"Authorization": f"Bearer {sent[-1]}"})
        return answer.status_code, answer.get_json()

    status, answer = call(path, request)
    assert (status, len(answer["cards"])) == (200, 1)
    ehr.application.extensions["parts"].remembering.memory.flush()
    said = {
        "card": answer["cards"][0]["uuid"],
        "outcome": "overridden",
        "outcomeTimestamp": "2025-06-01T12:00:00Z",
        "overrideReason": {"reason": {"code": "x", "display": "CANARY-Zyxwell"}, "userComment": "CANARY-Zyxwell"},
    }
    assert call(f"{path}/feedback", {"feedback": [said]})[0] == 200
    assert call(path, request) == (200, {"cards": []})
    refused = [call(path, request, **claims) for claims in ({"sub": "canary", "exp": 1}, {"iss": "canary"})]
    refused.append(call(f"{path}/feedback", {"feedback": [said | {"card": "canary"}]}))
    assert [status for status, _ in refused] == [401, 401, 400]
    written = everything_written(caplog, capfd)
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("state.sqlite*")).decode("latin-1")
    assert answer["cards"][0]["uuid"] in stored
    for text in (json.dumps(refused), written, stored):
        assert not CANARY.search(text)
        assert not any(part in text for one in sent for part in one.split("."))
