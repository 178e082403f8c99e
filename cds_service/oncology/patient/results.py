"""The newest usable result that nothing overrules: the one step for every test whose result has a value.

- A result that is not final never replaces a final one; alone, it may block but passes nothing.
- No value and a reason for its absence is no result.
- A result as new or newer that cannot be read makes an older one outdated; so does one whose date cannot be read.
- Of results of one day the last counts, where times tell, else the worse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Generic, TypeVar

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.references import local_reference
from cds_service.fhir.status import status_of
from cds_service.oncology.patient.chart import RESULT_STATES, Chart, Dating, Resource, latest

S = TypeVar("S")
T = TypeVar("T")
_DIGIT = re.compile("[0-9]")
_NO_TIME = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """One result. ``value``: None when it cannot be read. ``dated``: False when its date cannot be read."""

    observation: Resource
    value: T | None
    on: PartialDate | None
    moment: datetime | None
    dated: bool
    final: bool

    def with_value(self, value: S | None) -> Result[S]:
        """The same result with another value."""
        return Result(self.observation, value, self.on, self.moment, self.dated, self.final)


def results(chart: Chart, name: str, read: Callable[[Resource, Resource, object], T | None]) -> list[Result[T]]:
    """Every usable result of a test. ``read`` gets Observation, holder and value[x]; None: it cannot be read.

    Where one of them is final, the others are reported and left out.
    """
    found = []
    for observation, holder in chart.asked(name):
        dating = chart.dating(observation)
        if dating in {Dating.FUTURE, Dating.TOO_OLD} or (value := value_of(observation, holder)) is None:
            continue
        status = status_of(observation)
        final = not status or status in RESULT_STATES
        dated = dating is not Dating.UNREADABLE
        on, moment = chart.observed(observation), chart.moment(observation)
        found.append((observation, holder, value, on, moment, dated, final))
    some_final = any(final for *_, final in found)
    kept = []
    for observation, holder, value, on, moment, dated, final in found:
        if some_final and not final:
            chart.report(observation, "STATUS_NOT_USABLE", "The result is not final and does not replace a final one.")
        else:
            kept.append(Result(observation, read(observation, holder, value), on, moment, dated, final))
    return kept


def value_of(observation: Resource, holder: Resource) -> object:
    """The value[x] of an answer: the Quantity, or what stands in its place; None where there is no result.

    A number that came as a text, a plain number or a range is a result, though perhaps not one that is understood. A
    text without a number ("see note", "sample clotted") is none, and so is a value without a number beside a reason for
    its absence.
    """
    quantity = holder.get("valueQuantity")
    values = [value for element, value in holder.items() if element.startswith("value") and value is not None]
    if holder.get("dataAbsentReason") or observation.get("dataAbsentReason"):
        values = [value for value in values if _has_number(value)]
        quantity = quantity if quantity in values else None
    if quantity is not None:
        return quantity
    return next((value for value in values if not isinstance(value, str) or _DIGIT.search(value)), None)


def _has_number(value: object) -> bool:
    if isinstance(value, dict):
        return value.get("value") is not None
    return not isinstance(value, str) or _DIGIT.search(value) is not None


def newest(found: Sequence[Result[T]]) -> tuple[list[Result[T]], bool]:
    """The readable results of the newest time, and whether they are overruled: outdated by what cannot be read.

    Results that are not final pass nothing, and count as overruled.
    """
    readable = [item for item in found if item.value is not None and item.dated]
    last_day = latest((item.on, item.on) for item in readable)
    of_that_day = _last_of([item for item in readable if item.on == last_day or last_day is None])
    unclear = [item for item in found if item.value is None or not item.dated]
    overruled = any(_overrules(item, of_that_day) for item in unclear)
    return of_that_day, overruled or any(not item.final for item in of_that_day)


def in_order(found: Iterable[Result[T]], gravity: Callable[[T], Decimal]) -> list[Result[T]]:
    """Dated, readable results, oldest first; those of one day by their times where all are known, else the worse last.

    ``gravity``: the greater, the worse is a value.
    """
    days: dict[tuple[date, date], list[Result[T]]] = {}
    for item in found:
        if item.value is not None and item.dated and item.on is not None:
            days.setdefault((item.on.earliest, item.on.latest), []).append(item)
    ordered = []
    for _, items in sorted(days.items()):
        timed = all(item.moment is not None for item in items)

        def rank(item: Result[T], timed: bool = timed) -> tuple[datetime, Decimal, str]:
            moment = item.moment if timed and item.moment else _NO_TIME
            worse = gravity(item.value) if item.value is not None else Decimal(0)
            return moment, worse, local_reference(item.observation)

        ordered += sorted(items, key=rank)
    return ordered


def _last_of(of_one_day: list[Result[T]]) -> list[Result[T]]:
    moments = [item.moment for item in of_one_day]
    known = [moment for moment in moments if moment is not None]
    if len(known) < len(moments) or not known:
        return of_one_day
    return [item for item in of_one_day if item.moment == max(known)]


def _overrules(item: Result[T], last: list[Result[T]]) -> bool:
    """May a result that cannot be read, or dated, be as new as the newest that can?"""
    if not last or not item.dated or item.on is None or last[0].on is None:
        return True
    if item.on.latest != last[0].on.latest:
        return item.on.latest > last[0].on.latest
    if item.moment is None or last[0].moment is None:
        return True
    return item.moment >= last[0].moment
