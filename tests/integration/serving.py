"""The service as an operator runs it: ``cds-service serve`` in processes of its own. The one place that starts it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fhir_fixtures import EVALUATED_ON
from tests.processes import starts_process

PATIENCE_S = 60.0
"""How long a process or an answer is waited for. A test that passes waits for none of it, however busy the machine."""
SERVE = ("-m", "cds_service.commands", "serve", "--port", "0")


@starts_process
@contextmanager
def started(log: Path, *, run: tuple[str, ...] = SERVE, **settings: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The main process and its port, a free one, of a service with these settings alone; it complains into ``log``.

    ``run``: what Python is asked to run. Where nobody stopped it before, it is told to stop, and must end well.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    with (
        log.open("a") as stderr,
        subprocess.Popen(
            [sys.executable, *run],
            env=environment | {"CDS_EVALUATION_DATE": EVALUATED_ON} | settings,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        assert process.stdout is not None
        listening = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
        assert listening, log.read_text()
        try:
            yield process, int(listening[1])
        finally:
            if process.poll() is None:
                process.terminate()
                assert process.wait(timeout=PATIENCE_S) == 0


@contextmanager
def server(tmp_path: Path, **settings: str) -> Iterator[tuple[http.client.HTTPConnection, Path]]:
    """A connection to a service whose home is ``tmp_path``, and its log there."""
    log = tmp_path / "log"
    with started(log, HOME=str(tmp_path), **settings) as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        try:
            yield connection, log
        finally:
            connection.close()


class Running:
    """A service in processes of its own."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.base = f"http://127.0.0.1:{port}"
        self.port = port

    def post(self, path: str, body: object, signed: str | None = None) -> tuple[int, Any]:
        """One call over a connection of its own, so that any worker may answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {signed}"} if signed else {})
        try:
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> tuple[int, Any]:
        """One GET over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """The process ids of the workers that run at this moment (Linux)."""
        main = self.process.pid
        return [int(child) for child in Path(f"/proc/{main}/task/{main}/children").read_text().split()]

    def kill(self) -> None:
        """End all its processes at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=PATIENCE_S)


@contextmanager
def running(tmp_path: Path, url: str, *, program: str = "cds_service.commands", **settings: str) -> Iterator[Running]:
    """Two workers that share the database at ``url``. ``program``: the module that is run."""
    defaults = {"CDS_DATABASE_URL": url, "CDS_WORKERS": "2", "XDG_STATE_HOME": str(tmp_path / "state")}
    run = ("-m", program, "serve", "--port", "0")
    with started(tmp_path / "log", run=run, **(defaults | settings)) as (process, port):
        yield Running(process, port)
