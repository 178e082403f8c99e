"""One prefetch key, read from the FHIR server: its pages, and the second attempts that known servers need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from cds_service.fhir.problems import DataProblem
from cds_service.fhir.source import Source, SourceState, merge_sources, read_source
from cds_service.protocol.origins import same_origin
from cds_service.record.client import Access, Answer, FhirClient
from cds_service.record.deadline import Deadline
from cds_service.values import replace

MAX_PAGES = 20
CONDITION_CATEGORIES = ("problem-list-item", "encounter-diagnosis", "health-concern")
_BAD_REQUEST = 400
_REFUSALS = frozenset(range(400, 500)) - {408, 429}  # those two say "later", not "no"
_PATIENT_PARAMETER = re.compile(r"\?(?:.*&)?(patient=[^&]*)")

Read = tuple[Source, tuple[DataProblem, ...]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key to be fetched. ``query``: relative to the base. ``begun``: what was sent, when only pages are missing."""

    key: str
    expected: str
    query: str
    begun: Source | None = None


@dataclass(frozen=True, slots=True)
class KeyReader:
    """Reads keys from one server inside one time budget."""

    client: FhirClient
    access: Access
    deadline: Deadline

    def read(self, wanted: Wanted) -> Read:
        """What the server holds for the key. Never raises for what a server does: the source's state and note tell."""
        if wanted.begun is not None:
            return self._further_pages(wanted, wanted.begun, (), self.access.base_url.rstrip("/") + "/")
        url = self.access.url(wanted.query)
        answer = self.client.get(url, self.access, self.deadline)
        if answer.status == _BAD_REQUEST and wanted.expected in _SECOND_ATTEMPTS:
            second = self._second_attempt(wanted)
            if second is not None:
                return second
        return self._pages(wanted, url, answer)

    def _pages(self, wanted: Wanted, url: str, answer: Answer) -> Read:
        source, problems = _as_source(wanted, answer)
        return self._further_pages(wanted, source, problems, url)

    def _further_pages(self, wanted: Wanted, source: Source, problems: tuple[DataProblem, ...], url: str) -> Read:
        """Follow ``next`` on the same origin, each address once, up to the page limit."""
        seen = {url}
        while source.next_url is not None:
            following = _resolved(url, source.next_url)
            if following is None or not same_origin(following, self.access.base_url):
                return replace(source, note="the next page lies at another address than fhirServer"), problems
            if following in seen or len(seen) >= MAX_PAGES:
                return replace(source, note="there are more pages than are read"), problems
            seen.add(following)
            answer = self.client.get(following, self.access, self.deadline)
            if not answer.good:
                return replace(source, note=f"a further page is missing: {answer.note}"), problems
            page, found = _as_source(wanted, answer)
            url, source, problems = following, merge_sources(source, page), (*problems, *found)
        return source, problems

    def _second_attempt(self, wanted: Wanted) -> Read | None:
        """Some servers search Observation and Condition by category only."""
        patient = _PATIENT_PARAMETER.search(wanted.query)
        if patient is None or "category=" in wanted.query:
            return None
        query = f"{wanted.expected}?{patient[1]}&category="
        parts = [self._category(wanted, query + category) for category in _SECOND_ATTEMPTS[wanted.expected]]
        problems = tuple(problem for _, found in parts for problem in found)
        source = merge_sources(*(source for source, _ in parts))
        if wanted.expected == "Observation" and source.complete:
            note = "the FHIR server let only laboratory results be searched for"
            source = replace(source, state=SourceState.INCOMPLETE, note=note, cut=True)
        return source, problems

    def _category(self, wanted: Wanted, query: str) -> Read:
        url = self.access.url(query)
        return self._pages(wanted, url, self.client.get(url, self.access, self.deadline))


_SECOND_ATTEMPTS = {"Observation": ("laboratory",), "Condition": CONDITION_CATEGORIES}


def _as_source(wanted: Wanted, answer: Answer) -> Read:
    """Refused by the server, or by us: not allowed. Any other failure says nothing about what there is: incomplete."""
    if answer.good:
        return read_source(wanted.key, answer.document, expected=wanted.expected)
    refused = answer.refused or answer.status in _REFUSALS
    state = SourceState.NOT_ALLOWED if refused else SourceState.INCOMPLETE
    return Source(wanted.key, state, note=answer.note, cut=state is SourceState.INCOMPLETE), ()


def _resolved(url: str, following: str) -> str | None:
    try:
        return urljoin(url, following) if following else None
    except ValueError:
        return None
