"""Tables of cases as text, the form in which the rule base is specified and read."""

from __future__ import annotations

import json
from dataclasses import dataclass

Row = dict[str, str]
STYLES = ("mcode", "plain")
"""Two ways of writing down the same patient; what is decided must not depend on it."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cases of some rules under one heading. ``given`` are changes, ``lesions`` the lesions, that all cases share."""

    title: str
    rules: tuple[str, ...]
    rows: tuple[Row, ...]
    given: str = ""
    lesions: str = "15 R peripheral"
    styles: tuple[str, ...] = STYLES
    note: str = ""

    def id(self, row: Row) -> str:
        """How a case is named in reports: the table's first rule, its title and the case."""
        return f"{self.rules[0]} {self.title}: {row['case']}"


def table(
    rules: str,
    title: str,
    text: str,
    *,
    given: str = "",
    lesions: str = "15 R peripheral",
    styles: tuple[str, ...] = STYLES,
    note: str = "",
) -> Table:
    """A table from its text. ``rules``: the ids of the rules that it is about, the main one first.

    Raises: ValueError for a row without a name, and for two rows of one name.
    """
    found = tuple(rows(text))
    names = [row["case"] for row in found]
    if "" in names or len(set(names)) < len(names):
        raise ValueError(f"{title}: each case needs a name of its own")
    return Table(title, tuple(rules.split()), found, given, lesions, styles, note)


def rows(text: str) -> list[Row]:
    """The rows of a text table, each a dict from column heading to cell.

    The first line holds the headings, an optional second line of dashes is skipped, cells are split at ``|`` and
    stripped; an empty cell is the empty string. Raises: ValueError for a row whose number of cells is not that of the
    headings, or for a heading given twice, so that a slip in a table never passes for a case.
    """
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    headings = _cells(lines[0])
    if len(set(headings)) != len(headings):
        raise ValueError(f"a heading is given twice: {headings}")
    found = []
    for line in lines[1:]:
        if set(line) <= set("-+| "):
            continue
        cells = _cells(line)
        if len(cells) != len(headings):
            raise ValueError(f"{len(cells)} cells for {len(headings)} headings: {line}")
        found.append(dict(zip(headings, cells, strict=True)))
    return found


def words(cell: str) -> list[str]:
    """The words of a cell that lists codes: ``"PLATELETS INR"``."""
    return cell.split()


def changes(cell: str) -> dict[str, object]:
    """The keyword changes of a cell: ``"cea=8; cea_date=2025-02-01; fev1=null"``.

    A value that reads as JSON is taken as such, anything else is text.
    """
    found: dict[str, object] = {}
    for part in filter(None, (part.strip() for part in cell.split(";"))):
        name, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"not a change: {part}")
        found[name.strip()] = value_of(value.strip())
    return found


def value_of(text: str) -> object:
    """The JSON value of a cell, or else the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]
