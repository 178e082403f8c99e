"""The classification in words: one wording for the card, the terminal, the playground and "what would change this?".

An axis comes as JSON, as :func:`~cds_service.oncology.report.compare.axes` and the explanation hold it.
Every function raises KeyError for a name or a class without wording, which is a defect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.knowledge import Knowledge
from cds_service.oncology.report.compare import OPTIONS, word

Axes = Mapping[str, Any]

_OWN_LABELS = ("order", "mdt", "certainty", "cea", "salah")
_OWN_WORDS = ("mdt", "cea", "salah")


def label(name: str, knowledge: Knowledge) -> str:
    """What an axis, an option or another conclusion is called."""
    if name in OPTIONS:
        return knowledge.text(f"therapy_short.{name}")
    return knowledge.text(f"what_if_label.{name}" if name in _OWN_LABELS else f"label.{name}")


def said(name: str, value: str, knowledge: Knowledge) -> str:
    """One word of a conclusion in words: ``late`` of ``timing``, ``good`` of ``salah``; empty: there is none."""
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


def classification(axes: Axes, knowledge: Knowledge) -> dict[str, str]:
    """Each axis in words, by its name; "not known" where it is not."""
    words = {name: said(name, word(item), knowledge) for name, item in axes.items()}
    return words | {
        "timing": _timing(axes["timing"], words["timing"], knowledge),
        "spread": _spread(axes["spread"], words["spread"], knowledge),
        "number": _number(axes["number"], words["number"], knowledge),
        "oligometastatic": _oligometastatic(axes["oligometastatic"], knowledge),
    }


def rows(axes: Axes, knowledge: Knowledge) -> dict[str, str]:
    """The classification as a table: the label of each axis, and its words."""
    words = classification(axes, knowledge)
    if axes["timing"]["definitionSensitive"]:
        words["timing"] += f". {knowledge.text('line.definition_sensitive')}"
    return {label(name, knowledge): text for name, text in words.items()}


def _timing(timing: Axes, words: str, knowledge: Knowledge) -> str:
    """Synchronous or metachronous, with the definition that was used."""
    policy = knowledge.text(f"policy.{timing['policy']}")
    return words if word(timing) == "unknown" else knowledge.text("card.timing", value=words, text=policy)


def _spread(spread: Axes, words: str, knowledge: Knowledge) -> str:
    more = [*spread["sites"], *([knowledge.text("card.prior")] if spread["priorExtrapulmonary"] else [])]
    return f"{words} ({', '.join(more)})" if more else words


def _number(number: Axes, words: str, knowledge: Knowledge) -> str:
    """``multiple: 3 (+2 below 6 mm)``: tiny nodules stand beside the count, never in it."""
    count, small = number["n"], number["nIndeterminate"]
    if count is None:
        return f"{words}: at least {number['nAtLeast']}" if number["nAtLeast"] else words
    if small:
        return f"{words}: {knowledge.text('card.number_small', count=str(count), small=str(small))}"
    return words if count == 1 else f"{words}: {count}"


def _oligometastatic(axis: Axes, knowledge: Knowledge) -> str:
    if axis["value"] == "unknown":
        return knowledge.text("axis.oligometastatic_by_count" if axis["byCount"] == "true" else "axis.unknown")
    return knowledge.text("axis.oligometastatic" if axis["value"] == "true" else "axis.not_oligometastatic")
