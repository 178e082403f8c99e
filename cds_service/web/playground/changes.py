"""What a visitor can change about a patient: a table of small, named transformations of a request's FHIR data.

Each gives a new request; the old one stays as it is. Values stand just beyond a limit of the rule base, so that one
click shows what the limit does. They are test data: no decision rests on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from cds_service.web.playground.chart_edits import LOINC, SNOMED, Chart, Request, codes, concept, quantity, size_of

_PLACE = frozenset({"lesion-zone", "distance-to-bronchial-tree", "distance-to-vessel", "near-vessel-or-bronchus"})
_UPPER_LEFT_LOBE = concept(SNOMED, "44714003", "Structure of upper lobe of left lung")
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is made otherwise."""

    id: str
    group: str
    label: str
    edit: Callable[[Chart], None]

    def applied(self, request: Request, *, on: date, own: str) -> Request:
        """The request with the change. ``on``: the day of new facts. ``own``: the canonical base of our own codes."""
        chart = Chart.copy_of(request, on=on, own=own)
        self.edit(chart)
        return chart.request


def apply_changes(request: Request, chosen: Iterable[str], *, on: date, own: str) -> Request:
    """The request with every chosen change, in the order of the table; ids that the table does not have are ignored."""
    wanted = frozenset(chosen)
    for change in CHANGES:
        if change.id in wanted:
            request = change.applied(request, on=on, own=own)
    return request


def _more_lesions(count: int) -> Callable[[Chart], None]:
    def edit(chart: Chart) -> None:
        for number in range(1, count + 1):
            name = f"playground-lesion-{count}-{number}"
            chart.add("body-structures", _tumour(chart, name))
            place = {"code": chart.own_code("lesion-zone")}
            chart.observe(
                f"{name}-size",
                concept(LOINC, "21889-1", "Size Tumor"),
                category="imaging",
                on=chart.last_measured(),
                focus=[{"reference": f"BodyStructure/{name}"}],
                valueQuantity=quantity(12, "mm"),
                component=[place | {"valueCodeableConcept": chart.own_code("peripheral", "lesion-zone")}],
            )

    return edit


def _tumour(chart: Chart, name: str) -> Request:
    return {
        "resourceType": "BodyStructure",
        "id": name,
        "morphology": concept(SNOMED, "1240414004", "Malignant neoplasm"),
        "location": _UPPER_LEFT_LOBE,
        "locationQualifier": [concept(SNOMED, "7771000", "Left")],
        "patient": chart.subject,
    }


def _largest_is(mm: int) -> Callable[[Chart], None]:
    def edit(chart: Chart) -> None:
        sizes = chart.lesion_sizes()
        if sizes:
            max(sizes, key=lambda part: size_of(part) or 0)["valueQuantity"] = quantity(mm, "mm")

    return edit


def _sizes_without_unit(chart: Chart) -> None:
    for part in chart.lesion_sizes():
        part["valueQuantity"] = quantity(size_of(part) or 0, None)


def _place(zone: str | None, distance_mm: int | None = None) -> Callable[[Chart], None]:
    """Where every measured lesion lies; without ``zone``, nothing that says where."""

    def edit(chart: Chart) -> None:
        for observation in chart.everything():
            if not codes(observation.get("code")) & {"21889-1"}:
                continue
            listed = observation.get("component")
            parts = listed if isinstance(listed, list) else []
            kept = [part for part in parts if not (isinstance(part, dict) and codes(part.get("code")) & _PLACE)]
            if zone is not None:
                value = chart.own_code(zone, "lesion-zone")
                kept.append({"code": chart.own_code("lesion-zone"), "valueCodeableConcept": value})
            if distance_mm is not None:
                code = chart.own_code("distance-to-bronchial-tree")
                kept.append({"code": code, "valueQuantity": quantity(distance_mm, "mm")})
            observation["component"] = kept
            if not kept:
                del observation["component"]

    return edit


def _laboratory(id_: str, loinc: str, value: float, unit: str | None) -> Callable[[Chart], None]:
    return lambda chart: chart.observe(f"playground-{id_}", concept(LOINC, loinc), valueQuantity=quantity(value, unit))


def _ecog(grade: int) -> Callable[[Chart], None]:
    code = concept(LOINC, "89247-1", "ECOG Performance Status score")
    return lambda chart: chart.observe("playground-ecog", code, category="survey", valueInteger=grade)


def _msi_high(chart: Chart) -> None:
    code = concept(LOINC, "81695-9", "Microsatellite instability in Cancer specimen")
    chart.observe("playground-msi", code, valueCodeableConcept=concept(LOINC, "LA26203-2", "MSI-H"))


def _nodes_proven(chart: Chart) -> None:
    value = chart.own_code("proven", "node-status")
    chart.observe(
        "playground-nodes", chart.own_code("thoracic-node-status"), category="imaging", valueCodeableConcept=value
    )


def _liver_metastasis(chart: Chart) -> None:
    chart.diagnose("playground-liver", concept(SNOMED, "94381002", "Metastatic malignant neoplasm to liver"))


def _hospice(chart: Chart) -> None:
    _procedure(chart, "playground-hospice", concept(SNOMED, "385763009", "Hospice care"), status="in-progress")


def _mdt_held(chart: Chart) -> None:
    _procedure(chart, "playground-mdt", concept(SNOMED, "720006006", "Cancer care review"), status="completed")


def _procedure(chart: Chart, id_: str, code: Request, *, status: str) -> None:
    done = {"resourceType": "Procedure", "id": id_, "status": status, "code": code, "subject": chart.subject}
    chart.add("procedures", done | {"performedDateTime": chart.on.isoformat()})


def _anticoagulant(chart: Chart) -> None:
    chart.add(
        "medications",
        {
            "resourceType": "MedicationRequest",
            "id": "playground-apixaban",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": concept(_RXNORM, "1364430", "apixaban"),
            "subject": chart.subject,
            "authoredOn": chart.on.isoformat(),
        },
    )


CHANGES: tuple[Change, ...] = (
    Change("one-lesion-more", "Lesions", "One more, 12 mm, left upper lobe", _more_lesions(1)),
    Change("five-lesions-more", "Lesions", "Five more, 12 mm, left upper lobe", _more_lesions(5)),
    Change("largest-31-mm", "Lesions", "The largest measures 31 mm", _largest_is(31)),
    Change("largest-51-mm", "Lesions", "The largest measures 51 mm", _largest_is(51)),
    Change("ultracentral", "Lesions", "All touch the bronchial tree", _place("ultracentral", 0)),
    Change("zone-not-recorded", "Lesions", "Zone not recorded", _place(None)),
    Change("size-without-unit", "Lesions", "Sizes without a unit", _sizes_without_unit),
    Change("cea-5-1", "Laboratory", "CEA 5.1 ng/mL", _laboratory("cea", "2039-6", 5.1, "ng/mL")),
    Change("platelets-49", "Laboratory", "Platelets 49 ×10⁹/L", _laboratory("platelets", "777-3", 49, "10*9/L")),
    Change("inr-1-9", "Laboratory", "INR 1.9", _laboratory("inr", "6301-6", 1.9, "{INR}")),
    Change("ecog-3", "Patient", "ECOG 3", _ecog(3)),
    Change("fev1-35", "Patient", "FEV1 35 % of predicted", _laboratory("fev1", "20152-5", 35, "%")),
    Change("anticoagulant", "Patient", "Takes apixaban", _anticoagulant),
    Change("hospice", "Patient", "In hospice care", _hospice),
    Change("liver-metastasis", "Disease", "A liver metastasis too", _liver_metastasis),
    Change("nodes-proven", "Disease", "Proven mediastinal nodes", _nodes_proven),
    Change("msi-high", "Disease", "MSI-high tumour", _msi_high),
    Change("mdt-held", "Disease", "The MDT was held today", _mdt_held),
)
