"""Prognostic groups of published series of operated patients (P-01, P-03). Never a personal prognosis."""

from __future__ import annotations

from decimal import Decimal

from cds_service.fhir.dates import completed_years
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.cea import above
from cds_service.oncology.disease.timing import interval_below, interval_months, synchronous
from cds_service.oncology.patient.model import Findings
from cds_service.oncology.rulebook import rule
from cds_service.oncology.therapy.verdict import Result, Therapy
from cds_service.truth import Truth, agree, any_of, truth
from cds_service.values import ValueObject


class SalahFactors(ValueObject, frozen=True):
    """The three factors of the Salah model (P-01)."""

    cea: Truth
    disease_free_interval: Truth
    multiple: Truth


class Salah(ValueObject, frozen=True):
    """Salah model; group and percentage only for operated-type patients with all factors known."""

    factors: SalahFactors
    count: int
    range: tuple[int, int]
    group: str | None
    five_year_survival_percent: Decimal | None


class ConsensusFactors(ValueObject, frozen=True):
    """Factors of poorer survival listed by the consensus (P-03), unweighted."""

    present: tuple[str, ...]
    unknown: tuple[str, ...]


class Prognosis(ValueObject, frozen=True):
    """Prognostic groups of published series; never a personal prognosis."""

    salah: Salah
    consensus_factors: ConsensusFactors
    disease_free_interval_months: int | None


_GROUPS = {0: "good", 1: "good", 2: "intermediate", 3: "high"}


def age_in_years(findings: Findings) -> int | None:
    """Completed years on the evaluation date; None when the birth date is missing or too vague to tell."""
    birth = findings.patient.birth
    if birth is None:
        return None
    ages = {completed_years(day, findings.on) for day in (birth.earliest, birth.latest)}
    return ages.pop() if len(ages) == 1 else None


def age_above(case: Case, parameter: str) -> Truth:
    """True if the patient is older than ``parameter`` in completed years: 70 years and 364 days is not over 70."""
    birth = case.findings.patient.birth
    if birth is None:
        return Truth.UNKNOWN
    ages = {completed_years(day, case.findings.on) for day in (birth.earliest, birth.latest)}
    return agree({case.meets(parameter, age).surely for age in ages})


def multiple(case: Case, parameter: str) -> Truth:
    """Compare every lesion count that the record allows with ``parameter``; unknown where the answers differ."""
    counts = case.count.possible(case.limit(parameter))
    return agree({case.meets(parameter, n).surely for n in counts})


def short_interval(case: Case, parameter: str) -> Truth:
    """Compare the disease-free interval with ``parameter`` (months). Synchronous disease counts as an interval of 0."""
    answer = interval_below(case.findings, case.knowledge, parameter)
    if answer.unknown:
        policy = str(case.knowledge.parameter("sync.policy").value)
        if synchronous(case.findings, case.knowledge, policy).surely:
            return Truth.TRUE
    return answer


@rule("P-01")
def prognosis(case: Case, surgery: Therapy | None) -> Prognosis:
    """The factors always; Salah group and percentage only for operated-type patients with all three known."""
    factors = SalahFactors(
        cea=above(case.findings, case.knowledge, "cea.salahOp"),
        disease_free_interval=short_interval(case, "salah.dfiMonthsBelow"),
        multiple=multiple(case, "salah.multiple"),
    )
    answers = (factors.cea, factors.disease_free_interval, factors.multiple)
    present = sum(item.surely for item in answers)
    open_questions = sum(item.unknown for item in answers)
    operable = surgery is not None and surgery.result in {Result.ELIGIBLE, Result.CONDITIONAL}
    group = _GROUPS[present] if operable and not open_questions else None
    percent = case.knowledge.parameter(f"salah.{group}").number if group else None
    salah = Salah(factors, present, (present, present + open_questions), group, percent)
    return Prognosis(salah, consensus_factors(case), interval_months(case.findings, case.knowledge))


@rule("P-03")
def consensus_factors(case: Case) -> ConsensusFactors:
    """P-03: the consensus list, unweighted: which factors are present and which are not known."""
    findings = case.findings
    nodes = findings.nodes.value if findings.nodes else None
    proven = bool(findings.has("thoracic-node-metastasis")) or nodes == "proven"
    many = any_of(multiple(case, "consensus.manyLesionsAbove"), _both_sides(case))
    table = {
        "multiple": multiple(case, "salah.multiple"),
        "more-than-four-or-bilateral": many,
        "nodes": Truth.TRUE if proven else truth(False if nodes == "negative" else None),
        "cea": above(findings, case.knowledge, "cea.consensusOp"),
        "disease-free-interval": short_interval(case, "consensus.dfiMonthsBelow"),
        "age": age_above(case, "age.prognosticAbove"),
        "rectal-primary": findings.primary.rectal,
        "primary-stage": Truth.UNKNOWN,  # no reliable data element
    }
    return ConsensusFactors(
        present=tuple(name for name, value in table.items() if value.surely),
        unknown=tuple(name for name, value in table.items() if value.unknown),
    )


def _both_sides(case: Case) -> Truth:
    if case.count.both_sides:
        return Truth.TRUE
    unsettled = case.count.unsided or case.count.n is None
    return Truth.UNKNOWN if unsettled and case.count.n != 1 else Truth.FALSE
