"""The chart: the patient's pooled resources, sorted once by what they are, with the readers every part shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, TypeVar

from cds_service.fhir.dates import PartialDate, add_months, moment_of, parse_partial_date
from cds_service.fhir.pool import ResourcePool
from cds_service.fhir.problems import DataProblem
from cds_service.fhir.quantities import Dimension, Measurement, read_quantity
from cds_service.fhir.references import local_reference
from cds_service.fhir.source import Source
from cds_service.knowledge import Knowledge
from cds_service.terminology import Terminology
from cds_service.truth import Truth

Resource = Mapping[str, Any]
T = TypeVar("T")

#: Observations in these states hold a result that can be used (E-04); an absent status is tolerated for other tests.
RESULT_STATES = frozenset({"final", "amended", "corrected"})
_EFFECTIVE = ("effectiveDateTime", "effectivePeriod", "effectiveInstant")
_ISSUED = "issued"


def objects(value: object) -> Iterator[Resource]:
    """The JSON objects of a list (or the one object); anything else in its place is passed over."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
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
    lesion_unplaced: bool = False  # a lesion was measured whose BodyStructure, and with it its place, did not come
    _coded: dict[str, list[tuple[Resource, frozenset[str]]]] = field(default_factory=dict)
    _answers: dict[str, list[tuple[Resource, Resource]]] | None = None

    def coded(self, resource_type: str) -> list[tuple[Resource, frozenset[str]]]:
        """Each resource of a type with the names of the value sets that its code belongs to; unknown codes left out."""
        if resource_type not in self._coded:
            memberships = self.terminology.memberships
            element = "medicationCodeableConcept" if resource_type == "MedicationRequest" else "code"
            pairs = ((item, memberships(item.get(element))) for item in self.pool.of(resource_type))
            self._coded[resource_type] = [(item, sets) for item, sets in pairs if sets]
        return self._coded[resource_type]

    def answers(self, question: str) -> list[tuple[Resource, Resource]]:
        """Where a usable Observation answers a question (a value-set name): the Observation and the holder of value[x].

        The holder is the Observation itself, or the component whose code asks the question.
        """
        if self._answers is None:
            self._answers = self._index_answers()
        return [pair for pair in self._answers.get(question, ()) if self.usable(pair[0])]

    def _index_answers(self) -> dict[str, list[tuple[Resource, Resource]]]:
        index: dict[str, list[tuple[Resource, Resource]]] = defaultdict(list)
        memberships = self.terminology.memberships
        for observation in self.pool.of("Observation"):
            for name in memberships(observation.get("code")):
                index[name].append((observation, observation))
            for component in objects(observation.get("component") or []):
                for name in memberships(component.get("code")):
                    index[name].append((observation, component))
        return index

    def sets(self, concept: object) -> frozenset[str]:
        """Names of the value sets of a CodeableConcept, a Coding, or a list of CodeableConcepts."""
        if isinstance(concept, list):
            return frozenset().union(*(self.terminology.memberships(item) for item in concept))
        return self.terminology.memberships(concept)

    def report(self, resource: Resource, problem: str, text: str) -> None:
        """Note that a resource, or a part of it, could not be used."""
        self.problems.append(DataProblem(local_reference(resource), problem, text))

    def date_of(self, resource: Resource, *elements: str) -> PartialDate | None:
        """The first readable date among the elements (dateTime or Period); a date in the future is not used."""
        for element in elements:
            if (value := resource.get(element)) is None:
                continue
            if isinstance(value, Mapping):
                value = value.get("start") or value.get("end")
            found = parse_partial_date(value, self.zone)
            if found is None:
                self.report(resource, "DATE_UNREADABLE", f"{element} is not a FHIR date.")
            elif found.earliest > self.on:
                self.flags.add("FUTURE_DATED")
                self.report(resource, "FUTURE_DATED", f"{element} lies after the evaluation date and is not used.")
            else:
                return found
        return None

    def observed(self, observation: Resource) -> PartialDate | None:
        """When an Observation was made; ``issued`` only when it carries no effective[x] at all."""
        effective = [element for element in _EFFECTIVE if observation.get(element) is not None]
        return self.date_of(observation, *(effective or (_ISSUED,)))

    def moment(self, observation: Resource) -> datetime | None:
        """The moment of an Observation, where a time was recorded: it tells the later of two results of one day."""
        return moment_of(next((observation[name] for name in _EFFECTIVE if observation.get(name)), None), self.zone)

    def usable(self, observation: Resource) -> bool:
        """False for an Observation dated in the future or longer ago than ``data.maxAgeYears``; both are reported."""
        on = self.observed(observation)
        if on is None:
            return not any(observation.get(element) for element in (*_EFFECTIVE, _ISSUED))
        oldest = add_months(self.on, -12 * self.knowledge.parameter("data.maxAgeYears").integer)
        if on.latest < oldest:
            self.flags.add("DATA_TOO_OLD")
            self.report(observation, "TOO_OLD", "The result is too old to be used.")
            return False
        return True

    def quantity(self, resource: Resource, value: object, dimension: Dimension) -> Measurement | None:
        """A quantity in the canonical unit; None, with a report, when the unit or the value is not understood."""
        found = read_quantity(value, dimension)
        if isinstance(found, Measurement):
            return found
        self.report(resource, found.problem, found.text)
        return None

    def within(self, on: PartialDate | None, parameter: str) -> bool:
        """Is the date surely no more days ago than the parameter allows? An unknown date never is."""
        if on is None:
            return False
        age_in_days = (self.on - on.earliest).days
        return self.knowledge.parameter(parameter).holds(age_in_days) is Truth.TRUE

    def complete(self, *keys: str) -> bool:
        """Were all these sources read to the end, so that absence can be concluded?"""
        return all(key in self.sources and self.sources[key].complete for key in keys)


def references(*resources: Resource) -> tuple[str, ...]:
    """``Type/id`` of each resource, sorted, each once."""
    return tuple(sorted({local_reference(resource) for resource in resources}))
