"""The pool: the patient's usable resources by type, whatever prefetch key brought them, and the way to find each.

One pass, no copies. Kept out and reported are resources of another patient, resources entered in error or cancelled,
what was not or is not to be done, resources with a modifier that is not known, and all but one of differing resources
with the same ``Type/id``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any

from cds_service.fhir.modifiers import has_unknown_modifier, is_negated
from cds_service.fhir.patients import OTHER_PATIENT, SUBJECT_MISSING, PatientKeys
from cds_service.fhir.problems import DataProblem
from cds_service.fhir.references import canonical_json, identifier_keys, literal_keys, local_reference, reference_keys
from cds_service.fhir.resource_types import READ_TYPES
from cds_service.fhir.source import Entry, Source, SourceState
from cds_service.fhir.status import Verification, status_of, verification
from cds_service.values import replace

Resource = Mapping[str, Any]

_VERSION = re.compile(r"[0-9]{1,18}")
_UNUSABLE_STATUS = frozenset({"entered-in-error", "cancelled"})
_UNUSABLE_VERIFICATION = frozenset({Verification.REFUTED, Verification.IN_ERROR})
_WITHDRAWN = ("STATUS_NOT_USABLE", "The resource is cancelled, refuted or entered in error and is not used.")
_NEGATED = ("STATUS_NOT_USABLE", "The resource says that something was not, or is not to be, done.")
_MODIFIED = ("MODIFIER_UNKNOWN", "The resource carries a modifier extension that is not known here; it is not used.")
_CONFLICT = (
    "DUPLICATE_CONFLICT",
    "The resource came more than once with different content; the one updated last counts.",
)


class ResourcePool:
    """The patient's resources. The order in which entries came never matters to what it answers."""

    def __init__(
        self,
        entries: Mapping[str, Entry],
        problems: Iterable[DataProblem] = (),
        aliases: Mapping[str, str] | None = None,
        kept_out: Mapping[str, tuple[Entry, ...]] | None = None,
    ) -> None:
        """``entries``: for each local reference, the entry that is used. ``aliases``: further addresses of entries.

        ``kept_out``: by problem or reason, entries that are not used and that somebody may still ask about.
        """
        self._entries = entries
        self._kept_out = kept_out or {}
        self._aliases = aliases or {}
        self._problems = set(problems)
        self._by_type: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries.values():
            self._by_type[entry[0]["resourceType"]].append(entry)
        self._sorted: dict[str, tuple[Resource, ...]] = {}
        self._by_address: dict[str, Resource] | None = None
        self._by_identifier: dict[str, Resource] | None = None
        self._contained: dict[int, tuple[Resource, dict[str, Resource]]] = {}

    @property
    def problems(self) -> tuple[DataProblem, ...]:
        """What was kept out or doubted so far, and references that led nowhere; sorted, each once."""
        return tuple(sorted(self._problems))

    def of(self, resource_type: str) -> tuple[Resource, ...]:
        """The resources of one type, sorted by local reference."""
        if (found := self._sorted.get(resource_type)) is None:
            found = tuple(entry.resource for entry in sorted(self.unsorted(resource_type), key=_by_reference))
            self._sorted[resource_type] = found
        return found

    def unsorted(self, resource_type: str) -> Sequence[Entry]:
        """The entries of one type as they came, for whoever keeps few of them, and sorts those."""
        return self._by_type.get(resource_type, ())

    def beside(self, entries: Iterable[Entry]) -> ResourcePool:
        """A pool that finds these entries too, before those of this one; it answers and reports for nobody else."""
        return ResourcePool({**self._entries, **{entry.local: entry for entry in entries}}, aliases=self._aliases)

    def negated(self, resource_type: str) -> tuple[Resource, ...]:
        """Resources that say that something was not, or is not to be, done; sorted. They are in no other answer."""
        return self._out("NEGATED", resource_type)

    def modified(self, resource_type: str) -> tuple[Resource, ...]:
        """Resources that are not used for a modifier extension that is not known; sorted."""
        return self._out(_MODIFIED[0], resource_type)

    def _out(self, why: str, resource_type: str) -> tuple[Resource, ...]:
        found = sorted(self._kept_out.get(why, ()), key=_by_reference)
        return tuple(entry.resource for entry in found if entry.resource["resourceType"] == resource_type)

    def get(self, reference: object, *, container: Resource | None = None) -> Resource | None:
        """The resource that a Reference points to, however it is written; None, reported, when it is not here.

        ``container`` is the resource that holds the reference; a contained resource (``#id``) is looked up in it.
        A missing resource is reported only if it is of a type that the service reads.
        """
        keys = reference_keys(reference)
        for key in keys:
            found = self._in_container(key, container) if key[0] == "#" else self._find(key)
            if found is not None and _fits(found, reference):
                return found
        self._report_dangling(keys, reference, container)
        return None

    def _find(self, key: str) -> Resource | None:
        if (entry := self._entries.get(key)) is not None:
            return entry.resource
        if key.startswith("identifier|"):
            if self._by_identifier is None:
                self._by_identifier = self._index(self._entries.values(), _identifier_keys)
            return self._by_identifier.get(key)
        if self._by_address is None:
            # Addresses that say more than the local reference, which was looked up already.
            other = [entry for entry in self._entries.values() if entry[1] and not entry[1].endswith(entry[2])]
            self._by_address = self._index(other, _address_keys)
            for address in sorted(self._aliases):
                for name in literal_keys(address):
                    self._by_address.setdefault(name, self._entries[self._aliases[address]].resource)
        return self._by_address.get(key)

    def _index(self, entries: Iterable[Entry], keys: Callable[[Entry], Iterable[str]]) -> dict[str, Resource]:
        """Key -> resource; of several with one key the first by local reference, whatever their order was."""
        index: dict[str, Resource] = {}
        for entry in sorted(entries, key=_by_reference):
            for key in keys(entry):
                index.setdefault(key, entry.resource)
        return index

    def _in_container(self, key: str, container: Resource | None) -> Resource | None:
        if container is None:
            return None
        if key == "#":
            return container
        known = self._contained.get(id(container))
        if known is None:
            listed = container.get("contained")
            by_id: dict[str, Resource] = {
                item["id"].removeprefix("#"): item
                for item in (listed if isinstance(listed, list) else ())
                if isinstance(item, dict) and isinstance(item.get("id"), str)
            }
            known = (container, by_id)
            self._contained[id(container)] = known
        found = known[1].get(key[1:])
        if found is not None and has_unknown_modifier(found):
            self._problems.add(DataProblem(local_reference(container), *_MODIFIED))
            return None
        return found

    def _report_dangling(self, keys: tuple[str, ...], reference: object, container: Resource | None) -> None:
        kind = reference.get("type") if isinstance(reference, dict) else None
        for key in keys[:1]:
            if key[0] == "#" or key.partition("/")[0] in READ_TYPES or (isinstance(kind, str) and kind in READ_TYPES):
                holder = local_reference(container) if container is not None else "Reference"
                text = "A reference in this resource points to a resource that did not come."
                self._problems.add(DataProblem(holder, "REFERENCE_DANGLING", text))


def _by_reference(entry: Entry) -> str:
    return entry.local


def _address_keys(entry: Entry) -> tuple[str, ...]:
    return literal_keys(entry.full_url)


def _identifier_keys(entry: Entry) -> tuple[str, ...]:
    return identifier_keys(entry.resource)


def _fits(resource: Resource, reference: object) -> bool:
    """False when the reference says another type than the resource has."""
    kind = reference.get("type") if isinstance(reference, dict) else None
    return not isinstance(kind, str) or kind not in READ_TYPES or resource.get("resourceType") == kind


def as_far_as_used(sources: Mapping[str, Source], resources: ResourcePool) -> dict[str, Source]:
    """The sources, with those incomplete of which too little is used to conclude that a fact is absent.

    Such a source brought only other patients' resources, or one with a modifier that is not known.
    """
    strangers, modified = (
        {item.resource for item in resources.problems if item.problem == problem}
        for problem in (OTHER_PATIENT[0], _MODIFIED[0])
    )
    judged = dict(sources)
    for key, source in sources.items() if strangers or modified else ():
        if not modified.isdisjoint(entry.local for entry in source.entries):
            note = "a resource with a modifier that is not known was set aside"
        elif source.entries and all(entry.local in strangers for entry in source.entries):
            note = "every resource is of another patient"
        else:
            continue
        judged[key] = replace(source, state=SourceState.INCOMPLETE, note=note)
    return judged


def pool(sources: Iterable[Source], *, patient_id: str) -> ResourcePool:
    """The usable resources of one patient out of all sources.

    A resource without a subject is used and reported (``SUBJECT_MISSING``). Of differing resources with one ``Type/id``
    the one updated last counts: later ``meta.lastUpdated``, then higher ``versionId``, then greater canonical JSON. Its
    status is looked at only then, so that a resource that was withdrawn does not come back in an older version.
    """
    entries = [entry for source in sources for entry in source.entries]
    patient = PatientKeys(patient_id, entries)
    is_ours, whose = patient.is_plainly_ours, patient.problem
    problems: set[DataProblem] = set()
    aliases: dict[str, str] = {}
    latest: dict[str, Entry] = {}
    for entry in entries:
        resource, _, local = entry
        if not is_ours(resource) and (problem := whose(resource)) is not None:
            problems.add(DataProblem(local, *problem))
            if problem is not SUBJECT_MISSING:
                continue
        if (known := latest.get(local)) is None:
            latest[local] = entry
        elif known is not entry:
            aliases.update((address, local) for address in (known.full_url, entry.full_url) if address)
            if not _same(known.resource, resource):
                problems.add(DataProblem(local, *_CONFLICT))
                latest[local] = max(known, entry, key=_recency)
    withdrawn = {local: why for local, (item, _, _) in latest.items() if (why := unusable(item)) is not None}
    problems.update(DataProblem(local, *why) for local, why in withdrawn.items())
    kept = {local: entry for local, entry in latest.items() if local not in withdrawn} if withdrawn else latest
    kept_out: dict[str, tuple[Entry, ...]] = {
        name: tuple(latest[local] for local, why in withdrawn.items() if why is reason)
        for name, reason in (("NEGATED", _NEGATED), (_MODIFIED[0], _MODIFIED))
    }
    known_as = {address: local for address, local in aliases.items() if local in kept}
    return ResourcePool(kept, problems, known_as, kept_out)


def unusable(resource: Resource) -> tuple[str, str] | None:
    """Why a resource of the patient is not used: problem code and sentence; None when it is used."""
    status = resource.get("status")
    if status is not None:
        if not isinstance(status, str):
            return "STATUS_NOT_USABLE", "The status of the resource cannot be read; the resource is not used."
        if status_of(resource) in _UNUSABLE_STATUS:
            return _WITHDRAWN
    if resource["resourceType"] == "Condition" and verification(resource) in _UNUSABLE_VERIFICATION:
        return _WITHDRAWN
    if has_unknown_modifier(resource):
        return _MODIFIED
    return _NEGATED if is_negated(resource) else None


def _same(one: Resource, two: Resource) -> bool:
    if one is two:
        return True
    try:
        return one == two
    except RecursionError:
        return canonical_json(one) == canonical_json(two)


def _recency(entry: Entry) -> tuple[float, int, str]:
    meta = entry.resource.get("meta")
    updated, version = (meta.get("lastUpdated"), meta.get("versionId")) if isinstance(meta, dict) else (None, None)
    number = version if isinstance(version, str) and _VERSION.fullmatch(version) else "-1"
    return _instant(updated), int(number), canonical_json(entry.resource)


def _instant(text: object) -> float:
    """Seconds since 1970 of an instant; without an offset it is taken as UTC, unreadable as oldest."""
    try:
        moment = datetime.fromisoformat(text if isinstance(text, str) else "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return -inf
