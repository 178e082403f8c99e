"""Lung function before resection (S-04): FEV1 and DLCO, then exercise test, then predicted postoperative values.

The thresholds were made for lobectomy and pneumonectomy in lung cancer, and the card says so. A value that is too old
passes nothing; it is read as missing.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import Value
from cds_service.oncology.report.assessment import Reason, Result
from cds_service.oncology.therapy.rulebook import day
from cds_service.truth import Truth, all_of, any_of

_RULE = "S-04"


def lung_function_rules(case: Case) -> list[Reason]:
    """All reasons of S-04; empty when lung function passes."""
    function = case.findings.function
    uptake = [
        (_current(function.vo2_ml_kg_min), "surgery.vo2ProhibitMlKgMin", "surgery.vo2PassAboveMlKgMin"),
        (_current(function.vo2_percent), "surgery.vo2ProhibitPct", "surgery.vo2PassAbovePct"),
    ]
    measured = [(value, prohibit, enough) for value, prohibit, enough in uptake if value]
    if measured:
        return _exercise_test(case, measured)
    return _spirometry(case, _current(function.fev1_percent), _current(function.dlco_percent))


def _current(value: Value | None) -> Value | None:
    return value if value is not None and value.current else None


def _shown(*named: tuple[str, Value | None]) -> str:
    return ", ".join(f"{name} {value.measurement}{unit(name)} ({day(value.on)})" for name, value in named if value)


def unit(name: str) -> str:
    """The unit in which a lung-function value is shown."""
    return " mL/kg/min" if name == "VO2max" else " %"


def _facts(values: Iterable[Value | None]) -> tuple[str, ...]:
    return tuple(value.fact for value in values if value)


def _spirometry(case: Case, fev1: Value | None, dlco: Value | None) -> list[Reason]:
    """Both surely above their limits pass; either at or below its limit asks for an exercise test."""
    book, reasons = case.book, []
    enough = {
        "FEV1": book.holds("surgery.fev1PassAbovePct", fev1.measurement if fev1 else None),
        "DLCO": book.holds("surgery.dlcoPassAbovePct", dlco.measurement if dlco else None),
    }
    values = _shown(("FEV1", fev1), ("DLCO", dlco))
    if any_of(*(Truth.TRUE if item is Truth.FALSE else Truth.FALSE for item in enough.values())) is Truth.TRUE:
        reasons.append(book.reason("NEEDS_CPET", _RULE, Result.CONDITIONAL, _facts((fev1, dlco)), values=values))
    missing = [name for name, item in enough.items() if item is Truth.UNKNOWN]
    if missing:
        facts, names = _facts((fev1, dlco)), " and ".join(missing)
        reasons.append(book.reason("PFT_MISSING", _RULE, Result.CONDITIONAL, facts, missing=names))
    return reasons


def _exercise_test(case: Case, uptake: list[tuple[Value, str, str]]) -> list[Reason]:
    """A prohibitive uptake excludes whatever the rest; a good one passes; between, predicted values decide."""
    book, function = case.book, case.findings.function
    facts = _facts(value for value, _, _ in uptake)
    values = _shown(("VO2max", function.vo2_ml_kg_min), ("VO2max predicted", function.vo2_percent))
    prohibitive = any_of(*(book.holds(prohibit, value.measurement) for value, prohibit, _ in uptake))
    if prohibitive is Truth.TRUE:
        return [book.reason("VO2_PROHIBITIVE", _RULE, Result.NOT_ELIGIBLE, facts, values=values)]
    if prohibitive is Truth.UNKNOWN:  # it may exclude, it may pass: a value that is only bounded settles nothing
        return [book.reason("PPO_NEEDED", _RULE, Result.UNKNOWN, facts, values=values)]
    good = any_of(*(book.holds(enough, value.measurement) for value, _, enough in uptake))
    if good is Truth.TRUE:
        return []
    ppo = (_current(function.ppo_fev1_percent), _current(function.ppo_dlco_percent))
    spared = all_of(*(book.holds("surgery.ppoPassAbovePct", value.measurement if value else None) for value in ppo))
    if spared is Truth.TRUE:
        return []
    if spared is Truth.FALSE:
        predicted = _shown(("ppoFEV1", ppo[0]), ("ppoDLCO", ppo[1]))
        facts = (*facts, *_facts(ppo))
        return [book.reason("HIGH_RISK_FUNCTION", _RULE, Result.CONDITIONAL, facts, values=predicted)]
    return [book.reason("PPO_NEEDED", _RULE, Result.CONDITIONAL, facts, values=values)]
