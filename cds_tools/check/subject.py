"""The service that is checked, with what was learnt about it so far; standard calls are made once and shared."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from cds_service.protocol.origins import is_loopback
from cds_tools.caller import Answer, Caller, fresh_id
from cds_tools.check.calls import Situation, hook_request, situations
from cds_tools.check.results import Skip
from cds_tools.ehr import Record

DEFAULT_ORIGIN = "https://sandbox.cds-hooks.example.org"


@dataclass(frozen=True, slots=True)
class ListedService:
    """One usable entry of discovery."""

    id: str
    hook: str
    entry: Mapping[str, Any] = field(compare=False)

    @property
    def name(self) -> str:
        """How reports name it: its id, and its hook where that is not part of it."""
        return self.id if self.hook in self.id else f"{self.id} ({self.hook})"

    @property
    def templates(self) -> dict[str, str]:
        """Its prefetch templates, as far as they are texts."""
        found = self.entry.get("prefetch")
        return {key: text for key, text in found.items() if isinstance(text, str)} if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Call:
    """A complete call and its answer."""

    request: Mapping[str, Any]
    answer: Answer


class Subject:
    """``base``: the address without ``/cds-services``. ``only``: the one service id to look at, or None for all."""

    def __init__(
        self,
        caller: Caller,
        base: str,
        *,
        only: str | None = None,
        prefetch_only: bool = False,
        origin: str = DEFAULT_ORIGIN,
    ) -> None:
        self.caller = caller
        self.base = base.rstrip("/").removesuffix("/cds-services")
        self.only = only
        self.prefetch_only = prefetch_only
        self.origin = origin
        self._discovery: Answer | None = None
        self._calls: dict[ListedService, tuple[Call, ...]] = {}

    @property
    def discovery_url(self) -> str:
        """Where discovery is."""
        return f"{self.base}/cds-services"

    @property
    def on_this_machine(self) -> bool:
        """Is the service on loopback, so that it can reach what listens here?"""
        return is_loopback(urlsplit(self.base).hostname or "")

    @property
    def discovery(self) -> Answer:
        """The answer of discovery. Raises: NoAnswer."""
        if self._discovery is None:
            self._discovery = self.caller.get(self.discovery_url)
        return self._discovery

    @property
    def entries(self) -> list[Any]:
        """What discovery lists, whatever it is."""
        document = self.discovery.document
        services = document.get("services") if isinstance(document, dict) else None
        return services if isinstance(services, list) else []

    @property
    def listed(self) -> tuple[ListedService, ...]:
        """The services that can be called: an id, a hook, and chosen."""
        found = [
            ListedService(entry["id"], entry["hook"], entry)
            for entry in self.entries
            if isinstance(entry, dict) and _text(entry.get("id")) and _text(entry.get("hook"))
        ]
        return tuple(service for service in found if self.only in (None, service.id))

    def url(self, service: ListedService, *more: str) -> str:
        """The address of a service, and of what lies under it."""
        return "/".join((self.discovery_url, quote(service.id, safe=""), *more))

    def call(self, service: ListedService, document: Any, **named: Any) -> Answer:
        """One call of a service. Raises: NoAnswer."""
        return self.caller.post(self.url(service), document, **named)

    def calls(self, service: ListedService) -> tuple[Call, ...]:
        """A complete call for every patient, made once. Raises: NoAnswer; Skip for a hook that is not known here."""
        if service not in self._calls:
            requests = [hook_request(service.entry, situation) for situation in self._situations(service)]
            self._calls[service] = tuple(Call(request, self.call(service, request)) for request in requests)
        return self._calls[service]

    def example(self, service: ListedService) -> dict[str, Any]:
        """The request that brought most cards, with a new ``hookInstance``. Raises: Skip when none is answered 200."""
        best = max(self.answered(service), key=lambda call: len(call.answer.cards))
        return deepcopy(dict(best.request)) | {"hookInstance": fresh_id()}

    def answered(self, service: ListedService) -> tuple[Call, ...]:
        """The complete calls that were answered 200. Raises: Skip when there is none."""
        calls = self.calls(service)
        if found := tuple(call for call in calls if call.answer.status == 200):
            return found
        statuses = ", ".join(sorted({str(call.answer.status) for call in calls}))
        raise Skip(f"no complete call was answered 200 (but {statuses})")

    def record(self, service: ListedService, patient_id: str) -> Record:
        """The record of a patient about whom the service was called."""
        return next(one.record for one in self._situations(service) if one.record.patient["id"] == patient_id)

    def first(self) -> ListedService:
        """A service whose complete call is answered. Raises: Skip when there is none."""
        for service in self.listed:
            try:
                self.answered(service)
            except Skip:
                continue
            return service
        raise Skip("no service answers a complete call")

    @staticmethod
    def _situations(service: ListedService) -> tuple[Situation, ...]:
        found = situations(service.hook)
        if not found:
            raise Skip(f"the context of hook {service.hook} is not known here")
        return found


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
