"""What a check found, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cds_service.governance.check import Check
from cds_service.knowledge import Knowledge


def print_check(found: Check, knowledge: Knowledge | None, on: date, console: Console) -> None:
    """The complaints last, because they are what to act on; before them what a reader should know.

    ``knowledge`` is None when the content was refused, so that there was nothing to look into.
    """
    if found.differing:
        rows = ((", ".join(pair.parameters), pair.reason) for pair in found.differing)
        console.print(_table("Numbers known to differ", rows))
    if found.complaints:
        rows = ((f"{item.kind}: {item.where}", item.what) for item in found.complaints)
        console.print(_table("Complaints", rows))
    console.print(_sum(found, knowledge, on), markup=False)


def _sum(found: Check, knowledge: Knowledge | None, on: date) -> str:
    if knowledge is None:
        return f"The content is refused: {len(found.complaints)} complaints. The service does not start with it."
    local = sum(item.local for item in knowledge.parameters.values())
    looked = (
        f"{len(knowledge.parameters)} numbers ({local} local policy), {len(knowledge.rules)} rules, "
        f"{len(knowledge.evidence)} sources and {len(knowledge.texts)} texts as of {on}, version {knowledge.version}"
    )
    if not found.complaints:
        return f"Nothing found in {looked}."
    return f"{len(found.complaints)} found in {looked}."


def _table(title: str, rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold")
    table.add_column("What", overflow="fold")
    table.add_column("Why", overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    return table
