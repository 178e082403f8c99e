"""Decision tables: every input lies in exactly one row, and the row says what comes of it.

A cell is ``*`` (anything), ``-`` (not known), a word, a number, ``<10``, ``>=10``, ``10..20`` (both ends included), or
several of these with ``/`` between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tests.spec.tables import Row, rows

Given = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """Rows of regions. ``inputs`` are the columns that are judged; the others say what follows."""

    title: str
    rules: tuple[str, ...]
    inputs: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""

    def row_of(self, given: Given) -> Row:
        """The one row that holds for an input.

        Raises: AssertionError for an input that lies in no row, or in several: the table has a gap or an overlap.
        """
        found = [row for row in self.rows if all(holds(row[column], given[column]) for column in self.inputs)]
        assert len(found) == 1, f"{self.title}: {len(found)} rows for {dict(given)}"
        return found[0]

    def all_rows_of(self, given: Given) -> list[Row]:
        """Every row that holds, for a table of conditions that may hold together."""
        return [row for row in self.rows if all(holds(row[column], given[column]) for column in self.inputs)]


def decisions(rules: str, title: str, inputs: str, text: str, *, note: str = "") -> DecisionTable:
    """A decision table from its text. ``inputs``: the columns that are judged, with commas between them."""
    columns = tuple(name.strip() for name in inputs.split(","))
    return DecisionTable(title, tuple(rules.split()), columns, tuple(rows(text)), note)


def holds(cell: str, value: object) -> bool:
    """Does a value lie in the region that a cell describes?"""
    return any(_holds(part.strip(), value) for part in cell.split("/"))


def _holds(part: str, value: object) -> bool:
    if part == "*":
        return True
    if value is None or part == "-":
        return value is None and part == "-"
    for sign in ("<=", ">=", "<", ">"):
        if part.startswith(sign):
            return _compare(Decimal(str(value)), sign, Decimal(part.removeprefix(sign)))
    low, between, high = part.partition("..")
    if between:
        return Decimal(low) <= Decimal(str(value)) <= Decimal(high)
    return str(value) == part


def _compare(value: Decimal, sign: str, limit: Decimal) -> bool:
    return {"<=": value <= limit, ">=": value >= limit, "<": value < limit, ">": value > limit}[sign]
