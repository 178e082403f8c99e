"""Probes of cards and system actions (CDS Hooks, CDS Service Response).

The rules of our own responses judge here too (``protocol.card_rules``); each rule is tied to the requirement that it is
about, so that what only this project asks for is no failure of the specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cds_service.protocol.card_rules import Breach, change_breaches, find_breaches
from cds_tools.check.probe import Probe, of_service
from cds_tools.check.results import Omit, Skip
from cds_tools.check.subject import ListedService, Subject

_RULES = (
    # probe, requirements, its rules, what must hold
    ("nothing-is-empty", ("WIRE-03",), ("empty",), "Nothing in an answer is null or empty"),
    ("cards-are-objects", ("RESP-01",), ("response", "card"), "An answer is an object whose cards are objects"),
    ("summary", ("CARD-01",), ("summary",), "A summary is there and has fewer than 140 characters"),
    ("indicator", ("CARD-03",), ("indicator",), "An indicator is info, warning or critical"),
    ("source", ("CARD-04",), ("source",), "A source has a label, and absolute addresses"),
    ("topic-coding", ("CARD-05",), ("topic-coding",), "A topic has a code and a system"),
    ("uuids-are-unique", ("CARD-06",), ("uuid-twice",), "No uuid stands in an answer twice"),
    ("detail", ("CARD-08",), ("detail",), "A detail is a text"),
    ("selection-behavior", ("CARD-10",), ("selection-behavior",), "Suggestions come with a known selectionBehavior"),
    ("suggestions", ("SUGG-01",), ("suggestion",), "A suggestion has a label, and its parts their types"),
    ("recommended", ("SUGG-02",), ("recommended",), "Several suggestions are recommended only where any may be chosen"),
    ("actions", ("ACT-01",), ("action",), "An action has a type and a description"),
    ("action-resources", ("ACT-02",), ("action-resource",), "create and update carry the resource"),
    ("override-reasons", ("OVER-01",), ("override-reason",), "An override reason has code, system and display"),
    ("links", ("LINK-01",), ("link",), "A link has label, address and type"),
    ("app-context", ("LINK-02",), ("app-context",), "appContext stands on SMART links alone"),
    ("extension-object", ("CARD-12",), ("extension",), "An extension is an object"),
    ("deletes", ("ACT-03",), ("delete",), "delete names what is deleted as Type/id"),
    ("one-line", ("CARD-02",), ("summary-line",), "A summary is one line"),
    ("card-uuid", ("CARD-07",), ("uuid",), "Every card has a uuid, so that feedback can come"),
    ("suggestion-uuid", ("SUGG-03",), ("suggestion-uuid",), "Every suggestion has a uuid"),
    ("topic", ("KIT-03",), ("topic",), "Every card has a topic"),
    ("html", ("CARD-09",), ("html",), "A detail holds no HTML"),
    ("mixed-links", ("KIT-04",), ("mixed-links",), "No card mixes absolute and SMART links"),
    ("fields", ("CARD-11",), ("field",), "Answers and cards have no fields of their own outside extension"),
)
NOT_JUDGED = frozenset(("critical", "no-system-actions"))
"""Rules of this project alone: another service may do so."""

_REVERSE_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9_-]+)+")


def _responses(subject: Subject, service: ListedService) -> Iterator[dict[str, Any]]:
    for call in subject.answered(service):
        document = call.answer.document
        if isinstance(document, dict):
            yield document


def _cards(subject: Subject, service: ListedService) -> Iterator[dict[str, Any]]:
    """Every card of every answer. Raises: Skip when there was none."""
    found = [card for call in subject.answered(service) for card in call.answer.cards if isinstance(card, dict)]
    if not found:
        raise Skip("no sample patient brought a card")
    yield from found


def _by_rules(id_: str, ids: tuple[str, ...], rules: tuple[str, ...], title: str) -> Probe:
    def judge(subject: Subject, service: ListedService) -> Iterator[str]:
        breaches: list[Breach] = []
        for document in _responses(subject, service):
            breaches += find_breaches(document)
        if not breaches:
            list(_cards(subject, service))  # without a card nothing was judged
        yield from dict.fromkeys(str(breach) for breach in breaches if breach.rule in rules)

    return Probe(id_, title, ids, of_service=judge)


@of_service("CARD-12")
def extension_names(subject: Subject, service: ListedService) -> Iterator[str]:
    """Names in an extension are reverse-domain names"""
    found = [*_responses(subject, service), *_cards(subject, service)]
    extensions = [one["extension"] for one in found if isinstance(one.get("extension"), dict)]
    if not extensions:
        raise Omit("no answer has an extension")
    names = {name for extension in extensions for name in extension}
    yield from (f"'{name}' is none" for name in sorted(names) if not _REVERSE_DOMAIN.fullmatch(name))


@of_service("SUGG-04")
def action_selection_behavior(subject: Subject, service: ListedService) -> Iterator[str]:
    """actionSelectionBehavior is not sent to a client that is not known to support it"""
    for card in _cards(subject, service):
        suggestions = card.get("suggestions")
        for suggestion in suggestions if isinstance(suggestions, list) else ():
            if isinstance(suggestion, dict) and "actionSelectionBehavior" in suggestion:
                yield "a suggestion has it"


@of_service("SYS-01")
def system_actions(subject: Subject, service: ListedService) -> Iterator[str]:
    """System actions are like actions, and no empty array"""
    found = [document["systemActions"] for document in _responses(subject, service) if "systemActions" in document]
    if not found:
        raise Omit("there are no system actions")
    for actions in found:
        if not isinstance(actions, list) or not actions:
            yield "systemActions is empty or no array"
            continue
        for index, action in enumerate(actions):
            if isinstance(action, dict):
                yield from (str(breach) for breach in change_breaches(action, f"systemActions[{index}]"))
            else:
                yield f"systemActions[{index}] is no object"


@of_service("KIT-05")
def changes_are_about_the_drafts(subject: Subject, service: ListedService) -> Iterator[str]:
    """update and delete name an order of draftOrders"""
    found = False
    for call in subject.answered(service):
        entries = call.request["context"].get("draftOrders", {}).get("entry", [])
        drafts = {f"{entry['resource']['resourceType']}/{entry['resource'].get('id')}" for entry in entries}
        for name in _changed(call.answer.cards):
            found = True
            if name not in drafts:
                yield "an action changes what is no draft of the call"
    if not found:
        raise Omit("no action updates or deletes")


def _changed(cards: list[Any]) -> Iterator[str]:
    """What the actions of the cards update or delete, as ``Type/id``."""
    for card in cards:
        suggestions = card.get("suggestions") if isinstance(card, dict) else None
        for suggestion in suggestions if isinstance(suggestions, list) else ():
            actions = suggestion.get("actions") if isinstance(suggestion, dict) else None
            for action in actions if isinstance(actions, list) else ():
                if isinstance(action, dict) and action.get("type") == "delete":
                    yield str(action.get("resourceId"))
                elif isinstance(action, dict) and action.get("type") == "update":
                    resource = action.get("resource")
                    if isinstance(resource, dict):
                        yield f"{resource.get('resourceType')}/{resource.get('id')}"


PROBES = (
    *(_by_rules(*row) for row in _RULES),
    extension_names,
    action_selection_behavior,
    system_actions,
    changes_are_about_the_drafts,
)
JUDGED = frozenset(rule for _, _, rules, _ in _RULES for rule in rules)
