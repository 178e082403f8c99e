"""A Prometheus with the files of ``deploy/observability``, on loopback, from the system's packages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ports import free_port
from tests.processes import starts_process

FILES = Path(__file__).parent.parent.parent / "deploy" / "observability"


def program() -> str:
    """Prometheus. Without it: skipped, but never where CI is set."""
    if found := shutil.which("prometheus"):
        return found
    if os.environ.get("CI"):
        pytest.fail("Prometheus is not installed (Debian: prometheus)")
    pytest.skip("Prometheus is not installed (Debian: prometheus)")


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One that runs. ``base``: its address."""

    base: str

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that a query gives. Raises: urllib.error.HTTPError for one that it does not understand."""
        answer = self.get(f"/api/v1/query?query={urllib.parse.quote(expression)}")
        found: list[dict[str, Any]] = json.loads(answer)["data"]["result"]
        return found

    def get(self, path: str) -> str:
        """What stands at a path."""
        with urllib.request.urlopen(self.base + path, timeout=10) as answer:  # noqa: S310 - loopback
            return str(answer.read().decode())


@starts_process
@contextmanager
def running_prometheus(folder: Path, scraped: int) -> Iterator[Prometheus]:
    """Prometheus, reading the service on that loopback port every second, until the block ends."""
    files = shutil.copytree(FILES, folder / "observability")
    config = (files / "prometheus.yml").read_text()
    placed = config.replace("127.0.0.1:8000", f"127.0.0.1:{scraped}").replace("_interval: 15s", "_interval: 1s")
    (files / "prometheus.yml").write_text(placed)
    port = free_port()
    command = [
        program(),
        f"--config.file={files}/prometheus.yml",
        f"--web.console.templates={files}/consoles",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--storage.tsdb.path={folder}/series",
    ]
    with (folder / "prometheus.log").open("w") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            running = Prometheus(f"http://127.0.0.1:{port}")
            _wait(running, process)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait(running: Prometheus, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while True:
        assert process.poll() is None, "Prometheus does not take our files"
        try:
            running.get("/-/ready")
            return
        except urllib.error.URLError:
            assert time.monotonic() < until
            time.sleep(0.1)
