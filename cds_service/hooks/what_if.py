"""What would change the decision on a call? Not part of an answer to a hook: it draws conclusions some hundred times.

Pages and ``cds-service assess --what-if`` call it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cds_service.fhir.pool import pool, without_strangers
from cds_service.fhir.source import Source
from cds_service.hooks import HOOKS
from cds_service.hooks.decision import Site
from cds_service.oncology.assess import AssessmentRequest, mdt_is_drafted, read_case
from cds_service.oncology.what_if.search import WhatIf, of_case
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service

_HOOKS = {hook.HOOK: hook for hook in HOOKS}


def what_if(service: Service, request: HookRequest, sources: Mapping[str, Source], *, site: Site, on: date) -> WhatIf:
    """What would change the decision on this call, by deciding again with each changed fact."""
    resources = pool(sources.values(), patient_id=request.patient_id)
    case = read_case(
        resources,
        without_strangers(sources, resources),
        knowledge=site.knowledge,
        terminology=site.terminology,
        zone=site.zone,
        on=on,
    )
    orders = _HOOKS[service.hook].orders(request, resources)
    asked = AssessmentRequest(service.id, service.hook, orders, request.draft_orders)
    return of_case(case, mdt_drafted=mdt_is_drafted(asked, resources, site.terminology))
