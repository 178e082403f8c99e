"""The real server in a process of its own, and a FHIR server beside it."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from fhir_fixtures import case
from tests.contract.requirements import proves
from tests.integration.serving import server, started

PATH = "/cds-services/crc-lung-metastasis-patient-view"
JSON = {"Content-Type": "application/json"}


def call(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **more: Any
) -> tuple[int, Any]:
    sent = json.dumps(body) if isinstance(body, dict) else body
    connection.request(method, path, sent, JSON, **more)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_the_server_answers_logs_json_and_leaves_nothing_behind(tmp_path: Path) -> None:
    patient = case("mcode-rich-solitary")
    with server(tmp_path, CDS_MAX_BODY_BYTES="200000") as (connection, log):
        assert call(connection, "GET", "/health/ready")[0] == 200
        assert len(call(connection, "GET", "/cds-services")[1]["services"]) == 4
        status, answer = call(connection, "POST", PATH, patient.request)
        assert (status, len(answer["cards"])) == (200, 1)
        status, answer = call(connection, "POST", PATH, iter([b" " * 150_000, b" " * 150_000]), encode_chunked=True)
        assert (status, answer["resourceType"]) == (413, "OperationOutcome")
        connection.close()  # the server does not read on after 413
        assert call(connection, "POST", PATH, b"{")[0] == 400
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["status"] for line in lines if line["event"] == "call"] == [200, 200, 413, 400]
    assert "canary" not in log.read_text().lower()
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


class Dripping(BaseHTTPRequestHandler):
    """A FHIR server that sends a byte now and then, for ever."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+json")
        self.end_headers()
        with suppress(OSError):  # the client gave up
            while True:
                self.wfile.write(b" ")
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def fhir_server(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The base URL of a FHIR server on loopback."""
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/fhir"
    finally:
        running.shutdown()
        running.server_close()


def test_a_dripping_fhir_server_cannot_hold_an_answer_beyond_the_budget(tmp_path: Path) -> None:
    asked = {name: value for name, value in case("mcode-rich-solitary").request.items() if name != "prefetch"}
    with fhir_server(Dripping) as base, server(tmp_path, CDS_FHIR_BUDGET_MS="500") as (connection, _):
        # The connection waits for as long as anything may take; the FHIR server drips on for longer.
        status, outcome = call(connection, "POST", PATH, asked | {"fhirServer": base})
    assert status == 412
    assert "time budget" in outcome["issue"][0]["details"]["text"]


class Ehr(BaseHTTPRequestHandler):
    """A FHIR server on loopback that holds one case, and notes the tokens it was shown."""

    prefetch: dict[str, Any] = {}  # noqa: RUF012 - set once before the server starts
    tokens: set[str | None] = set()  # noqa: RUF012
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        type(self).tokens.add(self.headers["Authorization"])
        held = {
            "Patient/": "patient",
            "Condition?": "conditions",
            "category=imaging": "imaging-findings",
            "Observation?": "observations",
            "Procedure?": "procedures",
            "DiagnosticReport?": "reports",
            "ImagingStudy?": "imaging-studies",
            "BodyStructure?": "body-structures",
            "ServiceRequest?": "requests",
            "MedicationRequest?": "medications",
        }
        key = next(key for part, key in held.items() if part in self.path)
        body = json.dumps(self.prefetch[key] or {"resourceType": "Bundle", "type": "searchset", "total": 0}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@proves("FHIR-08")
def test_a_client_that_sends_only_a_token_gets_the_same_cards(tmp_path: Path) -> None:
    patient = case("mcode-rich-solitary")
    Ehr.prefetch, Ehr.tokens = patient.request["prefetch"], set()
    authorization = {
        "access_token": "CANARY-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.rs",
        "subject": "x",
        "patient": patient.request["context"]["patientId"],
    }
    without_data = {name: value for name, value in patient.request.items() if name != "prefetch"}
    with fhir_server(Ehr) as base, server(tmp_path, HTTP_PROXY="http://127.0.0.1:9") as (connection, log):
        token_only = without_data | {"fhirServer": base, "fhirAuthorization": authorization}
        fetched = call(connection, "POST", PATH, token_only)
        sent = call(connection, "POST", PATH, patient.request)
    assert fetched[0] == 200
    assert fetched == sent
    assert Ehr.tokens == {"Bearer CANARY-token"}
    assert "canary" not in log.read_text().lower()


SLOW_TO_LISTEN = """
import sys, time
from gunicorn.workers.base import Worker
listen = Worker.init_signals
Worker.init_signals = lambda worker: (time.sleep(1), listen(worker))
from cds_service.commands import main
sys.exit(main(["serve", "--port", "0"]))
"""


def test_a_worker_that_is_told_to_stop_before_it_listens_for_signals_stops(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with started(log, run=("-c", SLOW_TO_LISTEN), HOME=str(tmp_path), CDS_WORKERS="2") as (process, _):
        while "Booting worker" not in log.read_text():
            time.sleep(0.01)
        process.terminate()
        assert process.wait(timeout=20) == 0  # a worker that had not heard would be killed after 30 seconds
