"""Compare the clinical content with the code at every start: what one of them lacks is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from cds_service.errors import KnowledgeInvalid
from cds_service.knowledge import Knowledge, Rule
from cds_service.oncology.advice.mdt import INVITEES
from cds_service.oncology.advice.mdt_changes import TRIGGERS
from cds_service.oncology.advice.needs import NEEDS, STALE
from cds_service.oncology.disease.gates import GATES
from cds_service.oncology.patient.model import FLAGS
from cds_service.oncology.rulebook import CARRIED_OUT, CODES

#: What the code can say, by group of the wording.
_SPOKEN: Mapping[str, Collection[str]] = {
    "need": NEEDS,
    "flag": FLAGS,
    "gate": GATES,
    "trigger": TRIGGERS,
    "invitee": INVITEES,
}


def refuse_unfit(knowledge: Knowledge, value_sets: Collection[str]) -> None:
    """Refuse content that the code does not fit. ``value_sets``: the names of those that there are.

    Raises: KnowledgeInvalid (CLM-4002), with every fault, one a line.
    """
    if faults := sorted(_faults(knowledge, value_sets)):
        lines = "\n".join(f"- {fault}" for fault in faults)
        raise KnowledgeInvalid(
            f"The clinical content and the code do not fit:\n{lines}",
            hint="What cds_service/knowledge declares needs its code in cds_service/oncology, and the reverse.",
        )


def _faults(knowledge: Knowledge, value_sets: Collection[str]) -> Iterator[str]:
    for id_ in CARRIED_OUT.keys() - knowledge.rules:
        yield f"rule {id_}: a function carries it out, but it is not declared"
    decided: set[str] = set()
    declared: set[str] = set()
    for item in knowledge.rules.values():
        yield from _faults_of(item, value_sets)
        declared.update(item.reasons)
        decided.update(name for name, told in item.reasons.items() if told.when is None)
    for code in CODES - declared:
        yield f"reason {code}: a function gives it, but no rule declares it"
    for code in decided - CODES:
        yield f"reason {code}: declared without 'when', but no function gives it"
    for name in knowledge.correctable:
        if f"what_if_fact.no_{name}" not in knowledge.texts:
            yield f"what_if_fact.no_{name}: what blocks can be dealt with, but has no words for that"
    for group, spoken in _SPOKEN.items():
        worded = set(knowledge.group(group))
        for code in set(spoken) - worded:
            yield f"{group} {code}: the code says it, but it has no text"
        for code in worded - set(spoken) - {f"{need}{STALE}" for need in NEEDS}:
            yield f"{group} {code}: has a text, but nothing in the code says it"


def _faults_of(rule: Rule, value_sets: Collection[str]) -> Iterator[str]:
    """Faults of one rule: it needs a function, or comorbidities (``when``), or ``text_only`` with the reason."""
    by_rows = bool(rule.reasons) and all(told.when is not None for told in rule.reasons.values())
    carried_out = rule.id in CARRIED_OUT or by_rows
    if carried_out == (rule.text_only is not None):
        yield f"rule {rule.id}: either it is carried out, or text_only says why nothing does"
    for name, told in rule.reasons.items():
        if told.when is not None and told.when not in value_sets:
            yield f"rule {rule.id}: reason {name}: there is no value set '{told.when}'"
