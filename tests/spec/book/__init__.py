"""The rule base as tables of cases, in the order in which it is read. Each case runs through the whole core."""

from __future__ import annotations

from tests.spec.book import (
    ablation,
    cea,
    choosing,
    gates,
    lung_function,
    mdt,
    nodules,
    order_entry,
    place,
    prognosis,
    sbrt,
    spread,
    surgery,
    systemic,
    timing,
)
from tests.spec.tables import Row, Table

BOOK: tuple[Table, ...] = (
    *gates.TABLES,
    *timing.TABLES,
    *spread.TABLES,
    *nodules.TABLES,
    *place.TABLES,
    *mdt.TABLES,
    *order_entry.TABLES,
    *surgery.TABLES,
    *lung_function.TABLES,
    *sbrt.TABLES,
    *ablation.TABLES,
    *choosing.TABLES,
    *systemic.TABLES,
    *prognosis.TABLES,
    *cea.TABLES,
)


def cases() -> list[tuple[Table, Row]]:
    """Every case of every table."""
    return [(table, row) for table in BOOK for row in table.rows]
