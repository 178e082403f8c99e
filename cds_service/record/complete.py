"""Completing the record: what was sent, and what is absent and can be fetched.

====================  ====================================================================
under a prefetch key  what happens
====================  ====================================================================
data                  used; further pages are fetched
null                  an answer: there is none; not fetched
an OperationOutcome   the client tried and failed; not fetched
the key is absent     fetched from ``fhirServer`` where that is given and allowed
====================  ====================================================================

Keys that the service did not ask for are not looked at.
"""

from __future__ import annotations

from dataclasses import replace

from cds_service.errors import PrefetchMissing
from cds_service.fhir.problems import DataProblem
from cds_service.fhir.source import Source, SourceState, read_source
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.protocol.templates import expand
from cds_service.record.fetcher import Fetcher
from cds_service.record.search import Wanted

_NOT_SENT = "not sent"


def complete(
    request: HookRequest, service: Service, fetcher: Fetcher | None
) -> tuple[dict[str, Source], tuple[DataProblem, ...]]:
    """A source for every key of the service, in its order, and what was wrong with the data.

    ``fetcher``: None when nothing can be fetched (the command line).
    Raises: PrefetchMissing (412) naming each needed key that was neither sent nor fetchable, and why.
    """
    sources: dict[str, Source] = {}
    problems: list[DataProblem] = []
    wanted: list[Wanted] = []
    for key, expected in service.types.items():
        if key in request.prefetch:
            sources[key], found = read_source(key, request.prefetch[key], expected=expected)
            problems += found
            begun = sources[key] if sources[key].next_url is not None else None
        else:
            sources[key], begun = Source(key, SourceState.NOT_ASKED, note=_NOT_SENT), None
        if begun is None and key in request.prefetch:
            continue
        if (query := expand(service.prefetch[key], request)) is not None:
            wanted.append(Wanted(key, expected, query, begun))
    if wanted and fetcher is not None:
        for key, (source, found) in fetcher.fetch(request, wanted).items():
            sources[key] = source
            problems += found
    sources = {key: _of_this_patient(source, request.patient_id) for key, source in sources.items()}
    missing = {key: _why(sources[key]) for key in service.needs if _is_missing(sources[key], service.prefetch[key])}
    if missing:
        raise PrefetchMissing(missing)
    return sources, tuple(sorted(set(problems)))


def _of_this_patient(source: Source, patient_id: str) -> Source:
    """A source whose only Patient is somebody else's is no source: the caller mixed up two charts."""
    if not source.entries or source.entries[0].resource.get("resourceType") != "Patient":
        return source  # as nearly always: no need to look at the rest
    people = [entry.resource for entry in source.entries if entry.resource.get("resourceType") == "Patient"]
    if len(people) != len(source.entries) or any(_is_the_one(person, patient_id) for person in people):
        return source
    note = "the Patient is not the one of context.patientId"
    return replace(source, state=SourceState.NOT_ALLOWED, entries=(), note=note, next_url=None)


def _is_the_one(person: object, patient_id: str) -> bool:
    return isinstance(person, dict) and person.get("id", patient_id) == patient_id


def _is_missing(source: Source, template: str) -> bool:
    """Nothing came, and that is not itself the answer. A search may find nothing; a read of the patient may not."""
    if source.entries:
        return False
    is_read = "?" not in template
    return is_read or not source.complete


def _why(source: Source) -> str | None:
    return "null or empty was sent" if source.state is SourceState.EMPTY else source.note
