"""Does the clinical content fit together? Each check names what is wrong, where, and with which id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from cds_service.knowledge.model import CERTAINTY_TAGS, COMPARISONS, Evidence, Parameter, Rule, compare


def check_parameters(
    parameters: Mapping[str, Parameter], rules: Mapping[str, Rule], evidence: Mapping[str, Evidence]
) -> list[str]:
    """A number needs a unit, a source and a rule; what it names must exist and must name it back."""
    faults = []
    for item in parameters.values():
        where = f"parameters.toml: {item.id}"
        if not item.sources:
            faults.append(f"{where}: a value without source")
        if not item.rules:
            faults.append(f"{where}: no rule uses it")
        if isinstance(item.value, Decimal) and not item.unit:
            faults.append(f"{where}: a number without unit")
        if item.comparison is not None and item.comparison not in COMPARISONS:
            faults.append(f"{where}: '{item.comparison}' is no comparison")
        faults += value_faults(item, where)
        faults += _tags(where, item.certainty)
        faults += _unknown(where, "evidence", item.sources, evidence)
        faults += _unknown(where, "rule", item.rules, rules)
        faults += [
            f"{where}: names rule {rule}, but that rule does not name it"
            for rule in item.rules
            if rule in rules and item.id not in rules[rule].parameters
        ]
    return faults


def value_faults(item: Parameter, where: str) -> list[str]:
    """A number that cannot be, or a word that is not one of the parameter's choices."""
    if isinstance(item.value, Decimal):
        return [] if item.value.is_finite() and item.value >= 0 else [f"{where}: {item.value} is no possible value"]
    if item.value not in item.choices:
        return [f"{where}: '{item.value}' is not one of its choices ({', '.join(item.choices) or 'none given'})"]
    return []


def check_rules(
    rules: Mapping[str, Rule], parameters: Mapping[str, Parameter], evidence: Mapping[str, Evidence]
) -> list[str]:
    """A rule needs a source; what it names must exist and must name it back."""
    faults = []
    for rule in rules.values():
        where = f"rule {rule.id}"
        if not rule.evidence:
            faults.append(f"{where}: a rule without source")
        faults += _tags(where, rule.certainty)
        faults += _unknown(where, "evidence", rule.evidence, evidence)
        faults += _unknown(where, "parameter", rule.parameters, parameters)
        faults += [
            f"{where}: names parameter {name}, but that parameter does not name it"
            for name in rule.parameters
            if name in parameters and rule.id not in parameters[name].rules
        ]
    return faults


def check_evidence(evidence: Mapping[str, Evidence], used: Iterable[str]) -> list[str]:
    """Each source says how far it was checked, and something rests on it."""
    known = set(used)
    faults = []
    for item in evidence.values():
        where = f"evidence.toml: {item.id}"
        faults += _tags(where, item.verified)
        if item.id not in known:
            faults.append(f"{where}: no rule or parameter cites it")
    return faults


def check_orderings(orderings: Sequence[str], parameters: Mapping[str, Parameter]) -> list[str]:
    """``a <= b < c`` must hold for the values, ours or the site's. A plain number may stand for a bound: ``a <= 5``."""
    faults = []
    for ordering in orderings:
        words = ordering.split()
        names, signs = words[::2], words[1::2]
        if len(names) != len(signs) + 1 or any(sign not in COMPARISONS for sign in signs):
            faults.append(f"knowledge.toml: ordering '{ordering}' does not read 'a <= b'")
            continue
        if unknown := [name for name in names if _number(name, parameters) is None]:
            faults.append(f"knowledge.toml: ordering '{ordering}': {', '.join(unknown)} is no number")
            continue
        for (left, right), sign in zip(pairwise(names), signs, strict=True):
            low, high = _number(left, parameters), _number(right, parameters)
            if low is not None and high is not None and not compare(low, sign, high):
                named = [f"{name} = {parameters[name].text}" for name in (left, right) if name in parameters]
                verb = "contradict" if len(named) > 1 else "contradicts"
                faults.append(f"{' and '.join(named)} {verb} {left} {sign} {right}")
    return faults


def _number(name: str, parameters: Mapping[str, Parameter]) -> Decimal | None:
    """The value of a parameter, or of a number that is written out; None for anything else."""
    if name in parameters:
        value = parameters[name].value
        return value if isinstance(value, Decimal) and value.is_finite() else None
    return Decimal(name) if re.fullmatch(r"\d+(\.\d+)?", name) else None


def _tags(where: str, tags: Sequence[str]) -> list[str]:
    if not tags:
        return [f"{where}: no certainty tag"]
    return [f"{where}: '{tag}' is no certainty tag" for tag in tags if tag not in CERTAINTY_TAGS]


def _unknown(where: str, kind: str, names: Iterable[str], known: Mapping[str, object]) -> list[str]:
    return [f"{where}: names {kind} {name}, which is not there" for name in names if name not in known]
