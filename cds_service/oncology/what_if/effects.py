"""The words for what would change: options first, each with what is listed now."""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.knowledge import Knowledge
from cds_service.oncology.report.compare import OPTIONS
from cds_service.oncology.report.describe import label, said
from cds_service.oncology.what_if.outcome import NOT_ASSESSED
from cds_service.values import ValueObject


class Effect(ValueObject, frozen=True):
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
    words = {"text": label(name, knowledge), "before": said(name, old, knowledge)}
    return Effect(name, "class", old, new, knowledge.text("what_if.class", after=said(name, new, knowledge), **words))
