"""From dates and values to places on a drawing. Coordinates are the SVG's own units, rounded for short files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from math import log10

from cds_service.fhir.dates import PartialDate, parse_partial_date

_MONTHS = (1, 3, 6, 12, 24, 60, 120, 240)
_MOST_TICKS = 6


def read_date(text: object) -> PartialDate | None:
    """A date of the assessment, as precise as it was recorded; None where there is none."""
    return parse_partial_date(text, UTC)


@dataclass(frozen=True, slots=True)
class TimeScale:
    """Days along the drawing, from ``first`` at ``left`` to ``last`` at ``right``."""

    first: date
    last: date
    left: float
    right: float

    def x(self, on: date) -> float:
        """Where a day lies."""
        days = max((self.last - self.first).days, 1)
        return round(self.left + (self.right - self.left) * (on - self.first).days / days, 1)

    def middle(self, on: PartialDate) -> float:
        """Where a date lies; the middle of its range when it is not recorded to the day."""
        return self.x(on.earliest + (on.latest - on.earliest) / 2)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """First days of months at even steps, few enough to be read, each with its text (a year, or year and month)."""
        span = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        step = next((step for step in _MONTHS if span / step <= _MOST_TICKS), _MONTHS[-1])
        month = self.first.year * 12 + self.first.month - 1
        month += -month % step
        while (day := date(month // 12, month % 12 + 1, 1)) <= self.last:
            if day >= self.first:
                yield self.x(day), str(day.year) if step >= 12 else f"{day:%Y-%m}"
            month += step


def spanning(days: list[date], last: date, *, left: float, right: float, at_least: timedelta) -> TimeScale:
    """A scale that holds all the days, ends on ``last`` and is not shorter than ``at_least``."""
    first = min([*days, last - at_least])
    return TimeScale(first, max([*days, last]), left, right)


@dataclass(frozen=True, slots=True)
class ValueScale:
    """Values up the drawing, linear from zero, or logarithmic where they differ by much."""

    low: float
    high: float
    bottom: float
    top: float
    logarithmic: bool

    def y(self, value: float) -> float:
        """Where a value lies; a value below a logarithmic scale lies on its lower end."""
        if self.logarithmic:
            share = (log10(max(value, self.low)) - log10(self.low)) / (log10(self.high) - log10(self.low))
        else:
            share = (value - self.low) / (self.high - self.low)
        return round(self.bottom - (self.bottom - self.top) * share, 1)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Round values with their texts."""
        if self.logarithmic:
            exponents = range(int(log10(self.low) // 1), int(log10(self.high) // 1) + 1)
            values = [10.0**exponent for exponent in exponents if self.low <= 10.0**exponent <= self.high]
        else:
            raw = self.high / 4
            power = 10.0 ** (log10(raw) // 1)
            step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)
            values = [step * index for index in range(int(self.high / step) + 1)]
        yield from ((self.y(value), f"{value:g}") for value in values)
