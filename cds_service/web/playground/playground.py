"""The playground beside a running service: its invented patients, what a choice makes of a request, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from flask import request
from werkzeug.datastructures import MultiDict

from cds_service.hooks.decide import Site
from cds_service.protocol.service import Service
from cds_service.values import replace
from cds_service.web.playground.changes import apply_changes
from cds_service.web.playground.chart_edits import Request
from cds_service.web.playground.choice import Choice
from cds_service.web.playground.deciding import Answer, ask
from cds_service.web.playground.hooks import under_hook
from fhir_fixtures import EVALUATED_ON, Case, cases


@dataclass(frozen=True)
class Playground:
    """What the pages need of the running service. ``services``: by hook. ``max_bytes``: the largest request."""

    services: Mapping[str, Service]
    site: Site
    today: Callable[[], date]
    max_bytes: int

    @cached_property
    def cases(self) -> dict[str, Case]:
        """The invented patients, by id."""
        return {case.id: case for case in cases()}

    def base_url(self) -> str:
        """The address of this service, without a slash at the end."""
        return self.site.public_base_url or request.url_root.rstrip("/")

    def read(self, form: MultiDict[str, str], pasted: str | None = None) -> Choice:
        """The choice of a form."""
        return Choice.read(form, known_cases=tuple(self.cases), usual_day=self._usual_day(pasted), pasted=pasted)

    def day_of(self, choice: Choice) -> date:
        """The chosen day; else the usual one."""
        return choice.on or self._usual_day(choice.pasted)

    def _usual_day(self, pasted: str | None) -> date:
        """The day that the invented patients are written for; today for a pasted request."""
        return date.fromisoformat(EVALUATED_ON) if pasted is None else self.today()

    def chosen(self, original: Request, choice: Choice) -> Request:
        """The request with everything that was chosen: the hook, then the facts, then the keys that are not sent."""
        own, on = self.site.terminology.canonical_base, self.day_of(choice)
        hook = choice.hook or str(original.get("hook", ""))
        made = under_hook(original, hook, choice.order, on=on, own=own)
        made = apply_changes(made, choice.changes, on=on, own=own)
        prefetch = made.get("prefetch")
        if choice.dropped and isinstance(prefetch, dict):
            kept = {key: value for key, value in prefetch.items() if key not in choice.dropped}
            made = {**made, "prefetch": kept}
        return made

    def ask(self, made: Request, choice: Choice) -> Answer:
        """What the service says to it."""
        on = self.day_of(choice)
        site = replace(self.site, public_base_url=self.base_url())
        return ask(made, self.services, site, on, fixed=self.site.fixed_date or on != self.today())
