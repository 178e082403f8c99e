"""Sources: what stood under a prefetch key, how much of it can be read, and whether absence can be concluded from it.

Five states: not asked, not allowed, empty, incomplete, found. "There is none" follows from empty and found only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

from cds_service.fhir.bundles import unfold
from cds_service.fhir.codings import codings
from cds_service.fhir.problems import DataProblem
from cds_service.fhir.references import local_reference
from cds_service.fhir.resource_types import READ_TYPES
from cds_service.values import ValueObject, replace

_OUTCOME = "OperationOutcome"
_GRAVE = frozenset({"warning", "error", "fatal"})
#: Epic puts a warning beside every empty answer that says no more than that it is empty; the number between is the
#: installation's. Its other messages, such as 4119 ("may not contain the entire record"), are reasons to doubt.
_EPIC_MESSAGES = re.compile(r"urn:oid:1\.2\.840\.114350\.1\.13\.[0-9.]{1,40}\.7\.2\.657369")
_EPIC_NO_RESULTS = "4101"


class SourceState(StrEnum):
    """What is known about a source; the values are the words of the JSON contract."""

    NOT_ASKED = "not_asked"
    NOT_ALLOWED = "not_allowed"
    EMPTY = "empty"
    INCOMPLETE = "incomplete"
    FOUND = "found"


class Entry(NamedTuple):
    """One resource with the address it had in its Bundle, and its local reference, which is asked for often."""

    resource: Mapping[str, Any]
    full_url: str | None
    local: str


_entry = partial(tuple.__new__, Entry)  # three times as quick as calling it, and there are thousands


class Source(ValueObject, frozen=True):
    """The resources that one key brought.

    ``note`` says why a source is not allowed or incomplete. ``next_url`` is the next page where there is one. ``total``
    is the number of matches that the server announced, ``matched`` how many of them came. ``cut`` is true when the
    source can no longer become complete by following pages.
    """

    key: str
    state: SourceState
    entries: tuple[Entry, ...] = ()
    note: str | None = None
    next_url: str | None = None
    total: int | None = None
    matched: int = 0
    cut: bool = False

    @property
    def complete(self) -> bool:
        """Can absence of a fact be concluded from this source?"""
        return self.state is SourceState.EMPTY or self.state is SourceState.FOUND


def read_source(key: str, value: object, *, expected: str) -> tuple[Source, tuple[DataProblem, ...]]:
    """Read what stood under a prefetch key, or what a FHIR server answered.

    ``None`` is empty; an OperationOutcome is not allowed; a searchset Bundle, a list of resources or a single resource
    of the type ``expected`` is read; anything else is reported and counts as not allowed. Never raises.
    """
    if value is None:
        return Source(key, SourceState.EMPTY), ()
    if isinstance(value, list):
        return _read_entries(key, expected, [{"resource": item} for item in value], None, None)
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str):
        return _refused(key, "what stands under the key is not a FHIR resource", "ENTRY_UNREADABLE")
    if kind == "Bundle":
        return _read_bundle(key, value, expected)
    if kind == _OUTCOME:
        return Source(key, SourceState.NOT_ALLOWED, note="the FHIR server answered with an OperationOutcome"), ()
    if kind != expected:
        return _refused(key, f"a Bundle or a {expected} was expected", "TYPE_UNEXPECTED")
    return Source(key, SourceState.FOUND, (Entry(value, None, local_reference(value)),), matched=1), ()


def _refused(key: str, note: str, problem: str) -> tuple[Source, tuple[DataProblem, ...]]:
    found = DataProblem(f"prefetch.{key}", problem, f"{note[0].upper()}{note[1:]}; it is not used.")
    return Source(key, SourceState.NOT_ALLOWED, note=note), (found,)


def _read_bundle(key: str, bundle: dict[str, Any], expected: str) -> tuple[Source, tuple[DataProblem, ...]]:
    listed = bundle.get("entry")
    if listed is not None and not isinstance(listed, list):
        return _refused(key, "the Bundle's entry is not a list", "ENTRY_UNREADABLE")
    total = bundle.get("total")
    known_total = total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else None
    unfolded = unfold(bundle, inner=False)
    entries = unfolded.without_deleted()
    source, problems = _read_entries(key, expected, entries, known_total, _next_link(bundle.get("link")))
    if unfolded.missing:
        source = replace(source, state=SourceState.INCOMPLETE, note="an answer in the Bundle failed", cut=True)
    if total is not None and known_total is None:  # nobody can tell whether everything came
        source = replace(source, state=SourceState.INCOMPLETE, note="the Bundle's total is not a number", cut=True)
    return source, problems


def _next_link(links: object) -> str | None:
    """The address of the next page; an empty text when there is one without an address."""
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            return url if isinstance(url, str) else ""
    return None


def _read_entries(
    key: str, expected: str, listed: list[Any], total: int | None, next_url: str | None
) -> tuple[Source, tuple[DataProblem, ...]]:
    """Read the entries of one Bundle in one pass, and gather what is to be reported."""
    entries: list[Entry] = []
    problems: list[DataProblem] = []
    matched, unreadable, cut = 0, 0, False
    for entry in listed:
        try:
            resource = entry["resource"]
            kind = resource["resourceType"]
            mode = entry["search"]["mode"] if "search" in entry else None
        except (KeyError, TypeError):
            resource, kind, mode = _doubtful(entry)
        if kind == _OUTCOME or mode == "outcome":
            cut = cut or is_grave(resource)
        elif kind == expected or (mode == "include" and isinstance(kind, str) and kind in READ_TYPES):
            matched += mode != "include"
            full_url, name = entry.get("fullUrl"), resource.get("id")
            address = full_url if isinstance(full_url, str) else None
            local = f"{kind}/{name}" if isinstance(name, str) and name else local_reference(resource)
            entries.append(_entry((resource, address, local)))
        elif kind and isinstance(kind, str):
            matched += mode != "include"
            text = f"It came under prefetch.{key}, where only {expected} is read, and is not used from there."
            problems.append(DataProblem(local_reference(resource), "TYPE_UNEXPECTED", text))
        else:
            unreadable += 1
    if unreadable:  # counted, not placed: the order of entries never matters
        text = f"{unreadable} of {len(listed)} entries hold no resource of a known type."
        problems.append(DataProblem(f"prefetch.{key}", "ENTRY_UNREADABLE", text))
    # What could not be read may be what was looked for, so nothing follows from its absence; nor where all that came is
    # of another type.
    cut = cut or unreadable > 0 or (not entries and matched > 0)
    plain = SourceState.FOUND if entries else SourceState.EMPTY
    read = Source(key, plain, tuple(entries), next_url=next_url, total=total, matched=matched, cut=cut)
    return _settled(read), tuple(problems)


def _doubtful(entry: object) -> tuple[dict[str, Any], object, object]:
    """Resource, its type and the search mode of an entry that is not of the usual form."""
    resource = entry.get("resource") if isinstance(entry, dict) else None
    search = entry.get("search") if isinstance(entry, dict) else None
    mode = search.get("mode") if isinstance(search, dict) else None
    return (resource, resource.get("resourceType"), mode) if isinstance(resource, dict) else ({}, None, None)


def is_grave(outcome: dict[str, Any]) -> bool:
    """Does an outcome entry say that the search was not answered in full? An informational one does not."""
    issues = outcome.get("issue")
    if not isinstance(issues, list):
        return True
    return any(not isinstance(issue, dict) or _says_incomplete(issue) for issue in issues)


def _says_incomplete(issue: dict[str, Any]) -> bool:
    severity = issue.get("severity")
    grave = isinstance(severity, str) and severity in _GRAVE
    return issue.get("code") == "incomplete" or (grave and not (severity == "warning" and _says_none(issue)))


def _says_none(issue: dict[str, Any]) -> bool:
    """Does the issue say only that nothing was found?"""
    return any(
        coding.code == _EPIC_NO_RESULTS and _EPIC_MESSAGES.fullmatch(coding.system)
        for coding in codings(issue.get("details"))
    )


def _settled(source: Source) -> Source:
    """The state that follows from what came, what was announced, and whether a page is left."""
    if source.cut:
        return replace(source, state=SourceState.INCOMPLETE, note=source.note or "the answer is not complete")
    if source.next_url is not None:
        return replace(source, state=SourceState.INCOMPLETE, note="a further page was not read")
    if source.total is not None and source.total > source.matched:
        return replace(source, state=SourceState.INCOMPLETE, note="fewer resources came than the server announced")
    plain = SourceState.FOUND if source.entries else SourceState.EMPTY
    return source if source.state is plain and source.note is None else replace(source, state=plain, note=None)


def merge_sources(first: Source, *more: Source) -> Source:
    """One source out of several: the pages of one search in their order, or searches that complete each other.

    A source that follows one with ``next_url`` is read as its next page. Anything missing makes the whole incomplete.
    """
    merged = first
    for source in more:
        merged = _merge_two(merged, source)
    return merged


def _merge_two(one: Source, two: Source) -> Source:
    if two.state is SourceState.NOT_ASKED:
        return one
    if one.state is SourceState.NOT_ASKED:
        return replace(two, key=one.key)
    if one.state is two.state is SourceState.NOT_ALLOWED:
        return one
    is_next_page = one.next_url is not None
    refused = next((item for item in (one, two) if item.state is SourceState.NOT_ALLOWED), None)
    matched = one.matched + two.matched
    total = one.total if is_next_page else _sum_of_totals(one, two)
    merged = Source(
        key=one.key,
        state=SourceState.FOUND,
        entries=one.entries + two.entries,
        note=refused.note if refused else one.note or two.note,
        next_url=one.next_url if refused is two else two.next_url,
        total=total,
        matched=matched,
        cut=refused is not None or _stays_cut(one) or _stays_cut(two),
    )
    return _settled(merged)


def _sum_of_totals(one: Source, two: Source) -> int | None:
    if one.total is None and two.total is None:
        return None
    return sum(item.matched if item.total is None else item.total for item in (one, two))


def _stays_cut(source: Source) -> bool:
    """Is a source incomplete for another reason than a page or a total that further pages can make good?"""
    explained = source.next_url is not None or (source.total is not None and source.total > source.matched)
    return source.cut or (source.state is SourceState.INCOMPLETE and not explained)
