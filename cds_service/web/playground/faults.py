"""Where in a pasted text the fault is: from a line and column, or from a path such as ``context.patientId``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecoder

_DECODER = JSONDecoder()
_BLANK = re.compile(r"[ \t\n\r]*")
_AROUND = 2
_WIDEST = 160


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text beside the fault. ``at``: what stands before, at and after it; only on the line at fault."""

    number: int
    text: str
    at: tuple[str, str, str] | None = None


def excerpt(text: str, line: int, column: int) -> list[Line]:
    """The lines around a place, from 1; long lines are shortened around it."""
    lines = text.split("\n")
    line = min(max(line, 1), len(lines))
    shown = []
    for number in range(max(1, line - _AROUND), min(len(lines), line + _AROUND) + 1):
        content = lines[number - 1].rstrip("\r")
        if number == line:
            start = min(max(column - 1, 0), len(content))
            before, at, after = content[:start], content[start : start + 1], content[start + 1 :]
            shown.append(Line(number, content, (_tail(before), at, _head(after))))
        else:
            shown.append(Line(number, _head(content)))
    return shown


def _head(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"


def _tail(text: str) -> str:
    return text if len(text) <= _WIDEST else f"…{text[-_WIDEST:]}"


def place_of(text: str, path: str) -> tuple[int, int, bool]:
    """Line and column of the value at a path, from 1, and whether it is there.

    What is not there is placed at the object that should hold it. The text is JSON already.
    """
    position, found = 0, True
    start = _skip(text, 0)
    for part in _parts(path):
        within = dict(_members(text, start))
        if part not in within:
            found = False
            break
        start = within[part]
    position = start
    line = text.count("\n", 0, position) + 1
    return line, position - (text.rfind("\n", 0, position) + 1) + 1, found


def _parts(path: str) -> list[str]:
    """``context.selections[0]`` as its three steps; a key with a dot in it is not told apart from two keys."""
    return re.findall(r"[^.\[\]]+", path)


def _members(text: str, start: int) -> Iterator[tuple[str, int]]:
    """The members of the object or array that begins at ``start``: name or number, and where the value begins."""
    opening = text[start : start + 1]
    if opening not in ("{", "["):
        return
    position, number = _skip(text, start + 1), 0
    while text[position] not in "}]":
        name = str(number)
        if opening == "{":
            name, position = _DECODER.raw_decode(text, position)
            position = _skip(text, _skip(text, position) + 1)
        yield name, position
        try:
            _, position = _DECODER.raw_decode(text, position)
        except ValueError:  # the number is larger than Python reads: nothing behind it is told
            return
        position = _skip(text, position)
        if text[position] == ",":
            position = _skip(text, position + 1)
        number += 1


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position
