"""Codings: the system under any of its names, and nothing that is not a coding."""

from __future__ import annotations

import pytest

from cds_service.fhir.codings import (
    ATC,
    CPT,
    ICD_10,
    ICD_10_CM,
    LOINC,
    NCIT,
    RADELEMENT,
    RXNORM,
    SNOMED,
    UCUM,
    Coding,
    canonical_system,
    codings,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("urn:oid:2.16.840.1.113883.6.96", SNOMED),
        ("2.16.840.1.113883.6.96", SNOMED),
        ("https://snomed.info/sct", SNOMED),
        ("http://snomed.info/sct/", SNOMED),
        ("http://snomed.info/sct/731000124108", SNOMED),
        ("http://snomed.info/sct/900000000000207008/version/20240901", SNOMED),
        ("http://snomed.info/sct|http://snomed.info/sct/731000124108", SNOMED),
        ("urn:oid:2.16.840.1.113883.6.1", LOINC),
        ("https://loinc.org/", LOINC),
        ("HTTP://LOINC.ORG", LOINC),
        ("http://loinc.org|2.78", LOINC),
        ("urn:oid:2.16.840.1.113883.6.90", ICD_10_CM),
        ("urn:oid:2.16.840.1.113883.6.3", ICD_10),
        ("http://fhir.de/CodeSystem/bfarm/icd-10-gm", ICD_10),
        ("urn:oid:2.16.840.1.113883.6.8", UCUM),
        ("urn:oid:2.16.840.1.113883.6.88", RXNORM),
        ("urn:oid:2.16.840.1.113883.6.73", ATC),
        ("urn:oid:2.16.840.1.113883.6.12", CPT),
        ("http://NCICB.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", NCIT),
        ("http://www.radelement.org", RADELEMENT),
        ("http://hospital.example/codes/", "http://hospital.example/codes"),
        ("http://hospital.example/codes|3", "http://hospital.example/codes"),
        ("urn:oid:2.16.840.1.113883.6.96.1", "urn:oid:2.16.840.1.113883.6.96.1"),
        ("http://snomed.info/sctx/1", "http://snomed.info/sctx/1"),
        ("", ""),
    ],
)
def test_a_system_is_known_under_all_its_names(name, expected):
    assert canonical_system(name) == expected


def test_a_text_that_is_no_system_name_is_not_remembered():
    text = "http://loinc.org/" + "x" * 100_000
    assert canonical_system(text) is text


def test_codings_of_a_concept_and_of_a_coding():
    coding = {"system": "urn:oid:2.16.840.1.113883.6.1", "code": " 2039-6 ", "display": "CEA"}
    expected = (Coding(LOINC, "2039-6", "CEA"),)
    assert codings({"coding": [coding], "text": "CEA"}) == expected
    assert codings(coding) == expected


@pytest.mark.parametrize(
    "concept",
    [
        None,
        5,
        "2039-6",
        [],
        {},
        {"coding": None},
        {"coding": "2039-6"},
        {"coding": [None, 5, "x", [], {}]},
        {"coding": [{"code": "2039-6"}]},
        {"coding": [{"system": "http://loinc.org"}]},
        {"coding": [{"system": "http://loinc.org", "code": ""}]},
        {"coding": [{"system": ["http://loinc.org"], "code": "2039-6"}]},
        {"coding": [{"system": "http://loinc.org", "code": {"x": 1}}]},
    ],
)
def test_what_is_no_coding_is_left_out(concept):
    assert codings(concept) == ()


def test_a_display_that_is_no_text_is_dropped():
    assert codings({"system": LOINC, "code": "1-8", "display": 5}) == (Coding(LOINC, "1-8", None),)
