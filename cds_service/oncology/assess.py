"""From resources to the assessment: findings, gates, axes, therapies, MDT, prognosis, needs. One pure call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo
from typing import Any

from cds_service.fhir.pool import ResourcePool, as_far_as_used
from cds_service.fhir.source import Source
from cds_service.knowledge import Knowledge
from cds_service.oncology.advice import needs as missing
from cds_service.oncology.advice.orders import classify_order, report_orders
from cds_service.oncology.advice.prognosis import age_in_years
from cds_service.oncology.advice.systemic import molecular, systemic, untested
from cds_service.oncology.conclude import conclude
from cds_service.oncology.disease.axes import Classification
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.cea import cea
from cds_service.oncology.disease.zones import shown_zone, zone_conflicts
from cds_service.oncology.patient import extract_findings
from cds_service.oncology.patient.model import Lesion
from cds_service.oncology.patient.values import UNIT_FAULT
from cds_service.oncology.report.assessment import Assessment, KnowledgeReport, LesionReport, Problem, SourceReport
from cds_service.oncology.report.events import events
from cds_service.oncology.report.found import narrative
from cds_service.oncology.rulebook import rule
from cds_service.oncology.therapy.lesion import lesion_result
from cds_service.oncology.therapy.verdict import criteria
from cds_service.terminology import Terminology
from cds_service.values import ValueObject


class AssessmentRequest(ValueObject, frozen=True):
    """The service and hook that ask, and the orders that they ask about (none at patient-view)."""

    service: str
    hook: str
    orders: tuple[Mapping[str, Any], ...] = ()  # those to decide on
    drafts: tuple[Mapping[str, Any], ...] = ()  # all drafts of the session, selected or not
    beside: ResourcePool | None = None  # where references of orders are looked up; None: in the record


def assess(
    pool: ResourcePool,
    sources: Mapping[str, Source],
    *,
    request: AssessmentRequest,
    knowledge: Knowledge,
    terminology: Terminology,
    zone: tzinfo,
    on: date,
) -> Assessment:
    """The whole assessment of one patient on one date. Never fails for missing data: unknown is an answer."""
    sources = as_far_as_used(sources, pool)
    case = read_case(pool, sources, knowledge=knowledge, terminology=terminology, zone=zone, on=on)
    findings = case.findings
    concluded = conclude(case, mdt_drafted=mdt_is_drafted(request, pool, terminology))
    who, axes, therapies, referral = concluded.who, concluded.classification, concluded.therapies, concluded.mdt
    markers, profile = cea(findings, case.knowledge), molecular(findings)
    asked = (
        () if who.value == "out" or who.stopped else missing.needs(case, axes, therapies, untested=untested(profile))
    )
    return Assessment(
        service=request.service,
        hook=request.hook,
        evaluated_on=on,
        knowledge=KnowledgeReport(knowledge.version, knowledge.hash),
        population=who.value,
        gates=who.gates,
        sources={
            key: SourceReport(source.state.value, distinct(source), source.note)
            for key, source in sorted(sources.items())
        },
        classification=axes,
        lesions=_lesion_reports(case),
        therapies=therapies,
        criteria={therapy: criteria(found, knowledge.topics) for therapy, found in concluded.rulings.items()},
        order=concluded.order,
        mdt=referral,
        systemic=systemic(case, axes, therapies, profile) if who.value == "in" and not who.stopped else (),
        molecular=profile,
        cea=markers,
        prognosis=concluded.prognosis,
        orders=report_orders(request.orders, case, therapies, referral, profile, request.beside or pool, terminology),
        findings=narrative(case, markers, referral, profile),
        needs=asked,
        flags=_flags(case, axes),
        data_quality=tuple(Problem(item.resource, item.problem, item.text) for item in findings.problems),
        age_years=age_in_years(findings),
        lung_metastasis=findings.lung.condition,
        supporting=_supporting(case),
        events=events(case),
        primary_side=findings.primary.side,
    )


def read_case(
    pool: ResourcePool,
    sources: Mapping[str, Source],
    *,
    knowledge: Knowledge,
    terminology: Terminology,
    zone: tzinfo,
    on: date,
) -> Case:
    """Read the findings of a record into a case. ``sources``: without those of other patients."""
    findings = extract_findings(pool, sources, knowledge=knowledge, terminology=terminology, zone=zone, on=on)
    return Case(findings, knowledge)


@rule("O-09")
def mdt_is_drafted(request: AssessmentRequest, pool: ResourcePool, terminology: Terminology) -> bool:
    """Is an MDT referral among the draft orders of the call (O-09)?"""
    beside = request.beside or pool
    return any("mdt" in classify_order(item, beside, terminology) for item in (*request.orders, *request.drafts))


def distinct(source: Source) -> int:
    """How many different resources a source brought; one that was sent twice counts once."""
    return len({entry.local for entry in source.entries})


def _lesion_reports(case: Case) -> tuple[LesionReport, ...]:
    """Every lesion. Sets, since a search in tuples would make the time grow with the square of the lesions."""
    counted, indeterminate = frozenset(case.count.counted), frozenset(case.count.indeterminate)
    return tuple(
        lesion_report(case, lesion, counted=lesion in counted, indeterminate=lesion in indeterminate)
        for lesion in case.findings.lesions
    )


def lesion_report(case: Case, lesion: Lesion, *, counted: bool, indeterminate: bool) -> LesionReport:
    """One lesion with its own results, as the lesion table shows it."""
    size = lesion.diameter_mm
    results = {}
    if counted:
        results = {
            "sbrt": lesion_result(case, lesion, "sbrt"),
            "ablation": lesion_result(case, lesion, "ablation"),
        }
    flags = {*lesion.flags}
    flags |= {"TREATED"} if lesion.treated else set()
    flags |= {"BENIGN_OR_OTHER"} if lesion.benign else set()
    flags |= {"INDETERMINATE"} if indeterminate else set()
    flags |= {"ZONE_CONFLICT"} if zone_conflicts(lesion, case.knowledge) else set()
    return LesionReport(
        id=lesion.id,
        side=lesion.side,
        lobe=lesion.lobe,
        zone=shown_zone(case.zones_of(lesion)),
        largest_diameter_mm=size.exact if size else None,
        diameter_comparator=str(size) if size and size.exact is None else None,
        measured_on=lesion.measured.text if lesion.measured else None,
        treatment=lesion.treatment,
        treated_on=lesion.treated_on.text if lesion.treated_on else None,
        counted=counted,
        flags=tuple(sorted(flags)),
        results=results,
        facts=lesion.facts,
    )


def _flags(case: Case, axes: Classification) -> tuple[str, ...]:
    findings = case.findings
    flags = set(findings.flags - {UNIT_FAULT}) | set(case.count.flags)
    flags |= {flag for lesion in findings.lesions for flag in lesion.flags}
    flags |= {"ZONE_CONFLICT"} if any(zone_conflicts(item, case.knowledge) for item in case.count.counted) else set()
    flags |= {"PRIOR_EXTRAPULMONARY"} if axes.spread.prior_extrapulmonary else set()
    flags |= {"LUNG_RESECTION_HISTORY"} if findings.has("pneumonectomy-status") else set()
    flags |= {"STATEMENT_STALE"} if findings.resectability and not findings.resectability.current else set()
    if (
        findings.primary.known
        and findings.primary.first_treatment is None
        and not findings.primary.first_treatment_known
    ):
        flags.add("FIRST_TREATMENT_DATE_UNKNOWN")
    on = findings.chest_ct
    if on and case.meets("ct.classificationDays", case.days_since(on)).surely_not:
        flags.add("CT_STALE")
    return tuple(sorted(flags))


def _supporting(case: Case) -> tuple[str, ...]:
    """The CT, CEA and lesion resources that the decision used."""
    findings = case.findings
    newest = (findings.cea[-1].fact,) if findings.cea else ()
    lesions = tuple(fact for lesion in case.count.counted for fact in lesion.facts)
    return tuple(sorted({*findings.chest_ct_facts, *newest, *lesions}))
