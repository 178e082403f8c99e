"""Counterfactual patient: fitness, lung function, blood tests, CEA, drugs, infection, refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from cds_service.fhir.quantities import Measurement
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.cea import usable
from cds_service.oncology.patient.model import CeaResult, Findings, Value
from cds_service.oncology.therapy.lung_function import NEEDS_CPET, gives
from cds_service.oncology.what_if.fact import Change, around, distance, either_side, measured, shown, today
from cds_service.values import replace

#: Tests of one value: the field of the findings, and the rule and the unit of the limits that it is seen against.
_TESTS = (("platelets", "A-04", "10*9/L"), ("inr", "A-05", "{INR}"))
_ECOG = ("surgery.maxEcog", "ecog.conditional", "ecog.exclude")  # those for Karnofsky have the same rules and unit
_FUNCTION = (
    ("fev1_percent", ("surgery.fev1PassAbovePct", "sbrt.lowFunctionPct")),
    ("dlco_percent", ("surgery.dlcoPassAbovePct", "sbrt.lowFunctionPct")),
)
_UPTAKE = (("vo2_ml_kg_min", "S-04", "mL/kg/min"),)


def patient_changes(case: Case) -> Iterator[Change]:
    """Changes of what was measured in the patient, and of what stands against a treatment now."""
    findings = case.findings
    for field, rule, unit in _TESTS:
        limits = case.knowledge.limits(rule, unit=unit)
        yield from _test(case, field, getattr(findings, field), limits, _set(field))
    yield from _test(case, "ecog", findings.ecog, _ECOG, _set("ecog"))
    yield from _lung_function(case)
    yield from _cea(case)
    yield from _correctable(case)
    yield from _refusals(case)


def _set(field: str) -> Callable[[Value], Callable[[Findings], Findings]]:
    return lambda value: lambda findings: replace(findings, **{field: value})


def _in_function(field: str) -> Callable[[Value], Callable[[Findings], Findings]]:
    def with_value(value: Value) -> Callable[[Findings], Findings]:
        changed: Any = {field: value}
        return lambda findings: replace(findings, function=replace(findings.function, **changed))

    return with_value


def _test(
    case: Case,
    field: str,
    now: Value | None,
    limits: tuple[str, ...],
    change: Callable[[Value], Callable[[Findings], Findings]],
) -> Iterator[Change]:
    """Either side of every limit; where a current value is known, only what lies on the other side of one."""
    knowledge = case.knowledge
    current = now.measurement.exact if now and now.current else None
    for value in either_side(knowledge, limits):
        crossed = any(
            knowledge.parameter(name).holds(current) is not knowledge.parameter(name).holds(value) for name in limits
        )
        if crossed:
            yield Change(
                kind=field,
                text=knowledge.text(f"what_if_fact.{field}", value=shown(value)),
                apply=change(measured(case, value)),
                missing=current is None,
                distance=distance(current, value),
            )


def _lung_function(case: Case) -> Iterator[Change]:
    """FEV1 and DLCO, each by itself; missing ones together as one test; peak oxygen uptake where it would decide."""
    function = case.findings.function
    missing = [name for name, _ in _FUNCTION if not _current(getattr(function, name))]
    uptake_known = _current(function.vo2_ml_kg_min) or _current(function.vo2_percent)
    if len(missing) == len(_FUNCTION):
        yield from _both(case)
    else:
        for name, limits in _FUNCTION:
            yield from _test(case, name, getattr(function, name), limits, _in_function(name))
    if gives(case, NEEDS_CPET):
        for name, rule, unit in _UPTAKE:
            yield from _test(case, name, None, case.knowledge.limits(rule, unit=unit), _in_function(name))
    if uptake_known and not (_current(function.ppo_fev1_percent) and _current(function.ppo_dlco_percent)):
        yield from _predicted(case)


def _current(value: Value | None) -> bool:
    return value is not None and value.current


def _both(case: Case) -> Iterator[Change]:
    """One lung-function test with both values: above the limits, at them, and very low."""
    knowledge = case.knowledge
    edges = [[around(knowledge.parameter(limit)) for limit in limits] for _, limits in _FUNCTION]
    (fev1_enough, fev1_low), (dlco_enough, dlco_low) = edges
    pairs = (
        (fev1_enough[1], dlco_enough[1]),
        (fev1_enough[0], dlco_enough[0]),
        (fev1_low[0], dlco_low[0]),
    )
    for fev1, dlco in pairs:
        text = knowledge.text("what_if_fact.lung_function", value=shown(fev1), number=shown(dlco))
        values: dict[str, Any] = {"fev1_percent": measured(case, fev1), "dlco_percent": measured(case, dlco)}
        yield Change("lung_function", text, _with_function(values), missing=True, facts=2)


def _with_function(values: dict[str, Any]) -> Callable[[Findings], Findings]:
    return lambda findings: replace(findings, function=replace(findings.function, **values))


def _predicted(case: Case) -> Iterator[Change]:
    """Predicted postoperative FEV1 and DLCO, above the limit and at it."""
    knowledge = case.knowledge
    for value in reversed(around(knowledge.parameter("surgery.ppoPassAbovePct"))):
        text = knowledge.text("what_if_fact.predicted", value=shown(value))
        found = measured(case, value)
        yield Change(
            "predicted",
            text,
            _with_function({"ppo_fev1_percent": found, "ppo_dlco_percent": found}),
            missing=True,
            facts=2,
        )


def _cea(case: Case) -> Iterator[Change]:
    """A new CEA today, on either side of the edge of both sources."""
    knowledge, newest = case.knowledge, usable(case.findings, case.knowledge)
    threshold = knowledge.parameter("cea.thresholdNgMl")
    operators = [str(knowledge.parameter(name).value) for name in ("cea.consensusOp", "cea.salahOp")]
    current = newest.ng_per_ml.exact if newest else None
    values: set[Decimal] = set().union(*(around(threshold, operator) for operator in operators))
    for value in sorted(values):
        same = newest is not None and all(
            newest.ng_per_ml.compare(operator, threshold.number)
            is Measurement(value).compare(operator, threshold.number)
            for operator in operators
        )
        if same:
            continue
        result = CeaResult(Measurement(value), today(case), "", method=newest.method if newest else None)

        def apply(findings: Findings, result: CeaResult = result) -> Findings:
            return replace(findings, cea=(*findings.cea, result), cea_overruled=False)

        text = knowledge.text("what_if_fact.cea", value=shown(value))
        yield Change("cea", text, apply, missing=newest is None, distance=distance(current, value))


def _correctable(case: Case) -> Iterator[Change]:
    """What blocks now and can be dealt with: an infection, fever, an effusion; drugs that can be paused."""
    findings, knowledge = case.findings, case.knowledge
    for name in knowledge.correctable:
        if findings.has(name):
            kept = {key: facts for key, facts in findings.conditions.items() if key != name}

            def without(one: Findings, kept: dict[str, Any] = kept) -> Findings:
                return replace(one, conditions=kept)

            yield Change(name, knowledge.text(f"what_if_fact.no_{name}"), without)
    if findings.fever is not None:
        yield Change("fever", knowledge.text("what_if_fact.no_fever"), lambda one: replace(one, fever=None))
    if findings.drugs:
        yield Change(
            "drugs", knowledge.text("what_if_fact.no_drugs"), lambda one: replace(one, drugs={}, drug_names=())
        )


def _refusals(case: Case) -> Iterator[Change]:
    declined = case.findings.declined
    for modality in declined:
        kept = {name: facts for name, facts in declined.items() if name != modality}

        def willing(one: Findings, kept: dict[str, Any] = kept) -> Findings:
            return replace(one, declined=kept)

        name = case.knowledge.text(f"therapy_short.{modality}")
        yield Change("declined", case.knowledge.text("what_if_fact.willing", value=name), willing, of=modality)
