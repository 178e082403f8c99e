"""Needs: what is missing or stale, and what to obtain or record. Each need once, gravest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cds_service.fhir.dates import PartialDate
from cds_service.oncology.disease.axes import Classification
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.cea import usable
from cds_service.oncology.disease.spread import imaging_is_recent
from cds_service.oncology.disease.zones import therapy_zone
from cds_service.oncology.patient.values import UNIT_FAULT
from cds_service.oncology.rulebook import rule as carries_out
from cds_service.oncology.therapy.lesion import name
from cds_service.oncology.therapy.verdict import Therapy, judged
from cds_service.truth import Truth
from cds_service.values import ValueObject


class Need(ValueObject, frozen=True):
    """Something that is missing or stale, and what to do about it."""

    code: str
    text: str


Ask = Callable[..., None]

NEEDS = (
    "CEA", "CT_CHEST", "CT_ABDOMEN_PELVIS", "COUNT", "LESION_SIZE", "LATERALITY", "ZONE", "PFT", "CPET", "PLATELETS",
    "INR", "ECOG", "PRIMARY_DATE", "LUNG_DATE", "PRIMARY_STATUS", "TREATABILITY", "NODES", "HISTOLOGY", "MOLECULAR",
    "RT_HISTORY", "UNIT",
)  # fmt: skip
"""Every need that a case can have, those that a rule declares for its reasons among them."""

STALE = "_STALE"
"""Ends the name of the second wording of a need: there is a value, but an old one."""


def needs(
    case: Case, classification: Classification, therapies: Mapping[str, Therapy], *, untested: tuple[str, ...]
) -> tuple[Need, ...]:
    """List the needs of a case: its axes, the verdicts of its rules, and the molecular profile."""
    found: dict[str, str] = {}

    def need(code: str, *, old: PartialDate | None = None, **values: str) -> None:
        """One need; ``old`` is the date of a value that is there but too old."""
        if old is not None:
            values |= {"days": str((case.findings.on - old.earliest).days), "date": old.text}
        found.setdefault(code, case.knowledge.need(f"{code}{STALE}" if old else code, **values))

    _dates_and_imaging(case, classification, need)
    for therapy in therapies.values():
        for reason in therapy.reasons:
            code = case.knowledge.rule(reason.rule).reasons[reason.code].need
            if code and not (code == "CT_ABDOMEN_PELVIS" and imaging_is_recent(case.findings, case.knowledge)):
                need(code, old=_old(case, code), **_lesion_values(case, code))
    _lesions(case, need)
    _blood_tests(case, need)
    _rest(case, classification, untested, need)
    return tuple(Need(code, text) for code, text in found.items())


def _old(case: Case, code: str) -> PartialDate | None:
    """The date of the old value behind a need, where there is one."""
    findings = case.findings
    function = [findings.function.fev1_percent, findings.function.dlco_percent]
    outdated = [value.on for value in function if value and not value.current]
    dates = {
        "ECOG": findings.ecog.on if findings.ecog else None,
        "PFT": outdated[0] if outdated and all(function) else None,
        "PLATELETS": findings.platelets.on if findings.platelets else None,
        "INR": findings.inr.on if findings.inr else None,
        "CT_ABDOMEN_PELVIS": findings.abdomen_pelvis,
    }
    return dates.get(code)


def _dates_and_imaging(case: Case, classification: Classification, need: Ask) -> None:
    findings, knowledge = case.findings, case.knowledge
    if findings.primary.diagnosed is None:
        need("PRIMARY_DATE")
    if findings.lung.detected is None or not findings.lung.detected.exact:
        need("LUNG_DATE")
    ct = findings.chest_ct
    if ct is None or knowledge.holds("ct.planningDays", (findings.on - ct.earliest).days) is not Truth.TRUE:
        need("CT_CHEST", old=ct)
    if classification.number.n is None:
        need("COUNT")


def _lesion_values(case: Case, code: str) -> dict[str, str]:
    if code == "LESION_SIZE":
        unsized = [name(lesion) for lesion in case.count.counted if lesion.diameter_mm is None]
        return {"lesions": ", ".join(unsized) or "lesions"}
    if code == "ZONE":
        unzoned = [name(lesion) for lesion in case.count.counted if therapy_zone(case.zones_of(lesion)) is None]
        return {"lesions": ", ".join(unzoned) or "lesions"}
    return {}


@carries_out("N-04")
def _lesions(case: Case, need: Ask) -> None:
    faulty = any(lesion.unit_fault for lesion in case.count.counted) or UNIT_FAULT in case.findings.flags
    if faulty or (case.findings.cea_overruled and case.findings.cea_set_aside):
        need("UNIT")
    if case.count.unsided and case.count.n != 1:
        need("LATERALITY")
    if case.count.n == 1 and not any(item.histology for item in case.count.counted):
        need("HISTOLOGY")


def _blood_tests(case: Case, need: Ask) -> None:
    findings = case.findings
    if usable(findings, case.knowledge) is None:
        need("CEA", old=findings.cea[-1].on if findings.cea and not findings.cea_overruled else None)
    for rule in case.knowledge.rules_of("ablation"):
        if rule.need and not all(verdict.known for verdict in judged(case, rule).verdicts):
            need(rule.need, old=_old(case, rule.need))


def _rest(case: Case, classification: Classification, untested: tuple[str, ...], need: Ask) -> None:
    if classification.thoracic_nodes.value == "unknown":
        need("NODES")
    if untested:
        need("MOLECULAR", value=", ".join(untested))
    if any(item.kind == "radiotherapy" and not item.site_known for item in case.findings.treatments):
        need("RT_HISTORY")
