"""Does the content say one thing? Numbers quoted in rules, numbers that belong together, tags and their sources."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from cds_service.knowledge import Evidence, Knowledge, Parameter, Rule
from cds_service.knowledge.entries import Pair

_NUMBER = re.compile(r"(?<![A-Za-z\d.])(?<![A-Za-z]-)\d+(?:\.\d+)?(?![A-Za-z\d])")
_OWN = "service-default"
_HALF = Decimal("0.5")
_STEP = {">=": -_HALF, "<": -_HALF, ">": _HALF, "<=": _HALF}


def quoted_numbers(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Rules whose statement writes out a number that is none of their parameters: where, and what is wrong.

    A rule without parameters may quote its source. Zero is no limit.
    """
    for rule in knowledge.rules.values():
        if not rule.parameters:
            continue
        held = {knowledge.parameter(name).value for name in rule.parameters}
        found = {Decimal(text) for text in _NUMBER.findall(rule.statement)}
        for number in sorted(found - held - {Decimal(0)}):
            named = ", ".join(f"{name} = {knowledge.parameter(name).text}" for name in rule.parameters)
            yield rule.id, f"Its statement quotes {number}, but its numbers are {named}."


def parted(knowledge: Knowledge, pairs: Sequence[Pair]) -> Iterator[tuple[str, str]]:
    """Declared pairs that do not agree, and numbers of one name that differ without a declaration."""
    declared: set[frozenset[str]] = set()
    for pair in pairs:
        declared |= {frozenset(two) for two in combinations(pair.parameters, 2)}
        if unknown := [name for name in pair.parameters if name not in knowledge.parameters]:
            yield ", ".join(unknown), "A pair of knowledge.toml names it, and there is no such number."
            continue
        items = [knowledge.parameter(name) for name in pair.parameters]
        if pair.agree and len({edge(item) for item in items}) > 1:
            yield ", ".join(pair.parameters), f"{_limits(items)} should agree: {pair.reason}"
    yield from _undeclared(knowledge, declared)


def _undeclared(knowledge: Knowledge, declared: Container[frozenset[str]]) -> Iterator[tuple[str, str]]:
    """Numbers that share the last part of their name, such as ``maxCount``, and differ without a word on it."""
    by_name: dict[str, list[Parameter]] = {}
    for item in knowledge.parameters.values():
        by_name.setdefault(item.id.rpartition(".")[2], []).append(item)
    for items in by_name.values():
        open_pairs = [
            (left, right)
            for left, right in combinations(items, 2)
            if edge(left) != edge(right) and frozenset((left.id, right.id)) not in declared
        ]
        if found := list(dict.fromkeys(item for two in open_pairs for item in two)):
            where = ", ".join(item.id for item in found)
            yield where, f"{_limits(found)}: say in knowledge.toml [[pairs]] why they differ."


def unpublished(knowledge: Knowledge, published: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Local values of numbers that belong to a published model, whose figures were found with other ones."""
    for name in published:
        if name in knowledge.parameters and knowledge.parameter(name).local:
            yield name, "A published model was made with the packaged value; its figures do not hold for another one."


def edge(item: Parameter) -> tuple[str, Decimal | str]:
    """Where a limit divides: for counts and scores ``>= 5``, ``> 4`` and ``<= 4`` divide at the same place."""
    if isinstance(item.value, str) or item.unit not in ("1", "{score}") or item.comparison is None:
        return item.unit, item.value
    return item.unit, item.value + _STEP.get(item.comparison, Decimal(0))


def _limits(items: Iterable[Parameter]) -> str:
    return ", ".join(f"{item.id} {item.comparison or ''} {item.text}".replace("  ", " ") for item in items)


def unfounded(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Tags that no source bears out, own choices without their tag, and sources that the rule leaves out."""
    for item in knowledge.parameters.values():
        yield from ((item.id, said) for said in _tags(item, item.sources, knowledge))
        cited = {source for name in item.rules for source in knowledge.rule(name).evidence}
        if left_out := [source for source in item.sources if source not in cited]:
            yield item.id, f"Rests on {', '.join(left_out)}, which none of its rules cites."
    for rule in knowledge.rules.values():
        yield from ((rule.id, said) for said in _tags(rule, rule.evidence, knowledge))


def _tags(item: Parameter | Rule, sources: Sequence[str], knowledge: Knowledge) -> Iterator[str]:
    found: dict[str, Evidence] = {name: knowledge.evidence[name] for name in sources}
    borne_out = {tag for source in found.values() for tag in source.verified}
    if unfounded_tags := [tag for tag in item.certainty if tag not in borne_out]:
        yield f"Carries the tag {', '.join(unfounded_tags)}, which none of its sources does ({', '.join(sources)})."
    if _OWN in found and "D" not in item.certainty:
        yield f"Cites {_OWN} without the tag D."
