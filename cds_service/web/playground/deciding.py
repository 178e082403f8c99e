"""One call of the playground: the service's own steps 2 to 6 in this process, as of a given day, fetching nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cds_service.errors import BodyTooLarge, CdsError, EnvelopeInvalid
from cds_service.hooks.decide import Site, decide
from cds_service.hooks.sources import from_prefetch
from cds_service.hooks.what_if import what_if
from cds_service.oncology.what_if.search import explained
from cds_service.protocol.card import check_response
from cds_service.protocol.request import read_request
from cds_service.protocol.service import Service
from cds_service.serving.answers import ResponseInvalid
from cds_service.serving.body import parse
from cds_service.values import replace
from cds_service.web.playground.chart_edits import Request

DEEPEST = 100
"""Levels of nesting that the playground shows; the deepest FHIR resource has a fraction of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says to one request: the explanation (with the cards) and what would change it, or the error."""

    request: Request | None
    service: str | None
    explanation: Mapping[str, Any] | None = None
    what_if: Mapping[str, Any] | None = None
    error: CdsError | None = None

    @property
    def response(self) -> dict[str, Any]:
        """The body of the CDS Hooks response."""
        return {"cards": self.explanation["cards"]} if self.explanation else {}


def read_text(text: str, limit: int) -> Request:
    """The request in a pasted text.

    Raises: BodyTooLarge (413), BodyNotJson (400), EnvelopeInvalid (400) for what is no object, or nested too deeply.
    """
    body = text.encode(errors="replace")
    if len(body) > limit:
        raise BodyTooLarge(f"The request is larger than {limit} bytes.", hint="Paste less of it.")
    document = parse(body)
    if not isinstance(document, dict):
        raise EnvelopeInvalid("The request must be one JSON object.", hint="See CDS Hooks, HTTP Request.")
    if _deeper_than(document, DEEPEST):
        raise EnvelopeInvalid(f"The request is nested deeper than {DEEPEST} levels.", hint="FHIR data are not.")
    return document


def ask(request: Request, services: Mapping[str, Service], site: Site, on: date, *, fixed: bool) -> Answer:
    """The answer to a request. ``services``: by hook. ``fixed``: the day is not today, which every card then says."""
    service: Service | None = None
    try:
        hook_request = read_request(request)
        service = services[hook_request.hook]
        sources, problems = from_prefetch(hook_request, service)
        decided = decide(service, hook_request, sources, problems, site=replace(site, fixed_date=fixed), on=on)
    except CdsError as error:
        return Answer(request, service.id if service else None, error=error)
    if breaches := check_response(decided.response()):
        raise ResponseInvalid(breaches)
    nearest = explained(what_if(service, hook_request, sources, site=site, on=on))
    return Answer(request, service.id, explanation=decided.explanation(), what_if=nearest)


def _deeper_than(document: object, levels: int) -> bool:
    layer = [document]
    for _ in range(levels):
        layer = [
            child
            for item in layer
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not layer:
            return False
    return True
