"""Counterfactual disease: the primary, disease elsewhere, nodes, statements, imaging, dates, the MDT."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cds_service.fhir.dates import PartialDate, add_months
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.spread import imaging_is_recent
from cds_service.oncology.patient.model import Extrapulmonary, Findings, MdtRecord, Statement
from cds_service.oncology.what_if.fact import Change, today
from cds_service.truth import Truth
from cds_service.values import replace

_PRIMARY = ("r0-resected", "complete-response", "resectable", "unresectable", "uncontrolled")
_NODES = ("negative", "suspected", "proven")
_STATEMENTS = {
    "resectable": "removal_possible",
    "potentially-resectable": "removal_later",
    "unresectable-technical": "removal_not_possible",
}


def disease_changes(case: Case) -> Iterator[Change]:
    """Changes of the disease and of what was done about it."""
    yield from _primary(case)
    yield from _elsewhere(case)
    yield from _treatability(case)
    yield from _nodes(case)
    yield from _statement(case)
    yield from _imaging(case)
    yield from _records(case)
    yield from _dates(case)
    yield from _mdt(case)


def _change(
    case: Case, kind: str, key: str, *, missing: bool, said: Mapping[str, str] | None = None, **fields: Any
) -> Change:
    """A change that replaces whole fields of the findings. ``said``: the values of its wording."""
    text = case.knowledge.text(f"what_if_fact.{key}", **(said or {}))
    return Change(kind, text, lambda findings: replace(findings, **fields), missing=missing)


def _primary(case: Case) -> Iterator[Change]:
    now = case.findings.primary.status
    for status in _PRIMARY:
        if status != now:
            words = case.knowledge.text(f"primary_status.{status}")
            text = case.knowledge.text("what_if_fact.primary", status=words)
            yield Change("primary_status", text, _with_primary(status=status), missing=now is None)


def _with_primary(**fields: Any) -> Callable[[Findings], Findings]:
    return lambda findings: replace(findings, primary=replace(findings.primary, **fields))


def _elsewhere(case: Case) -> Iterator[Change]:
    """Imaging of abdomen and pelvis today: clear, or with a metastasis that can or cannot be treated."""
    findings = case.findings
    if any(item.active.surely for item in findings.extrapulmonary):
        return
    missing = not imaging_is_recent(findings, case.knowledge) or not findings.complete.conditions
    imaged: dict[str, Any] = {
        "abdomen_pelvis": today(case),
        "complete": replace(findings.complete, conditions=True),
        "unsited_metastasis": (),
    }
    cleared = tuple(replace(item, active=Truth.FALSE) for item in findings.extrapulmonary)
    if missing or findings.extrapulmonary != cleared:
        yield _change(case, "elsewhere", "elsewhere_clear", missing=True, extrapulmonary=cleared, **imaged)
    for key, treatable in (("elsewhere_treatable", Truth.TRUE), ("elsewhere_untreatable", Truth.FALSE)):
        found = Extrapulmonary("liver", Truth.TRUE, treatable, today(case), today(case))
        yield _change(case, "elsewhere", key, missing=missing, extrapulmonary=(*cleared, found), **imaged)


def _treatability(case: Case) -> Iterator[Change]:
    findings = case.findings
    active = [item for item in findings.extrapulmonary if item.active.surely]
    if not active:
        return
    now = {item.treatable for item in active}
    for key, treatable in (("treatable", Truth.TRUE), ("untreatable", Truth.FALSE)):
        if now != {treatable}:
            others = tuple(
                replace(item, treatable=treatable) if item.active.surely else item for item in findings.extrapulmonary
            )
            yield _change(case, "treatability", key, missing=Truth.UNKNOWN in now, extrapulmonary=others)


def _nodes(case: Case) -> Iterator[Change]:
    findings = case.findings
    if findings.has("thoracic-node-metastasis"):
        return
    now = findings.nodes.value if findings.nodes else None
    for status in _NODES:
        if status != now:
            stated = Statement(status, today(case), True, ())
            words = case.knowledge.text(f"axis.{status}")
            yield _change(case, "nodes", "nodes", missing=now is None, said={"status": words}, nodes=stated)


def _statement(case: Case) -> Iterator[Change]:
    now = case.findings.resectability
    for value, key in _STATEMENTS.items():
        if now is None or not now.current or now.value != value:
            stated = Statement(value, today(case), True, ())
            missing = now is None or not now.current
            yield _change(case, "statement", key, missing=missing, resectability=stated)


def _imaging(case: Case) -> Iterator[Change]:
    """A new CT that shows the same: only where the last one is outdated or not on record."""
    on = case.findings.chest_ct
    age = (case.findings.on - on.earliest).days if on else None
    if case.meets("ct.classificationDays", age) is not Truth.TRUE:
        yield _change(case, "chest_ct", "chest_ct", missing=True, chest_ct=today(case))


def _records(case: Case) -> Iterator[Change]:
    """Procedures that could not be read, read: and nothing more in them."""
    complete = case.findings.complete
    if not complete.procedures:
        yield _change(case, "procedures", "procedures", missing=True, complete=replace(complete, procedures=True))


def _dates(case: Case) -> Iterator[Change]:
    """The dates behind synchronous or metachronous, where one is missing or recorded only in part."""
    findings, knowledge = case.findings, case.knowledge
    found, diagnosed = findings.lung.detected, findings.primary.diagnosed
    if found is not None and not found.exact:
        for day in dict.fromkeys((found.earliest, found.latest)):
            exact = PartialDate(day, day, day.isoformat())
            lung = replace(findings.lung, detected=exact)
            text = knowledge.text("what_if_fact.lung_date", date=exact.text)
            yield Change("lung_date", text, lambda one, lung=lung: replace(one, lung=lung), missing=True)  # type: ignore[misc]
    if diagnosed is None and found is not None:
        long_before = add_months(found.earliest, -case.limit("sync.twelveMonths") - 1)
        for day in (found.earliest, long_before):
            exact = PartialDate(day, day, day.isoformat())
            text = knowledge.text("what_if_fact.primary_date", date=exact.text)
            yield Change("primary_date", text, _with_primary(diagnosed=exact), missing=True)


def _mdt(case: Case) -> Iterator[Change]:
    if not case.findings.mdt_meetings:
        held = (MdtRecord(today(case), ""),)
        yield _change(case, "mdt", "mdt_held", missing=False, mdt_meetings=held)
