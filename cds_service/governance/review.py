"""``knowledge review``: what was not read in full in its source, for a clinician to sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.knowledge import Evidence, Knowledge, Parameter, Rule

UNREAD = ("M", "D", "REVIEW")
"""From memory, our own choice, or from the starting review only: nobody has seen it in the source."""

SECONDARY = "V2"
"""Seen in a text that quotes the source."""


@dataclass(frozen=True, slots=True)
class Group:
    """One rule with its numbers that await a signature; ``sign_rule``: the rule itself does too.

    A number stands once, with the first of its rules.
    """

    rule: Rule
    sign_rule: bool
    numbers: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What awaits a signature for one reason: not seen in the source at all, or seen in a secondary text only."""

    groups: tuple[Group, ...]
    sources: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """The whole list, and how much of the content it is: ``counts[kind][what]``."""

    knowledge: Knowledge
    unread: Part
    secondary: Part
    counts: Mapping[str, Mapping[str, int]]


def review(knowledge: Knowledge) -> Review:
    """The list for the content in use, the site's values among it."""
    return Review(
        knowledge=knowledge,
        unread=_part(knowledge, "unread"),
        secondary=_part(knowledge, "secondary"),
        counts={
            "numbers": _count(item.certainty for item in knowledge.parameters.values()),
            "rules": _count(rule.certainty for rule in knowledge.rules.values()),
            "sources": _count(source.verified for source in knowledge.evidence.values()),
        },
    )


def state(tags: Iterable[str]) -> str:
    """``unread``, ``secondary`` or ``read``, by the weakest tag: one part that was not read makes the whole unread."""
    found = set(tags)
    if found & set(UNREAD):
        return "unread"
    return "secondary" if SECONDARY in found else "read"


def _part(knowledge: Knowledge, wanted: str) -> Part:
    groups = []
    for rule in knowledge.rules.values():
        numbers = tuple(
            item
            for item in knowledge.parameters.values()
            if item.rules[0] == rule.id and state(item.certainty) == wanted
        )
        sign_rule = state(rule.certainty) == wanted
        if numbers or sign_rule:
            groups.append(Group(rule, sign_rule, numbers))
    sources = tuple(source for source in knowledge.evidence.values() if state(source.verified) == wanted)
    return Part(tuple(groups), sources)


def _count(all_tags: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """How many there are, how many in each state, and how many carry each tag (one may carry several)."""
    listed = list(all_tags)
    states = [state(tags) for tags in listed]
    counts = {"total": len(listed), **{name: states.count(name) for name in ("unread", "secondary", "read")}}
    return counts | {tag: sum(tag in tags for tags in listed) for tag in (*UNREAD, SECONDARY, "V")}


def to_json(found: Review) -> dict[str, Any]:
    """The list as plain JSON; ``signedOff`` is null everywhere, to be filled in."""
    knowledge = found.knowledge
    return {
        "knowledge": {"version": knowledge.version, "hash": knowledge.hash, "status": knowledge.status},
        "reviewerRole": knowledge.reviewer_role,
        "counts": {kind: dict(counts) for kind, counts in found.counts.items()},
        **{name: _part_json(part) for name, part in (("unread", found.unread), ("secondary", found.secondary))},
    }


def _part_json(part: Part) -> dict[str, Any]:
    return {
        "rules": [
            {
                "id": group.rule.id,
                "title": group.rule.title,
                "statement": group.rule.statement,
                "certainty": list(group.rule.certainty),
                "evidence": list(group.rule.evidence),
                "toSign": group.sign_rule,
                "signedOff": None,
                "numbers": [_number_json(item) for item in group.numbers],
            }
            for group in part.groups
        ],
        "sources": [
            {
                "id": source.id,
                "citation": source.citation,
                "finding": source.finding,
                "certainty": list(source.verified),
                "note": source.note,
                "url": source.url,
                "signedOff": None,
            }
            for source in part.sources
        ],
    }


def _number_json(item: Parameter) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title,
        "value": item.text,
        "unit": item.unit or None,
        "comparison": item.comparison,
        "certainty": list(item.certainty),
        "sources": list(item.sources),
        "rules": list(item.rules),
        "reviewBy": item.review_by.isoformat(),
        "note": item.note,
        "localPolicy": item.local,
        "signedOff": None,
    }
