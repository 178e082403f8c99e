"""What a call sent under each prefetch key, and whether that is enough to decide on. Pure: nothing is fetched.

====================  ======================================================
under a prefetch key  what it means
====================  ======================================================
data                  used
null                  an answer: there is none
an OperationOutcome   the client tried and failed
the key is absent     not asked; ``record`` may fetch it from ``fhirServer``
====================  ======================================================

Keys that the service did not ask for are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.errors import PrefetchMissing
from cds_service.fhir.problems import DataProblem
from cds_service.fhir.source import Source, SourceState, read_source
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.values import replace

Completed = tuple[dict[str, Source], tuple[DataProblem, ...]]
"""A source for every key of a service, in its order, and what was wrong with the data."""


def from_prefetch(request: HookRequest, service: Service) -> Completed:
    """The sources of a call that brings all its data along.

    Raises: PrefetchMissing (412) naming each needed key that was not sent, and why.
    """
    sources, problems = sent(request, service)
    return checked(sources, request, service), tuple(sorted(set(problems)))


def sent(request: HookRequest, service: Service) -> tuple[dict[str, Source], list[DataProblem]]:
    """The sources as they were sent, not yet checked; an absent key is a source that was not asked."""
    sources: dict[str, Source] = {}
    problems: list[DataProblem] = []
    for key, expected in service.types.items():
        if key in request.prefetch:
            sources[key], found = read_source(key, request.prefetch[key], expected=expected)
            problems += found
        else:
            sources[key] = Source(key, SourceState.NOT_ASKED, note="not sent")
    return sources, problems


def checked(sources: Mapping[str, Source], request: HookRequest, service: Service) -> dict[str, Source]:
    """The sources without a Patient who is another than that of the context.

    Raises: PrefetchMissing (412) naming each needed key that brought nothing, and why.
    """
    own = {key: _of_this_patient(source, request.patient_id) for key, source in sources.items()}
    missing = {key: _why(own[key]) for key in service.needs if _is_missing(own[key], service.prefetch[key])}
    if missing:
        raise PrefetchMissing(missing)
    return own


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
