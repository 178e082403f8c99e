"""Carcinoembryonic antigen: the latest value, whether it is elevated, rising, persistent (E-02 to E-08)."""

from __future__ import annotations

from decimal import Decimal

from cds_service.fhir.dates import add_months
from cds_service.knowledge import Knowledge
from cds_service.oncology.patient.model import CeaResult, Findings
from cds_service.oncology.rulebook import rule
from cds_service.truth import Truth, agree
from cds_service.values import ValueObject


class CeaValue(ValueObject, frozen=True):
    """One carcinoembryonic antigen result, in ng/mL. ``state``: current | usable | stale."""

    ng_per_ml: Decimal
    comparator: str | None
    date: str
    state: str
    fact: str
    confounded: bool = False  # shortly after an operation, or in the first weeks of oxaliplatin: not used (E-08)


class CeaSetAside(ValueObject, frozen=True):
    """A CEA result whose unit or value could not be read."""

    date: str
    fact: str


class CeaThreshold(ValueObject, frozen=True):
    """E-02: the limit of CEA, with the comparison by which a value counts as raised."""

    ng_per_ml: Decimal
    comparison: str
    parameter: str


class Cea(ValueObject, frozen=True):
    """The CEA picture (E rules)."""

    latest: CeaValue | None
    elevated: Truth
    trend: str
    persistent: Truth
    series: tuple[CeaValue, ...] = ()
    set_aside: tuple[CeaSetAside, ...] = ()
    threshold: CeaThreshold | None = None


def cea(findings: Findings, knowledge: Knowledge) -> Cea:
    """The CEA picture. A stale or unreadable latest value leaves every question open."""
    series = tuple(_value(item, findings, knowledge) for item in findings.cea)
    newest = usable(findings, knowledge)
    shown = None if findings.cea_overruled else (series[-1] if series else None)
    return Cea(
        latest=shown,
        elevated=above(findings, knowledge, "cea.consensusOp") if newest else Truth.UNKNOWN,
        trend=_trend(findings, knowledge),
        persistent=_persistent(findings, knowledge),
        series=series,
        set_aside=tuple(CeaSetAside(item.on.text, item.fact) for item in findings.cea_set_aside),
        threshold=_threshold(knowledge),
    )


def _threshold(knowledge: Knowledge) -> CeaThreshold:
    threshold, operator = knowledge.parameter("cea.thresholdNgMl"), knowledge.parameter("cea.consensusOp")
    return CeaThreshold(threshold.number, str(operator.value), threshold.id)


@rule("E-05")
def state(item: CeaResult, findings: Findings, knowledge: Knowledge) -> str:
    """current, usable or stale, by the age of the result on the evaluation date (E-05)."""
    age_in_days = (findings.on - item.on.earliest).days
    if knowledge.holds("cea.currentDays", age_in_days).surely:
        return "current"
    return "usable" if knowledge.holds("cea.usableDays", age_in_days).surely else "stale"


@rule("E-08")
def usable(findings: Findings, knowledge: Knowledge) -> CeaResult | None:
    """The newest result that a rule may use: not stale, not confounded by surgery or chemotherapy flare (E-08)."""
    if findings.cea_overruled:
        return None
    clean = [item for item in findings.cea if not item.confounded]
    return clean[-1] if clean and state(clean[-1], findings, knowledge) != "stale" else None


@rule("E-02")
def above(findings: Findings, knowledge: Knowledge, operator: str) -> Truth:
    """Compare the usable CEA with the limit, by the ``operator`` of the source that asks (``>`` or ``>=``)."""
    newest = usable(findings, knowledge)
    if newest is None:
        return Truth.UNKNOWN
    threshold = knowledge.parameter("cea.thresholdNgMl").number
    return newest.ng_per_ml.compare(str(knowledge.parameter(operator).value), threshold)


def _value(item: CeaResult, findings: Findings, knowledge: Knowledge) -> CeaValue:
    comparator = str(item.ng_per_ml.comparator.value) if item.ng_per_ml.comparator else None
    return CeaValue(
        ng_per_ml=item.ng_per_ml.value,
        comparator=comparator,
        date=item.on.text,
        state=state(item, findings, knowledge),
        fact=item.fact,
        confounded=item.confounded,
    )


@rule("E-06")
def _trend(findings: Findings, knowledge: Knowledge) -> str:
    """E-06: three values of one method within a year, rising to the last, and a real rise in all; two: a possible rise.

    The rise is measured from where the present run of rising values began.
    """
    newest = usable(findings, knowledge)
    if newest is None:
        return "unknown"
    window = add_months(newest.on.latest, -knowledge.limit("cea.riseWindowMonths"))
    recent = [
        item.ng_per_ml.value
        for item in findings.cea
        if item.on.earliest >= window and item.method == newest.method and item.ng_per_ml.exact is not None
        if not item.confounded
    ]
    if len(recent) < 2:
        return "unknown"
    if len(recent) == 2:
        return "possible_rise" if recent[1] > recent[0] else "not_rising"
    run = recent[-1:]
    for value in reversed(recent[:-1]):
        if value >= run[0]:
            break
        run.insert(0, value)
    factor: Decimal = knowledge.parameter("cea.riseFactor").number
    real = run[-1] >= factor * run[0] and run[-1] - run[0] >= knowledge.parameter("cea.riseAbs").number
    return "rising" if len(run) > 2 and real else "not_rising"


@rule("E-07")
def _persistent(findings: Findings, knowledge: Knowledge) -> Truth:
    """E-07: at least two values over the threshold, far enough apart, and none at or below it between them."""
    threshold = knowledge.parameter("cea.thresholdNgMl").number
    operator = str(knowledge.parameter("cea.consensusOp").value)
    apart = knowledge.parameter("cea.persistentDays").days
    results = [item for item in findings.cea if not item.confounded]
    if len(results) < 2 or usable(findings, knowledge) is None:
        return Truth.UNKNOWN

    def persists(doubtful: Truth) -> bool:
        """True if the rise persists, each value that its comparator leaves open taken as ``doubtful``."""
        high: list[CeaResult] = []
        for item in results:
            answer = item.ng_per_ml.compare(operator, threshold)
            raised = doubtful if answer.unknown else answer
            high = [*high, item] if raised.surely else []
        return len(high) > 1 and high[-1].on.earliest - high[0].on.latest >= apart

    return agree({persists(Truth.TRUE), persists(Truth.FALSE)})
