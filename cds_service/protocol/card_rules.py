"""The rules that a response must keep before it leaves (CDS Hooks 3.0: CDS Service Response, and the pages below it).

Beside the specification's rules stand three of this project: a card has a ``uuid`` and a ``source.topic``, its
``indicator`` is never ``critical``, and its ``detail`` holds no HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
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

Breaches = Iterator[str]


def check_response(response: object) -> list[str]:
    """Every breach of the card rules, as a sentence that begins with the path; empty when the response is good.

    The sentences never repeat a value, so that they may be logged.
    """
    if not isinstance(response, dict):
        return ["response: must be an object"]
    cards = response.get("cards")
    if not isinstance(cards, list):
        return ["cards: must be an array"]
    breaches = [f"{name}: is not a field of a response" for name in response if name not in ("cards", "extension")]
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
            yield f"{place}: must not be null or empty"
        else:
            yield from _empties(item, place)


def _card(card: object, at: str) -> Breaches:
    if not isinstance(card, dict):
        yield f"{at}: must be an object"
        return
    yield from (f"{at}: has a field that no card has" for name in card if name not in _CARD_FIELDS)
    yield from _texts(card, at, "uuid", "summary")
    summary = card.get("summary")
    if isinstance(summary, str) and (len(summary) >= SUMMARY_BELOW or "\n" in summary):
        yield f"{at}.summary: must be one line of fewer than {SUMMARY_BELOW} characters"
    yield from _one_of(card, at, "indicator", INDICATORS)
    detail = card.get("detail", "")
    if not isinstance(detail, str):
        yield f"{at}.detail: must be a string"
    elif "<" in detail and _HTML.search(detail):
        yield f"{at}.detail: must not hold HTML"
    yield from _source(card.get("source"), f"{at}.source")
    yield from _suggestions(card, at)
    yield from _each(card, at, "overrideReasons", _override_reason)
    yield from _links(card, at)
    if not isinstance(card.get("extension", {}), dict):
        yield f"{at}.extension: must be an object"


def _source(source: object, at: str) -> Breaches:
    if not isinstance(source, dict):
        yield f"{at}: must be an object"
        return
    yield from _texts(source, at, "label")
    yield from (
        f"{at}.{name}: must be an absolute URL"
        for name in ("url", "icon")
        if name in source and not _is_absolute_url(source[name])
    )
    yield from _coding(source.get("topic"), f"{at}.topic", "system", "code")


def _suggestions(card: dict[str, Any], at: str) -> Breaches:
    yield from _each(card, at, "suggestions", _suggestion)
    suggestions = card.get("suggestions")
    if not isinstance(suggestions, list) or not suggestions:
        return
    yield from _one_of(card, at, "selectionBehavior", SELECTION_BEHAVIOURS)
    recommended = sum(isinstance(item, dict) and item.get("isRecommended") is True for item in suggestions)
    if recommended > 1 and card.get("selectionBehavior") != "any":
        yield f"{at}.suggestions: at most one may be recommended unless selectionBehavior is 'any'"


def _suggestion(suggestion: dict[str, Any], at: str) -> Breaches:
    yield from _texts(suggestion, at, "label", "uuid")
    if not isinstance(suggestion.get("isRecommended", False), bool):
        yield f"{at}.isRecommended: must be a boolean"
    yield from _each(suggestion, at, "actions", _action)


def _action(action: dict[str, Any], at: str) -> Breaches:
    yield from _one_of(action, at, "type", ACTION_TYPES)
    yield from _texts(action, at, "description")
    resource = action.get("resource")
    if action.get("type") == "delete":
        if resource is not None:
            yield f"{at}.resource: must be absent when something is deleted"
        if not isinstance(action.get("resourceId"), str) or not _LOCAL.fullmatch(action["resourceId"]):
            yield f"{at}.resourceId: must be 'Type/id'"
        return
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        yield f"{at}.resource: must be a FHIR resource"
    elif action.get("type") == "update" and not isinstance(resource.get("id"), str):
        yield f"{at}.resource.id: is required when something is updated"


def _override_reason(reason: dict[str, Any], at: str) -> Breaches:
    yield from _coding(reason, at, "system", "code", "display")


def _links(card: dict[str, Any], at: str) -> Breaches:
    yield from _each(card, at, "links", _link)
    links = card.get("links")
    kinds = {link.get("type") for link in links if isinstance(link, dict)} if isinstance(links, list) else set()
    if len(kinds & set(LINK_TYPES)) > 1:
        yield f"{at}.links: absolute and smart links must not be mixed on one card"


def _link(link: dict[str, Any], at: str) -> Breaches:
    yield from _texts(link, at, "label")
    yield from _one_of(link, at, "type", LINK_TYPES)
    if not _is_absolute_url(link.get("url")):
        yield f"{at}.url: must be an absolute URL"
    if "appContext" in link and (link.get("type") != "smart" or not isinstance(link["appContext"], str)):
        yield f"{at}.appContext: must be a string, on a smart link only"
    if not isinstance(link.get("autolaunchable", False), bool):
        yield f"{at}.autolaunchable: must be a boolean"


def _coding(coding: object, at: str, *required: str) -> Breaches:
    if isinstance(coding, dict):
        yield from _texts(coding, at, *required)
    else:
        yield f"{at}: must be a Coding"


def _texts(parent: dict[str, Any], at: str, *names: str) -> Breaches:
    yield from (f"{at}.{name}: is required, as a string" for name in names if not isinstance(parent.get(name), str))


def _one_of(parent: dict[str, Any], at: str, name: str, allowed: tuple[str, ...]) -> Breaches:
    if parent.get(name) not in allowed:
        yield f"{at}.{name}: must be one of {', '.join(allowed)}"


def _each(parent: dict[str, Any], at: str, name: str, check: Callable[[dict[str, Any], str], Breaches]) -> Breaches:
    items = parent.get(name, [])
    if not isinstance(items, list):
        yield f"{at}.{name}: must be an array"
        return
    for index, item in enumerate(items):
        if isinstance(item, dict):
            yield from check(item, f"{at}.{name}[{index}]")
        else:
            yield f"{at}.{name}[{index}]: must be an object"


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
                yield f"{place}.uuid: stands twice in the response"
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
