"""Cards, as frozen values, and their JSON form (CDS Hooks 3.0, Card Attributes)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.protocol.card_rules import check_response
from cds_service.values import ValueObject, replace

__all__ = ["Action", "Card", "Coding", "Link", "Source", "Suggestion", "check_response", "extended", "to_json"]


class Coding(ValueObject, frozen=True):
    """A coded value. An override reason needs a ``display``; a topic does not."""

    system: str
    code: str
    display: str | None = None


class Source(ValueObject, frozen=True):
    """Where the guidance comes from. ``topic`` says what the card is about, the same for every card of one kind."""

    label: str
    url: str | None = None
    icon: str | None = None
    topic: Coding | None = None


class Action(ValueObject, frozen=True):
    """One change that accepting a suggestion makes. ``resource`` for create and update, ``resource_id`` for delete."""

    type: str  # create | update | delete
    description: str
    resource: Mapping[str, Any] | None = None
    resource_id: str | None = None  # "Type/id"


class Suggestion(ValueObject, frozen=True):
    """Something the clinician may accept with one click; its actions apply together."""

    label: str
    uuid: str
    is_recommended: bool | None = None
    actions: tuple[Action, ...] = ()


class Link(ValueObject, frozen=True):
    """A page (``absolute``) or a SMART app (``smart``). Only the latter may carry ``app_context``."""

    label: str
    url: str
    type: str = "absolute"
    app_context: str | None = None


class Card(ValueObject, frozen=True):
    """One piece of advice: a one-sentence ``summary`` under 140 characters, a ``detail`` in Markdown without HTML."""

    summary: str
    indicator: str  # info | warning
    source: Source
    uuid: str
    detail: str | None = None
    suggestions: tuple[Suggestion, ...] = ()
    selection_behavior: str | None = None  # at-most-one | any; needed with suggestions
    override_reasons: tuple[Coding, ...] = ()
    links: tuple[Link, ...] = ()
    extension: Mapping[str, Any] | None = None


def extended(card: Card, more: Mapping[str, Any]) -> Card:
    """The card with more in its extension."""
    return replace(card, extension={**(card.extension or {}), **more})


def to_json(card: Card) -> dict[str, Any]:
    """The card as the specification writes it: camelCase; what has no value is left out."""
    return _filled(
        uuid=card.uuid,
        summary=card.summary,
        detail=card.detail,
        indicator=card.indicator,
        source=_filled(
            label=card.source.label,
            url=card.source.url,
            icon=card.source.icon,
            topic=_coding(card.source.topic) if card.source.topic else None,
        ),
        suggestions=[_suggestion(item) for item in card.suggestions],
        selectionBehavior=card.selection_behavior,
        overrideReasons=[_coding(reason) for reason in card.override_reasons],
        links=[_filled(label=a.label, url=a.url, type=a.type, appContext=a.app_context) for a in card.links],
        extension=dict(card.extension) if card.extension else None,
    )


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value not in ("", [], {}, ())}


def _coding(coding: Coding) -> dict[str, Any]:
    return _filled(system=coding.system, code=coding.code, display=coding.display)


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    return _filled(
        label=suggestion.label,
        uuid=suggestion.uuid,
        isRecommended=suggestion.is_recommended,
        actions=[
            _filled(
                type=action.type,
                description=action.description,
                resource=dict(action.resource) if action.resource is not None else None,
                resourceId=action.resource_id,
            )
            for action in suggestion.actions
        ],
    )
