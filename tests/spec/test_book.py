"""Every case of the book, in two ways of writing down the same patient, through the whole core."""

from __future__ import annotations

import pytest

from tests.spec.asking import PATIENT_COLUMNS, day_of, request_of
from tests.spec.book import BOOK, cases
from tests.spec.core import explain, site
from tests.spec.departures import DEPARTURES
from tests.spec.judging import JUDGED_COLUMNS, breaches
from tests.spec.tables import Row, Table


def marked() -> list[object]:
    """The cases, those that the service is known not to meet marked as such."""
    found = []
    for table, row in cases():
        departs = DEPARTURES.get(table.id(row))
        marks = [pytest.mark.xfail(strict=True, reason=departs)] if departs else []
        found += [
            pytest.param(table, row, style, id=f"{table.id(row)} [{style}]", marks=marks) for style in table.styles
        ]
    return found


@pytest.mark.parametrize(("table", "row", "style"), marked())
def test_case(table: Table, row: Row, style: str) -> None:
    found = breaches(row, explain(request_of(table, row, style), on=day_of(row)))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("table", BOOK, ids=lambda table: table.title)
def test_table_speaks_of_rules_that_there_are_in_columns_that_are_known(table: Table) -> None:
    assert table.rules
    assert set(table.rules) <= set(site().knowledge.rules)
    for row in table.rows:
        assert set(row) <= PATIENT_COLUMNS | JUDGED_COLUMNS
        assert set(row) & JUDGED_COLUMNS


def test_cases_are_told_apart() -> None:
    names = [table.id(row) for table, row in cases()]
    assert len(names) == len(set(names))


def test_departures_are_of_cases() -> None:
    assert set(DEPARTURES) <= {table.id(row) for table, row in cases()}
