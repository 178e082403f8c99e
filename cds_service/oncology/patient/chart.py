"""The chart: the patient's pooled resources, sorted once by what they are, with the readers every part shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import Enum
from operator import itemgetter
from typing import Any, TypeVar

from cds_service.fhir.dates import PartialDate, add_months, moment_of, parse_partial_date
from cds_service.fhir.pool import ResourcePool
from cds_service.fhir.problems import DataProblem
from cds_service.fhir.quantities import Dimension, Measurement, read_quantity
from cds_service.fhir.references import local_reference
from cds_service.fhir.source import Source
from cds_service.knowledge import Knowledge
from cds_service.terminology import NOTHING, Terminology
from cds_service.truth import Truth

Resource = Mapping[str, Any]
T = TypeVar("T")

#: Observations in these states hold a result that can be used (E-04); an absent status is tolerated for other tests.
RESULT_STATES = frozenset({"final", "amended", "corrected"})
EFFECTIVE = ("effectiveDateTime", "effectivePeriod", "effectiveInstant")
_ISSUED = "issued"
_first = itemgetter(0)


class Dating(Enum):
    """What can be said about when an Observation was made."""

    DATED = "dated"
    UNDATED = "no date on record"
    FUTURE = "after the evaluation date"
    TOO_OLD = "longer ago than data are used"
    UNREADABLE = "a date that cannot be read"


def objects(value: object) -> Iterator[Resource]:
    """The JSON objects of a list (or the one object); anything else in its place is passed over."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


def latest(candidates: Iterable[tuple[PartialDate | None, T]]) -> T | None:
    """The value with the latest date; undated ones count as oldest. Ties go to the last in the given order."""
    best: tuple[tuple[date, date], T] | None = None
    for on, value in candidates:
        rank = (on.latest, on.earliest) if on else (date.min, date.min)
        if best is None or rank >= best[0]:
            best = (rank, value)
    return best[1] if best else None


def earliest(dates: Iterable[PartialDate | None]) -> PartialDate | None:
    """The earliest of some dates, by the beginning of their range; None when there is none."""
    return min((on for on in dates if on), key=lambda on: (on.earliest, on.latest), default=None)


@dataclass(slots=True)
class Chart:
    """One patient's resources and how to read them. Collects what could not be read; decides nothing."""

    pool: ResourcePool
    sources: Mapping[str, Source]
    terminology: Terminology
    knowledge: Knowledge
    zone: tzinfo
    on: date
    problems: list[DataProblem] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    lesion_unplaced: bool = False  # a lesion was measured or counted, and nobody can say in which organ
    _coded: dict[str, list[tuple[Resource, frozenset[str]]]] = field(default_factory=dict)
    _answers: dict[str, list[tuple[Resource, Resource]]] | None = None
    _observed: dict[int, PartialDate | None] = field(default_factory=dict)  # by id() of the Observation
    _oldest: date = field(init=False)

    def __post_init__(self) -> None:
        self._oldest = add_months(self.on, -12 * self.knowledge.parameter("data.maxAgeYears").integer)

    def coded(self, resource_type: str) -> list[tuple[Resource, frozenset[str]]]:
        """Each resource of a type with the names of the value sets that its code belongs to; unknown codes left out."""
        if resource_type not in self._coded:
            memberships = self.terminology.memberships
            element = "medicationCodeableConcept" if resource_type == "MedicationRequest" else "code"
            found = [
                (local, item, sets)
                for item, _, local in self.pool.unsorted(resource_type)
                if (sets := memberships(item.get(element)))
            ]
            self._coded[resource_type] = [(item, sets) for _, item, sets in sorted(found, key=_first)]
        return self._coded[resource_type]

    def having(self, resource_type: str, element: str) -> list[Resource]:
        """The resources of a type that hold an element, sorted by local reference."""
        found = [(local, item) for item, _, local in self.pool.unsorted(resource_type) if element in item]
        return [item for _, item in sorted(found, key=_first)]

    def answers(self, question: str) -> list[tuple[Resource, Resource]]:
        """Where a usable Observation answers a question (a value-set name): the Observation and the holder of value[x].

        The holder is the Observation itself, or the component whose code asks the question.
        """
        return [pair for pair in self.asked(question) if self.usable(pair[0])]

    def asked(self, question: str) -> list[tuple[Resource, Resource]]:
        """Like :meth:`answers`, with the Observations whose date makes them unusable."""
        if self._answers is None:
            self._answers = self._index_answers()
        return self._answers.get(question, [])

    def _index_answers(self) -> dict[str, list[tuple[Resource, Resource]]]:
        coded, panels = self.coded("Observation"), self.having("Observation", "component")
        found = [(local_reference(item), 0, sets, item, item) for item, sets in coded]
        for panel in panels:
            for place, part in enumerate(objects(panel["component"] or []), start=1):
                found.append((local_reference(panel), place, self.sets(part.get("code")), panel, part))
        index: dict[str, list[tuple[Resource, Resource]]] = defaultdict(list)
        for _, _, sets, observation, holder in sorted(found, key=itemgetter(0, 1)):
            for name in sets:
                index[name].append((observation, holder))
        return index

    def sets(self, concept: object) -> frozenset[str]:
        """Names of the value sets of a CodeableConcept, a Coding, or a list of CodeableConcepts."""
        if isinstance(concept, list):
            return NOTHING.union(*filter(None, map(self.terminology.memberships, concept)))
        return self.terminology.memberships(concept)

    def report(self, resource: Resource, problem: str, text: str) -> None:
        """Note that a resource, or a part of it, could not be used."""
        self.problems.append(DataProblem(local_reference(resource), problem, text))

    def date_of(self, resource: Resource, *elements: str) -> PartialDate | None:
        """The first readable date among the elements (dateTime or Period).

        A date in the future, or in a year that is not possible, is reported and not used.
        """
        for element in elements:
            if (value := resource.get(element)) is None:
                continue
            if isinstance(value, dict):
                value = value.get("start") or value.get("end")
            found = parse_partial_date(value, self.zone)
            if found is None:
                self.report(resource, "DATE_UNREADABLE", f"{element} is not a FHIR date.")
            elif not found.possible:
                self.report(resource, "DATE_OUT_OF_RANGE", f"{element} names a year that is not possible; not known.")
            elif found.earliest > self.on:
                self.flags.add("FUTURE_DATED")
                self.report(resource, "FUTURE_DATED", f"{element} lies after the evaluation date and is not used.")
            else:
                return found
        return None

    def observed(self, observation: Resource) -> PartialDate | None:
        """When an Observation was made; ``issued`` only when it carries no effective[x] at all."""
        key = id(observation)  # the pool holds it as long as the chart lives
        if key not in self._observed:
            effective = [element for element in EFFECTIVE if observation.get(element) is not None]
            self._observed[key] = self.date_of(observation, *(effective or (_ISSUED,)))
        return self._observed[key]

    def moment(self, observation: Resource) -> datetime | None:
        """The moment of an Observation, where a time was recorded: it tells the later of two results of one day."""
        return moment_of(next((observation[name] for name in EFFECTIVE if observation.get(name)), None), self.zone)

    def usable(self, observation: Resource) -> bool:
        """False for a date in the future, longer ago than ``data.maxAgeYears``, or unreadable; each is reported."""
        return self.dating(observation) in {Dating.DATED, Dating.UNDATED}

    def dating(self, observation: Resource) -> Dating:
        """What can be said about when an Observation was made."""
        on = self.observed(observation)
        if on is None:
            given = [observation[element] for element in (*EFFECTIVE, _ISSUED) if observation.get(element)]
            if not given:
                return Dating.UNDATED
            return Dating.FUTURE if any(map(self._is_to_come, given)) else Dating.UNREADABLE
        if on.latest < self._oldest:
            self.flags.add("DATA_TOO_OLD")
            self.report(observation, "TOO_OLD", "The result is too old to be used.")
            return Dating.TOO_OLD
        return Dating.DATED

    def _is_to_come(self, value: object) -> bool:
        if isinstance(value, dict):
            value = value.get("start") or value.get("end")
        found = parse_partial_date(value, self.zone)
        return found is not None and found.possible and found.earliest > self.on

    def quantity(self, resource: Resource, value: object, dimension: Dimension) -> Measurement | None:
        """A quantity in the canonical unit; None, with a report, when the unit or the value is not understood."""
        found = read_quantity(value, dimension)
        if isinstance(found, Measurement):
            return found
        self.report(resource, found.problem, found.text)
        return None

    def within(self, on: PartialDate | None, parameter: str) -> bool:
        """True if ``on`` is surely no more days ago than ``parameter``; false for an unknown date."""
        if on is None:
            return False
        age_in_days = (self.on - on.earliest).days
        return self.knowledge.parameter(parameter).holds(age_in_days) is Truth.TRUE

    def complete(self, *keys: str) -> bool:
        """True if all these sources were read to the end, so that absence can be concluded."""
        return all(key in self.sources and self.sources[key].complete for key in keys)


def references(*resources: Resource) -> tuple[str, ...]:
    """``Type/id`` of each resource, sorted, each once."""
    return tuple(sorted({local_reference(resource) for resource in resources}))
