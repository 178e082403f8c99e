"""Every statement about FHIR data names tests that exist."""

from __future__ import annotations

import pytest

from tests.spec.fhir_data import Row, missing, rows
from tests.spec.fhir_data_rows import ROWS, SECTIONS


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.says[:60])
def test_each_statement_has_a_test_that_exists(row: Row) -> None:
    assert row.tests
    assert missing(row) == []


def test_a_test_that_does_not_exist_is_found() -> None:
    row = Row("values", "says", ("unit/test_hooks.py::test_no_such_test", "unit/none.py::test_x"))
    assert missing(row) == list(row.tests)


def test_each_section_has_a_heading_and_statements_stand_once() -> None:
    assert set(ROWS) == set(SECTIONS)
    assert len({row.says for row in rows()}) == len(rows())
