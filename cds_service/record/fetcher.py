"""Fetching the missing keys of one request, all at the same time, inside one time budget."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from threading import BoundedSemaphore
from typing import Protocol

from cds_service.errors import ServiceBusy
from cds_service.fhir.source import Source, SourceState
from cds_service.protocol.request import HookRequest
from cds_service.record.client import CONNECTIONS, TIME_SPENT, Access, FhirClient
from cds_service.record.deadline import Deadline
from cds_service.record.origins import AllowList
from cds_service.record.scopes import Coverage, coverage, names_resources
from cds_service.record.search import KeyReader, Read, Wanted
from cds_service.values import replace

CALLS_AT_ONCE = 8
"""Calls of one worker that may fetch at one time: half of its slots, so that a server that hangs leaves the other half
to callers who send all data with the call (a test holds the two together)."""

# The threads stop a little before the request does, so that what they have by then is still used.
_SHARE_OF_BUDGET = 0.95
_NOT_COVERED = "the access token's scope does not cover it"
_NO_RESOURCES = "the access token's scope names no FHIR resources"


class Fetcher(Protocol):
    """Where missing keys come from."""

    def fetch(self, request: HookRequest, wanted: Sequence[Wanted]) -> dict[str, Read]:
        """A source for each wanted key, whatever the server does. Raises: ServiceBusy when too many fetch already."""


class FhirFetcher:
    """Fetches from the request's ``fhirServer`` when that is allowed. One for the process; safe to share."""

    def __init__(
        self, client: FhirClient, allowed: AllowList, budget_ms: int, *, calls_at_once: int = CALLS_AT_ONCE
    ) -> None:
        self._slots = BoundedSemaphore(calls_at_once)
        self._client = client
        self._allowed = allowed
        self._budget = budget_ms / 1000
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="fhir")  # started when first used

    def fetch(self, request: HookRequest, wanted: Sequence[Wanted]) -> dict[str, Read]:
        """A source for each wanted key; those that did not come in time are incomplete.

        Raises: ServiceBusy (503) when as many calls are fetching as may. To decide without the data instead would make
        the answer depend on how busy the service is.
        """
        base_url = request.fhir_server
        refusal = self._refusal(request)
        if base_url is None or refusal:
            return {item.key: _unread(item, SourceState.NOT_ASKED, f"not sent, and {refusal}") for item in wanted}
        token = request.authorization.access_token if request.authorization else None
        outer = Deadline(self._budget)
        reader = KeyReader(self._client, Access(base_url, token), Deadline(self._budget * _SHARE_OF_BUDGET))
        scope = request.authorization.scope if request.authorization else ""
        covered = {item.key: coverage(scope, item.expected, search="?" in item.query) for item in wanted}
        uncovered = _NOT_COVERED if names_resources(scope) else _NO_RESOURCES
        found = {
            item.key: _unread(item, SourceState.NOT_ALLOWED, uncovered)
            for item in wanted
            if covered[item.key] is Coverage.NOTHING
        }
        asked = [item for item in wanted if item.key not in found]
        if not asked:
            return found
        if not self._slots.acquire(blocking=False):
            raise ServiceBusy("The service is fetching data for as many calls as it may at one time.")
        try:
            read = self._read_all(reader, asked, outer)
        finally:
            self._slots.release()
        return found | {key: _in_part(one) if covered[key] is Coverage.PART else one for key, one in read.items()}

    def _read_all(self, reader: KeyReader, wanted: Sequence[Wanted], outer: Deadline) -> dict[str, Read]:
        found = {}
        asked = [(item, self._threads.submit(reader.read, item)) for item in wanted]
        wait([future for _, future in asked], timeout=outer.remaining)
        for item, future in asked:
            if future.done():
                found[item.key] = future.result()
            else:
                future.cancel()
                found[item.key] = _unread(item, SourceState.INCOMPLETE, TIME_SPENT)
        return found

    def _refusal(self, request: HookRequest) -> str | None:
        """Why the server is not called; None when it may be."""
        if request.fhir_server is None:
            return "no fhirServer was given"
        if not self._allowed.permits(request.fhir_server):
            return "fhirServer is not on the allow-list"
        expires_in = request.authorization.expires_in if request.authorization else None
        return "the access token has expired" if expires_in is not None and expires_in <= 0 else None


def _in_part(read: Read) -> Read:
    """What a scope with a query of its own let through: used, and never complete."""
    source, problems = read
    if not source.complete:
        return read
    note = "the access token's scope covers only a part of it"
    return replace(source, state=SourceState.INCOMPLETE, note=note, cut=True), problems


def _unread(wanted: Wanted, state: SourceState, note: str) -> Read:
    """The key as it stands without fetching: the pages that were sent, or nothing."""
    if wanted.begun is not None:
        return replace(wanted.begun, note="a further page was not read"), ()
    return Source(wanted.key, state, note=note, cut=state is SourceState.INCOMPLETE), ()
