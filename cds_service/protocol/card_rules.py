"""The rules that a response must keep before it leaves (CDS Hooks 3.0: CDS Service Response, and the pages below it).

Beside the specification's rules stand some of this project (:data:`HOUSE_RULES`): a card has a ``uuid`` and a
``source.topic``, its ``indicator`` is never ``critical``, its ``detail`` holds no HTML, and there are no system
actions. Each breach says which rule it breaks, so that another service can be judged by the specification alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

SUMMARY_BELOW = 140
INDICATORS = ("info", "warning")
SELECTION_BEHAVIOURS = ("at-most-one", "any")
ACTION_TYPES = ("create", "update", "delete")
LINK_TYPES = ("absolute", "smart")

_PLAIN_FIELDS = ("uuid", "summary", "detail", "indicator", "source", "selectionBehavior", "extension")
_CARD_FIELDS = frozenset((*_PLAIN_FIELDS, "suggestions", "overrideReasons", "links"))
_HTML = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^>]*)?/?>|<!--|<[?!]")
_LOCAL = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")

HOUSE_RULES = frozenset(("uuid", "suggestion-uuid", "topic", "critical", "html", "mixed-links", "no-system-actions"))


class Breach(NamedTuple):
    """One broken rule. The words never repeat a value, so that they may be logged."""

    rule: str
    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


Breaches = Iterator[Breach]


def check_response(response: object) -> list[str]:
    """Every breach of the card rules, as a sentence that begins with the path; empty when the response is good.

    The sentences never repeat a value, so that they may be logged.
    """
    return [str(breach) for breach in find_breaches(response)]


def find_breaches(response: object) -> list[Breach]:
    """Every breach of the card rules; empty when the response is good."""
    if not isinstance(response, dict):
        return [Breach("response", "response", "must be an object")]
    cards = response.get("cards")
    if not isinstance(cards, list):
        return [Breach("response", "cards", "must be an array")]
    breaches = [
        Breach("no-system-actions" if name == "systemActions" else "field", name, "is not a field of a response")
        for name in response
        if name not in ("cards", "extension")
    ]
    if _holds_empty([*cards, *(value for name, value in response.items() if name != "cards")]):
        breaches += _empties(response, "", allowed=("cards",))
    for index, card in enumerate(cards):
        breaches += _card(card, f"cards[{index}]")
    breaches += _repeated_uuids(cards)
    return breaches


def _holds_empty(values: list[Any]) -> bool:
    """Is anything null or empty, at any depth? Quick, because it runs on every answer; :func:`_empties` says where."""
    todo = [values]
    while todo:
        for item in todo.pop():
            if isinstance(item, str):
                if not item or item.isspace():
                    return True
            elif isinstance(item, (dict, list)):
                if not item:
                    return True
                todo.append(list(item.values()) if isinstance(item, dict) else item)
            elif item is None:
                return True
    return False


def _empties(value: object, path: str, allowed: tuple[str, ...] = ()) -> Breaches:
    """No element is null or empty (Use of JSON)."""
    members: Any = ()
    if isinstance(value, dict):
        members = ((f"{path}.{name}" if path else str(name), item) for name, item in value.items())
    elif isinstance(value, list):
        members = ((f"{path}[{index}]", item) for index, item in enumerate(value))
    for place, item in members:
        blank = isinstance(item, str) and not item.strip()
        if place not in allowed and (item is None or blank or item in ({}, [])):
            yield Breach("empty", place, "must not be null or empty")
        else:
            yield from _empties(item, place)


def _card(card: object, at: str) -> Breaches:
    if not isinstance(card, dict):
        yield Breach("card", at, "must be an object")
        return
    yield from (Breach("field", at, "has a field that no card has") for name in card if name not in _CARD_FIELDS)
    yield from _texts("uuid", card, at, "uuid")
    yield from _texts("summary", card, at, "summary")
    summary = card.get("summary")
    if isinstance(summary, str) and (len(summary) >= SUMMARY_BELOW or "\n" in summary):
        rule = "summary" if len(summary) >= SUMMARY_BELOW else "summary-line"
        yield Breach(rule, f"{at}.summary", f"must be one line of fewer than {SUMMARY_BELOW} characters")
    critical = card.get("indicator") == "critical"
    yield from _one_of("critical" if critical else "indicator", card, at, "indicator", INDICATORS)
    detail = card.get("detail", "")
    if not isinstance(detail, str):
        yield Breach("detail", f"{at}.detail", "must be a string")
    elif "<" in detail and _HTML.search(detail):
        yield Breach("html", f"{at}.detail", "must not hold HTML")
    yield from _source(card.get("source"), f"{at}.source")
    yield from _suggestions(card, at)
    yield from _each("override-reason", card, at, "overrideReasons", _override_reason)
    yield from _links(card, at)
    if not isinstance(card.get("extension", {}), dict):
        yield Breach("extension", f"{at}.extension", "must be an object")


def _source(source: object, at: str) -> Breaches:
    if not isinstance(source, dict):
        yield Breach("source", at, "must be an object")
        return
    yield from _texts("source", source, at, "label")
    yield from (
        Breach("source", f"{at}.{name}", "must be an absolute URL")
        for name in ("url", "icon")
        if name in source and not _is_absolute_url(source[name])
    )
    rule = "topic-coding" if "topic" in source else "topic"
    yield from _coding(rule, source.get("topic"), f"{at}.topic", "system", "code")


def _suggestions(card: dict[str, Any], at: str) -> Breaches:
    yield from _each("suggestion", card, at, "suggestions", _suggestion)
    suggestions = card.get("suggestions")
    if not isinstance(suggestions, list) or not suggestions:
        return
    yield from _one_of("selection-behavior", card, at, "selectionBehavior", SELECTION_BEHAVIOURS)
    recommended = sum(isinstance(item, dict) and item.get("isRecommended") is True for item in suggestions)
    if recommended > 1 and card.get("selectionBehavior") != "any":
        words = "at most one may be recommended unless selectionBehavior is 'any'"
        yield Breach("recommended", f"{at}.suggestions", words)


def _suggestion(suggestion: dict[str, Any], at: str) -> Breaches:
    yield from _texts("suggestion", suggestion, at, "label")
    yield from _texts("suggestion-uuid", suggestion, at, "uuid")
    if not isinstance(suggestion.get("isRecommended", False), bool):
        yield Breach("suggestion", f"{at}.isRecommended", "must be a boolean")
    yield from _each("suggestion", suggestion, at, "actions", _action)


def _action(action: dict[str, Any], at: str) -> Breaches:
    yield from _texts("action", action, at, "description")
    yield from change_breaches(action, at)


def change_breaches(action: dict[str, Any], at: str) -> Breaches:
    """What an action of a suggestion and a system action have in common: type, resource, resourceId."""
    yield from _one_of("action", action, at, "type", ACTION_TYPES)
    resource = action.get("resource")
    if action.get("type") == "delete":
        if resource is not None:
            yield Breach("delete", f"{at}.resource", "must be absent when something is deleted")
        if not isinstance(action.get("resourceId"), str) or not _LOCAL.fullmatch(action["resourceId"]):
            yield Breach("delete", f"{at}.resourceId", "must be 'Type/id'")
        return
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        yield Breach("action-resource", f"{at}.resource", "must be a FHIR resource")
    elif action.get("type") == "update" and not isinstance(resource.get("id"), str):
        yield Breach("action-resource", f"{at}.resource.id", "is required when something is updated")


def _override_reason(reason: dict[str, Any], at: str) -> Breaches:
    yield from _coding("override-reason", reason, at, "system", "code", "display")


def _links(card: dict[str, Any], at: str) -> Breaches:
    yield from _each("link", card, at, "links", _link)
    links = card.get("links")
    kinds = [link.get("type") for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    if all(kind in kinds for kind in LINK_TYPES):
        yield Breach("mixed-links", f"{at}.links", "absolute and smart links must not be mixed on one card")


def _link(link: dict[str, Any], at: str) -> Breaches:
    yield from _texts("link", link, at, "label")
    yield from _one_of("link", link, at, "type", LINK_TYPES)
    if not _is_absolute_url(link.get("url")):
        yield Breach("link", f"{at}.url", "must be an absolute URL")
    if "appContext" in link and (link.get("type") != "smart" or not isinstance(link["appContext"], str)):
        yield Breach("app-context", f"{at}.appContext", "must be a string, on a smart link only")
    if not isinstance(link.get("autolaunchable", False), bool):
        yield Breach("app-context", f"{at}.autolaunchable", "must be a boolean")


def _coding(rule: str, coding: object, at: str, *required: str) -> Breaches:
    if isinstance(coding, dict):
        yield from _texts(rule, coding, at, *required)
    else:
        yield Breach(rule, at, "must be a Coding")


def _texts(rule: str, parent: dict[str, Any], at: str, *names: str) -> Breaches:
    for name in names:
        if not isinstance(parent.get(name), str):
            yield Breach(rule, f"{at}.{name}", "is required, as a string")


def _one_of(rule: str, parent: dict[str, Any], at: str, name: str, allowed: tuple[str, ...]) -> Breaches:
    if parent.get(name) not in allowed:
        yield Breach(rule, f"{at}.{name}", f"must be one of {', '.join(allowed)}")


def _each(
    rule: str, parent: dict[str, Any], at: str, name: str, check: Callable[[dict[str, Any], str], Breaches]
) -> Breaches:
    items = parent.get(name, [])
    if not isinstance(items, list):
        yield Breach(rule, f"{at}.{name}", "must be an array")
        return
    for index, item in enumerate(items):
        if isinstance(item, dict):
            yield from check(item, f"{at}.{name}[{index}]")
        else:
            yield Breach(rule, f"{at}.{name}[{index}]", "must be an object")


def _repeated_uuids(cards: list[Any]) -> Breaches:
    seen: set[str] = set()
    for index, card in enumerate(cards):
        if not isinstance(card, dict):
            continue
        found = [(f"cards[{index}]", card)]
        suggestions = card.get("suggestions")
        if isinstance(suggestions, list):
            found += [(f"cards[{index}].suggestions[{i}]", s) for i, s in enumerate(suggestions) if isinstance(s, dict)]
        for place, item in found:
            uuid = item.get("uuid")
            if isinstance(uuid, str) and uuid in seen:
                yield Breach("uuid-twice", f"{place}.uuid", "stands twice in the response")
            if isinstance(uuid, str):
                seen.add(uuid)


def _is_absolute_url(url: object) -> bool:
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
