"""Tables of cases as text, the form in which the rule base is specified and read."""

from __future__ import annotations

import json

Row = dict[str, str]


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
        found[name.strip()] = _value(value.strip())
    return found


def lesions(cell: str) -> list[dict[str, object]]:
    """The lesions of a cell: ``"3 x 20 R peripheral + <30 L medial"``; a side or zone of ``?`` is not recorded.

    Sizes are in mm; a size of ``?`` is not recorded. ``medial@15``: also 15 mm from the bronchial tree.
    """
    found: list[dict[str, object]] = []
    for part in filter(None, (part.strip() for part in cell.split("+"))):
        count, times, rest = part.partition(" x ")
        size, side, place = (rest if times else part).split()
        zone, at, distance = place.partition("@")
        lesion: dict[str, object] = {
            "mm": None if size == "?" else _value(size),
            "side": None if side == "?" else side,
            "zone": None if zone == "?" else zone,
        }
        if at:
            lesion["to_bronchi_mm"] = json.loads(distance)
        found += [dict(lesion) for _ in range(int(count) if times else 1)]
    return found


def _value(text: str) -> object:
    """The JSON value, or else the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]
