"""Order entry (O-01 to O-11): which orders of a call concern lung metastases, and which rules fire for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.fhir.pool import ResourcePool
from cds_service.fhir.references import local_reference
from cds_service.oncology.advice.mdt import Mdt
from cds_service.oncology.advice.systemic import Molecular
from cds_service.oncology.disease.case import Case
from cds_service.oncology.disease.zones import therapy_zone
from cds_service.oncology.patient.chart import objects
from cds_service.oncology.patient.sites import disease_sets, site_at
from cds_service.oncology.rulebook import rule
from cds_service.oncology.therapy.lesion import lesions_to_judge
from cds_service.oncology.therapy.verdict import Result, Therapy
from cds_service.terminology import Terminology
from cds_service.terminology.phrases import order_class_of
from cds_service.values import ValueObject


class OrderReport(ValueObject, frozen=True):
    """An order that the call is about: the order classes that it belongs to, and the order-entry rules that fired."""

    reference: str
    classes: tuple[str, ...]
    rules: tuple[str, ...]
    text: str = ""
    recognised_by_name: bool = False  # the order carries no code; its name is on the closed list of order names


Order = Mapping[str, Any]

MODALITY_OF_CLASS = {"lung-resection": "surgery", "thoracic-radiotherapy": "sbrt", "lung-ablation": "ablation"}
_WARN = (Result.NOT_ELIGIBLE, Result.BLOCKED, Result.CONDITIONAL)
_CLASS_OF_SET = {
    "order-lung-resection": "lung-resection",
    "order-lung-ablation": "lung-ablation",
    "order-thoracic-radiotherapy": "thoracic-radiotherapy",
    "antineoplastic": "antineoplastic",
    "anti-egfr": "anti-egfr",
    "fluoropyrimidine": "fluoropyrimidine",
    "immune-checkpoint-inhibitor": "immune-checkpoint-inhibitor",
    "consultation-thoracic-surgery": "consultation-thoracic-surgery",
    "consultation-radiation-oncology": "consultation-radiation-oncology",
    "consultation-interventional-radiology": "consultation-interventional-radiology",
    "consultation-oncology": "consultation-oncology",
    "mdt-review": "mdt",
    "order-chest-imaging": "chest-imaging",
    "order-abdomen-pelvis-imaging": "abdomen-pelvis-imaging",
    "order-lung-biopsy": "lung-biopsy",
    "lobectomy-or-larger": "lobectomy-or-larger",
}
_DRUGS = frozenset({"antineoplastic", "anti-egfr", "fluoropyrimidine", "immune-checkpoint-inhibitor"})
_WORK_UP = frozenset(
    {
        "consultation-thoracic-surgery",
        "consultation-radiation-oncology",
        "consultation-interventional-radiology",
        "consultation-oncology",
        "chest-imaging",
        "abdomen-pelvis-imaging",
    }
)
_NEEDS_LUNG_SITE = {"ablation-any": "lung-ablation", "radiotherapy-any": "thoracic-radiotherapy"}


def classify_order(order: Order, pool: ResourcePool, terminology: Terminology) -> tuple[str, ...]:
    """The order classes of clinical rule group O; empty for an order that does not concern lung metastases.

    Codes that do not name an organ (ablation, radiotherapy) count only with a site or a reason in the lung. An order
    without any code counts when its whole name is on the closed list of order names.
    """
    sets = terminology.memberships(order.get("code")) | terminology.memberships(order.get("medicationCodeableConcept"))
    if reference := order.get("medicationReference"):
        drug = pool.get(reference, container=order)
        sets |= terminology.memberships(drug.get("code")) if drug else frozenset()
    for performer in objects(order.get("performerType") or []):
        sets |= terminology.memberships(performer)
    classes = {_CLASS_OF_SET[name] for name in sets if name in _CLASS_OF_SET}
    if _about_lung(order, pool, terminology):
        classes |= {_NEEDS_LUNG_SITE[name] for name in sets if name in _NEEDS_LUNG_SITE}
    elif site_at(terminology, objects(order.get("bodySite") or [])).lung is False:
        classes.discard("thoracic-radiotherapy")  # stereotactic radiotherapy of another organ
    if not classes and named_only(order) and (named := order_class_of(order_text(order))):
        classes.add(named)
    return tuple(sorted(classes))


def named_only(order: Order) -> bool:
    """True if the order carries a name but no code; then only the closed list of order names can classify it."""
    if order.get("medicationReference"):
        return False
    concepts = [order.get("code"), order.get("medicationCodeableConcept")]
    return not any(list(objects(item.get("coding") or [])) for item in concepts if isinstance(item, dict))


def _about_lung(order: Order, pool: ResourcePool, terminology: Terminology) -> bool:
    places: frozenset[str] = frozenset()
    for item in (*objects(order.get("bodySite") or []), *objects(order.get("reasonCode") or [])):
        places |= terminology.memberships(item)
    for reference in objects(order.get("reasonReference") or []):
        target = pool.get(reference, container=order)
        if target is not None:
            places |= disease_sets(terminology, target) | terminology.memberships(target.get("location"))
    return bool(places & {"lung-any", "thorax-site", "lung-metastasis"})


def order_text(order: Order) -> str:
    """What the order is called, as it was sent: the text or display of its code. The reader must escape it."""
    for element in ("code", "medicationCodeableConcept"):
        concept = order.get(element)
        if not isinstance(concept, dict):
            continue
        shown = [concept.get("text"), *(coding.get("display") for coding in objects(concept.get("coding") or []))]
        for text in shown:
            if isinstance(text, str) and text.strip():
                return text.strip()
    return ""


def report_orders(
    orders: tuple[Order, ...],
    case: Case,
    therapies: Mapping[str, Therapy],
    mdt: Mdt,
    molecular: Molecular,
    pool: ResourcePool,
    terminology: Terminology,
) -> tuple[OrderReport, ...]:
    """Each order that belongs to an order class, with the order-entry rules that fire, in the order of ``orders``."""
    reports = []
    for order in orders:
        classes = classify_order(order, pool, terminology)
        if classes:
            rules = _rules(set(classes), case, therapies, mdt, molecular) if therapies else ()
            by_name = named_only(order)
            reports.append(OrderReport(local_reference(order), classes, rules, order_text(order), by_name))
    return tuple(reports)


@rule("O-01", "O-02", "O-03", "O-04", "O-05", "O-06", "O-07", "O-08", "O-10", "O-11")
def _rules(
    classes: set[str], case: Case, therapies: Mapping[str, Therapy], mdt: Mdt, molecular: Molecular
) -> tuple[str, ...]:
    modalities = [MODALITY_OF_CLASS[name] for name in sorted(classes) if name in MODALITY_OF_CLASS]
    drug = bool(classes & _DRUGS)
    invasive = bool(classes & {"lung-ablation", "lung-biopsy", "lung-resection"})
    checks = {
        "O-01": any(therapies[modality].result in _WARN for modality in modalities),
        "O-02": bool(modalities or drug) and mdt.suggest,
        "O-03": "anti-egfr" in classes and (not _ras_wild_type(molecular) or molecular.braf == "v600e"),
        "O-04": invasive and _coagulation_open(case),
        "O-05": "lobectomy-or-larger" in classes and _small_and_peripheral(case),
        "O-06": "thoracic-radiotherapy" in classes and _irradiated_before(case),
        "O-07": "lung-resection" in classes
        and any(item.code == "PFT_MISSING" for item in therapies["surgery"].reasons),
        "O-08": bool(classes & _WORK_UP) and not modalities and not drug and mdt.suggest,
        "O-10": _first_systemic(classes, case) and molecular.msi == "unknown",
        "O-11": "fluoropyrimidine" in classes and _dpyd_open(case),
    }
    return tuple(id_ for id_, fires in checks.items() if fires)


def _ras_wild_type(molecular: Molecular) -> bool:
    """Both KRAS and NRAS tested, without a mutation; KRAS alone is not enough before an anti-EGFR antibody."""
    return molecular.ras == "wild_type" and not molecular.ras_detail


def _dpyd_open(case: Case) -> bool:
    """No DPYD result is on record, and the site has not switched the reminder off."""
    wanted = case.knowledge.parameter("order.dpydReminder").value == "on"
    return wanted and not any(item.marker == "dpyd" for item in case.findings.molecular)


def _coagulation_open(case: Case) -> bool:
    return any(value is None or not value.current for value in (case.findings.platelets, case.findings.inr))


def _small_and_peripheral(case: Case) -> bool:
    """O-05: every lesion lies in the periphery and is surely small enough for a lung-sparing resection."""
    lesions = lesions_to_judge(case)
    return bool(lesions) and all(
        therapy_zone(case.zones_of(lesion)) == "peripheral"
        and case.meets("order.lungSparingMaxMm", lesion.diameter_mm).surely
        for lesion in lesions
    )


def _irradiated_before(case: Case) -> bool:
    return any(item.kind == "radiotherapy" and item.lung for item in case.findings.treatments)


def _first_systemic(classes: set[str], case: Case) -> bool:
    """A checkpoint inhibitor, or the first antineoplastic drug on record."""
    if "immune-checkpoint-inhibitor" in classes:
        return True
    return "antineoplastic" in classes and not case.findings.earlier_systemic
