"""What is missing or stale, and what would settle it (the missing-data matrix). Each need once, gravest first."""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.oncology.assessment import Classification, Need, Therapy
from cds_service.oncology.case import Case
from cds_service.oncology.cea import state
from cds_service.oncology.findings.model import Value
from cds_service.oncology.lesion_rules import name
from cds_service.oncology.rulebook import day
from cds_service.oncology.zones import therapy_zone
from cds_service.truth import Truth

_NEED_OF_REASON = {
    "NEEDS_CPET": "CPET",
    "PPO_NEEDED": "CPET",
    "PFT_MISSING": "PFT",
    "ECOG_MISSING": "ECOG",
    "ECOG_STALE": "ECOG",
    "PRIMARY_STATUS": "PRIMARY_STATUS",
    "PRIMARY_STATUS_UNKNOWN": "PRIMARY_STATUS",
    "EXTRAPULMONARY_UNKNOWN": "CT_ABDOMEN_PELVIS",
    "EXTRAPULMONARY_TREATABILITY_UNKNOWN": "TREATABILITY",
    "LATERALITY": "LATERALITY",
    "COUNT": "COUNT",
    "SIZE": "LESION_SIZE",
    "ZONE_UNKNOWN": "ZONE",
}


def needs(
    case: Case, classification: Classification, therapies: Mapping[str, Therapy], *, untested: tuple[str, ...]
) -> tuple[Need, ...]:
    """Everything that would settle an open question of this case, as short requests."""
    found: dict[str, str] = {}

    def need(code: str, **values: str) -> None:
        found.setdefault(code, case.book.knowledge.need(code, **values))

    _dates_and_imaging(case, need)
    for therapy in therapies.values():
        for reason in therapy.reasons:
            if code := _NEED_OF_REASON.get(reason.code):
                need(code, **_lesion_values(case, code))
    _lesions(case, need)
    _blood_tests(case, need)
    _rest(case, classification, untested, need)
    return tuple(Need(code, text) for code, text in found.items())


def _days(case: Case, on) -> str:  # type: ignore[no-untyped-def]
    return str((case.findings.on - on.earliest).days) if on else ""


def _dates_and_imaging(case: Case, need) -> None:  # type: ignore[no-untyped-def]
    findings, book = case.findings, case.book
    if findings.primary.diagnosed is None:
        need("PRIMARY_DATE")
    if findings.lung.detected is None or not findings.lung.detected.exact:
        need("LUNG_DATE")
    ct = findings.chest_ct
    if ct is None or book.holds("ct.planningDays", (findings.on - ct.earliest).days) is not Truth.TRUE:
        need("CT_CHEST", date=day(ct), days=_days(case, ct))
    if case.count.n is None:
        need("COUNT")


def _lesion_values(case: Case, code: str) -> dict[str, str]:
    if code == "LESION_SIZE":
        unsized = [name(lesion) for lesion in case.count.counted if lesion.diameter_mm is None]
        return {"lesions": ", ".join(unsized) or "lesions"}
    if code == "ZONE":
        unzoned = [name(lesion) for lesion in case.count.counted if therapy_zone(lesion, case.book) is None]
        return {"lesions": ", ".join(unzoned) or "lesions"}
    return {}


def _lesions(case: Case, need) -> None:  # type: ignore[no-untyped-def]
    if any(lesion.unit_fault for lesion in case.count.counted) or case.findings.cea_unreadable:
        need("UNIT")
    if case.count.unsided and case.count.n != 1:
        need("LATERALITY")
    if case.count.n == 1 and not any(item.histology for item in case.count.counted):
        need("HISTOLOGY")


def _blood_tests(case: Case, need) -> None:  # type: ignore[no-untyped-def]
    findings = case.findings
    newest = findings.cea[-1] if findings.cea else None
    if newest is None or state(newest, findings, case.book) == "stale" or findings.cea_unreadable:
        need("CEA", date=day(newest.on if newest else None), days=_days(case, newest.on if newest else None))
    tests: tuple[tuple[str, Value | None], ...] = (("PLATELETS", findings.platelets), ("INR", findings.inr))
    for code, value in tests:
        if value is None or not value.current:
            on = value.on if value else None
            need(code, value=str(value.measurement) if value else "", date=day(on), days=_days(case, on))


def _rest(case: Case, classification: Classification, untested: tuple[str, ...], need) -> None:  # type: ignore[no-untyped-def]
    if classification.thoracic_nodes.value == "unknown":
        need("NODES")
    if untested:
        need("MOLECULAR", value=", ".join(untested))
    if any(item.kind == "radiotherapy" and not item.site_known for item in case.findings.treatments):
        need("RT_HISTORY")
