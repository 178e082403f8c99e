"""GitHub-flavoured Markdown without HTML, and the taming of text that came from patient data.

Whatever a record says, it is shown as the letters it consists of: it makes no link, no picture, no table cell, no
heading and no HTML, in a client that renders the Markdown and in one that passes it on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

_MARKS = re.compile(r"([\\`*_\[\]|~$])")
_LETTERS = r"[^\W\d_]{2,}"  # of any script: there are top-level domains in many
_SPECIAL = re.compile(rf"[\\`*_\[\]|~$&<>@]|://|\.{_LETTERS}|^[#+=-]|^\d+[.)](?:\s|$)")
_LEADING = re.compile(r"^([#+=-])")
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
_AUTOLINKS = re.compile(rf"(?<=\w)(?=://|@)|(?<=\w\.)(?={_LETTERS})")  # after the dot: before it, some still link
_NOT_IN_REFERENCE = re.compile(r"[^A-Za-z0-9\-._/:#?]")
_LONGEST_REFERENCE = 72
_MOST_REFERENCES = 2
_INVISIBLE = "\N{ZERO WIDTH SPACE}"
"""Stands where a client would otherwise see the start of an address; a reader does not see it."""


def one_line(text: str) -> str:
    """The text on one line, without control characters, marks of writing direction and other invisible ones."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    kept = (" " if unicodedata.category(mark) in ("Cc", "Zl", "Zp") else mark for mark in text)
    return " ".join("".join(mark for mark in kept if unicodedata.category(mark)[0] != "C").split())


def escape(text: str) -> str:
    """Text as Markdown that shows exactly that text, wherever on a line it stands."""
    shown = one_line(text)
    if not _SPECIAL.search(shown):
        return shown
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = _MARKS.sub(r"\\\1", shown)
    shown = _NUMBERED.sub(r"\1\\\2", _LEADING.sub(r"\\\1", shown))
    return _AUTOLINKS.sub(_INVISIBLE, shown)


def plain(text: str, limit: int) -> str:
    """Text for a place that is no Markdown (summary, label): one line, no angle brackets, at most ``limit`` long."""
    shown = one_line(text).replace("<", "‹").replace(">", "›")
    return shown if len(shown) <= limit else f"{shown[: limit - 1].rstrip()}…"


def reference(name: str) -> str:
    """A resource reference in code type: ``Condition/lung``. Anything that no reference holds becomes ``?``."""
    return f"`{_NOT_IN_REFERENCE.sub('?', name)[:_LONGEST_REFERENCE]}`"


def references(names: Sequence[str]) -> list[str]:
    """The first references, and how many more there are."""
    shown = [reference(name) for name in names[:_MOST_REFERENCES]]
    more = len(names) - len(shown)
    return [*shown, f"+{more}"] if more else shown


@cache
def wording(text: str) -> str:
    """Wording of our own as Markdown. For texts that come from the knowledge alone: they are remembered."""
    return escape(text)


@cache
def link(label: str, url: str | None) -> str:
    """A link; only its label where there is no address. Both are ours or those of a source, never a patient's."""
    if url is None:
        return escape(label)
    safe = url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{escape(label)}]({safe})"


_MOST_ITEMS = 10


def few(items: Sequence[str], most: int = _MOST_ITEMS) -> list[str]:
    """The first items, and how many more there are; each is Markdown already."""
    return [*items[:most], f"+{len(items) - most}"] if len(items) > most else list(items)


@cache
def heading(text: str) -> str:
    """A heading that stays quiet in a small card."""
    return f"**{escape(text)}**"


def bullets(items: Iterable[str]) -> str:
    """A list of items that are Markdown already; empty for none."""
    return "\n".join(f"- {item}" for item in items)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [_row([escape(name) for name in headings]), _row(["---"] * len(headings))]
    return "\n".join(lines + [_row(cells) for cells in rows])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell or "–" for cell in cells) + " |"
