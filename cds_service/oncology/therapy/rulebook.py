"""How every rule speaks: a rule passes in silence or gives a Reason; a therapy is the worst of its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.quantities import Measurement
from cds_service.knowledge import Knowledge
from cds_service.oncology.patient.model import Facts
from cds_service.oncology.report.assessment import Reason, Result, Therapy
from cds_service.truth import Truth

_WORST_FIRST = (Result.NOT_ELIGIBLE, Result.BLOCKED, Result.UNKNOWN, Result.CONDITIONAL, Result.ELIGIBLE)

#: What a rule says for one way the facts could be: a result and a reason code, None for a plain pass.
Outcome = tuple[Result, str | None]
PASS: Outcome = (Result.ELIGIBLE, None)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The clinical content, as the rules ask for it."""

    knowledge: Knowledge

    def holds(self, parameter: str, value: Measurement | int | None) -> Truth:
        """Does the value satisfy the parameter's comparison? Unknown when the value is not known well enough."""
        return self.knowledge.parameter(parameter).holds(value)

    def limit(self, parameter: str) -> int:
        """A whole-number parameter."""
        return self.knowledge.parameter(parameter).integer

    def reason(
        self, code: str, rule: str, result: Result, facts: Facts = (), *, wording: str | None = None, **values: str
    ) -> Reason:
        """A reason with its sentence, and with the evidence and the parameters of its rule.

        ``wording`` names a second wording of the same code, where the case calls for a stronger one.
        """
        behind = self.knowledge.rule(rule)
        text = self.knowledge.reason(wording or code, **values)
        return Reason(code, rule, result, text, behind.evidence, behind.parameters, tuple(sorted(set(facts))))


def combine(reasons: Iterable[Reason | None]) -> Therapy:
    """The worst result of all sub-rules, with all their reasons, worst first."""
    given = [reason for reason in reasons if reason is not None]
    unique = {(item.code, item.rule, item.text, item.facts): item for item in given}
    ordered = sorted(
        unique.values(), key=lambda item: (_WORST_FIRST.index(item.result), item.rule, item.code, item.text)
    )
    return Therapy(worst(item.result for item in ordered), tuple(ordered))


def worst(results: Iterable[Result]) -> Result:
    """The worst of some results; ELIGIBLE when there is none."""
    return min(results, key=_WORST_FIRST.index, default=Result.ELIGIBLE)


def settle(outcomes: Sequence[Outcome], missing: str) -> Outcome:
    """What can be said when a fact is only partly known: the outcome of every way it could turn out.

    All the same result: that result (an exclusion that holds either way is one). Otherwise UNKNOWN with the code of
    the missing fact if one of the ways excludes, else CONDITIONAL with it.
    """
    results = {result for result, _ in outcomes}
    if len(results) == 1:
        return outcomes[0]
    return (Result.UNKNOWN if Result.NOT_ELIGIBLE in results else Result.CONDITIONAL), missing


def day(on: PartialDate | None) -> str:
    """A date as it was recorded; "date not recorded" when there is none."""
    return on.text if on else "date not recorded"
