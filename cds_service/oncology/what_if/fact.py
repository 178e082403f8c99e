"""One counterfactual fact: what it is about, its words, and the findings as they would be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.quantities import Measurement
from cds_service.knowledge import Knowledge, Parameter
from cds_service.knowledge.template import number_text
from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import Findings, Value
from cds_service.values import ValueObject


class Change(ValueObject, frozen=True):
    """One fact, set to another value.

    ``kind``: what the fact is; ``of`` and ``lesion``: the id and the name of the lesion that it is about, where it is
    about one. ``missing``: the fact is not on record now, or too old. ``distance`` is 0 to 1: how far a measured value
    would have to move, as a share of the larger of both; 1 for what is no measurement. ``facts``: how many facts this
    sets (several sides at once are several).
    """

    kind: str
    text: str
    apply: Callable[[Findings], Findings]
    of: str = ""
    lesion: str = ""
    missing: bool = False
    distance: Decimal = Decimal(1)
    facts: int = 1

    @property
    def subject(self) -> str:
        """The fact that is changed; two changes of one subject exclude each other."""
        return f"{self.kind} {self.of}".strip()


def today(case: Case) -> PartialDate:
    """The evaluation date as a date on record."""
    return _day(case.findings.on)


def _day(on: date) -> PartialDate:
    return PartialDate(on, on, on.isoformat())


def measured(case: Case, value: Decimal) -> Value:
    """A value as if it had been measured on the evaluation date."""
    return Value(Measurement(value), today(case), True, "")


def either_side(knowledge: Knowledge, limits: Iterable[str]) -> tuple[Decimal, ...]:
    """The last value on this side and the first on the other side of each limit, ascending.

    The step is one unit of the last digit in which the limit is written: 1 for 50, 0.1 for 1.8.
    """
    found: set[Decimal] = set()
    for name in limits:
        found |= set(around(knowledge.parameter(name)))
    return tuple(sorted(value for value in found if value >= 0))


def around(parameter: Parameter, comparison: str | None = None) -> tuple[Decimal, Decimal]:
    """The two neighbouring values that a limit parts, the lower first."""
    limit = parameter.number
    exponent = limit.as_tuple().exponent
    step = Decimal(1).scaleb(min(int(exponent), 0))
    upper_belongs_above = (comparison or parameter.comparison) in (">=", "<")
    return (limit - step, limit) if upper_belongs_above else (limit, limit + step)


def distance(before: Decimal | None, after: Decimal) -> Decimal:
    """How far a value would have to move, 0 to 1; 1 where it is not known now."""
    larger = max(before, after) if before is not None else Decimal(0)
    return abs(after - before) / larger if before is not None and larger else Decimal(1)


def shown(value: Decimal) -> str:
    """A number for people."""
    return number_text(value)
