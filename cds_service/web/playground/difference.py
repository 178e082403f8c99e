"""What a change changed: two explanations compared, as a short list of before and after. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cds_service.web.playground.deciding import Answer

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise. An empty side: it was not there before, or is there no more."""

    group: str  # Class | Options | Missing | Notes | Cards | Answer
    what: str
    before: str
    after: str


def differences(before: Answer, after: Answer, words: Words) -> list[Difference]:
    """Everything that a clinician would see differently; empty when nothing is."""
    if before.explanation is None or after.explanation is None:
        said = _answered(before), _answered(after)
        return [Difference("Answer", "The service answers", *said)] if said[0] != said[1] else []
    old, new = before.explanation, after.explanation
    return [
        *_cards(old["cards"], new["cards"]),
        *_options(old, new, words),
        *_class(old, new, words),
        *_lines("Missing", "What is missing", _texts(old["needs"]), _texts(new["needs"])),
        *_lines("Notes", "Gate", _texts(old["gates"]), _texts(new["gates"])),
        *_lines("Notes", "Note", _flags(old, words), _flags(new, words)),
        *_lines("Notes", "Systemic therapy", _texts(old["systemic"]), _texts(new["systemic"])),
        *_lines("Notes", "Could not be used", _problems(old), _problems(new)),
    ]


def _answered(answer: Answer) -> str:
    if answer.error is not None:
        return f"{answer.error.status}: {answer.error.message}"
    count = len(answer.response["cards"])
    return "no card" if not count else "one card" if count == 1 else f"{count} cards"


def _class(old: Mapping[str, Any], new: Mapping[str, Any], words: Words) -> Iterator[Difference]:
    before, after = class_rows(old, words), class_rows(new, words)
    yield from (Difference("Class", name, before[name], after[name]) for name in before if before[name] != after[name])


def class_rows(explanation: Mapping[str, Any], words: Words) -> dict[str, str]:
    """The classification in words, by the name of its axis."""

    def said(value: str) -> str:
        return words.get(f"axis.{value}", value.replace("_", " "))

    axes = explanation["classification"]
    timing, oligo, salah = axes["timing"], axes["oligometastatic"], explanation["prognosis"]["salah"]
    by_count = oligo["value"] == "unknown" and oligo["byCount"] == "true"
    oligometastatic = {"true": "oligometastatic", "false": "not_oligometastatic"}.get(oligo["value"], "unknown")
    return {
        "In scope": {"in": "yes", "out": "no", "suspected": "suspected"}.get(
            explanation["population"], explanation["population"]
        ),
        "Certainty": said(axes["certainty"]),
        "Timing": said(timing["subtype"] or timing["value"])
        + (", definitions disagree" * timing["definitionSensitive"]),
        "Number": _number(axes["number"], said),
        "Sides": said(axes["sides"]["value"]),
        "Spread": said(axes["spread"]["value"]),
        "Sequence": said(axes["sequence"]["value"]),
        "Oligometastatic": said("oligometastatic_by_count" if by_count else oligometastatic),
        "Thoracic nodes": said(axes["thoracicNodes"]["value"]),
        "Complete removal": said(axes["resectability"]["value"]),
        "CEA": _cea(explanation["cea"]),
        "Prognostic group": salah["group"] or "not known",
        "MDT": _mdt(explanation["mdt"]),
    }


def _number(number: Mapping[str, Any], said: Any) -> str:
    count = str(number["n"]) if number["n"] is not None else f"at least {number['nAtLeast']}"
    tiny = f" (+{number['nIndeterminate']} too small to count)" if number["nIndeterminate"] else ""
    return f"{said(number['value'])}, {count}{tiny}" if number["nAtLeast"] or number["n"] else said(number["value"])


def _cea(cea: Mapping[str, Any]) -> str:
    latest = cea["latest"]
    if not latest:
        return "not known"
    raised = {"true": "raised", "false": "not raised"}.get(cea["elevated"], "not known whether raised")
    return f"{latest['comparator'] or ''}{latest['ngPerMl']:g} ng/mL, {raised}"


def _mdt(mdt: Mapping[str, Any]) -> str:
    if mdt["suggest"]:
        return f"referral suggested ({mdt['priority']})"
    return f"no suggestion ({str(mdt['suppressedBy'] or 'no reason to').replace('_', ' ')})"


def _options(old: Mapping[str, Any], new: Mapping[str, Any], words: Words) -> Iterator[Difference]:
    before, after = _results(old, words), _results(new, words)
    for modality in dict.fromkeys((*before, *after)):
        if before.get(modality) != after.get(modality):
            name = words.get(f"therapy.{modality}", modality)
            yield Difference("Options", name, before.get(modality, ""), after.get(modality, ""))


def _results(explanation: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Each modality's result with its reasons, as one text."""
    return {
        modality: " ".join(
            [words.get(f"result.{therapy['result']}", therapy["result"]) + ("." if therapy["reasons"] else "")]
            + [reason["text"] for reason in therapy["reasons"]]
        )
        for modality, therapy in explanation["therapies"].items()
    }


def _lines(group: str, what: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    yield from (Difference(group, what, line, "") for line in before if line not in after)
    yield from (Difference(group, what, "", line) for line in after if line not in before)


def _texts(items: Sequence[Mapping[str, Any]]) -> list[str]:
    return [item["text"] for item in items]


def _flags(explanation: Mapping[str, Any], words: Words) -> list[str]:
    return [words.get(f"flag.{flag}", flag) for flag in explanation["flags"]]


def _problems(explanation: Mapping[str, Any]) -> list[str]:
    return [f"{item['resource']}: {item['text']}" for item in explanation["dataQuality"]]


def _cards(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """Cards by their topic and place: one of the same kind is the same card, said otherwise."""
    before, after = _by_topic(old), _by_topic(new)
    for topic in dict.fromkeys((*before, *after)):
        said = [
            f"{card['summary']} ({card['indicator']})" if card else "" for card in (before.get(topic), after.get(topic))
        ]
        if said[0] != said[1]:
            yield Difference("Cards", "Card", *said)


def _by_topic(cards: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], Mapping[str, Any]]:
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for card in cards:
        code = card["source"]["topic"]["code"]
        found[code, sum(topic == code for topic, _ in found)] = card
    return found
