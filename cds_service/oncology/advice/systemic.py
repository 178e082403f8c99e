"""Systemic therapy: information only, never a drug order (T-01 to T-06, molecular profile)."""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.oncology.disease.axes import Classification
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.spread import Elsewhere
from cds_service.oncology.patient.model import Findings
from cds_service.oncology.rulebook import rule
from cds_service.oncology.therapy.verdict import Result, Therapy, worst
from cds_service.truth import Truth
from cds_service.values import ValueObject


class SystemicNote(ValueObject, frozen=True):
    """Information about systemic therapy (T rules); never a drug order."""

    rule: str
    text: str
    evidence: tuple[str, ...]


class Molecular(ValueObject, frozen=True):
    """Molecular results on record."""

    ras: str = "unknown"
    braf: str = "unknown"
    msi: str = "unknown"
    her2: str = "unknown"
    ras_detail: str | None = None
    dpyd: str = "unknown"  # complete | partial | normal | unreadable | unknown
    facts: tuple[str, ...] = ()


_MARKERS = {"extended RAS": "ras", "BRAF V600E": "braf", "MSI/MMR": "msi", "HER2": "her2"}
_OPTIONS = (Result.ELIGIBLE, Result.CONDITIONAL)
_LOCAL = ("surgery", "sbrt", "ablation")


def molecular(findings: Findings) -> Molecular:
    """The molecular results on record; what was not tested, or not coded, is unknown."""
    results = {item.marker: item for item in findings.molecular}
    words = {
        marker: results[marker].value if marker in results else "unknown" for marker in ("ras", "braf", "msi", "her2")
    }
    detail = results["ras"].detail if "ras" in results else None
    facts = tuple(sorted(item.fact for item in findings.molecular))
    return Molecular(**words, ras_detail=detail, dpyd=findings.dpyd, facts=facts)


def untested(profile: Molecular) -> tuple[str, ...]:
    """The markers without a result, as a card names them."""
    return tuple(name for name, marker in _MARKERS.items() if getattr(profile, marker) == "unknown")


@rule("T-01", "T-03", "T-04", "T-06")
def systemic(
    case: Case, classification: Classification, therapies: Mapping[str, Therapy], profile: Molecular
) -> tuple[SystemicNote, ...]:
    """T-01 to T-06: the notes that apply; microsatellite instability first, as it comes before any other therapy."""
    notes = [_note(case, "MOL", f"molecular.{key}", detail=profile.ras_detail or "") for key in _lines(case, profile)]
    if not therapies:
        return tuple(notes)
    local = [therapies[modality].result for modality in _LOCAL]
    due = []
    if therapies["surgery"].result in _OPTIONS:
        due += ["T-01", "T-06"]
    word = classification.resectability.value
    if word in {"screen_potentially_resectable", "stated_potentially_resectable"}:
        due.append("T-03")
    if word in {"screen_unresectable", "stated_unresectable"} or not any(result in _OPTIONS for result in local):
        due.append("T-04")
    notes += [_note(case, rule, f"systemic.{rule}") for rule in due]
    if key := _liver_and_lung(case, classification, therapies):
        notes += [_note(case, "T-02", "systemic.T-02")] if key == "T-05-both" else []
        notes.append(_note(case, "T-05", f"systemic.{key}"))
    return tuple(notes)


@rule("MOL")
def _lines(case: Case, profile: Molecular) -> list[str]:
    """The molecular lines that apply; without any result, what to test."""
    if len(untested(profile)) == len(_MARKERS):
        return ["not_tested"]
    lines = []
    if profile.msi == "high":
        lines.append("msi_high")
    if profile.ras == "mutant":
        lines.append("ras_mutant_detail" if profile.ras_detail else "ras_mutant")
        if profile.ras_detail and profile.ras_detail.endswith("G12C"):
            lines.append("kras_g12c")
    if profile.braf == "v600e":
        lines.append("braf_v600e")
    if profile.her2 == "positive":
        lines.append("her2_positive")
    if (
        profile.ras == "wild_type"
        and not profile.ras_detail
        and profile.braf == "wild_type"
        and profile.msi == "stable"
    ):
        rectal = case.findings.primary.rectal.surely
        lines.append("wild_type_left" if rectal else "wild_type")
    return [*lines, "unverified"]


@rule("T-02", "T-05")
def _liver_and_lung(case: Case, classification: Classification, therapies: Mapping[str, Therapy]) -> str | None:
    """T-05: lung and liver only. Curable means treatable with radical intent; what nobody stated stays open."""
    active = [item for item in case.findings.extrapulmonary if item.active.surely]
    if not active or {item.site for item in active} != {"liver"}:
        return None
    lung = _lung_is_curable(case, classification, therapies)
    if case.elsewhere not in {Elsewhere.TREATABLE, Elsewhere.UNTREATABLE} or lung.unknown:
        return "T-05-unknown"
    return {
        (Truth.TRUE, Elsewhere.TREATABLE): "T-05-both",
        (Truth.TRUE, Elsewhere.UNTREATABLE): "T-05-lung",
        (Truth.FALSE, Elsewhere.TREATABLE): "T-05-liver",
    }.get((lung, case.elsewhere), "T-05-neither")


def _lung_is_curable(case: Case, classification: Classification, therapies: Mapping[str, Therapy]) -> Truth:
    """True if a local therapy of the lung is possible, disease outside the lung set apart.

    Unknown while none can be assessed.
    """
    if case.count.diffuse or classification.resectability.value == "stated_unresectable":
        return Truth.FALSE
    results = {
        worst(reason.result for reason in therapies[modality].reasons if reason.code != "EXTRAPULMONARY")
        for modality in _LOCAL
    }
    if results == {Result.NOT_ELIGIBLE}:
        return Truth.FALSE
    return Truth.UNKNOWN if results <= {Result.NOT_ELIGIBLE, Result.UNKNOWN} else Truth.TRUE


def _note(case: Case, rule: str, key: str, **values: str) -> SystemicNote:
    return SystemicNote(rule, case.knowledge.text(key, **values), case.knowledge.rule(rule).evidence)
