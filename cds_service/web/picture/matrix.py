"""Modality by criterion: how each rule stands, with its reasons, facts and sources behind each cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.knowledge import Evidence, Knowledge, Parameter, Rule

MODALITIES = ("surgery", "sbrt", "ablation")


@dataclass(frozen=True, slots=True)
class CitedResource:
    """A resource that a criterion rests on, and what was found in it, where a sentence says so."""

    resource: str
    text: str | None
    date: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One criterion of one modality."""

    state: str
    rule: Rule
    reasons: tuple[str, ...]
    facts: tuple[CitedResource, ...]
    numbers: tuple[Parameter, ...]
    sources: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One topic, with a cell for each modality that asks for it."""

    topic: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The table. ``results``: the words for each modality's result, in the order of the columns."""

    modalities: tuple[str, ...]
    results: tuple[str, ...]
    lines: tuple[Line, ...]


def matrix(explanation: Mapping[str, Any], knowledge: Knowledge) -> Matrix | None:
    """The matrix, or None when no modality was assessed."""
    criteria = explanation["criteria"]
    shown = tuple(name for name in MODALITIES if name in criteria)
    if not shown:
        return None
    said = _findings(explanation)
    cells = {
        (modality, item["topic"]): _cell(item, explanation["therapies"][modality]["reasons"], said, knowledge)
        for modality in shown
        for item in criteria[modality]
    }
    lines = (Line(topic, tuple(cells.get((name, topic)) for name in shown)) for topic in knowledge.group("criterion"))
    return Matrix(
        modalities=shown,
        results=tuple(explanation["therapies"][name]["result"] for name in shown),
        lines=tuple(line for line in lines if any(line.cells)),
    )


def _findings(explanation: Mapping[str, Any]) -> dict[str, tuple[str, str | None]]:
    """The first sentence about each resource, with its date."""
    said: dict[str, tuple[str, str | None]] = {}
    for finding in explanation["findings"]:
        for resource in finding["resources"]:
            said.setdefault(resource, (finding["text"], finding["date"]))
    return said


def _cell(
    item: Mapping[str, Any],
    reasons: list[Mapping[str, Any]],
    said: Mapping[str, tuple[str, str | None]],
    knowledge: Knowledge,
) -> Cell:
    rule = knowledge.rule(item["rule"])
    return Cell(
        state=item["state"],
        rule=rule,
        reasons=tuple(dict.fromkeys(reason["text"] for reason in reasons if reason["rule"] == rule.id)),
        facts=tuple(CitedResource(name, *said.get(name, (None, None))) for name in item["facts"]),
        numbers=tuple(knowledge.parameter(name) for name in rule.parameters),
        sources=tuple(knowledge.evidence[name] for name in rule.evidence),
    )
