"""The real server as an operator runs it: told to stop, counted over several workers, a worker lost, traced."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from fhir_fixtures import case
from tests.integration.serving import server
from tests.integration.test_server_process import JSON, PATH, Ehr, fhir_server

SLOW_S = 1.0


class SlowEhr(Ehr):
    """A FHIR server that thinks before it answers, and says when it was asked."""

    asked = threading.Event()

    def do_GET(self) -> None:
        type(self).asked.set()
        time.sleep(SLOW_S)
        super().do_GET()


def lines(log: Path, event: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, log.read_text().splitlines()) if line["event"] == event]


def until(what: str, tried: Any, seconds: float = 60) -> Any:
    """The first true answer of ``tried``. Fails when it does not come in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := tried():
            return found
        time.sleep(0.1)
    raise AssertionError(what)


def post(port: int, body: object) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", PATH, json.dumps(body), JSON)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def metrics(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def number(text: str, name: str) -> float:
    return sum(float(line.split()[-1]) for line in text.splitlines() if re.match(rf"{name}[{{ ]", line))


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])


def test_told_to_stop_the_service_finishes_what_it_answers(tmp_path: Path) -> None:
    patient = case("mcode-rich-solitary").request
    SlowEhr.prefetch = patient["prefetch"]
    asked = {name: value for name, value in patient.items() if name != "prefetch"}
    answers: list[tuple[int, Any]] = []
    with fhir_server(SlowEhr) as base, server(tmp_path) as (connection, log):
        (worker,) = until("a worker is ready", lambda: lines(log, "worker ready"))
        caller = threading.Thread(
            target=lambda: answers.append(post(connection.port, asked | {"fhirServer": base})), daemon=True
        )
        caller.start()
        assert SlowEhr.asked.wait(60)
        os.kill(parent_of(worker["process"]), signal.SIGTERM)
        caller.join(60)
    (answer,) = answers
    assert answer[0] == 200
    assert len(answer[1]["cards"]) == 1


def test_what_several_workers_count_is_one_sum_and_a_lost_worker_takes_nothing_away(tmp_path: Path) -> None:
    temporary = Path(tempfile.mkdtemp(dir=tmp_path))
    with server(tmp_path, CDS_WORKERS="2", TMPDIR=str(temporary)) as (connection, log):
        until("both workers are ready", lambda: len(lines(log, "worker ready")) == 2)
        assert [line.get("problems") for line in lines(log, "worker ready")] == [[], []]
        body = case("mcode-rich-solitary").request
        for _ in range(6):
            assert post(connection.port, body)[0] == 200
        text = metrics(connection.port)
        assert number(text, "cds_decisions_total") == 6
        assert number(text, "cds_request_duration_seconds_count") == 6
        assert number(text, "cds_build_info") == 1
        folder = next(temporary.glob("cds-metrics-*"))
        lost = lines(log, "worker ready")[0]["process"]
        os.kill(lost, signal.SIGKILL)
        until("a new worker is ready", lambda: len(lines(log, "worker ready")) == 3)
        until("its gauges are gone", lambda: not list(folder.glob(f"gauge_live*_{lost}.db")))
        assert post(connection.port, body)[0] == 200
        assert number(metrics(connection.port), "cds_decisions_total") == 7
    assert list(temporary.glob("cds-metrics-*")) == []


class Collector(BaseHTTPRequestHandler):
    """Where traces are sent."""

    received: list[tuple[str, bytes]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        type(self).received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_traces_go_where_the_standard_variables_say(tmp_path: Path) -> None:
    with fhir_server(Collector) as base:
        settings = {
            "CDS_TRACING": "on",
            "OTEL_EXPORTER_OTLP_ENDPOINT": base.removesuffix("/fhir"),
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        with server(tmp_path, **settings) as (connection, _):
            assert post(connection.port, case("mcode-rich-solitary").request)[0] == 200
            path, body = until("spans came", lambda: Collector.received)[0]
    assert path == "/v1/traces"
    for part in (b"POST /cds-services/<service_id>", b"decide", b"crc-lung-metastasis-cds"):
        assert part in body
    assert b"canary" not in body.lower()
