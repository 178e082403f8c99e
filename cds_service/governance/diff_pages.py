"""What changes between two contents, as tables for a terminal and as JSON."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cds_service.governance.diff import CaseChanges, Difference
from cds_service.knowledge import Knowledge
from cds_service.oncology.report.compare import Changed


def print_difference(found: Difference, before: Knowledge, after: Knowledge, console: Console) -> None:
    """Changed numbers first, then each case that changes, then one line that sums up."""
    if found.parameters:
        console.print("\n[bold]Changed numbers[/]")
        numbers = _table("Number", "A", "B", "Rules")
        for item in found.parameters:
            numbers.add_row(item.what, _words(item.before), _words(item.after), _rules(item.what, before, after))
        console.print(numbers)
    for kind, names in found.other.items():
        if names:
            console.print(f"\n[bold]Changed {kind}[/]: {', '.join(names)}")
    for case in found.cases:
        console.print(f"\n[bold]{case.id}[/]: {escape(case.title)}")
        table = _table("What", "A", "B")
        for change in case.changes:
            table.add_row(*map(escape, (change.what, _words(change.before), _words(change.after))))
        console.print(table)
    console.print(f"\n{_sum(found)}", markup=False)


def to_json(found: Difference, before: Knowledge, after: Knowledge) -> dict[str, Any]:
    """The same as plain JSON."""
    return {
        "a": {"version": before.version, "hash": before.hash},
        "b": {"version": after.version, "hash": after.hash},
        "parameters": [
            {"id": item.what, "a": item.before, "b": item.after, "rules": _rules(item.what, before, after).split(", ")}
            for item in found.parameters
        ],
        "other": {kind: list(names) for kind, names in found.other.items()},
        "assessed": found.assessed,
        "cases": [_case(case) for case in found.cases],
    }


def _case(case: CaseChanges) -> dict[str, Any]:
    return {"id": case.id, "title": case.title, "changes": [_change(change) for change in case.changes]}


def _change(change: Changed) -> dict[str, Any]:
    return {"what": change.what, "a": change.before, "b": change.after}


def _sum(found: Difference) -> str:
    if found.nothing:
        return f"No change: the contents say the same, and all {found.assessed} cases are answered the same."
    if not found.cases:
        return (
            f"None of the {found.assessed} cases changes. The contents differ all the same: "
            "no shipped case may lie between the old and the new limit."
        )
    return f"{len(found.cases)} of {found.assessed} cases change."


def _rules(name: str, before: Knowledge, after: Knowledge) -> str:
    item = after.parameters.get(name) or before.parameter(name)
    return ", ".join(item.rules)


def _words(value: Any) -> str:
    if value is None or value == []:
        return "-"
    if isinstance(value, dict):
        value = [f"{name}: {item}" for name, item in value.items()]
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return str(value)


def _table(*headings: str) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
