"""Population: the gates (G rules), and how certain the lung metastasis is (C-08, N rules)."""

from __future__ import annotations

from cds_service.fhir.dates import completed_years
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.count import is_small, no_active_lesion
from cds_service.oncology.rulebook import rule
from cds_service.truth import Truth, agree
from cds_service.values import ValueObject

GATES = (
    "G-01", "G-02", "G-02-unknown", "G-03", "G-04", "G-05", "G-06", "G-07", "G-08", "G-09", "G-10",
)  # fmt: skip
"""The wordings of the gates that can fire; ``G-02-unknown``: the birth date is missing."""


class Gate(ValueObject, frozen=True):
    """A gate that fired. ``stop`` ends therapies and MDT; ``note`` only adds information."""

    id: str
    result: str  # "stop" | "note"
    text: str


class Population(ValueObject, frozen=True):
    """``value`` says what the disease is; ``stopped`` whether a gate ends therapies and MDT."""

    value: str  # in | suspected | out
    certainty: str  # confirmed | suspected | indeterminate
    gates: tuple[Gate, ...]
    nothing_active: bool

    @property
    def stopped(self) -> bool:
        """True if a gate ends therapies and MDT referral."""
        return any(gate.result == "stop" for gate in self.gates)


def population(case: Case) -> Population:
    """C-08 and G rules: the population, and every gate that fired, in the order of the rules."""
    value, certainty = _disease(case)
    return Population(value, certainty, tuple(_gates(case)), no_active_lesion(case.findings))


@rule("C-08")
def _disease(case: Case) -> tuple[str, str]:
    findings = case.findings
    lung, primary = findings.lung, findings.primary
    in_lung = lung.confirmed or lung.suspected or bool(findings.lesions)
    if not primary.known or primary.out_of_scope or not in_lung:
        return "out", "indeterminate"
    active = [lesion for lesion in findings.lesions if not lesion.treated and not lesion.benign]
    only_small = bool(active) and all(is_small(lesion, case.knowledge) for lesion in active)
    if only_small and not _others_stated(case):
        return "suspected", "indeterminate"
    if lung.confirmed and primary.confirmed:
        return "in", "confirmed"
    return "suspected", ("indeterminate" if _too_small_to_call(case) else "suspected")


def _others_stated(case: Case) -> bool:
    return bool(case.count.unlisted) or case.count.diffuse or (case.count.n is None and case.count.at_least > 1)


@rule("N-02")
def _too_small_to_call(case: Case) -> bool:
    """N-02: a single lesion below the measurable size, without growth and without histology."""
    lesions = case.count.counted
    if len(lesions) != 1 or lesions[0].growth == "growing" or lesions[0].histology == "metastasis-confirmed":
        return False
    return case.meets("nodule.measurableMm", lesions[0].diameter_mm).surely


@rule("G-01", "G-02", "G-03", "G-04", "G-05", "G-06", "G-07")
def _gates(case: Case) -> list[Gate]:
    findings, lung = case.findings, case.findings.lung
    fired = []

    def fire(gate: str, result: str, wording: str | None = None) -> None:
        fired.append(Gate(gate, result, case.knowledge.text(f"gate.{wording or gate}")))

    if findings.patient.deceased:
        fire("G-01", "stop")
    adult = _adult(case)
    if adult.surely_not:
        fire("G-02", "stop")
    elif adult.unknown:
        fire("G-02", "note", "G-02-unknown")
    if findings.has("hospice"):
        fire("G-03", "stop")
    if findings.has("palliative-care") and not findings.has("hospice"):
        fire("G-04", "note")
    if not findings.primary.known and (lung.confirmed or lung.suspected):
        fire("G-05", "stop")
    if lung.suspected:
        fire("G-06", "note")
    if findings.primary.out_of_scope:
        fire("G-07", "stop")
    if findings.has("other-malignancy"):
        fire("G-08", "note")
    if findings.has("pregnancy"):
        fire("G-09", "note")
    if findings.declined:
        fire("G-10", "note")
    return fired


def _adult(case: Case) -> Truth:
    birth = case.findings.patient.birth
    if birth is None:
        return Truth.UNKNOWN
    ages = {completed_years(day, case.findings.on) for day in (birth.earliest, birth.latest)}
    return agree({case.meets("gate.minAge", age).surely for age in ages})
