"""The rules, from the files of ``rules/``: one table a rule, with everything that it can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cds_service.knowledge.entries import ReasonEntry, RuleEntry, read_entry
from cds_service.knowledge.model import ReasonText, Rule
from cds_service.knowledge.template import Template, placeholders, template
from cds_service.values import replace

LOCAL = ("surgery", "sbrt", "ablation")
"""The local therapies: each of their rules is a row of the matrix."""


def read_rules(
    tables: Mapping[str, Mapping[str, Any]], parameters: Mapping[str, str], faults: list[str]
) -> dict[str, Rule]:
    """Every rule of every file, in the order of the files. ``parameters``: their values, as texts show them.

    Faults: a rule in two files, a reason without a sentence, or one that quotes a number of another rule.
    """
    entries: dict[str, RuleEntry] = {}
    for file, table in tables.items():
        for id_, item in table.items():
            if id_ in entries:
                faults.append(f"{file}: {id_}: the same rule stands in two files")
            elif entry := read_entry(RuleEntry, f"{file}: {id_}", item, faults):
                entries[id_] = entry
    return {id_: _rule(id_, entry, entries, parameters, faults) for id_, entry in entries.items()}


def _rule(
    id_: str, entry: RuleEntry, entries: Mapping[str, RuleEntry], parameters: Mapping[str, str], faults: list[str]
) -> Rule:
    reasons = {}
    for name, given in entry.reasons.items():
        where = f"rule {id_}: reason {name}"
        owner = given.same_as or id_
        own = _owned(owner, name, entries)
        if own is None or (given.text is not None) == (given.same_as is not None):
            faults.append(f"{where}: needs a text, or same_as with a rule that has the text of that reason")
            continue
        if (given.when is None) != (given.result is None):
            faults.append(f"{where}: when and result belong together")
        behind = entries[owner].parameters
        for number in placeholders(str(own.text)):
            if number in parameters and number not in behind:
                faults.append(f"{where}: quotes {number}, which is no parameter of {owner}")
        reasons[name] = ReasonText(
            code=own.code or name,
            text=template(f"reason.{owner}.{name}", str(own.text), parameters),
            short=template(f"short.{owner}.{name}", own.short, parameters) if own.short else None,
            alias=own.alias,
            open=own.open,
            need=own.need,
            when=given.when,
            result=given.result,
        )
    return Rule(id=id_, **(dict(entry) | {"reasons": reasons}))


def texts_of(rules: Mapping[str, Rule]) -> dict[str, Template]:
    """Every sentence and short text of the reasons, by its key."""
    told = [reason for rule in rules.values() for reason in rule.reasons.values()]
    return {item.key: item for reason in told for item in (reason.text, reason.short) if item is not None}


def _owned(owner: str, name: str, entries: Mapping[str, RuleEntry]) -> ReasonEntry | None:
    """The reason of that name, where the rule has a sentence of its own for it."""
    found = entries[owner].reasons.get(name) if owner in entries else None
    return found if found is not None and found.text is not None else None


def by_therapy(rules: Mapping[str, Rule], therapies: Iterator[str] | tuple[str, ...]) -> dict[str, tuple[Rule, ...]]:
    """The rules of each therapy, in the order of the rule base."""
    return {
        therapy: tuple(replace(rule, therapy=therapy) for rule in rules.values() if therapy in rule.therapies)
        for therapy in therapies
    }


def read_rows(rules: Mapping[str, Rule], order: Sequence[str], faults: list[str]) -> dict[str, Template]:
    """What each row of the matrix is called, under ``criterion.TOPIC``, in the order in which the rows are shown.

    Faults: a topic that no rule or several rules name a row for, and a row in ``order`` that no rule has.
    """
    named: dict[str, list[str]] = {}
    for rule in rules.values():
        if rule.topic is not None:
            named.setdefault(rule.topic, []).extend([rule.row] if rule.row is not None else [])
    faults += [
        f"topic {topic}: one of its rules says what its row is called" for topic in named if len(named[topic]) != 1
    ]
    faults += [f"knowledge.toml: rows: no rule has the topic {topic}" for topic in order if topic not in named]
    shown = [*(topic for topic in order if topic in named), *(topic for topic in named if topic not in order)]
    return {f"criterion.{topic}": template(f"criterion.{topic}", "".join(named[topic][:1]), {}) for topic in shown}


def check_speech(rules: Mapping[str, Rule], words: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Whatever a rule names has its words: its therapies and its needs.

    ``words``: the names of each group of wording.toml.
    """
    faults = []
    for rule in rules.values():
        where = f"rule {rule.id}"
        faults += [f"{where}: '{name}' is no therapy" for name in rule.therapies if name not in words["therapy"]]
        judges = any(name in LOCAL for name in rule.therapies)
        if judges != (rule.topic is not None):
            faults.append(f"{where}: a topic belongs to a rule that judges {', '.join(LOCAL)}, and to no other")
        if rule.reasons and not rule.therapies:
            faults.append(f"{where}: gives reasons, but judges no therapy")
        needs = [rule.need, *(reason.need for reason in rule.reasons.values())]
        faults += [f"{where}: need {name} has no words" for name in needs if name and name not in words["need"]]
    return faults
