"""The rule base as tables, in the order in which it is read.

``BOOK`` holds cases: each is a patient, and runs through the whole core. ``DECISIONS`` holds tables of regions, tried
over every input.
"""

from __future__ import annotations

from tests.spec.book import (
    ablation,
    cea,
    choosing,
    decisions,
    decisions_axes,
    gates,
    lung_function,
    mdt,
    nodules,
    order_entry,
    place,
    prognosis,
    record,
    sbrt,
    spread,
    surgery,
    systemic,
    timing,
    vignettes,
)
from tests.spec.regions import DecisionTable
from tests.spec.tables import Row, Table

_CHAPTERS = (
    gates,
    timing,
    spread,
    nodules,
    place,
    mdt,
    order_entry,
    surgery,
    lung_function,
    sbrt,
    ablation,
    choosing,
    systemic,
    prognosis,
    cea,
    record,
    vignettes,
)
BOOK: tuple[Table, ...] = tuple(table for chapter in _CHAPTERS for table in chapter.TABLES)
DECISIONS: tuple[DecisionTable, ...] = (*decisions_axes.TABLES, *decisions.TABLES)


def cases() -> list[tuple[Table, Row]]:
    """Every case of every table."""
    return [(table, row) for table in BOOK for row in table.rows]
