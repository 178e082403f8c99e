"""The answer as a page shows it: cards as a clinician would see them, and the reasons behind. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from cds_service.knowledge import Knowledge
from cds_service.web.json_html import json_html
from cds_service.web.playground import client
from cds_service.web.safe_markdown import markdown_html

Rewrite = Callable[[str], str | None]

_ALL = 6  # levels: more than a feedback entry has
INDICATORS = {"info": "Information", "warning": "Warning"}


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a suggestion: what it does, and the resource in words and in full."""

    kind: str
    description: str
    facts: Sequence[tuple[str, str]]
    resource: Markup | None
    removes: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion: its button, what pressing it would make, and what the client would report."""

    label: str
    recommended: bool
    steps: Sequence[Step]
    feedback: Markup


@dataclass(frozen=True, slots=True)
class ShownCard:
    """One card."""

    summary: str
    indicator: str
    word: str
    detail: Markup
    source: str
    source_url: str | None
    links: Sequence[tuple[str, str | None]]
    offers: Sequence[Offer]
    overrides: Sequence[tuple[str, Markup]]


@dataclass(frozen=True, slots=True)
class Option:
    """One modality with its result, every reason, and the criteria that nobody can judge."""

    name: str
    result: str
    code: str
    reasons: Sequence[Mapping[str, Any]]
    not_known: tuple[str, ...]


def known_addresses(knowledge: Knowledge, base_url: str) -> Rewrite:
    """Where a card may lead: our own pages (made relative), and the sources of the rule base. Nothing else."""
    sources = {item.url for item in knowledge.evidence.values() if item.url}
    sources |= {f"https://doi.org/{item.doi}" for item in knowledge.evidence.values() if item.doi}

    def rewrite(url: str) -> str | None:
        if url.startswith(f"{base_url}/"):
            return url[len(base_url) :]
        return url if url in sources else None

    return rewrite


def shown_cards(explanation: Mapping[str, Any], rewrite: Rewrite, on: date) -> list[ShownCard]:
    """The cards of an explanation."""
    return [_card(card, rewrite, on) for card in explanation["cards"]]


def _card(card: Mapping[str, Any], rewrite: Rewrite, on: date) -> ShownCard:
    source = card["source"]
    return ShownCard(
        summary=card["summary"],
        indicator=card["indicator"],
        word=INDICATORS[card["indicator"]],
        detail=markdown_html(card.get("detail", ""), rewrite),
        source=source["label"],
        source_url=rewrite(source.get("url", "")),
        links=[(link["label"], rewrite(link["url"])) for link in card.get("links", ())],
        offers=[_offer(card, suggestion, on) for suggestion in card.get("suggestions", ())],
        overrides=[
            (reason["display"], json_html(client.overridden(card, reason, on), open_levels=_ALL))
            for reason in card.get("overrideReasons", ())
        ],
    )


def _offer(card: Mapping[str, Any], suggestion: Mapping[str, Any], on: date) -> Offer:
    return Offer(
        label=suggestion["label"],
        recommended=suggestion.get("isRecommended", False),
        steps=[_step(action) for action in suggestion.get("actions", ())],
        feedback=json_html(client.accepted(card, suggestion, on), open_levels=_ALL),
    )


def _step(action: Mapping[str, Any]) -> Step:
    resource = action.get("resource")
    return Step(
        kind=action["type"],
        description=action["description"],
        facts=_facts(resource) if resource else (),
        resource=json_html(resource, open_levels=0) if resource else None,
        removes=action.get("resourceId"),
    )


def _facts(resource: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A draft in words."""
    code = resource.get("code", {})
    performer = resource.get("performerType", {}).get("coding", [{}])[0]
    rows = [
        ("Kind", f"{resource['resourceType']}, {resource.get('status', '')} ({resource.get('intent', '')})"),
        ("What", code.get("text") or code.get("coding", [{}])[0].get("display", "")),
        ("To", performer.get("display", "")),
        ("Priority", resource.get("priority", "")),
        ("Because of", ", ".join(item["reference"] for item in resource.get("reasonReference", ()))),
        ("See also", ", ".join(item["reference"] for item in resource.get("supportingInfo", ()))),
        ("Note", " ".join(note["text"] for note in resource.get("note", ()))),
    ]
    return [(name, text) for name, text in rows if text]


def options(explanation: Mapping[str, Any], knowledge: Knowledge) -> list[Option]:
    """Every modality, in the order of the assessment."""
    return [
        Option(
            name=knowledge.text(f"therapy.{modality}"),
            result=knowledge.text(f"result.{therapy['result']}"),
            code=therapy["result"],
            reasons=therapy["reasons"],
            not_known=tuple(
                knowledge.text(f"criterion.{item['topic']}")
                for item in explanation["criteria"].get(modality, ())
                if item["state"] == "unknown"
            ),
        )
        for modality, therapy in explanation["therapies"].items()
    ]


def sources(explanation: Mapping[str, Any], knowledge: Knowledge) -> list[tuple[str, str, int, str]]:
    """What was read of each prefetch key: key, state in words, resources, note."""
    return [
        (key, knowledge.text(f"source_state.{state['state']}"), state["resources"], state["note"] or "")
        for key, state in explanation["sources"].items()
    ]
