"""`cds-service assess`: one record from files, through the steps of a request without HTTP."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from cds_service.commands.assess_report import render
from cds_service.errors import InputNotReadable
from cds_service.hooks.decide import decide_request
from cds_service.hooks.services import service_of
from cds_service.hooks.what_if import what_if_of
from cds_service.knowledge import Knowledge
from cds_service.oncology.what_if.search import explained
from cds_service.record.files import read_hook_request, read_record
from cds_service.settings import Settings, load_settings
from cds_service.site import load_site
from cds_service.terminal.console import console, day

_OK = 0
_PATIENT_VIEW = "patient-view"
_HOOKS = (_PATIENT_VIEW, "order-select", "order-sign")


def add_assess(parser: argparse.ArgumentParser) -> None:
    """Give the command ``assess`` its arguments."""
    parser.description = (
        "Assess one patient's record. A Bundle or folder is taken as the whole record; nothing is fetched."
    )
    parser.epilog = "Exit code 0: assessed. 2: the input could not be read, or needed data are missing."
    parser.add_argument(
        "input", type=Path, metavar="FILE|FOLDER", help="hook request, FHIR Bundle, or folder of resources"
    )
    parser.add_argument("--on", type=day, metavar="DATE", help="evaluate as of YYYY-MM-DD (default: today)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--patient", metavar="ID", help="which patient, when a Bundle or folder holds several")
    parser.add_argument(
        "--hook", choices=_HOOKS, help="for a Bundle or folder; at order hooks its draft requests are the orders"
    )
    parser.add_argument(
        "--what-if", action="store_true", help="also: the nearest facts that would change a class or an option"
    )
    parser.set_defaults(run=_assess)


def _assess(options: argparse.Namespace) -> int:
    explanation, wording = assess_input(
        options.input,
        load_settings(serving=False),
        on=options.on,
        hook=options.hook,
        patient_id=options.patient,
        with_what_if=options.what_if,
    )
    if options.format == "json":
        sys.stdout.write(orjson.dumps(explanation, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        render(explanation, console(), wording)
    return _OK


def assess_input(
    path: Path,
    settings: Settings,
    *,
    on: date | None = None,
    hook: str | None = None,
    patient_id: str | None = None,
    with_what_if: bool = False,
) -> tuple[dict[str, Any], Knowledge]:
    """The explanation of one record, and the content whose words show it.

    ``with_what_if``: what would change the decision stands in it as ``whatIf``.

    Raises: InputNotReadable, CallRejected for a faulty hook request, PrefetchMissing, StartRefused.
    """
    site = load_site(settings, fixed_date=on is not None or settings.evaluation_date is not None)
    today = on or settings.evaluation_date or datetime.now(settings.zone).date()
    request = read_hook_request(path)
    if request is None:
        request = read_record(path, service_of(hook or _PATIENT_VIEW, site.terminology), patient_id=patient_id)
    else:
        _refuse_contradiction(request.hook, hook, request.patient_id, patient_id)
    explanation = decide_request(request, site, on=today).explanation()
    if with_what_if:
        explanation["whatIf"] = explained(what_if_of(request, site, on=today))
    return explanation, site.knowledge


def _refuse_contradiction(has_hook: str, hook: str | None, has_patient: str, patient_id: str | None) -> None:
    if hook not in (None, has_hook):
        raise InputNotReadable("The file is a request of another hook.", hint="Leave out --hook for a hook request.")
    if patient_id not in (None, has_patient):
        raise InputNotReadable("The file is a request about another patient.", hint="Leave out --patient.")
