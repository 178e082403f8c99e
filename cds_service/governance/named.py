"""Which names the code speaks: every string in the Python files, the page templates and our own code systems.

A scan can prove that a name stands nowhere, never that a line with the name is reached. So "nothing names it" is
certain, and "something names it" means no more than that.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cds_service.oncology.report.compare import AXES

PACKAGE = Path(__file__).parent.parent
DECIDING = ("oncology", "cards", "hooks")
"""The rooms that decide and speak; a number acts when one of them names it."""

_APART = ("knowledge", "governance")  # the content itself, and the tools that judge it
_QUOTED = re.compile(r"""["']([^"'{}%<>]+)["']""")
_LEAST_LETTERS = 3
"""A text with gaps must fix at least this many letters; ``f"{a}.{b}"`` would name everything."""


@dataclass(frozen=True, slots=True)
class Names:
    """The strings that some code holds, and its strings with gaps (f-strings) as patterns."""

    words: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def named(self, name: str) -> bool:
        """Does the code hold the name, whole or built from a fixed part and words that it holds?"""
        return name in self.words or any(self._built(pattern, name) for pattern in self.patterns)

    def _built(self, pattern: re.Pattern[str], name: str) -> bool:
        found = pattern.fullmatch(name)
        return found is not None and all(not part or part.isdigit() or part in self.words for part in found.groups())


@cache
def names_in(*rooms: str) -> Names:
    """The names that these rooms of the package speak; without rooms, all of it but the content and this package."""
    words: set[str] = set(_own_codes())
    patterns: set[str] = set()
    for path in _files(rooms):
        if path.suffix == ".html":
            words.update(_QUOTED.findall(path.read_text(encoding="utf-8")))
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                patterns.update(_pattern(node))
    return Names(frozenset(words), tuple(map(re.compile, sorted(patterns))))


def _files(rooms: Iterable[str]) -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        room = path.relative_to(PACKAGE).parts[0]
        if path.suffix in (".py", ".html") and (room in rooms if rooms else room not in _APART):
            yield path


def _pattern(text: ast.JoinedStr) -> Iterator[str]:
    """The f-string as a pattern, each gap a group; none when it fixes too little to name anything."""
    fixed = [part.value for part in text.values if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if sum(letter.isalpha() for part in fixed for letter in part) < _LEAST_LETTERS:
        return
    yield "".join(
        re.escape(part.value) if isinstance(part, ast.Constant) and isinstance(part.value, str) else "(.*?)"
        for part in text.values
    )


def _own_codes() -> Iterator[str]:
    """The axes of the classification, and the codes of our code systems, which a chart says: passed on by value."""
    yield from AXES
    for path in sorted((PACKAGE / "terminology" / "code_systems").glob("*.json")):
        yield from (concept["code"] for concept in json.loads(path.read_text(encoding="utf-8")).get("concept", []))
