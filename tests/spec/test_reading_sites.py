"""Sites: each counts, in whatever way it is written, and one that cannot be read is not known, never elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.oncology.patient.sites import site_at
from cds_service.terminology import load_terminology
from tests.spec.core import explain
from tests.spec.reported import SUBJECT, request
from tests.spec.resources import ICD10CM, LOINC, SNOMED, Resource, concept

ICD_O_3 = "http://terminology.hl7.org/CodeSystem/icd-o-3"
OID = "urn:oid:2.16.840.1.113883.6.43.1"
GENERIC = concept(SNOMED, "128462008")
LUNG, LIVER = concept(SNOMED, "39607008"), concept(SNOMED, "10200004")
TEXT = {"text": "left lower lobe"}
LOCAL = concept("urn:local", "LLL")
TERMINOLOGY = load_terminology()

PLACES: dict[str, tuple[list[Any], bool | None]] = {
    "none": ([], None),
    "nothing in it": ([{}], None),
    "lung": ([LUNG], True),
    "lobe": ([concept(SNOMED, "41224006")], True),
    "bronchus and lung in ICD-O-3": ([concept(ICD_O_3, "C34.1")], True),
    "ICD-O-3 without a dot": ([concept(ICD_O_3, "C341")], True),
    "ICD-O-3 by its category": ([concept(ICD_O_3, "C34")], True),
    "ICD-O-3 by its object identifier": ([concept(OID, "C34.9")], True),
    "liver": ([LIVER], False),
    "liver in ICD-O-3": ([concept(ICD_O_3, "C22.0")], False),
    "bone in ICD-O-3": ([concept(ICD_O_3, "C41.2")], False),
    "colon": ([concept(SNOMED, "60184004")], False),
    "kidney": ([concept(SNOMED, "64033007")], False),
    "liver and lung": ([LIVER, LUNG], True),
    "text": ([TEXT], None),
    "local code": ([LOCAL], None),
    "local code beside a standard one": ([{"coding": [*LOCAL["coding"], *LUNG["coding"]]}], True),
    "a code that no value set names": ([concept(SNOMED, "123037004")], None),
    "thorax": ([concept(SNOMED, "51185008")], None),
    "ill-defined site of the thorax in ICD-O-3": ([concept(ICD_O_3, "C76.1")], None),
    "unknown primary site in ICD-O-3": ([concept(ICD_O_3, "C80.9")], None),
    "liver and a text": ([LIVER, TEXT], None),
    "lung and a text": ([LUNG, TEXT], True),
}


@pytest.mark.parametrize(("places", "lung"), PLACES.values(), ids=list(PLACES))
def test_site(places: list[Any], lung: bool | None) -> None:
    assert site_at(TERMINOLOGY, places).lung is lung


def metastasis(code: Resource, *sites: Resource, id_: str = "x", **more: Any) -> Resource:
    fixed: Resource = {"resourceType": "Condition", "id": id_, "code": code, "subject": SUBJECT}
    fixed |= {"clinicalStatus": "active", "verificationStatus": "confirmed", "onsetDateTime": "2024-12-01"}
    return fixed | ({"bodySite": list(sites)} if sites else {}) | more


SPREAD: dict[str, tuple[Resource, str, list[str], bool]] = {
    "without a site": (metastasis(GENERIC), "unknown", [], True),
    "site as a text": (metastasis(GENERIC, {"text": "liver"}), "unknown", [], True),
    "site as a local code": (metastasis(GENERIC, concept("urn:local", "HEP")), "unknown", [], True),
    "thorax": (metastasis(GENERIC, concept(SNOMED, "51185008")), "unknown", [], True),
    "lung": (metastasis(GENERIC, LUNG), "isolated", [], False),
    "lung in ICD-O-3": (metastasis(GENERIC, concept(ICD_O_3, "C34.1")), "isolated", [], False),
    "liver in ICD-O-3": (metastasis(GENERIC, concept(ICD_O_3, "C22.0")), "non_isolated", ["liver"], False),
    "bone": (metastasis(GENERIC, concept(SNOMED, "272673000")), "non_isolated", ["bone"], False),
    "brain in ICD-O-3": (metastasis(GENERIC, concept(ICD_O_3, "C71.9")), "non_isolated", ["brain"], False),
    "pleura in ICD-O-3": (metastasis(GENERIC, concept(ICD_O_3, "C38.4")), "non_isolated", ["pleura"], False),
    "kidney": (metastasis(GENERIC, concept(SNOMED, "64033007")), "non_isolated", ["other site"], False),
    "lung and liver": (metastasis(GENERIC, LUNG, LIVER), "non_isolated", ["liver"], False),
    "liver and bone": (
        metastasis(GENERIC, LIVER, concept(SNOMED, "272673000")),
        "non_isolated",
        ["bone", "liver"],
        False,
    ),
    "lung and a text": (metastasis(GENERIC, LUNG, {"text": "liver"}), "unknown", [], True),
    "liver and a text": (metastasis(GENERIC, LIVER, {"text": "bone"}), "non_isolated", ["liver"], True),
    "coded in the lung, sited in the liver too": (
        metastasis(concept(SNOMED, "94391008"), LUNG, LIVER),
        "non_isolated",
        ["liver"],
        False,
    ),
    "coded in the lung, its site as a text": (metastasis(concept(SNOMED, "94391008"), TEXT), "isolated", [], False),
    "unspecified site, C79.9": (metastasis(concept(ICD10CM, "C79.9")), "unknown", [], True),
    "unspecified site, C79.9 of the lung": (metastasis(concept(ICD10CM, "C79.9"), LUNG), "isolated", [], False),
    "unspecified site in ICD-10": (
        metastasis(concept("http://hl7.org/fhir/sid/icd-10", "C79.9")),
        "unknown",
        [],
        True,
    ),
    "other specified site, C79.89": (metastasis(concept(ICD10CM, "C79.89")), "non_isolated", ["other site"], False),
    "without a site, resolved": (metastasis(GENERIC, clinicalStatus="resolved"), "isolated", [], False),
}


@pytest.mark.parametrize(("added", "spread", "sites", "flag"), SPREAD.values(), ids=list(SPREAD))
def test_each_site_of_a_metastasis_counts(added: Resource, spread: str, sites: list[str], flag: bool) -> None:
    explanation = explain(request(conditions=[added]))
    axis = explanation["classification"]["spread"]
    assert (axis["value"], axis["sites"]) == (spread, sites)
    assert ("METASTASIS_SITE_UNKNOWN" in explanation["flags"]) is flag


def test_a_metastasis_of_lung_and_liver_is_a_lung_metastasis() -> None:
    both = metastasis(GENERIC, LIVER, LUNG, id_="lungmet")
    explanation = explain(request(conditions=[both]))
    assert (explanation["population"], explanation["classification"]["certainty"]) == ("in", "confirmed")


def size(id_: str, mm: int, on: str = "2025-05-12", **more: Any) -> Resource:
    quantity = {"value": mm, "unit": "mm", "system": "http://unitsofmeasure.org", "code": "mm"}
    fixed: Resource = {"resourceType": "Observation", "id": id_, "status": "final", "subject": SUBJECT}
    fixed |= {"code": concept(LOINC, "21889-1"), "effectiveDateTime": on, "valueQuantity": quantity}
    return fixed | more


def body(**more: Any) -> Resource:
    return {"resourceType": "BodyStructure", "id": "b2", "patient": SUBJECT, **more}


FOCUS = {"focus": [{"reference": "BodyStructure/b2"}]}
SIZES: dict[str, tuple[list[Resource], list[Resource], int | None]] = {
    "lobe": ([size("s", 22, bodySite=concept(SNOMED, "41224006"))], [], 2),
    "lung in ICD-O-3": ([size("s", 22, bodySite=concept(ICD_O_3, "C34.3"))], [], 2),
    "text": ([size("s", 22, bodySite=TEXT)], [], None),
    "local code": ([size("s", 22, bodySite=LOCAL)], [], None),
    "thorax": ([size("s", 22, bodySite=concept(SNOMED, "51185008"))], [], None),
    "no site": ([size("s", 22)], [], None),
    "no site, before the newest of the lung": ([size("s", 22, on="2022-01-01")], [], 1),
    "text, before the newest of the lung": ([size("s", 22, on="2022-01-01", bodySite=TEXT)], [], 1),
    "text, before, but with an identity": ([size("s", 22, on="2024-01-01", **FOCUS)], [body(location=TEXT)], None),
    "liver": ([size("s", 22, bodySite=LIVER)], [], 1),
    "kidney": ([size("s", 22, bodySite=concept(SNOMED, "64033007"))], [], 1),
    "of the primary": ([size("s", 22, focus=[{"reference": "Condition/crc"}])], [], 1),
    "of the lung metastasis": ([size("s", 22, focus=[{"reference": "Condition/lungmet"}])], [], 2),
    "of the lung metastasis, with a text": (
        [size("s", 22, bodySite=TEXT, focus=[{"reference": "Condition/lungmet"}])],
        [],
        2,
    ),
    "BodyStructure with a text": ([size("s", 22, **FOCUS)], [body(location=TEXT)], None),
    "BodyStructure with a local code": ([size("s", 22, **FOCUS)], [body(location=LOCAL)], None),
    "BodyStructure without a location": ([size("s", 22, **FOCUS)], [body()], None),
    "BodyStructure in ICD-O-3": ([size("s", 22, **FOCUS)], [body(location=concept(OID, "C34.1"))], 2),
    "BodyStructure with a text, bodySite coded": (
        [size("s", 22, bodySite=concept(SNOMED, "41224006"), **FOCUS)],
        [body(location=TEXT)],
        2,
    ),
    "BodyStructure with a text, placed by another measurement": (
        [size("s", 22, **FOCUS), size("t", 20, on="2025-03-01", bodySite=LUNG, **FOCUS)],
        [body(location=TEXT)],
        2,
    ),
    "BodyStructure of the liver": ([size("s", 22, **FOCUS)], [body(location=LIVER)], 1),
    "of a removed specimen": ([size("s", 22, specimen={"reference": "Specimen/1"})], [], 1),
}


@pytest.mark.parametrize(("sizes", "bodies", "n"), SIZES.values(), ids=list(SIZES))
def test_a_lesion_of_unknown_site_is_reported_and_leaves_the_number_open(
    sizes: list[Resource], bodies: list[Resource], n: int | None
) -> None:
    explanation = explain(request(imaging_findings=sizes, body_structures=bodies))
    assert explanation["classification"]["number"]["n"] == n
    reported = {item["resource"] for item in explanation["dataQuality"] if item["problem"] == "SITE_UNKNOWN"}
    assert n is not None or reported == {"Observation/s"}


def test_a_count_of_an_unknown_organ_leaves_the_number_open() -> None:
    own = concept("https://crc-lung-metastasis.example.org/fhir/CodeSystem/imaging-finding", "lesion-count")
    count = size("c", 3, bodySite=TEXT) | {"code": own, "valueInteger": 3}
    del count["valueQuantity"]
    explanation = explain(request(imaging_findings=[count]))
    assert explanation["classification"]["number"]["n"] is None
    assert ("Observation/c", "SITE_UNKNOWN") in {
        (item["resource"], item["problem"]) for item in explanation["dataQuality"]
    }


@pytest.mark.parametrize(
    ("site", "asked"), [(LUNG, True), (LIVER, False), (TEXT, True), (LOCAL, True), (None, True)], ids=str
)
def test_radiotherapy_of_an_unknown_site_is_not_taken_as_elsewhere(site: Resource | None, asked: bool) -> None:
    done: Resource = {"resourceType": "Procedure", "id": "rt", "status": "completed", "subject": SUBJECT}
    done |= {"code": concept(SNOMED, "108290001"), "performedDateTime": "2024-06-01"}
    needs = explain(request(procedures=[done | ({"bodySite": [site]} if site else {})]))["needs"]
    assert ("RT_HISTORY" in {need["code"] for need in needs}) is asked
