"""FHIR dates: precision is kept, zones are respected, months and years are counted by the calendar."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from cds_service.fhir.dates import add_months, completed_years, days_between, parse_partial_date, whole_months

BERLIN = ZoneInfo("Europe/Berlin")
HONOLULU = ZoneInfo("Pacific/Honolulu")


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "exact"),
    [
        ("2022", date(2022, 1, 1), date(2022, 12, 31), False),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), False),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28), False),
        ("2022-05-12", date(2022, 5, 12), date(2022, 5, 12), True),
        (" 2022-05-12 ", date(2022, 5, 12), date(2022, 5, 12), True),
        ("2022-05-12T10:00:00Z", date(2022, 5, 12), date(2022, 5, 12), True),
        ("2022-05-12T10:00", date(2022, 5, 12), date(2022, 5, 12), True),
        ("2022-05-12 10:00:00+0200", date(2022, 5, 12), date(2022, 5, 12), True),
        ("2016-12-31T23:59:60Z", date(2017, 1, 1), date(2017, 1, 1), True),
    ],
)
def test_a_date_is_as_precise_as_it_was_recorded(text, earliest, latest, exact):
    found = parse_partial_date(text, BERLIN)
    assert (found.earliest, found.latest, found.exact) == (earliest, latest, exact)


def test_the_text_keeps_the_recorded_precision():
    assert parse_partial_date("2022", BERLIN).text == "2022"
    assert parse_partial_date("2022-05", BERLIN).text == "2022-05"
    assert parse_partial_date("2022-05-12T23:30:00.123456789Z", BERLIN).text == "2022-05-13"


def test_a_zoned_date_time_is_the_facilitys_day():
    late_evening = "2022-05-12T23:30:00Z"
    assert parse_partial_date(late_evening, BERLIN).earliest == date(2022, 5, 13)
    assert parse_partial_date(late_evening, HONOLULU).earliest == date(2022, 5, 12)


def test_a_date_time_without_zone_is_the_facilitys_day_already():
    assert parse_partial_date("2022-05-12T23:30:00", BERLIN).earliest == date(2022, 5, 12)


@pytest.mark.parametrize(
    ("text", "zone"), [("0001-01-01T00:00:00+14:00", HONOLULU), ("9999-12-31T23:59:59-12:00", BERLIN)]
)
def test_the_edges_of_the_calendar_do_not_raise(text, zone):
    assert parse_partial_date(text, zone).text == text[:10]


@pytest.mark.parametrize(
    "text",
    [
        None,
        5,
        2022,
        True,
        [],
        {},
        "",
        "22",
        "20220512",
        "2022-13",
        "2022-00",
        "2022-02-30",
        "2022-W01-1",
        "0000",
        "0000-01-01",
        "12/05/2022",
        "2022-05-12T25:00:00Z",
        "2022-05-12T10:00:61Z",
        "2022-05-12T10:00:00+99:00",
        "2022-05-12Tnoon",
        "yesterday",
        "٢٠٢٢",
        "٢٠٢٢-٠٥-١٢",
        "2022-05-12" * 1000,
    ],
)
def test_what_cannot_be_read_is_none(text):
    assert parse_partial_date(text, BERLIN) is None


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2022, 1, 31), 1, date(2022, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2022, 11, 30), 3, date(2023, 2, 28)),
        (date(2022, 3, 31), -1, date(2022, 2, 28)),
        (date(2022, 1, 15), 36, date(2025, 1, 15)),
        (date(9999, 12, 1), 1, date.max),
        (date(1, 1, 1), -1, date.min),
    ],
)
def test_adding_months_clamps_to_the_last_day(day, months, expected):
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2020, 1, 15), date(2023, 1, 14), 35),
        (date(2020, 1, 15), date(2023, 1, 15), 36),
        (date(2020, 1, 31), date(2020, 2, 29), 1),
        (date(2020, 1, 31), date(2020, 2, 28), 0),
        (date(2020, 1, 15), date(2020, 1, 15), 0),
        (date(2020, 1, 15), date(2020, 1, 14), -1),
        (date(2020, 3, 15), date(2020, 1, 15), -2),
    ],
)
def test_whole_months_are_completed_months(start, end, expected):
    assert whole_months(start, end) == expected


@pytest.mark.parametrize(
    ("birth", "on", "expected"),
    [
        (date(1955, 6, 1), date(2025, 5, 31), 69),
        (date(1955, 6, 1), date(2025, 6, 1), 70),
        (date(1960, 2, 29), date(2025, 2, 28), 64),
        (date(1960, 2, 29), date(2025, 3, 1), 65),
    ],
)
def test_age_is_in_completed_years(birth, on, expected):
    assert completed_years(birth, on) == expected


def test_days_between_counts_both_ways():
    assert days_between(date(2024, 2, 28), date(2024, 3, 1)) == 2
    assert days_between(date(2024, 3, 1), date(2024, 2, 28)) == -2
