"""Assessing one record from files: the steps of a request without HTTP."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from cds_service.errors import InputNotReadable
from cds_service.hooks.decide import decide_request
from cds_service.hooks.services import service_of
from cds_service.hooks.what_if import what_if_of
from cds_service.knowledge import Knowledge
from cds_service.oncology.what_if.search import explained
from cds_service.record.files import read_hook_request, read_record
from cds_service.settings import Settings
from cds_service.site import load_site

_PATIENT_VIEW = "patient-view"


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
    day = on or settings.evaluation_date or datetime.now(settings.zone).date()
    request = read_hook_request(path)
    if request is None:
        request = read_record(path, service_of(hook or _PATIENT_VIEW, site.terminology), patient_id=patient_id)
    else:
        _refuse_contradiction(request.hook, hook, request.patient_id, patient_id)
    explanation = decide_request(request, site, on=day).explanation()
    if with_what_if:
        explanation["whatIf"] = explained(what_if_of(request, site, on=day))
    return explanation, site.knowledge


def _refuse_contradiction(has_hook: str, hook: str | None, has_patient: str, patient_id: str | None) -> None:
    if hook not in (None, has_hook):
        raise InputNotReadable("The file is a request of another hook.", hint="Leave out --hook for a hook request.")
    if patient_id not in (None, has_patient):
        raise InputNotReadable("The file is a request about another patient.", hint="Leave out --patient.")
