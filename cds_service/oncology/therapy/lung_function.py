"""Lung function before resection (S-04): FEV1 and DLCO, then exercise test, then predicted postoperative values.

The thresholds were made for lobectomy and pneumonectomy in lung cancer, and the card says so. A value that is too old
passes nothing; it is read as missing.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.knowledge import Rule
from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.model import Value
from cds_service.oncology.rulebook import Code, rule
from cds_service.oncology.therapy.verdict import Verdict, caution, day, excludes, passes, undecided
from cds_service.truth import all_of, any_of

PFT_MISSING, NEEDS_CPET, PPO_NEEDED = Code("PFT_MISSING"), Code("NEEDS_CPET"), Code("PPO_NEEDED")
HIGH_RISK_FUNCTION, VO2_PROHIBITIVE = Code("HIGH_RISK_FUNCTION"), Code("VO2_PROHIBITIVE")


@rule("S-04")
def lung_function(case: Case, rule: Rule) -> tuple[Verdict, ...]:
    """S-04: a current exercise test decides where there is one, else FEV1 and DLCO."""
    return case.once(rule.id, lambda: tuple(_lung_function(case, rule)))


def gives(case: Case, code: Code) -> bool:
    """True if S-04 gives the reason ``code``."""
    return any(
        verdict.reason and verdict.reason.code == code for verdict in lung_function(case, case.knowledge.rule("S-04"))
    )


def _lung_function(case: Case, rule: Rule) -> list[Verdict]:
    tests = case.findings.function
    measured = _facts((tests.fev1_percent, tests.dlco_percent, tests.vo2_ml_kg_min, tests.vo2_percent))
    uptake = [
        (_current(tests.vo2_ml_kg_min), "surgery.vo2ProhibitMlKgMin", "surgery.vo2PassAboveMlKgMin"),
        (_current(tests.vo2_percent), "surgery.vo2ProhibitPct", "surgery.vo2PassAbovePct"),
    ]
    exercised = [(value, prohibit, enough) for value, prohibit, enough in uptake if value]
    if exercised:
        return [passes(measured), *_exercise_test(case, rule, exercised)]
    return [passes(measured), *_spirometry(case, rule, _current(tests.fev1_percent), _current(tests.dlco_percent))]


def _current(value: Value | None) -> Value | None:
    return value if value is not None and value.current else None


def _shown(*named: tuple[str, Value | None]) -> str:
    return ", ".join(f"{name} {value.measurement}{unit(name)} ({day(value.on)})" for name, value in named if value)


def unit(name: str) -> str:
    """The unit in which a lung-function value is shown."""
    return " mL/kg/min" if name == "VO2max" else " %"


def _facts(values: Iterable[Value | None]) -> tuple[str, ...]:
    return tuple(value.fact for value in values if value)


def _spirometry(case: Case, rule: Rule, fev1: Value | None, dlco: Value | None) -> list[Verdict]:
    """Both surely above their limits pass; either at or below its limit asks for an exercise test."""
    enough = {
        "FEV1": case.meets("surgery.fev1PassAbovePct", fev1),
        "DLCO": case.meets("surgery.dlcoPassAbovePct", dlco),
    }
    facts, verdicts = _facts((fev1, dlco)), []
    if any(item.surely_not for item in enough.values()):
        verdicts.append(caution(rule, NEEDS_CPET, facts, values=_shown(("FEV1", fev1), ("DLCO", dlco))))
    if missing := [name for name, item in enough.items() if item.unknown]:
        verdicts.append(caution(rule, PFT_MISSING, facts, missing=" and ".join(missing)))
    return verdicts


def _exercise_test(case: Case, rule: Rule, uptake: list[tuple[Value, str, str]]) -> list[Verdict]:
    """A prohibitive uptake excludes whatever the rest; a good one passes; between, predicted values decide."""
    tests, facts = case.findings.function, _facts(value for value, _, _ in uptake)
    values = _shown(("VO2max", tests.vo2_ml_kg_min), ("VO2max predicted", tests.vo2_percent))
    prohibitive = any_of(*(case.meets(prohibit, value) for value, prohibit, _ in uptake))
    if prohibitive.surely:
        return [excludes(rule, VO2_PROHIBITIVE, facts, values=values)]
    if prohibitive.unknown:  # it may exclude, it may pass: a value that is only bounded settles nothing
        return [undecided(rule, PPO_NEEDED, facts, values=values)]
    if any_of(*(case.meets(enough, value) for value, _, enough in uptake)).surely:
        return []
    ppo = (_current(tests.ppo_fev1_percent), _current(tests.ppo_dlco_percent))
    spared = all_of(*(case.meets("surgery.ppoPassAbovePct", value) for value in ppo))
    if spared.surely:
        return []
    if spared.surely_not:
        predicted = _shown(("ppoFEV1", ppo[0]), ("ppoDLCO", ppo[1]))
        return [caution(rule, HIGH_RISK_FUNCTION, (*facts, *_facts(ppo)), values=predicted)]
    return [caution(rule, PPO_NEEDED, facts, values=values)]
