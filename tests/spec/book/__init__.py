"""The rule base as tables of cases, in the order in which it is read. Each case runs through the whole core."""

from __future__ import annotations

from tests.spec.book import gates
from tests.spec.tables import Row, Table

BOOK: tuple[Table, ...] = (*gates.TABLES,)


def cases() -> list[tuple[Table, Row]]:
    """Every case of every table."""
    return [(table, row) for table in BOOK for row in table.rows]
