"""How every rule stands for every modality: met, met with a caution, not met, or not known. A view; it decides nothing.

A therapy keeps only the reasons of rules that did not simply pass. For the whole picture the rules that passed are
wanted too, and those that let a missing fact pass as a need: what is not on record is never shown as met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import Facts, Value
from cds_service.oncology.report.assessment import Criterion, Reason, Result, Therapy
from cds_service.oncology.therapy.lesion import described

MET, CAUTION, NOT_MET, UNKNOWN = "met", "caution", "not_met", "unknown"
_MODALITIES = ("surgery", "sbrt", "ablation")
_WORST_FIRST = (NOT_MET, UNKNOWN, CAUTION, MET)

#: Reasons with the result CONDITIONAL that stand for something not known, rather than for a known concern.
OPEN_QUESTIONS = frozenset(
    {
        "COUNT",
        "LATERALITY",
        "SIZE",
        "ZONE_UNKNOWN",
        "PRIMARY_STATUS",
        "PRIMARY_STATUS_UNKNOWN",
        "EXTRAPULMONARY_UNKNOWN",
        "EXTRAPULMONARY_TREATABILITY_UNKNOWN",
        "NODE_SUSPECTED",
        "ORIGIN_UNCERTAIN",
        "PFT_MISSING",
        "NEEDS_CPET",
        "PPO_NEEDED",
        "PLATELETS",
        "ECOG_MISSING",
        "ECOG_STALE",
        "HISTORY_UNKNOWN",
        "CT_STALE",
        "STATEMENT_STALE",
    }
)

#: The rows of the matrix: what is asked, and by which rule for which modality.
TOPICS: Mapping[str, Mapping[str, str]] = {
    "count": {"surgery": "S-03", "sbrt": "R-01", "ablation": "A-01"},
    "size": {"sbrt": "R-02", "ablation": "A-02"},
    "place": {"sbrt": "R-03", "ablation": "A-03"},
    "primary": {"surgery": "S-01", "sbrt": "X-02", "ablation": "X-02"},
    "elsewhere": {"surgery": "S-02", "sbrt": "R-08", "ablation": "A-12"},
    "nodes": {"surgery": "S-06", "sbrt": "X-01", "ablation": "X-01"},
    "lung_function": {"surgery": "S-04", "sbrt": "R-06"},
    "lung_disease": {"ablation": "A-08"},
    "performance": {"surgery": "S-05", "sbrt": "R-07", "ablation": "A-11"},
    "platelets": {"ablation": "A-04"},
    "inr": {"ablation": "A-05"},
    "drugs": {"ablation": "A-06"},
    "history": {"surgery": "S-07", "sbrt": "R-04"},
    "single_lung": {"surgery": "S-08", "ablation": "A-07"},
    "device": {"ablation": "A-09"},
    "infection": {"ablation": "A-10"},
    "statement": {"surgery": "S-09"},
    "imaging": {"surgery": "S-10", "sbrt": "X-03", "ablation": "X-03"},
    "origin": {"surgery": "G-08", "sbrt": "G-08", "ablation": "G-08"},
    "pregnancy": {"surgery": "G-09", "sbrt": "G-09", "ablation": "G-09"},
    "declined": {"surgery": "G-10", "sbrt": "G-10", "ablation": "G-10"},
}


class Criteria(Mapping[str, tuple[Criterion, ...]]):
    """Every criterion of the local modalities that were assessed, in the order of TOPICS.

    Worked out when it is first read, as trying what would change a decision does not need it.
    """

    __slots__ = ("_case", "_found", "_therapies")

    def __init__(self, case: Case, therapies: Mapping[str, Therapy]) -> None:
        self._case, self._therapies = case, therapies
        self._found: dict[str, tuple[Criterion, ...]] | None = None

    def _criteria(self) -> dict[str, tuple[Criterion, ...]]:
        if self._found is None:
            self._found = criteria(self._case, self._therapies)
        return self._found

    def __getitem__(self, modality: str) -> tuple[Criterion, ...]:
        return self._criteria()[modality]

    def __iter__(self) -> Iterator[str]:
        return iter(self._criteria())

    def __len__(self) -> int:
        return len(self._criteria())


def criteria(case: Case, therapies: Mapping[str, Therapy]) -> dict[str, tuple[Criterion, ...]]:
    """Every criterion of the local modalities that were assessed, in the order of TOPICS."""
    reasons = {modality: _by_rule(therapies[modality]) for modality in _MODALITIES if modality in therapies}
    if not reasons:
        return {}
    found: dict[str, list[Criterion]] = {modality: [] for modality in reasons}
    for topic, rules in TOPICS.items():
        behind = tuple(sorted(set(_BEHIND[topic](case))))
        for modality, rule in rules.items():
            if modality in found:
                found[modality].append(_criterion(case, topic, rule, reasons[modality].get(rule, ()), behind))
    return {modality: tuple(rows) for modality, rows in found.items()}


def _by_rule(therapy: Therapy) -> dict[str, list[Reason]]:
    reasons: dict[str, list[Reason]] = {}
    for reason in therapy.reasons:
        reasons.setdefault(reason.rule, []).append(reason)
    return reasons


def _criterion(case: Case, topic: str, rule: str, reasons: Sequence[Reason], behind: Facts) -> Criterion:
    """``behind``: the facts that the topic rests on when the rule gave no reason, or one without facts."""
    not_recorded = _not_recorded(case, topic, rule)
    if not reasons:
        return Criterion(topic, rule, UNKNOWN if not_recorded else MET, (), behind)
    states = [state_of(reason) for reason in reasons]
    if not_recorded:
        states.append(UNKNOWN)
    facts = {fact for reason in reasons for fact in reason.facts}
    codes = tuple(dict.fromkeys(reason.code for reason in reasons))
    return Criterion(topic, rule, min(states, key=_WORST_FIRST.index), codes, tuple(sorted(facts)) or behind)


def state_of(reason: Reason) -> str:
    """What one reason says about its criterion."""
    if reason.result in (Result.NOT_ELIGIBLE, Result.BLOCKED):
        return NOT_MET
    if reason.result is Result.UNKNOWN or (reason.result is Result.CONDITIONAL and reason.code in OPEN_QUESTIONS):
        return UNKNOWN
    return CAUTION if reason.result is Result.CONDITIONAL else MET


def _not_recorded(case: Case, topic: str, rule: str) -> bool:
    """Does the rule pass although what it asks is not known?"""
    question = _OPEN.get(topic)
    return question is not None and question(case, rule)


def _current(value: Value | None) -> bool:
    return value is not None and value.current


def _function_facts(case: Case) -> Facts:
    function = case.findings.function
    values = (function.fev1_percent, function.dlco_percent, function.vo2_ml_kg_min, function.vo2_percent)
    return tuple(value.fact for value in values if value)


def _treated(case: Case) -> Facts:
    return tuple(item.fact for item in case.findings.treatments)


def _none(_: Case) -> Facts:
    return ()


def _lesion_facts(case: Case) -> Facts:
    return tuple(fact for lesion in case.count.counted for fact in lesion.facts)


def _value_fact(value: Value | None) -> Facts:
    return (value.fact,) if value else ()


def _nodes_open(case: Case, _: str) -> bool:
    stated = case.findings.nodes.value if case.findings.nodes else None
    return stated not in ("negative", "proven") and not case.findings.has("thoracic-node-metastasis")


def _function_open(case: Case, rule: str) -> bool:
    """S-04 says itself what is missing; R-06 has no minimum and says nothing."""
    function, read = case.findings.function, case.findings.complete
    return rule == "R-06" and not (
        _current(function.fev1_percent) and _current(function.dlco_percent) and read.conditions
    )


def _history_open(case: Case, rule: str) -> bool:
    nowhere = any(item.kind == "radiotherapy" and not item.lung for item in case.findings.treatments)
    return not case.findings.complete.procedures or (rule == "R-04" and nowhere)


def _lungs_open(case: Case, _: str) -> bool:
    findings = case.findings
    unread = not findings.complete.procedures or bool(findings.has("pneumonectomy-status"))
    return unread and not findings.pneumonectomy


def _statement_open(case: Case, _: str) -> bool:
    return case.findings.resectability is None or not case.findings.resectability.current


def _lesions_open(case: Case, _: str) -> bool:
    return not described(case)


def _conditions_open(case: Case, _: str) -> bool:
    return not case.findings.complete.conditions


#: Where a rule may pass although its question is open.
_OPEN: Mapping[str, Callable[[Case, str], bool]] = {
    "size": _lesions_open,
    "place": _lesions_open,
    "nodes": _nodes_open,
    "lung_function": _function_open,
    "lung_disease": _conditions_open,
    "platelets": lambda case, _: not _current(case.findings.platelets),
    "inr": lambda case, _: not _current(case.findings.inr),
    "drugs": lambda case, _: not case.findings.complete.medications,
    "history": _history_open,
    "single_lung": _lungs_open,
    "device": _conditions_open,
    "infection": _conditions_open,
    "statement": _statement_open,
    "imaging": lambda case, _: case.findings.chest_ct is None,
    "origin": _conditions_open,
    "pregnancy": _conditions_open,
    "declined": lambda case, _: not (case.findings.complete.procedures and case.findings.complete.requests),
}

#: What a criterion rests on when it gave no reason.
_BEHIND: Mapping[str, Callable[[Case], Facts]] = {
    "count": lambda case: case.count.facts,
    "size": _lesion_facts,
    "place": _lesion_facts,
    "primary": lambda case: case.findings.primary.status_facts,
    "elsewhere": lambda case: case.elsewhere_facts,
    "nodes": lambda case: case.findings.nodes.facts if case.findings.nodes else (),
    "lung_function": _function_facts,
    "lung_disease": _none,
    "performance": lambda case: _value_fact(case.findings.ecog),
    "platelets": lambda case: _value_fact(case.findings.platelets),
    "inr": lambda case: _value_fact(case.findings.inr),
    "drugs": _none,
    "history": _treated,
    "single_lung": _none,
    "device": _none,
    "infection": lambda case: _value_fact(case.findings.fever),
    "statement": lambda case: case.findings.resectability.facts if case.findings.resectability else (),
    "imaging": lambda case: case.findings.chest_ct_facts,
    "origin": _none,
    "pregnancy": _none,
    "declined": _none,
}
