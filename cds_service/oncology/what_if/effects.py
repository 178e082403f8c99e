"""The words for what would change: options first, each with what is listed now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.knowledge import Knowledge
from cds_service.oncology.what_if.outcome import NOT_ASSESSED, OPTIONS

_OWN_LABELS = ("order", "mdt", "certainty", "cea", "salah")
_OWN_WORDS = ("mdt", "cea", "salah")


@dataclass(frozen=True, slots=True)
class Effect:
    """One class or option that would be another. ``kind``: option | class."""

    what: str
    kind: str
    before: str
    after: str
    text: str


def effects(before: Mapping[str, str], after: Mapping[str, str], knowledge: Knowledge) -> tuple[Effect, ...]:
    """Everything that differs between two outcomes, in their order."""
    changed = [(name, before[name], after[name]) for name in before if before[name] != after[name]]
    return tuple(
        _option(name, old, new, knowledge) if name in OPTIONS else _class(name, old, new, knowledge)
        for name, old, new in changed
    )


def _option(name: str, old: str, new: str, knowledge: Knowledge) -> Effect:
    therapy = knowledge.text(f"therapy.{name}")
    now = knowledge.text(f"what_if_word.{old}" if old == NOT_ASSESSED else f"result.{old}")
    text = knowledge.text(f"what_if.{new}", therapy=therapy[:1].upper() + therapy[1:], before=now)
    return Effect(name, "option", old, new, text)


def _class(name: str, old: str, new: str, knowledge: Knowledge) -> Effect:
    words = {"text": label(name, knowledge), "before": _word(name, old, knowledge)}
    return Effect(name, "class", old, new, knowledge.text("what_if.class", after=_word(name, new, knowledge), **words))


def label(name: str, knowledge: Knowledge) -> str:
    """What an option or a class is called."""
    if name in OPTIONS:
        return knowledge.text(f"therapy_short.{name}")
    return knowledge.text(f"what_if_label.{name}" if name in _OWN_LABELS else f"label.{name}")


def _word(name: str, value: str, knowledge: Knowledge) -> str:
    if not value:
        return knowledge.text("what_if_word.none")
    if name == "order":
        ranks = [[knowledge.text(f"therapy_short.{item}") for item in rank.split(" = ")] for rank in value.split(" > ")]
        return " > ".join(" = ".join(rank) for rank in ranks)
    if value == "unknown":
        return knowledge.text("axis.unknown")
    if name in _OWN_WORDS or value in ("true", "false"):
        return knowledge.text(f"what_if_word.{value}")
    return knowledge.text(f"axis.{value}")
