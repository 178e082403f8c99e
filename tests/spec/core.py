"""The whole core in one call, without HTTP: what the service would explain about a hook request."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from cds_service.fhir.source import Source, SourceState, read_source
from cds_service.hooks.decide import Decision, Site, decide
from cds_service.hooks.services import services
from cds_service.knowledge import Knowledge, load_knowledge
from cds_service.protocol.request import read_request
from cds_service.protocol.service import Service
from cds_service.terminology import load_terminology
from cds_service.values import replace
from tests.spec.patients import EVALUATED_ON

RESOURCE_TYPES = {
    "patient": "Patient",
    "conditions": "Condition",
    "observations": "Observation",
    "imaging-findings": "Observation",
    "procedures": "Procedure",
    "reports": "DiagnosticReport",
    "imaging-studies": "ImagingStudy",
    "body-structures": "BodyStructure",
    "requests": "ServiceRequest",
    "medications": "MedicationRequest",
}


@cache
def site() -> Site:
    """The service as it is packaged, with the clock of the vignettes."""
    return Site(
        knowledge=load_knowledge(),
        terminology=load_terminology(),
        zone=ZoneInfo("UTC"),
        public_base_url=None,
        fixed_date=True,
    )


@cache
def _services() -> dict[str, Service]:
    return {service.hook: service for service in services(site().terminology)}


def decision(request: dict[str, Any], *, on: str = EVALUATED_ON, knowledge: Knowledge | None = None) -> Decision:
    """What the core decides about a hook request. A key that is absent is a source that was not asked.

    ``knowledge``: other clinical content than that of the package.
    """
    hook_request = read_request(request)
    service = _services()[hook_request.hook]
    sources, problems = {}, []
    for key, expected in RESOURCE_TYPES.items():
        if key in hook_request.prefetch:
            sources[key], found = read_source(key, hook_request.prefetch[key], expected=expected)
            problems += found
        else:
            sources[key] = Source(key, SourceState.NOT_ASKED, ())
    at = site() if knowledge is None else replace(site(), knowledge=knowledge)
    return decide(service, hook_request, sources, problems, site=at, on=date.fromisoformat(on))


def explain(request: dict[str, Any], *, on: str = EVALUATED_ON, knowledge: Knowledge | None = None) -> dict[str, Any]:
    """The assessment of a hook request as the JSON of the contract, with the cards."""
    explanation: dict[str, Any] = decision(request, on=on, knowledge=knowledge).explanation()
    return explanation
