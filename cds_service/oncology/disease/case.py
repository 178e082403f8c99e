"""The case: the findings of one patient, and what follows from them, each computed once for all rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar, cast

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.quantities import Measurement
from cds_service.knowledge import Knowledge
from cds_service.oncology.disease.axes import Spread
from cds_service.oncology.disease.count import LesionCount, count_lesions
from cds_service.oncology.disease.spread import Elsewhere, elsewhere, spread
from cds_service.oncology.disease.zones import Zone, possible_zones
from cds_service.oncology.patient.model import Facts, Findings, Lesion, Value
from cds_service.truth import Truth

Answer = TypeVar("Answer")


class Case:
    """One patient on one date, as every rule sees it.

    Nothing of it changes. What follows from the findings is worked out when it is first asked, and kept.
    """

    def __init__(self, findings: Findings, knowledge: Knowledge) -> None:
        self.findings, self.knowledge = findings, knowledge
        self._kept: dict[object, object] = {}

    def meets(self, parameter: str, value: Value | Measurement | int | None) -> Truth:
        """Compare ``value`` with ``parameter``, as the parameter says; unknown where the value leaves it open."""
        return self.knowledge.holds(parameter, value.measurement if isinstance(value, Value) else value)

    def limit(self, parameter: str) -> int:
        """A whole-number parameter."""
        return self.knowledge.limit(parameter)

    def days_since(self, on: PartialDate) -> int:
        """Days from a date to the evaluation date; from its earliest day where it is recorded only in part."""
        return (self.findings.on - on.earliest).days

    def once(self, key: object, work_out: Callable[[], Answer]) -> Answer:
        """Compute an answer about this case once, and keep it under ``key``."""
        if key not in self._kept:
            self._kept[key] = work_out()
        return cast(Answer, self._kept[key])

    @cached_property
    def count(self) -> LesionCount:
        """How many lesions count, and where (C-04)."""
        return count_lesions(self.findings, self.knowledge)

    @property
    def solitary(self) -> bool:
        """Exactly one lesion is known to count."""
        return self.count.n == 1

    @cached_property
    def spread(self) -> Spread:
        """C-03: whether the disease is isolated to the lung."""
        return spread(self.findings, self.knowledge)

    @cached_property
    def _outside(self) -> tuple[Elsewhere, Facts]:
        return elsewhere(self.findings, self.spread)

    @property
    def elsewhere(self) -> Elsewhere:
        """Disease outside the lung, in the words of the therapy rules."""
        return self._outside[0]

    @property
    def elsewhere_facts(self) -> Facts:
        """What :attr:`elsewhere` rests on."""
        return self._outside[1]

    def zones_of(self, lesion: Lesion) -> tuple[Zone, ...]:
        """C-06: every zone of ``lesion`` that the record allows."""
        return self.once(("zones", lesion.id), lambda: tuple(possible_zones(lesion, self.knowledge)))
