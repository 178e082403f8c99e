"""What was done or asked for before: local treatments of the lung, MDT referrals and discussions, refusals, drugs."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.references import local_reference
from cds_service.fhir.status import status_of
from cds_service.oncology.patient.chart import Chart, Resource, objects, references
from cds_service.oncology.patient.lesion_marks import bodies_of, body_site
from cds_service.oncology.patient.model import Facts, LocalTreatment, MdtRecord, SystemicOrder
from cds_service.oncology.patient.primary import performed, reason_sets
from cds_service.oncology.patient.sites import Site, laterality, site_at

_OPEN_REQUEST = frozenset({"draft", "active", "on-hold"})
_ACTIVE_DRUG = frozenset({"active", "on-hold"})
_MODALITY_IN_LUNG = {"ablation-any": "ablation", "radiotherapy-any": "sbrt"}  # codes that name no organ
_MODALITY_OF = {
    "lung-resection": "surgery",
    "order-lung-resection": "surgery",
    "order-thoracic-radiotherapy": "sbrt",
    "stereotactic-radiotherapy": "sbrt",
    "lung-ablation": "ablation",
    "order-lung-ablation": "ablation",
}


def site_of_procedure(chart: Chart, procedure: Resource) -> Site:
    """Where a Procedure was done: its bodySite with laterality, and the BodyStructures it points to."""
    places = [place for place in objects(procedure.get("bodySite") or []) if place]
    site = site_at(chart.terminology, places, [item for place in places for item in laterality(place)])
    targets = [body_site(chart, body) for body in bodies_of(chart, procedure)]
    known = next((target for target in targets if target.lung), None)
    if known is not None:
        return known
    lung = True if "thorax-site" in chart.sets(places) else site.lung
    return Site(lung, site.side, site.lobe)


def local_treatments(chart: Chart) -> tuple[LocalTreatment, ...]:
    """Completed resections, ablations and radiotherapy of the lung, and radiotherapy whose site is not recorded."""
    found = []
    for procedure, sets in chart.coded("Procedure"):
        if status_of(procedure) not in {"completed", "in-progress", "stopped"}:
            continue
        site = site_of_procedure(chart, procedure)
        kind = _kind(chart, procedure, sets, site)
        if kind is None or site.lung is False:
            continue
        stereotactic = "stereotactic-radiotherapy" in sets
        found.append(
            LocalTreatment(
                kind=kind,
                on=performed(chart, procedure),
                side=site.side,
                lobe=site.lobe,
                site_known=site.side is not None,
                lung=bool(site.lung) or kind != "radiotherapy" or stereotactic or "order-thoracic-radiotherapy" in sets,
                fact=local_reference(procedure),
            )
        )
    return tuple(sorted(found, key=lambda item: item.fact))


def _kind(chart: Chart, procedure: Resource, sets: frozenset[str], site: Site) -> str | None:
    reasons = reason_sets(chart, procedure)
    if "lung-resection" in sets or (sets & {"cancer-surgery-any"} and site.lung and "lung-metastasis" in reasons):
        other_disease = bool(reasons & {"other-malignancy"}) and "lung-metastasis" not in reasons
        return None if other_disease or status_of(procedure) != "completed" else "resection"
    if "lung-ablation" in sets or ("ablation-any" in sets and site.lung):
        return "ablation"
    if sets & {"radiotherapy-any", "stereotactic-radiotherapy"}:
        return "radiotherapy"
    return None


def pneumonectomy(chart: Chart) -> Facts:
    """Completed pneumonectomies (S-08, A-07)."""
    done = [
        item for item, sets in chart.coded("Procedure") if "pneumonectomy" in sets and status_of(item) == "completed"
    ]
    return references(*done)


def mdt_records(chart: Chart) -> tuple[tuple[MdtRecord, ...], tuple[MdtRecord, ...]]:
    """Open MDT referrals, and MDT discussions that were held (M-04); a completed referral was held on its date."""
    requests, meetings = [], []
    for request, sets in chart.coded("ServiceRequest"):
        if "mdt-review" not in sets:
            continue
        on = chart.date_of(request, "authoredOn")
        record = MdtRecord(on, local_reference(request))
        if status_of(request) in _OPEN_REQUEST:
            requests.append(record)
        elif status_of(request) == "completed":
            held = chart.date_of(request, "occurrenceDateTime", "occurrencePeriod") or on
            meetings.append(MdtRecord(held, record.fact))
    for procedure, sets in chart.coded("Procedure"):
        if "mdt-review" in sets and status_of(procedure) == "completed":
            meetings.append(MdtRecord(performed(chart, procedure), local_reference(procedure)))
    for resource, on in _other_meetings(chart):
        meetings.append(MdtRecord(on, local_reference(resource)))
    return tuple(sorted(requests, key=lambda item: item.fact)), tuple(sorted(meetings, key=lambda item: item.fact))


def _other_meetings(chart: Chart) -> list[tuple[Resource, PartialDate | None]]:
    """MDT discussions recorded as Encounter, CarePlan or DocumentReference."""
    found = []
    for encounter, _, _ in chart.pool.unsorted("Encounter"):
        kinds = chart.sets(encounter.get("type")) | chart.sets(encounter.get("serviceType"))
        if "mdt-review" in kinds and status_of(encounter) == "finished":
            found.append((encounter, chart.date_of(encounter, "period")))
    for plan in chart.pool.of("CarePlan"):
        if "mdt-review" in chart.sets(list(objects(plan.get("category") or []))) and status_of(plan) != "draft":
            found.append((plan, chart.date_of(plan, "created", "period")))
    for document in chart.pool.of("DocumentReference"):
        if "mdt-review" in chart.sets(document.get("type")) and status_of(document) == "current":
            found.append((document, chart.date_of(document, "date")))
    return found


def declined(chart: Chart) -> dict[str, Facts]:
    """Modalities that the patient has declined (G-10): refused procedures and orders, by surgery, sbrt or ablation."""
    found: dict[str, list[Resource]] = defaultdict(list)
    for kind in ("Procedure", "ServiceRequest"):
        undone = [(item, chart.sets(item.get("code"))) for item in chart.pool.negated(kind)]
        stopped = [pair for pair in chart.coded(kind) if status_of(pair[0]) in {"not-done", "stopped", "revoked"}]
        for item, sets in (*stopped, *undone):
            refusals = [item.get("statusReason"), *objects(item.get("reasonCode") or [])]
            if "treatment-refusal" in chart.sets(refusals):
                names = _MODALITY_OF | (_MODALITY_IN_LUNG if site_of_procedure(chart, item).lung else {})
                for modality in {names[name] for name in sets if name in names}:
                    found[modality].append(item)
    return {modality: references(*items) for modality, items in sorted(found.items())}


def active_drugs(chart: Chart) -> tuple[dict[str, Facts], tuple[str, ...]]:
    """Anticoagulants and antiplatelets in use (A-06): references by class, and the short names of our value sets."""
    found: dict[str, list[Resource]] = defaultdict(list)
    names = set()
    for request, sets in drug_requests(chart):
        if status_of(request) in _ACTIVE_DRUG and request.get("intent") not in ("proposal", "plan"):
            for group in sets & {"anticoagulant", "antiplatelet"}:
                found[group].append(request)
                names.add(group)
    return {group: references(*items) for group, items in sorted(found.items())}, tuple(sorted(names))


def drug_requests(chart: Chart) -> list[tuple[Resource, frozenset[str]]]:
    """MedicationRequests with the value sets of their drug, whether coded in place or in a Medication."""
    found = list(chart.coded("MedicationRequest"))
    for request in chart.having("MedicationRequest", "medicationReference"):
        if reference := request["medicationReference"]:
            drug = chart.pool.get(reference, container=request)
            if drug is not None and (sets := chart.sets(drug.get("code"))):
                found.append((request, sets))
    return found


_OPERATIONS = frozenset(
    {"lung-resection", "primary-resection", "cancer-surgery-any", "lobectomy-or-larger", "pneumonectomy"}
)


def operations(chart: Chart) -> tuple[PartialDate, ...]:
    """When the patient was operated on for the cancer: a CEA taken shortly after is not used (E-08)."""
    done = [
        performed(chart, item)
        for item, sets in chart.coded("Procedure")
        if sets & _OPERATIONS and status_of(item) == "completed"
    ]
    return tuple(on for on in done if on)


def oxaliplatin_start(chart: Chart) -> tuple[PartialDate, ...]:
    """When oxaliplatin was started (E-08)."""
    dates = [chart.date_of(item, "authoredOn") for item, sets in drug_requests(chart) if "oxaliplatin" in sets]
    return tuple(day for day in dates if day)


def earlier_systemic(chart: Chart) -> Facts:
    """Antineoplastic drugs that were prescribed before; drafts do not count."""
    return references(*_antineoplastic(chart))


def systemic_orders(chart: Chart) -> tuple[SystemicOrder, ...]:
    """The orders of antineoplastic drugs, and whether each is the first of its drug, told by its codings."""
    dated = [(chart.date_of(item, "authoredOn"), local_reference(item), item) for item in _antineoplastic(chart)]
    seen: set[tuple[object, object]] = set()
    found = []
    for on, fact, item in sorted(dated, key=lambda order: (order[0].earliest if order[0] else date.min, order[1])):
        codings = _drug_codings(chart, item)
        found.append(SystemicOrder(on, not codings & seen, fact))
        seen |= codings
    return tuple(found)


def _antineoplastic(chart: Chart) -> list[Resource]:
    states = {"active", "completed", "stopped", "on-hold"}
    return [item for item, sets in drug_requests(chart) if "antineoplastic" in sets and status_of(item) in states]


def _drug_codings(chart: Chart, request: Resource) -> set[tuple[object, object]]:
    """System and code of the drug, in place and in the Medication that is referred to."""
    reference = request.get("medicationReference")
    drug = (chart.pool.get(reference, container=request) if reference else None) or {}
    concepts = [*objects(request.get("medicationCodeableConcept") or []), *objects(drug.get("code") or [])]
    codings = [coding for concept in concepts for coding in objects(concept.get("coding") or [])]
    return {(coding.get("system"), coding.get("code")) for coding in codings}
