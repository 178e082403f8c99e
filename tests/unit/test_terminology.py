"""Terminology: which value sets a concept belongs to, our own codes, and displays that contradict their code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cds_service import terminology
from cds_service.fhir.codings import Coding
from cds_service.terminology import DEFAULT_CANONICAL_BASE, load_terminology

TERMINOLOGY = load_terminology()
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
ICD_10, ICD_10_CM = "http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10_GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
ATC, CPT = "http://www.whocc.no/atc", "http://www.ama-assn.org/go/cpt"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
OWN = f"{DEFAULT_CANONICAL_BASE}/CodeSystem"


def concept(system, code, display=None):
    coding = {"system": system, "code": code}
    return {"coding": [coding | ({"display": display} if display else {})]}


def names(system, code):
    return TERMINOLOGY.memberships(concept(system, code))


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (SNOMED, "94391008", {"lung-metastasis"}),
        ("urn:oid:2.16.840.1.113883.6.96", "94391008", {"lung-metastasis"}),
        ("http://snomed.info/sct/731000124108", " 94391008 ", {"lung-metastasis"}),
        (SNOMED, "94522007", {"lung-metastasis", "lung-metastasis-right"}),
        (SNOMED, "12246601000119101", {"lung-metastasis", "lung-metastasis-left", "lung-metastasis-right"}),
        (ICD_10_CM, "C78.01", {"lung-metastasis", "lung-metastasis-right"}),
        (ICD_10_CM, "c7801", {"lung-metastasis", "lung-metastasis-right"}),
        (ICD_10_CM, "C78.02", {"lung-metastasis", "lung-metastasis-left"}),
        (ICD_10_CM, "C78.00", {"lung-metastasis"}),
        (ICD_10, "C78.0", {"lung-metastasis"}),
        (ICD_10_GM, "C78.0", {"lung-metastasis"}),
        (ICD_10, "C78.01", {"lung-metastasis"}),
        (ICD_10_CM, "C78", set()),
        (ICD_10_CM, "C18.7", {"primary-left", "colorectal-primary"}),
        (ICD_10, "C18", {"colorectal-primary"}),
        (ICD_10_CM, "C19", {"primary-left", "colorectal-primary", "colorectal-site-unspecified"}),
        (ICD_10_CM, "C20", {"primary-left", "colorectal-primary", "rectal-primary"}),
        (ICD_10_CM, "C18.1", {"primary-out-of-scope"}),
        (ICD_10_CM, "C21.0", {"primary-out-of-scope"}),
        (ICD_10_CM, "C7A.026", {"primary-out-of-scope"}),
        (ICD_10_CM, "C7A.090", {"other-malignancy"}),
        (ICD_10_CM, "C34.11", {"other-malignancy"}),
        (ICD_10_CM, "C44.91", set()),
        (ICD_10_CM, "C77.1", {"thoracic-node-metastasis"}),
        (ICD_10_CM, "C77.2", {"other-node-metastasis"}),
        (ICD_10_CM, "C78.7", {"liver-metastasis"}),
        (ICD_10_CM, "C79.51", {"bone-metastasis"}),
        (ICD_10_CM, "C79.31", {"brain-metastasis"}),
        (ICD_10_CM, "C79.49", {"other-metastasis"}),
        (ICD_10_CM, "C79.72", {"adrenal-metastasis"}),
        (ICD_10_CM, "R91.1", {"lung-nodule"}),
        (ICD_10_CM, "J84.10", {"interstitial-lung-disease"}),
        (ICD_10_CM, "Z90.2", {"pneumonectomy-status"}),
        (ICD_10_CM, "E11.9", set()),
        (SNOMED, "42400003", {"lobe-rul", "lung-right", "lung-any"}),
        (SNOMED, "31094006", {"lobe-unspecified", "lung-any"}),
        (SNOMED, "39607008", {"lung-unspecified", "lung-any"}),
        ("http://www.radlex.org", "RID1338", {"lobe-lll", "lung-left", "lung-any"}),
        (SNOMED, "416775004", {"thorax-site", "abdomen-pelvis-site"}),
        (LOINC, "2039-6", {"cea"}),
        (LOINC, "19166-8", {"cea-not-convertible"}),
        (LOINC, "12515-3", {"cea-other-fluid"}),
        (
            LOINC,
            "72254-6",
            {
                "ct-chest-and-abdomen",
                "chest-ct",
                "abdomen-pelvis-imaging",
                "order-chest-imaging",
                "order-abdomen-pelvis-imaging",
            },
        ),
        (SNOMED, "49795001", {"pneumonectomy", "lobectomy-or-larger", "lung-resection", "order-lung-resection"}),
        (SNOMED, "444188003", {"lung-resection", "order-lung-resection"}),
        (CPT, "32998", {"lung-ablation", "order-lung-ablation"}),
        (SNOMED, "879916008", {"ablation-any"}),
        (SNOMED, "720006006", {"mdt-review", "order-mdt"}),
        (ATC, "L01FE01", {"anti-egfr", "antineoplastic"}),
        (ATC, "L01XC08", {"anti-egfr", "antineoplastic"}),
        (ATC, "L01BC06", {"fluoropyrimidine", "antineoplastic"}),
        (ATC, "L01BC59", {"antineoplastic"}),
        (ATC, "L01FF02", {"immune-checkpoint-inhibitor", "antineoplastic"}),
        (ATC, "B01AF02", {"anticoagulant"}),
        (ATC, "B01AC04", {"antiplatelet"}),
        (RXNORM, "1364445", {"anticoagulant"}),
        (RXNORM, "32592", {"oxaliplatin", "antineoplastic"}),
        (LOINC, "LA26203-2", {"msi-high"}),
        (LOINC, "LA9623-5", {"ecog-grade-1"}),
    ],
)
def test_the_value_sets_of_a_code(system, code, expected):
    assert names(system, code) == expected


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("http://hl7.org/fhir/v3/Race", "2039-6"),
        (LOINC, "94391008"),
        ("", "2039-6"),
        (LOINC, ""),
        (ICD_10_CM, ""),
        (ICD_10_CM, "C34" + "x" * 50),
        ("http://hospital.example", "C34"),
    ],
)
def test_system_and_code_must_match_together(system, code):
    assert names(system, code) == frozenset()


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        "94391008",
        [],
        {},
        {"text": "lung metastasis"},
        {"coding": []},
        {"coding": [None]},
        {"coding": [None, {"system": 5, "code": "x"}]},
        {"coding": [{"system": SNOMED, "code": ["94391008"]}]},
        {"coding": {"system": SNOMED, "code": "94391008"}},
    ],
)
def test_what_is_no_concept_belongs_nowhere(value):
    assert TERMINOLOGY.memberships(value) == frozenset()
    assert TERMINOLOGY.display_mismatch(value) is None
    assert TERMINOLOGY.own_value(value, "lesion-zone") is None
    assert TERMINOLOGY.coding_in(value, "cea") is None


def test_a_concept_belongs_where_any_of_its_codings_belongs():
    both = {"coding": [{"system": SNOMED, "code": "42400003"}, {"system": SNOMED, "code": "24028007"}]}
    assert TERMINOLOGY.memberships(both) == {"lobe-rul", "lung-right", "lung-any", "laterality-right"}
    assert TERMINOLOGY.memberships({"system": SNOMED, "code": "24028007"}) == {"laterality-right"}


def test_the_coding_that_matched_is_given():
    two = {
        "coding": [
            {"system": LOINC, "code": "1-8"},
            {"system": "https://loinc.org", "code": "2039-6", "display": "CEA"},
        ]
    }
    assert TERMINOLOGY.coding_in(two, "cea") == Coding(LOINC, "2039-6", "CEA")
    assert TERMINOLOGY.member(two, "cea")
    assert not TERMINOLOGY.member(two, "platelets")


@pytest.mark.parametrize("method", ["member", "coding_in"])
def test_a_value_set_that_does_not_exist_is_a_defect(method):
    with pytest.raises(KeyError):
        getattr(TERMINOLOGY, method)(concept(LOINC, "2039-6"), "cae")
    with pytest.raises(KeyError):
        TERMINOLOGY.codes("cae")


def test_the_codes_of_a_value_set_are_listed_with_those_of_its_parts():
    assert TERMINOLOGY.codes("cea", LOINC) == ("2039-6", "83085-1")
    assert TERMINOLOGY.codes("cea", "urn:oid:2.16.840.1.113883.6.1") == ("2039-6", "83085-1")
    assert TERMINOLOGY.codes("cea", SNOMED) == ()
    assert {"3341006", "42400003", "72481006", "266005"} <= set(TERMINOLOGY.codes("lung-right", SNOMED))
    assert TERMINOLOGY.codes("pneumonectomy-status") == ()


def test_what_was_asked_about_made_up_codes_is_not_kept_without_bound():
    for number in range(5000):
        assert TERMINOLOGY.memberships(concept(ICD_10_CM, f"X{number}")) == frozenset()
    remembered = TERMINOLOGY._remembered.cache_info()
    assert remembered.currsize == remembered.maxsize == 4096
    assert (
        TERMINOLOGY.memberships(concept(LOINC, "9" * 65)) == TERMINOLOGY.memberships(concept("x" * 300, "1")) == set()
    )
    assert TERMINOLOGY.memberships(concept(LOINC, 20396)) == TERMINOLOGY.memberships(concept(LOINC, [])) == set()
    assert TERMINOLOGY._remembered.cache_info().misses == remembered.misses
    assert TERMINOLOGY.memberships(concept(("a",), ("b",))) == set()


# Displays


@pytest.mark.parametrize(
    ("code", "display", "contradicts"),
    [
        ("94391008", "Secondary malignant neoplasm of bone", True),
        ("94391008", "Mesothelioma (disorder)", True),
        ("94391008", "Secondary malignant neoplasm of lung (disorder)", False),
        ("94391008", "Pulmonary metastasis", False),
        ("94391008", "Metastasis of lung and bone", False),
        ("94391008", "Lungenmetastase", False),
        ("94391008", "Metastatic disease", False),
        ("363406005", "Malignant tumor of oesophagus", True),
        ("363406005", "Malignant tumor of breast", True),
        ("363406005", "Colon cancer", False),
        ("385763009", "Dietary advice", True),
        ("385763009", "Hospice care (regime/therapy)", False),
        ("42400003", "Left upper lobe", False),
        ("42400003", "Structure of lower lobe of left lung", True),
        ("94381002", "Secondary malignant neoplasm of liver", False),
        ("73761001", "Breast", False),
    ],
)
def test_only_a_real_contradiction_is_a_mismatch(code, display, contradicts):
    found = TERMINOLOGY.display_mismatch(concept(SNOMED, code, display))
    assert found == (Coding(SNOMED, code, display) if contradicts else None)


def test_a_display_is_looked_at_under_the_same_system_only():
    assert TERMINOLOGY.display_mismatch(concept(LOINC, "94391008", "bone")) is None
    assert TERMINOLOGY.display_mismatch(concept(SNOMED, "94391008")) is None


# Our own codes


def test_our_own_questions_have_codes():
    assert TERMINOLOGY.own("lesion-zone") == Coding(f"{OWN}/imaging-finding", "lesion-zone", None)
    assert names(f"{OWN}/imaging-finding", "predicted-postoperative-fev1") == {"own-ppo-fev1"}
    with pytest.raises(KeyError):
        TERMINOLOGY.own("lesion-colour")


def test_every_own_question_has_a_value_set():
    (questions,) = (item for item in TERMINOLOGY.resources() if item["id"] == "imaging-finding")
    for question in questions["concept"]:
        assert names(questions["url"], question["code"]), question["code"]


def test_own_values_are_read_by_code_system():
    zone = concept(f"{OWN}/lesion-zone", "medial")
    assert TERMINOLOGY.own_value(zone, "lesion-zone") == "medial"
    assert TERMINOLOGY.own_value(zone, "resectability") is None
    assert TERMINOLOGY.own_value(concept(f"{OWN}/lesion-zone", "elsewhere"), "lesion-zone") is None
    assert TERMINOLOGY.own_value(concept(SNOMED, "medial"), "lesion-zone") is None


def test_a_changed_base_is_used_everywhere_and_the_default_is_still_read():
    moved = load_terminology(canonical_base="https://hospital.example/fhir/")
    assert moved.canonical_base == "https://hospital.example/fhir"
    assert moved.own("lesion-zone").system == "https://hospital.example/fhir/CodeSystem/imaging-finding"
    for base in ("https://hospital.example/fhir", DEFAULT_CANONICAL_BASE):
        assert moved.own_value(concept(f"{base}/CodeSystem/lesion-zone", "medial"), "lesion-zone") == "medial"
        assert moved.memberships(concept(f"{base}/CodeSystem/imaging-finding", "lesion-zone")) == {"own-lesion-zone"}
    assert DEFAULT_CANONICAL_BASE not in str(moved.resources())
    assert (
        TERMINOLOGY.own_value(concept("https://hospital.example/fhir/CodeSystem/lesion-zone", "medial"), "lesion-zone")
        is None
    )


def test_every_value_set_that_the_core_names_exists():
    package = Path(terminology.__file__).parents[1]
    named = set()
    for file in (package / "oncology").rglob("*.py"):
        named |= set(
            re.findall(r'(?:coded|answers|latest_value\(chart,) ?\(?"([a-z0-9-]+)"', file.read_text(encoding="utf-8"))
        )
    assert named
    assert {name for name in named if name[0].islower()} <= set(TERMINOLOGY.value_sets)
