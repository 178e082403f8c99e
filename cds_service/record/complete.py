"""Completing the record: what was sent, and what is absent and can be fetched.

A key that was sent is not fetched, be it null or an OperationOutcome; of data that were sent, further pages are. An
absent key is fetched from ``fhirServer`` where that is given and allowed. See :mod:`cds_service.hooks.sources`.
"""

from __future__ import annotations

from cds_service.hooks.sources import Completed, checked, sent
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.protocol.templates import expand
from cds_service.record.fetcher import Fetcher
from cds_service.record.search import Wanted


def complete(request: HookRequest, service: Service, fetcher: Fetcher) -> Completed:
    """The sources of a call, with what can be fetched of the keys that are absent or were sent in part.

    Raises: PrefetchMissing (412) naming each needed key that was neither sent nor fetchable, and why.
    """
    sources, problems = sent(request, service)
    wanted = []
    for key, expected in service.types.items():
        begun = sources[key] if sources[key].next_url is not None else None
        if key in request.prefetch and begun is None:
            continue
        if (query := expand(service.prefetch[key], request)) is not None:
            wanted.append(Wanted(key, expected, query, begun))
    if wanted:
        for key, (source, found) in fetcher.fetch(request, wanted).items():
            sources[key] = source
            problems += found
    return checked(sources, request, service), tuple(sorted(set(problems)))
