"""Rules that surgery, SBRT and ablation share: disease outside the lung, nodes, fitness, stale imaging, refusal."""

from __future__ import annotations

from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.spread import Elsewhere
from cds_service.oncology.report.assessment import Reason, Result
from cds_service.oncology.therapy.rulebook import day
from cds_service.truth import Truth

_ELSEWHERE = {
    Elsewhere.TREATABLE: ("EXTRAPULMONARY_TREATABLE", Result.CONDITIONAL),
    Elsewhere.UNTREATABLE: ("EXTRAPULMONARY", Result.NOT_ELIGIBLE),
    Elsewhere.TREATABILITY_UNKNOWN: ("EXTRAPULMONARY_TREATABILITY_UNKNOWN", Result.CONDITIONAL),
    Elsewhere.UNKNOWN: ("EXTRAPULMONARY_UNKNOWN", Result.CONDITIONAL),
    Elsewhere.UNKNOWN_UNTREATABLE: ("EXTRAPULMONARY_UNKNOWN", Result.UNKNOWN),
}


def extrapulmonary_rule(case: Case, rule: str) -> Reason | None:
    """S-02, R-08, A-12: none or no evidence of disease passes; active and not treatable excludes."""
    if case.elsewhere is Elsewhere.NONE:
        return None
    code, result = _ELSEWHERE[case.elsewhere]
    sites = sorted({item.site for item in case.findings.extrapulmonary if item.active is not Truth.FALSE})
    return case.book.reason(code, rule, result, case.elsewhere_facts, sites=", ".join(sites) or "site not recorded")


def node_rule(case: Case, rule: str) -> Reason | None:
    """S-06, X-01: proven or suspected hilar or mediastinal nodes call for caution; not recorded changes nothing."""
    statement = case.findings.nodes
    proven = case.findings.has("thoracic-node-metastasis")
    if proven or (statement and statement.value == "proven"):
        facts = (*proven, *(statement.facts if statement else ()))
        return case.book.reason("NODE_POSITIVE", rule, Result.CONDITIONAL, facts)
    suspected = case.findings.has("thoracic-node-suspected")
    if rule == "S-06" and (suspected or (statement and statement.value == "suspected")):
        facts = (*suspected, *(statement.facts if statement else ()))
        return case.book.reason("NODE_SUSPECTED", rule, Result.CONDITIONAL, facts)
    return None


def performance_rule(case: Case, rule: str) -> Reason | None:
    """S-05, R-07, A-11: ECOG. An old good grade passes nothing; an old poor grade calls for caution."""
    ecog = case.findings.ecog
    if ecog is None:
        return case.book.reason("ECOG_MISSING", rule, Result.CONDITIONAL)
    grade, facts = ecog.measurement, (ecog.fact,)
    values = {"value": str(grade), "date": day(ecog.on)}
    fit = _fit(case, rule)
    if not ecog.current:
        code = "ECOG_MISSING" if fit else "ECOG_STALE"
        return case.book.reason(code, rule, Result.CONDITIONAL, facts, **values)
    if fit:
        return None
    excluded = rule == "S-05" or case.book.holds("ecog.exclude", grade) is Truth.TRUE
    if excluded:
        return case.book.reason("ECOG", rule, Result.NOT_ELIGIBLE, facts, **values)
    return case.book.reason("ECOG_3", rule, Result.CONDITIONAL, facts, **values)


def _fit(case: Case, rule: str) -> bool:
    ecog = case.findings.ecog
    grade = ecog.measurement if ecog else None
    if rule == "S-05":
        return case.book.holds("surgery.maxEcog", grade) is Truth.TRUE
    return case.book.holds("ecog.conditional", grade) is Truth.FALSE


def imaging_age_rule(case: Case, rule: str) -> Reason | None:
    """S-10, X-03: a chest CT older than ``ct.classificationDays`` calls for caution; none on record is only a need."""
    on = case.findings.chest_ct
    if on is None or case.book.holds("ct.classificationDays", (case.findings.on - on.earliest).days) is Truth.TRUE:
        return None
    return case.book.reason("CT_STALE", rule, Result.CONDITIONAL, case.findings.chest_ct_facts, date=day(on))


def origin_rule(case: Case) -> Reason | None:
    """G-08: with another active malignancy the origin of the lesion is uncertain; no therapy can be named."""
    others = case.findings.has("other-malignancy")
    return case.book.reason("ORIGIN_UNCERTAIN", "G-08", Result.UNKNOWN, others) if others else None


def pregnancy_rule(case: Case) -> Reason | None:
    """G-09: pregnancy caps every local therapy at CONDITIONAL."""
    pregnancy = case.findings.has("pregnancy")
    return case.book.reason("PREGNANCY", "G-09", Result.CONDITIONAL, pregnancy) if pregnancy else None


def declined_rule(case: Case, modality: str) -> Reason | None:
    """G-10: the patient has declined this modality."""
    refusals = case.findings.declined.get(modality, ())
    return case.book.reason("PATIENT_DECLINED", "G-10", Result.CONDITIONAL, refusals) if refusals else None


def patient_rules(case: Case, modality: str) -> list[Reason | None]:
    """The gates that shape therapies without stopping them: G-08, G-09, G-10."""
    return [origin_rule(case), pregnancy_rule(case), declined_rule(case, modality)]


def primary_control_rule(case: Case) -> Reason | None:
    """X-02 (SBRT and ablation): an uncontrolled or unresectable primary, or an unknown one, calls for caution."""
    primary = case.findings.primary
    if primary.status is None:
        return case.book.reason("PRIMARY_STATUS_UNKNOWN", "X-02", Result.CONDITIONAL, primary.facts)
    if primary.status in {"uncontrolled", "unresectable"}:
        facts = primary.status_facts
        return case.book.reason("PRIMARY_UNCONTROLLED", "X-02", Result.CONDITIONAL, facts, status=primary.status)
    return None
