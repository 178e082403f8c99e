"""Compares an assessment with what was expected of it by hand, and says every difference in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Assessment = dict[str, Any]


def mismatches(assessment: Assessment, expected: dict[str, Any]) -> list[str]:
    """Every expectation that the assessment does not meet.

    Raises: KeyError for an expectation of a kind that nothing checks, so that a slip never passes.
    """
    return [text for kind, wanted in expected.items() for text in _CHECKS[kind](assessment, wanted)]


def _at(document: Any, path: str) -> Any:
    for step in path.split("."):
        document = document[step] if document is not None else None
    return document


def _equal(path: str, got: Any, wanted: Any) -> Iterator[str]:
    if got != wanted:
        yield f"{path}: expected {wanted!r}, got {got!r}"


def _whole(name: str) -> Callable[[Assessment, Any], Iterator[str]]:
    return lambda assessment, wanted: _equal(name, assessment[name], wanted)


def _fields(name: str) -> Callable[[Assessment, Any], Iterator[str]]:
    """Fields of one part of the assessment, each by its dotted path."""

    def check(assessment: Assessment, wanted: dict[str, Any]) -> Iterator[str]:
        for path, value in wanted.items():
            yield from _equal(f"{name}.{path}", _at(assessment[name], path), value)

    return check


def _among(name: str, got: Callable[[Assessment], set[Any]]) -> Callable[[Assessment, Any], Iterator[str]]:
    """Values that must be among those of the assessment."""

    def check(assessment: Assessment, wanted: list[Any]) -> Iterator[str]:
        for value in wanted:
            if value not in got(assessment):
                yield f"{name}: {value!r} is missing from {sorted(got(assessment))}"

    return check


def _reasons(assessment: Assessment, modality: str, *, notes: bool) -> set[str]:
    reasons = assessment["therapies"][modality]["reasons"]
    return {reason["code"] for reason in reasons if (reason["result"] == "ELIGIBLE") is notes}


def _therapies(assessment: Assessment, wanted: dict[str, Any]) -> Iterator[str]:
    """Result and exact reason codes (without notes) of each modality; ``{}`` means that none is assessed."""
    if not wanted:
        yield from _equal("therapies", assessment["therapies"], {})
    for modality, expected in wanted.items():
        yield from _equal(modality, assessment["therapies"][modality]["result"], expected["result"])
        if expected["result"] != "NOT_OFFERED":
            yield from _equal(f"{modality} codes", _reasons(assessment, modality, notes=False), set(expected["codes"]))


def _therapy_results(assessment: Assessment, wanted: dict[str, str]) -> Iterator[str]:
    for modality, result in wanted.items():
        yield from _equal(modality, assessment["therapies"][modality]["result"], result)


def _codes_among(*, notes: bool) -> Callable[[Assessment, Any], Iterator[str]]:
    def check(assessment: Assessment, wanted: dict[str, list[str]]) -> Iterator[str]:
        for modality, codes in wanted.items():
            missing = set(codes) - _reasons(assessment, modality, notes=notes)
            yield from _equal(f"{modality} codes that are missing", missing, set())

    return check


def _orders(assessment: Assessment, wanted: dict[str, list[str]]) -> Iterator[str]:
    """The order-entry rules that must have fired, by order; an order that is not named fired none."""
    fired = {order["reference"]: set(order["rules"]) for order in assessment["orders"] if order["rules"]}
    yield from _equal("orders", set(fired), set(wanted))
    for reference, rules in wanted.items():
        yield from _equal(f"rules missing for {reference}", set(rules) - fired.get(reference, set()), set())


def _cards(assessment: Assessment) -> str:
    return " ".join(f"{card['summary']} {card.get('detail', '')}" for card in assessment["cards"]).lower()


def _max_cards(assessment: Assessment, wanted: int) -> Iterator[str]:
    if len(assessment["cards"]) > wanted:
        yield f"cards: at most {wanted}, got {[card['summary'] for card in assessment['cards']]}"


def _cards_say(assessment: Assessment, wanted: list[str]) -> Iterator[str]:
    yield from (f"no card says {text!r}" for text in wanted if text.lower() not in _cards(assessment))


def _cards_never(assessment: Assessment, wanted: list[str]) -> Iterator[str]:
    yield from (f"a card says {text!r}" for text in wanted if text.lower() in _cards(assessment))


def _indicators(assessment: Assessment, wanted: list[str]) -> Iterator[str]:
    """The indicator of each card that must be there, at least once; a stronger one must be named."""
    got = {card["indicator"] for card in assessment["cards"]}
    yield from _equal("indicators missing", set(wanted) - got if assessment["cards"] else set(), set())
    yield from _equal("indicators beyond info", got - {"info"} - set(wanted), set())


def _no_suggestion_like(assessment: Assessment, wanted: list[str]) -> Iterator[str]:
    for card in assessment["cards"]:
        for suggestion in card.get("suggestions", ()):
            yield from (f"suggested: {suggestion['label']}" for text in wanted if text in suggestion["label"])


def _invitees_like(assessment: Assessment, wanted: list[str]) -> Iterator[str]:
    invitees = " ".join(assessment["mdt"]["invitees"])
    yield from (f"nobody like {text!r} is invited" for text in wanted if text not in invitees)


def _lesion_sizes(assessment: Assessment, wanted: list[float]) -> Iterator[str]:
    yield from _equal("lesion sizes", sorted(lesion["largestDiameterMm"] for lesion in assessment["lesions"]), wanted)


def _source_states(assessment: Assessment, wanted: dict[str, str]) -> Iterator[str]:
    for key, state in wanted.items():
        yield from _equal(f"source {key}", assessment["sources"][key]["state"], state)


_CHECKS: dict[str, Callable[[Assessment, Any], Iterator[str]]] = {
    "population": _whole("population"),
    "order": _whole("order"),
    "gates": lambda assessment, wanted: _equal("gates", [gate["id"] for gate in assessment["gates"]], wanted),
    "classification": _fields("classification"),
    "mdt": _fields("mdt"),
    "prognosis": _fields("prognosis"),
    "cea": _fields("cea"),
    "molecular": _fields("molecular"),
    "therapies": _therapies,
    "therapyResults": _therapy_results,
    "therapyCodes": _codes_among(notes=False),
    "notes": _codes_among(notes=True),
    "needs": _among("needs", lambda assessment: {need["code"] for need in assessment["needs"]}),
    "flags": _among("flags", lambda assessment: set(assessment["flags"])),
    "systemic": _among("systemic", lambda assessment: {note["rule"] for note in assessment["systemic"]}),
    "dataQuality": _among("dataQuality", lambda assessment: {item["problem"] for item in assessment["dataQuality"]}),
    "sources": _source_states,
    "orders": _orders,
    "maxCards": _max_cards,
    "cardsSay": _cards_say,
    "cardsNever": _cards_never,
    "indicators": _indicators,
    "noSuggestionLike": _no_suggestion_like,
    "inviteesLike": _invitees_like,
    "lesionSizes": _lesion_sizes,
}
