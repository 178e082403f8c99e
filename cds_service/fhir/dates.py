"""FHIR dates with the precision they were recorded in, and calendar arithmetic in whole months and years."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from cds_service.values import ValueObject

_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?", re.ASCII)
_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
#: Longest text read as a date; FHIR dateTimes with nanoseconds have 35 characters.
_LONGEST = 40
_IN_EVERY_MONTH = 28
#: Years that the record of a living person can name. Others stand for "not known" (0001, 1753) or "no end" (9999).
_POSSIBLE_YEARS = range(1880, 2200)


class PartialDate(ValueObject, frozen=True):
    """A date as precise as it was recorded: "2022" is any day from 2022-01-01 to 2022-12-31."""

    earliest: date
    latest: date
    text: str

    @property
    def exact(self) -> bool:
        """Is it recorded to the day?"""
        return self.earliest == self.latest

    @property
    def possible(self) -> bool:
        """Is it a date that the record of a living person can hold? If not, it stands for one that is not known."""
        return self.earliest.year in _POSSIBLE_YEARS and self.latest.year in _POSSIBLE_YEARS


def parse_partial_date(text: object, zone: tzinfo) -> PartialDate | None:
    """A FHIR date, dateTime or instant; None for anything that cannot be read.

    A dateTime with an offset is turned into the day it was in ``zone`` (the facility's); without one it is the
    facility's day already. Source: FHIR R4 section 2.24.0.1 (date, dateTime, instant).
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    return _parse(text.strip(), zone)


@lru_cache(maxsize=4096)
def _parse(text: str, zone: tzinfo) -> PartialDate | None:
    try:
        if len(text) > 10:
            day = _day_of_date_time(text, zone)
        elif len(text) == 10 and text[4] == text[7] == "-":
            day = date.fromisoformat(text)
        else:
            return _year_or_month(text)
    except ValueError:
        return None
    return PartialDate(day, day, day.isoformat()) if day else None


def _year_or_month(text: str) -> PartialDate | None:
    match = _PARTIAL.fullmatch(text)
    if match is None:
        return None
    year = int(match[1])
    first, last = (int(match[2]), int(match[2])) if match[2] else (1, 12)
    start = date(year, first, 1)
    return PartialDate(start, date(year, last, monthrange(year, last)[1]), text)


def _day_of_date_time(text: str, zone: tzinfo) -> date | None:
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    day, minute, second, offset = match.groups()
    written = date.fromisoformat(day)
    if second is not None and int(second) > 60:  # 60 is a leap second and changes no day
        return None
    moment = datetime.fromisoformat(f"{day}T{minute}{offset or ''}")
    if offset is None:
        return written
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # the first and the last day of the calendar
        return written


def moment_of(text: object, zone: tzinfo) -> datetime | None:
    """The moment of a dateTime, with a time zone; None for a date without a time, and for anything unreadable.

    A dateTime without a zone is read in the facility's.
    """
    if not isinstance(text, str) or not (match := _DATE_TIME.fullmatch(text)):
        return None
    day, minute, _, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}{offset or ''}")
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def add_months(day: date, months: int) -> date:
    """The same day ``months`` calendar months later (earlier if negative), clamped to that month's last day.

    Results outside the calendar (years 1 to 9999) are clamped to its first or last day.
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= years <= date.max.year:
        return date.min if months < 0 else date.max
    last = day.day if day.day <= _IN_EVERY_MONTH else min(day.day, monthrange(years, month + 1)[1])
    return date(years, month + 1, last)


def add_days(day: date, days: int) -> date:
    """The day ``days`` later (earlier if negative); clamped to the first or last day of the calendar."""
    number = day.toordinal() + days
    return date.fromordinal(min(max(number, date.min.toordinal()), date.max.toordinal()))


def whole_months(start: date, end: date) -> int:
    """Completed calendar months from ``start`` to ``end``: the most months that can be added without passing ``end``.

    Negative when ``end`` lies before ``start``; one day before is -1.
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1


def completed_years(birth: date, on: date) -> int:
    """Age in completed years; a birthday on 29 February is reached on 1 March of other years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def days_between(start: date, end: date) -> int:
    """Days from ``start`` to ``end``; negative when ``end`` lies before ``start``."""
    return (end - start) // timedelta(days=1)
