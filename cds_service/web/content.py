"""What the pages on the clinical content show, and the same as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from cds_service.governance.review import review
from cds_service.knowledge import Evidence, Knowledge, Parameter, Rule
from cds_service.knowledge.changelog import Version, read_changelog
from cds_service.knowledge.template import Template
from cds_service.values import ValueObject
from cds_service.web.rule_tables import RuleTable, tables_of


class RuleGroup(ValueObject, frozen=True):
    """Rules about one subject, by the first letter of their ids."""

    key: str
    title: str
    rules: tuple[Rule, ...]


class RulePage(ValueObject, frozen=True):
    """One rule with all that it rests on. ``tables`` hold for the packaged numbers."""

    rule: Rule
    numbers: tuple[Parameter, ...]
    sources: tuple[Evidence, ...]
    tables: tuple[RuleTable, ...]
    previous: str | None
    next: str | None


class SourcePage(ValueObject, frozen=True):
    """One source, and what rests on it."""

    source: Evidence
    cited_by: tuple[Rule, ...]
    numbers: tuple[Parameter, ...]


class Document(ValueObject, frozen=True):
    """The whole clinical content as one document for the governance board."""

    status: str
    reviewer_role: str
    counts: Mapping[str, Mapping[str, int]]
    local: tuple[Parameter, ...]
    rules: tuple[RuleGroup, ...]
    decisions: Mapping[str, tuple[RuleTable, ...]]
    parameters: tuple[Parameter, ...]
    evidence: tuple[Evidence, ...]
    changelog: tuple[Version, ...]


def rule_groups(knowledge: Knowledge) -> tuple[RuleGroup, ...]:
    """All rules by subject, in the order of the content."""
    groups: dict[str, list[Rule]] = {}
    for rule in knowledge.rules.values():
        groups.setdefault(rule.id.partition("-")[0], []).append(rule)
    return tuple(RuleGroup(key, knowledge.text(f"rule_group.{key}"), tuple(rules)) for key, rules in groups.items())


def rule_page(knowledge: Knowledge, rule_id: str) -> RulePage | None:
    """One rule; None when there is none of that id."""
    if rule_id not in knowledge.rules:
        return None
    rule, ids = knowledge.rule(rule_id), list(knowledge.rules)
    at = ids.index(rule_id)
    return RulePage(
        rule=rule,
        numbers=tuple(knowledge.parameter(name) for name in rule.parameters),
        sources=tuple(knowledge.evidence[name] for name in rule.evidence),
        tables=tables_of(rule_id),
        previous=ids[at - 1] if at else None,
        next=ids[at + 1] if at + 1 < len(ids) else None,
    )


def source_page(knowledge: Knowledge, source_id: str) -> SourcePage | None:
    """One source; None when there is none of that id."""
    source = knowledge.evidence.get(source_id)
    if source is None:
        return None
    return SourcePage(
        source,
        tuple(rule for rule in knowledge.rules.values() if source_id in rule.evidence),
        tuple(item for item in knowledge.parameters.values() if source_id in item.sources),
    )


def document(knowledge: Knowledge) -> Document:
    """Everything, for printing and signing."""
    own = {rule: tuple(table for table in tables_of(rule) if table.kind == "decision") for rule in knowledge.rules}
    return Document(
        status=knowledge.status,
        reviewer_role=knowledge.reviewer_role,
        counts=review(knowledge).counts,
        local=tuple(item for item in knowledge.parameters.values() if item.local),
        rules=rule_groups(knowledge),
        decisions={rule: tuple(table for table in tables if table.rules[0] == rule) for rule, tables in own.items()},
        parameters=tuple(knowledge.parameters.values()),
        evidence=tuple(knowledge.evidence.values()),
        changelog=read_changelog(),
    )


def plain(value: Any) -> Any:
    """Content as JSON: numbers for decimals, ISO dates, lists and objects for the rest.

    The page of one rule or source is that rule or source, with what belongs to it beside its own fields.
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    if isinstance(value, Template):
        return value.pattern
    if isinstance(value, ValueObject):
        about = {name: plain(getattr(value, name)) for name in value.__struct_fields__ if name != "therapy"}
        own = {RulePage: "rule", SourcePage: "source"}.get(type(value))
        return {**about.pop(own), **about} if own else about
    return value
