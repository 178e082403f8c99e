"""Findings as sentences: the facts that the decision rests on, each with its date and its resources."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.oncology.advice.mdt import Mdt
from cds_service.oncology.advice.systemic import Molecular
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.cea import Cea
from cds_service.oncology.disease.zones import shown_zone
from cds_service.oncology.patient.model import Facts, Lesion, Value
from cds_service.oncology.therapy.lesion import name
from cds_service.oncology.therapy.verdict import day
from cds_service.truth import Truth
from cds_service.values import ValueObject


class Finding(ValueObject, frozen=True):
    """One fact that the decision rests on, as a sentence, with its date and the resources it came from."""

    code: str
    text: str
    date: str | None
    resources: tuple[str, ...]


_FUNCTION = (("FEV1", "fev1_percent", "%"), ("DLCO", "dlco_percent", "%"), ("VO2max", "vo2_ml_kg_min", "mL/kg/min"))


def narrative(case: Case, cea: Cea, mdt: Mdt, molecular: Molecular) -> tuple[Finding, ...]:
    """The findings in the order in which an MDT asks for them."""
    parts = (
        _set_aside(case),
        _primary(case),
        _lung(case),
        _elsewhere(case),
        _markers(case, cea, molecular),
        _fitness(case),
        _mdt(case, mdt),
    )
    return tuple(finding for part in parts for finding in part)


def _say(case: Case, key: str, on: str | None, facts: Facts, **values: str) -> Finding:
    text = case.knowledge.text(f"finding.{key}", **values)
    return Finding(key, text, on, tuple(sorted(set(facts))))


def _set_aside(case: Case) -> Iterator[Finding]:
    if facts := case.findings.set_aside:
        yield _say(case, "SET_ASIDE", None, facts)


def _primary(case: Case) -> Iterator[Finding]:
    primary = case.findings.primary
    if not primary.known:
        return
    diagnosed = primary.diagnosed
    yield _say(case, "PRIMARY", diagnosed.text if diagnosed else None, primary.facts, date=day(diagnosed))
    if primary.resected:
        yield _say(case, "RESECTION", primary.resected.text, primary.resection_facts, date=primary.resected.text)
    if primary.status:
        status = case.knowledge.text(f"primary_status.{primary.status}")
        yield _say(case, "PRIMARY_STATUS", None, primary.status_facts, status=status)


def _lung(case: Case) -> Iterator[Finding]:
    findings, lung, count = case.findings, case.findings.lung, case.count
    if lung.facts:
        key = "LUNG_METASTASIS" if lung.confirmed else "LUNG_SUSPECTED"
        on = lung.detected.text if lung.detected else None
        yield _say(case, key, on, lung.facts, date=day(lung.detected))
    if count.counted or count.unlisted or count.diffuse or count.indeterminate:
        shown = (*count.counted, *count.indeterminate)
        measured = max((lesion.measured.text for lesion in shown if lesion.measured), default=None)
        facts = (*count.facts, *(fact for lesion in count.indeterminate for fact in lesion.facts))
        yield _say(case, "LESIONS", measured, facts, n=counted_words(case), lesions=lesion_words(case))
    if ct := findings.chest_ct:
        yield _say(case, "CT", ct.text, findings.chest_ct_facts, date=ct.text)
    if findings.nodes or findings.has("thoracic-node-metastasis"):
        facts = (*(findings.nodes.facts if findings.nodes else ()), *findings.has("thoracic-node-metastasis"))
        status = findings.nodes.value if findings.nodes else "proven"
        stated_on = findings.nodes.on if findings.nodes else None
        yield _say(case, "NODES", stated_on.text if stated_on else None, facts, status=status)


def counted_words(case: Case) -> str:
    """The number of lesions, with the tiny nodules beside it, never added to it: ``3 (+2 below 6 mm)``."""
    count = case.count
    if not count.indeterminate:
        return count.words()
    counted = count.words() if count.counted or count.unlisted else "0"
    return f"{counted} (+{len(count.indeterminate)} below {case.limit('nodule.indeterminateBelowMm')} mm)"


def lesion_words(case: Case) -> str:
    """The described lesions, largest first, those too small to call after them: ``RLL 15 mm peripheral``."""
    lesions = [*sorted(case.count.counted, key=_size_order), *sorted(case.count.indeterminate, key=_size_order)]
    shown = [" ".join(filter(None, (name(lesion), shown_zone(case.zones_of(lesion))))) for lesion in lesions]
    return "; ".join(shown) or "not described"


def _size_order(lesion: Lesion) -> tuple[bool, float, str]:
    return lesion.diameter_mm is None, -float(lesion.diameter_mm.value if lesion.diameter_mm else 0), lesion.id


def _elsewhere(case: Case) -> Iterator[Finding]:
    findings = case.findings
    for other in findings.extrapulmonary:
        status = {Truth.TRUE: "active", Truth.FALSE: "not active", Truth.UNKNOWN: "status not recorded"}[other.active]
        on = other.detected.text if other.detected else None
        yield _say(case, "EXTRAPULMONARY", on, other.facts, sites=other.site, status=status)
    if imaging := findings.abdomen_pelvis:
        yield _say(case, "ABDOMEN", imaging.text, findings.abdomen_pelvis_facts, date=imaging.text)


def _markers(case: Case, cea: Cea, molecular: Molecular) -> Iterator[Finding]:
    if newest := cea.latest:
        value = f"{newest.comparator or ''}{newest.ng_per_ml}"
        yield _say(case, "CEA", newest.date, (newest.fact,), value=value, status=newest.state)
    known = [
        f"{marker} {value.replace('_', ' ')}"
        for marker, value in (
            ("RAS", molecular.ras),
            ("BRAF", molecular.braf),
            ("MSI", molecular.msi),
            ("HER2", molecular.her2),
        )
        if value != "unknown"
    ]
    if known:
        yield _say(case, "MOLECULAR", None, molecular.facts, values=", ".join(known))


def _fitness(case: Case) -> Iterator[Finding]:
    findings = case.findings
    if ecog := findings.ecog:
        yield _measured(case, "ECOG", ecog, str(ecog.measurement))
    for label, attribute, unit in _FUNCTION:
        value: Value | None = getattr(findings.function, attribute)
        if value:
            yield _measured(case, "FUNCTION", value, f"{label} {value.measurement} {unit}")
    if findings.platelets:
        yield _measured(case, "COAGULATION", findings.platelets, f"Platelets {findings.platelets.measurement} ×10⁹/L")
    if findings.inr:
        yield _measured(case, "COAGULATION", findings.inr, f"INR {findings.inr.measurement}")
    for done in findings.treatments:
        if done.lung:
            where = done.lobe or done.side or "site not recorded"
            on = done.on.text if done.on else None
            yield _say(case, "HISTORY", on, (done.fact,), value=done.kind, where=where)


def _measured(case: Case, key: str, value: Value, shown: str) -> Finding:
    status = "current" if value.current else "too old to rely on"
    on = value.on.text if value.on else None
    return _say(case, key, on, (value.fact,), value=shown, status=status)


def _mdt(case: Case, mdt: Mdt) -> Iterator[Finding]:
    if mdt.held_on:
        yield _say(case, "MDT_HELD", mdt.held_on, mdt.facts, date=mdt.held_on)
    if mdt.requested_on:
        yield _say(case, "MDT_REQUESTED", mdt.requested_on, mdt.facts, date=mdt.requested_on)
