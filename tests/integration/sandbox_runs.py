"""Running the sandbox as a person does, and the service that it calls."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fhir_fixtures import EVALUATED_ON
from tests.processes import starts_process

_COMMAND = [sys.executable, "-m", "cds_service.commands"]


def _environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    return kept | {"COLUMNS": "200", "NO_COLOR": "1", "HTTP_PROXY": "http://127.0.0.1:9"} | more


@starts_process
def sandbox(*arguments: str) -> subprocess.CompletedProcess[str]:
    """``cds-service sandbox ...`` in a process of its own. No proxy may stand between it and this machine."""
    return subprocess.run(
        [*_COMMAND, "sandbox", *arguments], env=_environment(), capture_output=True, text=True, timeout=300, check=False
    )


@starts_process
@contextmanager
def service(state: Path, **settings: str) -> Iterator[str]:
    """The address of ``cds-service serve`` on a free port, on the day of the fixtures."""
    environment = _environment(CDS_EVALUATION_DATE=EVALUATED_ON, HOME=str(state), XDG_STATE_HOME=str(state), **settings)
    with (
        (state / "service-log").open("w") as log,
        subprocess.Popen(
            [*_COMMAND, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdout is not None
        listening = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert listening, (state / "service-log").read_text()
        try:
            yield listening[0]
        finally:
            process.terminate()
            assert process.wait(timeout=60) == 0
