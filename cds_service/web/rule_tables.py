"""The decision tables and cases of the rules, as ``make docs`` wrote them from the specification.

They hold for the packaged numbers. A site that has overridden one is told so on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson

_FILE = Path(__file__).parent / "rule_tables.json"


@dataclass(frozen=True, slots=True)
class RuleTable:
    """One table, in words. ``kind``: decision (every input once) | cases (examples that the tests run)."""

    kind: str
    rules: tuple[str, ...]
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables_of(rule: str) -> tuple[RuleTable, ...]:
    """The tables in which a rule is decided: decision tables first, those that are about this rule before others."""
    found = [table for table in _tables() if rule in table.rules]
    return tuple(sorted(found, key=lambda table: (table.kind != "decision", table.rules[0] != rule)))


@cache
def _tables() -> tuple[RuleTable, ...]:
    stored = orjson.loads(_FILE.read_bytes())
    return tuple(
        RuleTable(
            kind,
            tuple(item["rules"]),
            item["title"],
            item["note"],
            tuple(item["columns"]),
            tuple(map(tuple, item["rows"])),
        )
        for kind, key in (("decision", "decisions"), ("cases", "cases"))
        for item in stored[key]
    )
