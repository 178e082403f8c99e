"""Systemic therapy: information only, never a drug order (T-01 to T-06, molecular profile)."""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.oncology.assessment import Classification, Molecular, Result, SystemicNote, Therapy
from cds_service.oncology.case import Case
from cds_service.oncology.disease import Elsewhere
from cds_service.oncology.findings.model import Findings
from cds_service.truth import Truth

_OPTIONS = (Result.ELIGIBLE, Result.CONDITIONAL)


def molecular(findings: Findings) -> Molecular:
    """The molecular results on record; what was not tested, or not coded, is unknown."""
    results = {item.marker: item for item in findings.molecular}
    words = {
        marker: results[marker].value if marker in results else "unknown" for marker in ("ras", "braf", "msi", "her2")
    }
    detail = results["ras"].detail if "ras" in results else None
    facts = tuple(sorted(item.fact for item in findings.molecular))
    return Molecular(**words, ras_detail=detail, facts=facts)


def untested(profile: Molecular) -> tuple[str, ...]:
    """The markers without a result, as a card names them."""
    named = (("RAS", profile.ras), ("BRAF", profile.braf), ("MSI/MMR", profile.msi), ("HER2", profile.her2))
    return tuple(name for name, value in named if value == "unknown")


def systemic(
    case: Case, classification: Classification, therapies: Mapping[str, Therapy], profile: Molecular
) -> tuple[SystemicNote, ...]:
    """The lines that apply, microsatellite instability first because it comes before surgery and chemotherapy."""
    notes = [_note(case, "MOL", key) for key in _molecular_lines(profile)]
    if not therapies:
        return tuple(notes)
    local = [therapies[modality].result for modality in ("surgery", "sbrt", "ablation")]
    if any(result in _OPTIONS for result in local):
        notes += [_note(case, "T-02", "T-02")]
        if therapies["surgery"].result in _OPTIONS:
            notes += [_note(case, "T-01", "T-01"), _note(case, "T-06", "T-06")]
    word = classification.resectability.value
    if word in {"screen_potentially_resectable", "stated_potentially_resectable"}:
        notes.append(_note(case, "T-03", "T-03"))
    if word in {"screen_unresectable", "stated_unresectable"} or not any(result in _OPTIONS for result in local):
        notes.append(_note(case, "T-04", "T-04"))
    if key := _liver_and_lung(case, classification):
        notes.append(_note(case, "T-05", key))
    return tuple(notes)


def _molecular_lines(profile: Molecular) -> list[str]:
    lines = []
    if profile.msi == "high":
        lines.append("MSI_HIGH")
    if profile.ras == "mutant":
        lines.append("RAS_MUTANT")
    if profile.braf == "v600e":
        lines.append("BRAF_V600E")
    if profile.her2 == "positive":
        lines.append("HER2_POSITIVE")
    if profile.ras == "wild_type" and profile.braf == "wild_type" and profile.msi == "stable":
        lines.append("RAS_BRAF_WILD_TYPE")
    return lines


def _liver_and_lung(case: Case, classification: Classification) -> str | None:
    """T-05: lung and liver only. Curable means treatable with radical intent; not stated stays open."""
    active = [item for item in case.findings.extrapulmonary if item.active is Truth.TRUE]
    if not active or {item.site for item in active} != {"liver"}:
        return None
    lung_open = classification.resectability.value in {"screen_unresectable", "stated_unresectable"}
    if case.elsewhere is Elsewhere.TREATABILITY_UNKNOWN or case.elsewhere is Elsewhere.UNKNOWN:
        return None
    liver_curable = case.elsewhere is Elsewhere.TREATABLE
    lung_curable = not lung_open or (not liver_curable and not case.count.diffuse)
    return f"T-05.{'lung' if lung_curable else 'no-lung'}-{'liver' if liver_curable else 'no-liver'}"


def _note(case: Case, rule: str, key: str) -> SystemicNote:
    return SystemicNote(rule, case.book.knowledge.text(f"systemic.{key}"), case.book.knowledge.rule(rule).evidence)
