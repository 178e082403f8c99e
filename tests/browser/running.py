"""The real server on loopback, and the system's Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fhir_fixtures import EVALUATED_ON

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
DESK, PHONE = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}


@contextmanager
def server(state: Path) -> Iterator[str]:
    """Where ``cds-service serve`` listens; what it keeps, it keeps in ``state``."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    environment |= {"CDS_EVALUATION_DATE": EVALUATED_ON, "XDG_STATE_HOME": str(state)}
    command = [sys.executable, "-m", "cds_service.cli", "serve", "--port", "0"]
    log = state / "log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
    ):
        assert process.stdout is not None
        listening = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert listening, log.read_text()
        try:
            yield listening[0]
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0
