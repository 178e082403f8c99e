"""A FHIR server that nobody here wrote, as a process of its own: see ``tests/node/fhir-server.mjs``."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

import pytest

from tests.processes import starts_process

FOLDER = Path(__file__).parent.parent / "node"
_PATIENCE = 120  # seconds for reading the definitions of FHIR R4 on a busy machine


def node() -> str:
    """The Node command. Skips where there is none, and fails instead where ``CI`` is set."""
    found = shutil.which("node")
    if found is None:
        _absent("Node is not installed here: the tests against a FHIR server of other people cannot run.")
    if not (FOLDER / "node_modules" / "@medplum" / "fhir-router").is_dir():
        pytest.fail("The FHIR server of the tests is not installed: run `make node`.")
    return found


def _absent(why: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{why} Here it must be (CI is set).")
    pytest.skip(why)


@starts_process
@contextmanager
def running(page_size: int = 6) -> Iterator[str]:
    """The server's base URL, on a free port of this machine.

    It complains into a file, not a pipe: a pipe that nobody empties would make it wait for ever.
    """
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as complaints,
        subprocess.Popen(
            [node(), "fhir-server.mjs"],
            cwd=FOLDER,
            env=os.environ | {"PAGE_SIZE": str(page_size)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        ) as process,
    ):
        try:
            yield f"http://127.0.0.1:{json.loads(_first_line(process, complaints))['port']}/fhir"
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """It ends when its stdin closes; where it does not, it is ended."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


def _first_line(process: subprocess.Popen[str], complaints: IO[str]) -> str:
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    threading.Thread(target=lambda stream: lines.put(stream.readline()), args=(process.stdout,), daemon=True).start()
    try:
        line = lines.get(timeout=_PATIENCE)
    except queue.Empty:
        line = ""
    if not line:
        complaints.seek(0)
        pytest.fail(f"The FHIR server did not start: {complaints.read()[-500:]}")
    return line
