"""Rules that surgery, SBRT and ablation share: disease outside the lung, nodes, fitness, stale imaging, refusal.

A rule that is the same for several therapies is written once; where limits differ, the rule's id tells them apart.
Another active cancer (G-08) and pregnancy (G-09) have no function: the rule names the comorbidity, and its result.
"""

from __future__ import annotations

from cds_service.knowledge import Rule
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.spread import Elsewhere
from cds_service.oncology.rulebook import Code, rule
from cds_service.oncology.therapy.verdict import Result, Verdict, caution, day, excludes, passes, says
from cds_service.truth import Truth

COUNT = Code("COUNT")
NODE_POSITIVE, NODE_SUSPECTED = Code("NODE_POSITIVE"), Code("NODE_SUSPECTED")
ECOG, ECOG_POOR = Code("ECOG"), Code("ECOG_POOR")
ECOG_STALE, ECOG_MISSING = Code("ECOG_STALE"), Code("ECOG_MISSING")
CT_STALE, SINGLE_LUNG, PATIENT_DECLINED = Code("CT_STALE"), Code("SINGLE_LUNG"), Code("PATIENT_DECLINED")
PRIMARY_STATUS_UNKNOWN, PRIMARY_UNCONTROLLED = Code("PRIMARY_STATUS_UNKNOWN"), Code("PRIMARY_UNCONTROLLED")
EXTRAPULMONARY = Code("EXTRAPULMONARY")

_ELSEWHERE = {
    Elsewhere.TREATABLE: (Code("EXTRAPULMONARY_TREATABLE"), Result.CONDITIONAL),
    Elsewhere.UNTREATABLE: (EXTRAPULMONARY, Result.NOT_ELIGIBLE),
    Elsewhere.TREATABILITY_UNKNOWN: (Code("EXTRAPULMONARY_TREATABILITY_UNKNOWN"), Result.CONDITIONAL),
    Elsewhere.UNKNOWN: (Code("EXTRAPULMONARY_UNKNOWN"), Result.CONDITIONAL),
    Elsewhere.UNKNOWN_UNTREATABLE: (Code("EXTRAPULMONARY_UNKNOWN"), Result.UNKNOWN),
}


@rule("S-02", "R-08", "A-12")
def elsewhere(case: Case, rule: Rule) -> Verdict:
    """S-02, R-08, A-12: none or no evidence of disease passes; active and not treatable excludes."""
    if case.elsewhere is Elsewhere.NONE:
        return passes(case.elsewhere_facts)
    code, result = _ELSEWHERE[case.elsewhere]
    sites = sorted({item.site for item in case.findings.extrapulmonary if item.active is not Truth.FALSE})
    return says(rule, result, code, case.elsewhere_facts, sites=", ".join(sites) or "site not recorded")


@rule("S-06", "X-01")
def nodes(case: Case, rule: Rule) -> Verdict:
    """S-06, X-01: proven hilar or mediastinal nodes call for caution, for surgery suspected ones too.

    What is not recorded changes nothing, and is not known.
    """
    statement, on_record = case.findings.nodes, case.findings.has("thoracic-node-metastasis")
    stated = statement.value if statement else None
    facts = statement.facts if statement else ()
    if on_record or stated == "proven":
        return caution(rule, NODE_POSITIVE, (*on_record, *facts))
    suspected = case.findings.has("thoracic-node-suspected")
    known = stated == "negative"
    if rule.id == "S-06" and (suspected or stated == "suspected"):
        return caution(rule, NODE_SUSPECTED, (*suspected, *facts))
    return passes(facts).known_if(known)


@rule("S-05", "R-07", "A-11")
def performance(case: Case, rule: Rule) -> Verdict:
    """S-05, R-07, A-11: ECOG. An old good grade passes nothing; an old poor grade calls for caution."""
    ecog = case.findings.ecog
    if ecog is None:
        return caution(rule, ECOG_MISSING)
    facts, words = (ecog.fact,), {"value": str(ecog.measurement), "date": day(ecog.on)}
    surgical = rule.id == "S-05"
    fit = case.meets("surgery.maxEcog", ecog).surely if surgical else case.meets("ecog.conditional", ecog).surely_not
    if not ecog.current:
        return caution(rule, ECOG_MISSING if fit else ECOG_STALE, facts, **words)
    if fit:
        return passes(facts)
    if surgical or case.meets("ecog.exclude", ecog).surely:
        return excludes(rule, ECOG, facts, **words)
    return caution(rule, ECOG_POOR, facts, **words)


@rule("S-10", "X-03")
def imaging_age(case: Case, rule: Rule) -> Verdict:
    """S-10, X-03: a chest CT older than ``ct.classificationDays`` calls for caution; none on record is only a need."""
    on, facts = case.findings.chest_ct, case.findings.chest_ct_facts
    if on is None or case.meets("ct.classificationDays", case.days_since(on)).surely:
        return passes(facts).known_if(on is not None)
    return caution(rule, CT_STALE, facts, date=day(on))


@rule("S-08", "A-07")
def single_lung(case: Case, rule: Rule) -> Verdict:
    """S-08, A-07: a completed pneumonectomy calls for caution."""
    if facts := case.findings.pneumonectomy:
        return caution(rule, SINGLE_LUNG, facts)
    unread = not case.findings.complete.procedures or bool(case.findings.has("pneumonectomy-status"))
    return passes().known_if(not unread)


@rule("X-02")
def primary_control(case: Case, rule: Rule) -> Verdict:
    """X-02 (SBRT and ablation): an uncontrolled or unresectable primary, or an unknown one, calls for caution."""
    primary = case.findings.primary
    if primary.status is None:
        return caution(rule, PRIMARY_STATUS_UNKNOWN, primary.facts)
    if primary.status in {"uncontrolled", "unresectable"}:
        return caution(rule, PRIMARY_UNCONTROLLED, primary.status_facts, status=primary.status)
    return passes(primary.status_facts)


@rule("G-10")
def declined(case: Case, rule: Rule) -> Verdict:
    """G-10: the patient has declined this therapy."""
    read = case.findings.complete.procedures and case.findings.complete.requests
    refusals = case.findings.declined.get(rule.therapy, ())
    return (caution(rule, PATIENT_DECLINED, refusals) if refusals else passes()).known_if(read)
