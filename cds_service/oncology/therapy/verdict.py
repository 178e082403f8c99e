"""Verdicts: what each rule answers, whether it passed or not. Therapies and criteria are derived from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import TypeAlias

from cds_service.fhir.dates import PartialDate
from cds_service.knowledge import Rule
from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import Facts
from cds_service.oncology.rulebook import CARRIED_OUT, Code
from cds_service.values import ValueObject

LOCAL = ("surgery", "sbrt", "ablation")
"""The local therapies, each judged by rules of its own."""


class Result(StrEnum):
    """What the rule base says about one therapy for this patient; worst first."""

    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    BLOCKED = "BLOCKED"
    UNKNOWN = "UNKNOWN"
    CONDITIONAL = "CONDITIONAL"
    ELIGIBLE = "ELIGIBLE"
    NOT_OFFERED = "NOT_OFFERED"  # hybrid and IMRT only


class State(StrEnum):
    """What is known about one criterion; worst first. What is not on record is unknown, even where the rule passes."""

    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    CAUTION = "caution"
    MET = "met"


_WORST_RESULT_FIRST, _WORST_STATE_FIRST = tuple(Result), tuple(State)


class Reason(ValueObject, frozen=True):
    """Why a therapy is not simply ELIGIBLE. A note (``CENTRAL_RISK``) has the result ELIGIBLE.

    ``alias``: the code that the reason had in the last version of the contract, where it had another.
    """

    code: str
    rule: str
    result: Result
    text: str
    evidence: tuple[str, ...]
    parameters: tuple[str, ...]
    facts: Facts = ()
    alias: str | None = None


class Therapy(ValueObject, frozen=True):
    """The result for one modality, with all reasons of every rule that did not simply pass."""

    result: Result
    reasons: tuple[Reason, ...] = ()


class Criterion(ValueObject, frozen=True):
    """How one rule stands for one modality, also where it passed in silence: a row of the matrix.

    ``codes``: its reasons. ``facts``: what it rests on, also when it passed.
    """

    topic: str
    rule: str
    state: str
    codes: tuple[str, ...]
    facts: Facts


class Verdict(ValueObject, frozen=True):
    """The answer of one rule; a rule about lesions gives one for each lesion.

    ``state``: what is known. ``reason``: what follows for the therapy, None where nothing does: an unknown fact may
    pass, call for caution, or leave the therapy undecided, and each rule says which. ``known``: the fact is on record
    and fresh enough; where it is not, the rule's need is named.
    """

    state: State
    facts: Facts = ()
    reason: Reason | None = None
    known: bool = True

    def known_if(self, known: bool) -> Verdict:
        """This verdict, marked as not known unless ``known``: its result stays, its state is unknown unless not met."""
        if known:
            return self
        state = min(self.state, State.UNKNOWN, key=_WORST_STATE_FIRST.index)
        return Verdict(state, self.facts, self.reason, known=False)


Judge: TypeAlias = Callable[[Case, Rule], Verdict | Iterable[Verdict]]
"""A rule for a therapy: the function that judges a case."""


class Ruling(ValueObject, frozen=True):
    """One rule with its verdicts about a case."""

    rule: Rule
    verdicts: tuple[Verdict, ...]

    @property
    def state(self) -> State:
        """The worst of its verdicts."""
        return min((verdict.state for verdict in self.verdicts), key=_WORST_STATE_FIRST.index)


# ------------------------------------------------------------------------------------------- what a rule can answer


def passes(facts: Facts = ()) -> Verdict:
    """Nothing follows for the therapy. ``facts``: what shows it."""
    return Verdict(State.MET, facts)


def note(rule: Rule, code: Code, facts: Facts, **words: str) -> Verdict:
    """Something to know that changes no result."""
    return says(rule, Result.ELIGIBLE, code, facts, **words)


def caution(rule: Rule, code: Code, facts: Facts = (), **words: str) -> Verdict:
    """CONDITIONAL: an option with caution, or with an open question where the reason is declared ``open``."""
    return says(rule, Result.CONDITIONAL, code, facts, **words)


def undecided(rule: Rule, code: Code, facts: Facts = (), **words: str) -> Verdict:
    """UNKNOWN: the therapy cannot be assessed."""
    return says(rule, Result.UNKNOWN, code, facts, **words)


def blocks(rule: Rule, code: Code, facts: Facts, **words: str) -> Verdict:
    """BLOCKED: not until corrected."""
    return says(rule, Result.BLOCKED, code, facts, **words)


def excludes(rule: Rule, code: Code, facts: Facts, **words: str) -> Verdict:
    """NOT_ELIGIBLE: not supported by the rule set."""
    return says(rule, Result.NOT_ELIGIBLE, code, facts, **words)


def says(rule: Rule, result: Result, code: str, facts: Facts = (), **words: str) -> Verdict:
    """A verdict with its reason: the sentence that the rule declares for the code, filled with ``words``."""
    reason = reason_of(rule, result, code, facts, **words)
    if result in (Result.NOT_ELIGIBLE, Result.BLOCKED):
        state = State.NOT_MET
    elif result is Result.UNKNOWN or (result is Result.CONDITIONAL and rule.reasons[code].open):
        state = State.UNKNOWN
    else:
        state = State.CAUTION if result is Result.CONDITIONAL else State.MET
    return Verdict(state, reason.facts, reason)


def reason_of(rule: Rule, result: Result, code: str, facts: Facts = (), **words: str) -> Reason:
    """The reason that the rule declares for the code, with its sentence and what the rule rests on."""
    told = rule.reasons[code]
    behind = tuple(sorted(set(facts)))
    text = told.text.fill(words)
    return Reason(told.code, rule.id, result, text, rule.evidence, rule.parameters, behind, told.alias)


# ---------------------------------------------------------------------------------------- when a fact is partly known

#: What a rule says for one way the facts could be: a result and a reason code, None for a plain pass.
Outcome = tuple[Result, Code | None]
PASS: Outcome = (Result.ELIGIBLE, None)


def worst_of_possibilities(outcomes: Sequence[Outcome], missing: Code) -> Outcome:
    """Combine the outcomes of every value that a partly known fact may have; ``missing``: the code of that fact.

    All the same result: that result (an exclusion that holds either way is one). Otherwise UNKNOWN with the code of
    the missing fact if one of the ways excludes, else CONDITIONAL with it.
    """
    results = {result for result, _ in outcomes}
    if len(results) == 1:
        return outcomes[0]
    return (Result.UNKNOWN if Result.NOT_ELIGIBLE in results else Result.CONDITIONAL), missing


# ------------------------------------------------------------------------------------------- from verdicts to answers


def rulings(case: Case, therapy: str) -> tuple[Ruling, ...]:
    """The verdicts of every rule for one therapy, in the order of the rule base."""
    return tuple(judged(case, rule) for rule in case.knowledge.rules_of(therapy))


def judged(case: Case, rule: Rule) -> Ruling:
    """The verdicts of one rule: for each comorbidity that it names, and those of its function where it has one."""
    return case.once((rule.id, rule.therapy), lambda: Ruling(rule, tuple(_verdicts(case, rule))))


def _verdicts(case: Case, rule: Rule) -> Iterator[Verdict]:
    yield from _on_record(case, rule)
    if judge := CARRIED_OUT.get(rule.id):
        found = judge(case, rule)
        yield from (found,) if isinstance(found, Verdict) else found


def _on_record(case: Case, rule: Rule) -> Iterator[Verdict]:
    """Each comorbidity that the rule names: its reason where it is on record; else not known, or absent for sure.

    One that is recorded as provisional or differential gives no reason, and is not known.
    """
    findings = case.findings
    for name, told in rule.reasons.items():
        if told.when is not None and told.result is not None:
            facts = findings.has(told.when)
            known = findings.complete.conditions and (bool(facts) or told.when not in findings.doubted)
            found = says(rule, Result(told.result), name, facts) if facts else passes()
            yield found.known_if(known)


def therapy_of(found: Iterable[Ruling]) -> Therapy:
    """The worst result of all rules, with all their reasons, worst first."""
    return combine(verdict.reason for ruling in found for verdict in ruling.verdicts)


def combine(reasons: Iterable[Reason | None]) -> Therapy:
    """The worst result of all reasons, and each of them once, worst first."""
    unique = {(item.code, item.rule, item.text, item.facts): item for item in reasons if item is not None}
    ordered = sorted(unique.values(), key=_order)
    return Therapy(worst(item.result for item in ordered), tuple(ordered))


def _order(reason: Reason) -> tuple[int, str, str, str]:
    return _WORST_RESULT_FIRST.index(reason.result), reason.rule, reason.code, reason.text


def worst(results: Iterable[Result]) -> Result:
    """The worst of some results; ELIGIBLE when there is none."""
    return min(results, key=_WORST_RESULT_FIRST.index, default=Result.ELIGIBLE)


def criteria(found: Iterable[Ruling], topics: Sequence[str]) -> tuple[Criterion, ...]:
    """How each rule stands, one row a rule, in the order of ``topics``."""
    rows = [_criterion(ruling) for ruling in found]
    return tuple(sorted(rows, key=lambda row: topics.index(row.topic)))


def _criterion(ruling: Ruling) -> Criterion:
    reasons = combine(verdict.reason for verdict in ruling.verdicts).reasons
    facts = {fact for reason in reasons for fact in reason.facts}
    behind = facts or {fact for verdict in ruling.verdicts for fact in verdict.facts}
    codes = tuple(dict.fromkeys(reason.code for reason in reasons))
    return Criterion(str(ruling.rule.topic), ruling.rule.id, ruling.state.value, codes, tuple(sorted(behind)))


def day(on: PartialDate | None) -> str:
    """A date as it was recorded; "date not recorded" when there is none."""
    return on.text if on else "date not recorded"
