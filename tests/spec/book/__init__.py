"""The rule base as tables of cases, in the order in which it is read. Each case runs through the whole core."""

from __future__ import annotations

from tests.spec.book import ablation, gates, lung_function, mdt, nodules, order_entry, place, sbrt, spread, surgery, timing
from tests.spec.tables import Row, Table

BOOK: tuple[Table, ...] = (*gates.TABLES, *timing.TABLES, *spread.TABLES, *nodules.TABLES, *place.TABLES, *mdt.TABLES, *order_entry.TABLES, *surgery.TABLES, *lung_function.TABLES, *sbrt.TABLES, *ablation.TABLES)


def cases() -> list[tuple[Table, Row]]:
    """Every case of every table."""
    return [(table, row) for table in BOOK for row in table.rows]
