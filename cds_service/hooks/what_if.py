"""What would change the decision on a call. No part of an answer to a hook, as it decides some hundred times.

Pages and ``cds-service assess --what-if`` call it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cds_service.fhir.pool import as_far_as_used, pool
from cds_service.fhir.source import Source
from cds_service.hooks.basket import asked
from cds_service.hooks.decide import Site
from cds_service.hooks.services import HOOKS, service_of
from cds_service.hooks.sources import from_prefetch
from cds_service.oncology.assess import mdt_is_drafted, read_case
from cds_service.oncology.what_if.search import WhatIf, of_case
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service


def what_if_of(request: HookRequest, site: Site, *, on: date) -> WhatIf:
    """What would change the decision on a call that brings all its data along. Raises: PrefetchMissing."""
    service = service_of(request.hook, site.terminology)
    sources, _ = from_prefetch(request, service)
    return what_if(service, request, sources, site=site, on=on)


def what_if(service: Service, request: HookRequest, sources: Mapping[str, Source], *, site: Site, on: date) -> WhatIf:
    """What would change the decision on this call, by deciding again with each changed fact."""
    resources = pool(sources.values(), patient_id=request.patient_id)
    case = read_case(
        resources,
        as_far_as_used(sources, resources),
        knowledge=site.knowledge,
        terminology=site.terminology,
        zone=site.zone,
        on=on,
    )
    question, _ = asked(HOOKS[service.hook], service, request, sources, resources)
    return of_case(case, mdt_drafted=mdt_is_drafted(question, resources, site.terminology))
