"""What a change changed: two explanations compared, as a short list of before and after. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.knowledge import Knowledge
from cds_service.oncology.report import describe
from cds_service.web.playground.deciding import Answer

_IN_SCOPE = {"in": "yes", "out": "no", "suspected": "suspected"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise. An empty side: it was not there before, or is there no more."""

    group: str  # Class | Options | Missing | Notes | Cards | Answer
    what: str
    before: str
    after: str


def differences(before: Answer, after: Answer, knowledge: Knowledge) -> list[Difference]:
    """Everything that a clinician would see differently; empty when nothing is."""
    if before.explanation is None or after.explanation is None:
        said = _answered(before), _answered(after)
        return [Difference("Answer", "The service answers", *said)] if said[0] != said[1] else []
    old, new = before.explanation, after.explanation
    return [
        *_one_by_one("Cards", _cards(old), _cards(new)),
        *_one_by_one("Options", _options(old, knowledge), _options(new, knowledge)),
        *_one_by_one("Class", classes(old, knowledge), classes(new, knowledge)),
        *_lines(_sentences(old, knowledge), _sentences(new, knowledge)),
    ]


def _answered(answer: Answer) -> str:
    if answer.error is not None:
        return f"{answer.error.status}: {answer.error.message}"
    count = len(answer.response["cards"])
    return "no card" if not count else "one card" if count == 1 else f"{count} cards"


def classes(explanation: Mapping[str, Any], knowledge: Knowledge) -> dict[str, str]:
    """The classification and what stands beside it, in words, each by its label."""
    mdt, cea = explanation["mdt"], explanation["cea"]
    beside = {
        "cea": cea["elevated"],
        "salah": explanation["prognosis"]["salah"]["group"] or "",
        "mdt": mdt["suppressedBy"] or mdt["priority"] or "",
    }
    words = {name: describe.said(name, value, knowledge) for name, value in beside.items()}
    if latest := cea["latest"]:
        words["cea"] += f" ({latest['comparator'] or ''}{latest['ngPerMl']:g} ng/mL)"
    return {
        "In scope": _IN_SCOPE[explanation["population"]],
        **describe.rows(explanation["classification"], knowledge),
        **{describe.label(name, knowledge): text for name, text in words.items()},
    }


def _options(explanation: Mapping[str, Any], knowledge: Knowledge) -> dict[str, str]:
    """Each modality's result with its reasons, as one text."""
    return {
        knowledge.text(f"therapy.{modality}"): ". ".join(
            filter(None, (knowledge.text(f"result.{therapy['result']}"), _texts(therapy["reasons"])))
        )
        for modality, therapy in explanation["therapies"].items()
    }


def _texts(reasons: Iterable[Mapping[str, Any]]) -> str:
    return " ".join(reason["text"] for reason in reasons)


def _cards(explanation: Mapping[str, Any]) -> dict[str, str]:
    """Cards by topic and place among those of the topic: the same card, said otherwise, keeps its name."""
    seen: Counter[str] = Counter()
    found = {}
    for card in explanation["cards"]:
        topic = card["source"]["topic"]["code"]
        seen[topic] += 1
        found[f"{topic} {seen[topic]}"] = f"{card['summary']} ({card['indicator']})"
    return found


def _sentences(explanation: Mapping[str, Any], knowledge: Knowledge) -> list[tuple[str, str, str]]:
    """What is missing and noted: group, kind and text."""
    return [
        *(("Missing", "What is missing", need["text"]) for need in explanation["needs"]),
        *(("Notes", "Gate", gate["text"]) for gate in explanation["gates"]),
        *(("Notes", "Note", knowledge.text(f"flag.{flag}")) for flag in explanation["flags"]),
        *(("Notes", "Systemic therapy", note["text"]) for note in explanation["systemic"]),
        *(("Notes", "Could not be used", f"{one['resource']}: {one['text']}") for one in explanation["dataQuality"]),
    ]


def _one_by_one(group: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Difference]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            what = "Card" if group == "Cards" else name
            yield Difference(group, what, before.get(name, ""), after.get(name, ""))


def _lines(before: Iterable[tuple[str, str, str]], after: Iterable[tuple[str, str, str]]) -> list[Difference]:
    old, new = list(before), list(after)
    gone = [Difference(group, what, text, "") for group, what, text in old if (group, what, text) not in new]
    return gone + [Difference(group, what, "", text) for group, what, text in new if (group, what, text) not in old]
