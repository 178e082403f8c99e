"""Lesions as they really come: serial measurements, panels, removed tumours, stated counts, other references."""

from __future__ import annotations

from tests.spec.changing import add, classification, replace, resources
from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.resources import (
    LOINC,
    OWN,
    SNOMED,
    bundle,
    concept,
    condition,
    observation,
    own,
    quantity,
)
from tests.spec.tables import STYLES
from tests.spec.vignettes import LESION, letters


def test_serial_measurements_of_one_lesion_count_once() -> None:
    """C-04."""
    for style in STYLES:
        lesion = LESION | {"earlier": [("2024-12-01", 9), ("2025-02-15", 12)]}
        explanation = explain(patient(style=style, lesions=[lesion]))
        assert explanation["classification"]["number"]["n"] == 1
        assert [one["largestDiameterMm"] for one in explanation["lesions"]] == [15]


def test_earlier_measurements_without_identity_do_not_count() -> None:
    """Each Observation of the latest imaging date is a lesion of its own, earlier ones are not."""
    request = patient(style="plain")
    earlier = observation(
        "earlier",
        concept(LOINC, "21889-1"),
        "2025-02-15",
        bodySite=concept(SNOMED, "266005"),
        valueQuantity=quantity(11, "mm"),
    )
    explanation = explain(add(request, "imaging-findings", earlier))
    assert explanation["classification"]["number"]["n"] == 1
    assert "LESION_IDENTITY_ASSUMED" in explanation["flags"]


def test_stated_count_above_the_list() -> None:
    """C-04: the larger counts."""
    explanation = explain(patient(count=3))
    assert explanation["classification"]["number"]["n"] == 3
    assert "COUNT_CONFLICT" in explanation["flags"]
    assert letters(explanation) == "EUU"


def test_stated_count_below_the_list() -> None:
    explanation = explain(patient(lesions=[LESION, LESION], count=1))
    assert explanation["classification"]["number"]["n"] == 2
    assert "COUNT_CONFLICT" in explanation["flags"]


def test_size_of_a_removed_specimen_is_no_lesion() -> None:
    removed = observation(
        "specimen-size",
        concept(LOINC, "21889-1"),
        "2025-05-12",
        specimen={"reference": "Specimen/wedge"},
        bodySite=concept(SNOMED, "44714003"),
        valueQuantity=quantity(22, "mm"),
    )
    assert classification(add(patient(), "imaging-findings", removed))["number"]["n"] == 1


def test_tumour_elsewhere_is_no_lung_lesion() -> None:
    liver = observation(
        "liver-size",
        concept(LOINC, "21889-1"),
        "2025-05-12",
        bodySite=concept(SNOMED, "10200004"),
        valueQuantity=quantity(40, "mm"),
    )
    assert classification(add(patient(), "imaging-findings", liver))["number"]["n"] == 1


def test_longest_component_is_the_size() -> None:
    request = patient()
    size = next(one for one in resources(request, "imaging-findings") if "component" in one)
    size["component"].insert(0, {"code": concept(LOINC, "33729-5"), "valueQuantity": quantity(11, "mm")})
    assert [one["largestDiameterMm"] for one in explain(request)["lesions"]] == [15]


def test_date_of_the_metastasis_from_imaging() -> None:
    """Without onset the earliest imaging Observation of the lesion dates it."""
    request = patient(lung=None, lung_icd="C78.01", lesions=[LESION | {"earlier": [("2025-04-02", 9)]}])
    explanation = explain(request)
    assert explanation["prognosis"]["diseaseFreeIntervalMonths"] == 38
    assert explanation["mdt"]["priority"] == "urgent"


def test_date_of_the_metastasis_from_the_chart() -> None:
    lung = condition("lung", concept(SNOMED, "94391008"), onset=None) | {"recordedDate": "2024-12-09"}
    request = replace(patient(style="icd10"), "conditions", "lung", lung)
    explanation = explain(request)
    assert explanation["classification"]["timing"]["value"] == "metachronous"
    assert "DATE_IS_RECORDED_DATE" in explanation["flags"]


def test_growth_makes_a_small_nodule_count() -> None:
    """N-01: below 6 mm, but growing."""
    explanation = explain(patient(lesions=[LESION | {"mm": 5, "histology": None, "growth": "growing"}]))
    assert explanation["population"] == "in"
    assert explanation["classification"]["number"]["n"] == 1


def test_other_histology_is_not_a_metastasis() -> None:
    """A lesion proven to be something else is no colorectal metastasis."""
    explanation = explain(patient(lesions=[LESION, LESION | {"histology": "other"}]))
    assert explanation["classification"]["number"]["n"] == 1


def test_contained_and_absolute_references() -> None:
    request = patient()
    size = next(one for one in resources(request, "imaging-findings") if "component" in one)
    tumour = resources(request, "body-structures")[0]
    request["prefetch"]["body-structures"] = bundle([])
    size["contained"] = [tumour | {"id": "t"}]
    size["focus"] = [{"reference": "#t"}]
    assert [(one["side"], one["lobe"]) for one in explain(request)["lesions"]] == [("right", "RLL")]
    other = patient()
    size = next(one for one in resources(other, "imaging-findings") if "component" in one)
    size["focus"] = [{"reference": "https://ehr.example.org/fhir/BodyStructure/lesion-1/_history/3"}]
    assert [(one["side"], one["lobe"]) for one in explain(other)["lesions"]] == [("right", "RLL")]


def test_panel_of_measurements() -> None:
    """The measurement in a member of a panel belongs to the panel's lesion."""
    request = patient(style="plain", lesions=[])
    zone = {"valueCodeableConcept": concept(f"{OWN}/CodeSystem/lesion-zone", "middle")}
    size = observation("size", concept(LOINC, "33728-7"), "2025-05-12", category="imaging")
    size |= {"valueQuantity": quantity(15, "mm")}
    panel = observation("panel", concept(LOINC, "21889-1"), "2025-05-12", category="imaging")
    panel |= {"hasMember": [{"reference": "Observation/size"}], "bodySite": concept(SNOMED, "266005")}
    panel |= {"component": [{"code": own("lesion-zone")} | zone]}
    explanation = explain(add(request, "imaging-findings", panel, size))
    assert [(one["lobe"], one["zone"], one["largestDiameterMm"]) for one in explanation["lesions"]] == [
        ("RLL", "middle", 15)
    ]
    assert explanation["classification"]["number"]["n"] == 1
