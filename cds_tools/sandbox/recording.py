"""Saving an exchange as a new fixture, about somebody else: story.md, request.json, expected.json.

The service is asked once more, with the very request that is stored, so that the stored answer belongs to it. What a
clinician expects (``assessment``) stays empty: it is written by hand, and never by a program.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cds_service.errors import InputNotReadable
from cds_tools.caller import Answer
from cds_tools.sandbox.exchange import Exchange
from cds_tools.sandbox.pseudonyms import Pseudonyms
from cds_tools.sandbox.servers import CdsService
from fhir_fixtures import EVALUATED_ON

_CASE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_GOOD = 200
_STORY = """# {title}

Recorded at the hook {hook}. Names, identifiers, addresses, telecoms and texts are replaced; dates are not.
{keys}

The service should: (say here what a clinician expects, before reading the answer; then say it in `assessment`.)
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was saved. ``remarks``: what the tester should know before using it."""

    folder: Path
    remarks: tuple[str, ...]


def check_folder(folder: Path) -> str:
    """The id of the new case, which is the folder's name. Raises: InputNotReadable; nothing is ever overwritten."""
    if not _CASE.fullmatch(folder.name):
        raise InputNotReadable(
            f"The folder's name is the id of the case, and {folder.name or 'this one'} cannot be one.",
            hint="Small letters, digits and hyphens, such as two-nodules-epic.",
        )
    if folder.exists():
        raise InputNotReadable(f"{folder} is there already.", hint="Give a folder that does not exist yet.")
    if not folder.absolute().parent.is_dir():
        raise InputNotReadable(f"There is no folder {folder.absolute().parent} to put it in.")
    return folder.name


def record(exchange: Exchange, service: CdsService, service_id: str, folder: Path) -> Recorded:
    """Replace, ask again, write. Raises: InputNotReadable, SandboxStopped; then nothing was written."""
    case = check_folder(folder)
    pseudonyms = Pseudonyms(case)
    request = pseudonyms.request(exchange.request)
    again = service.call(service_id, request)
    expected = {
        "status": again.status,
        "assessment": {} if again.status == _GOOD else None,
        "response": again.document,
    }
    files = {
        "story.md": _story(case, exchange),
        "request.json": _json(request),
        "expected.json": _json(expected),
    }
    remarks = tuple(_remarks(exchange, again, service, pseudonyms.remaining("".join(files.values()))))
    _write(folder, files)
    return Recorded(folder, remarks)


def _story(case: str, exchange: Exchange) -> str:
    missing = sorted(sent.key for sent in exchange.sent if sent.key not in exchange.request.get("prefetch", {}))
    keys = f"Not sent: {', '.join(missing)}." if missing else "Every key was sent."
    return _STORY.format(title=case.replace("-", " ").capitalize(), hook=exchange.request["hook"], keys=keys)


def _remarks(exchange: Exchange, again: Answer, service: CdsService, remaining: int) -> list[str]:
    remarks = []
    before, after = _said(exchange.answer), _said(again)
    if before != after:
        remarks.append(
            f"The answer to the stored request differs from the first one: {after or 'no card'} instead of "
            f"{before or 'no card'}. A text that was replaced, or data that the service fetched, made a difference."
        )
    if (day := service.decides_on()) not in (None, EVALUATED_ON):
        remarks.append(
            f"The service decided as of {day}; tests decide as of {EVALUATED_ON}. To record for them, run the service "
            f"with CDS_EVALUATION_DATE={EVALUATED_ON}."
        )
    if remaining:
        remarks.append(
            f"{remaining} words of names, identifiers or addresses stand elsewhere too, in codes or in addresses of "
            "code systems: read request.json before you share it."
        )
    remarks.append("Dates and ages are as they were: a recording of a real patient is patient data.")
    return remarks


def _said(answer: Answer) -> list[str]:
    if not answer.good:
        return [str(answer.status)]
    return [str(card.get("summary")) for card in answer.cards]


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _write(folder: Path, files: dict[str, str]) -> None:
    """All files, or none: they are written beside, and the folder is moved to its place at the end."""
    beside = None
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
        beside.chmod(0o755)
        for name, text in files.items():
            (beside / name).write_text(text, encoding="utf-8")
        beside.rename(folder)
    except OSError as fault:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)
        raise InputNotReadable(f"{folder} cannot be written ({fault.strerror}).") from None
