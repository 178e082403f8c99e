"""Order names that are recognised when an order carries no code at all: a short, closed list, never a guess."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "order_phrases.json"
_WORD = re.compile(r"[a-z0-9]+")
_FILLERS = frozenset({"ct", "guided", "of", "the", "left", "right", "bilateral"})
_LONGEST = 200


@cache
def _phrases() -> Mapping[tuple[str, ...], str]:
    listed = json.loads(_FILE.read_text(encoding="utf-8"))
    return {_words(phrase): name for name, phrases in listed.items() if name != "comment" for phrase in phrases}


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in _WORD.findall(text.lower()) if word not in _FILLERS)


def order_class_of(text: str) -> str | None:
    """The order class whose list holds this whole name; None for any other text."""
    return _phrases().get(_words(text)) if len(text) <= _LONGEST else None
