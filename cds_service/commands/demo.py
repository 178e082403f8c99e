"""`cds-service demo`: start the service, send it a ready-made patient, show the cards, stop."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from shutil import which
from typing import IO, Any

from rich.console import Console

import fhir_fixtures
from cds_service.settings import PREFIX
from cds_service.terminal.cards import print_cards
from cds_service.terminal.console import console
from cds_tools.caller import Caller, NoAnswer, Times
from fhir_fixtures import EVALUATED_ON, Case, case

CASE = "mcode-rich-solitary"
_WAIT_S = 30
_OK, _FAILED = 0, 1


class DemoFailed(Exception):
    """The service did not start, or did not answer with cards."""


def add_demo(parser: argparse.ArgumentParser) -> None:
    """Give the command ``demo`` its description; it takes no arguments."""
    parser.description = "Start the service on a free port, send it a ready-made patient, show the cards, and stop."
    parser.set_defaults(run=_demo)


def _demo(_: argparse.Namespace) -> int:
    try:
        _show(console())
    except DemoFailed as failed:
        print(failed, file=sys.stderr)  # noqa: T201
        return _FAILED
    return _OK


def _show(console: Console) -> None:
    """Show one patient's cards. Raises: DemoFailed."""
    patient = case(CASE)
    console.print(f"[bold]The patient[/] (invented; case {CASE})\n{_story(patient)}\n")
    with _service() as base_url:
        url = f"{base_url}/cds-services/crc-lung-metastasis-{patient.request['hook']}"
        console.print(f"POST {url}")
        cards = _post(url, patient.request)
    print_cards(cards, console)
    console.print(
        f"\nThe service has stopped. To keep one running, as of the day of this case:\n\n"
        f"  CDS_EVALUATION_DATE={EVALUATED_ON} {_command()} serve\n\n"
        f"then open http://127.0.0.1:8000, or see why a card says what it says:\n\n"
        f"  {_command()} assess {_folder()} --on {EVALUATED_ON}\n",
        highlight=False,
        soft_wrap=True,
    )


def _command() -> str:
    """How to call this command from here: by its name when the shell finds it, else by its path."""
    here = Path(sys.argv[0])
    if which("cds-service") or here.name != "cds-service":
        return "cds-service"
    return str(_shortened(here.resolve()))


def _folder() -> Path:
    """Where the case lies."""
    return _shortened(Path(str(files(fhir_fixtures) / "cases" / CASE)))


def _shortened(path: Path) -> Path:
    """A path as short as it can be written from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _story(patient: Case) -> str:
    """The first paragraph under the story's heading, as one line."""
    paragraphs = [part for part in patient.story.split("\n\n") if not part.startswith("#")]
    return " ".join(paragraphs[0].split())


@contextmanager
def _service() -> Iterator[str]:
    """The real server on a free loopback port, with no setting but the date; its log is shown only if it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment["CDS_EVALUATION_DATE"] = EVALUATED_ON
    command = [sys.executable, "-m", "cds_service.commands", "serve", "--host", "127.0.0.1", "--port", "0"]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        environment["XDG_STATE_HOME"] = folder  # nothing of the demonstration is kept
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8"
        )
        try:
            yield _address(process, log)
        finally:
            process.terminate()
            process.wait(timeout=_WAIT_S)
            if process.stdout:
                process.stdout.close()


def _address(process: subprocess.Popen[str], log: IO[str]) -> str:
    """The address that the server prints once it listens."""
    line = process.stdout.readline() if process.stdout else ""
    match = re.search(r"http://[^\s/]+", line)
    if match is None:
        log.seek(0)
        raise DemoFailed(f"The service did not start:\n{log.read()}")
    return match[0]


def _post(url: str, request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    try:
        answer = Caller(Times.of(_WAIT_S), agent="cds-service-demo").post(url, request)
    except NoAnswer as silent:
        raise DemoFailed(f"The service does not answer: {silent}.") from None
    if not answer.good:
        raise DemoFailed(f"The service answered {answer.status}:\n{answer.body.decode(errors='replace')}")
    if not answer.cards:
        raise DemoFailed("The service has nothing to say about this patient, which is not what the case expects.")
    return answer.cards
