"""Assessing one record from files: the steps of a request without HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cds_service.errors import InputNotReadable
from cds_service.hooks import services
from cds_service.hooks.decision import Decision, Site, decide
from cds_service.hooks.what_if import explained, what_if
from cds_service.knowledge import Knowledge
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.record import complete
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
        request = read_record(path, _by_hook(site)[hook or _PATIENT_VIEW], patient_id=patient_id)
    else:
        _refuse_contradiction(request.hook, hook, request.patient_id, patient_id)
    explanation = assess_request(request, site, on=day).explanation()
    if with_what_if:
        explanation["whatIf"] = what_if_of(request, site, on=day)
    return explanation, site.knowledge


def assess_request(request: HookRequest, site: Site, *, on: date) -> Decision:
    """The decision on one hook request as of a day; nothing is fetched.

    Raises: InputNotReadable when no service listens to its hook, PrefetchMissing.
    """
    service = _service(_by_hook(site), request.hook)
    sources, problems = complete(request, service, None)
    return decide(service, request, sources, problems, site=site, on=on)


def what_if_of(request: HookRequest, site: Site, *, on: date) -> dict[str, Any]:
    """What would change the decision on one hook request, as JSON. Raises: as :func:`assess_request`."""
    service = _service(_by_hook(site), request.hook)
    sources, _ = complete(request, service, None)
    return explained(what_if(service, request, sources, site=site, on=on))


def _by_hook(site: Site) -> dict[str, Service]:
    return {service.hook: service for service in services(site.terminology)}


def _service(by_hook: Mapping[str, Service], hook: str) -> Service:
    if hook not in by_hook:
        raise InputNotReadable("No service listens to the hook of this request.", hint=f"Known: {', '.join(by_hook)}.")
    return by_hook[hook]


def _refuse_contradiction(has_hook: str, hook: str | None, has_patient: str, patient_id: str | None) -> None:
    if hook not in (None, has_hook):
        raise InputNotReadable("The file is a request of another hook.", hint="Leave out --hook for a hook request.")
    if patient_id not in (None, has_patient):
        raise InputNotReadable("The file is a request about another patient.", hint="Leave out --patient.")
