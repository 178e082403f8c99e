"""Every code in the packaged value sets: check digits, verification, source, and no code where it does not belong."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from cds_service import terminology

FOLDER = Path(terminology.__file__).parent
BASE = terminology.DEFAULT_CANONICAL_BASE
VERIFICATION = f"{BASE}/StructureDefinition/code-verification"
SOURCE = f"{BASE}/StructureDefinition/code-verification-source"
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
RXNORM, ATC = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://www.whocc.no/atc"
ICD = {"http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm"}
SHAPES = {
    SNOMED: r"\d{6,18}",
    LOINC: r"(\d{1,5}-\d|LA\d{1,5}-\d)",
    RXNORM: r"\d{1,7}",
    ATC: r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?",
    "http://www.ama-assn.org/go/cpt": r"\d{5}",
    "http://hl7.org/fhir/sid/icd-10": r"[A-Z]\d\d(\.\d)?",
    "http://hl7.org/fhir/sid/icd-10-cm": r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?",
    "http://terminology.hl7.org/CodeSystem/icd-o-3": r"(\d{4}/\d|C\d\d(\.\d)?)",
    "http://radlex.org": r"RID\d+",
    "https://radelement.org": r"RDES\d+",
}
FILES = sorted((FOLDER / "value_sets").glob("*.json"))


def _dihedral(a: int, b: int) -> int:
    """The product of the dihedral group D5, on which Verhoeff's check digit rests."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def verhoeff_holds(number: str) -> bool:
    permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    check = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit)
        for _ in range(place % 8):
            value = permutation[value]
        check = _dihedral(check, value)
    return check == 0


def mod_10_holds(code: str) -> bool:
    body, digit = code.split("-")
    doubled = [int(number) * (2 if place % 2 == 0 else 1) for place, number in enumerate(reversed(body))]
    return (10 - sum(value - 9 if value > 9 else value for value in doubled) % 10) % 10 == int(digit)


def parts(resource):
    compose = resource["compose"]
    return [*compose["include"], *compose.get("exclude", [])]


def every_code():
    for file in FILES:
        for part in parts(json.loads(file.read_text(encoding="utf-8"))):
            for concept in part.get("concept", ()):
                yield file.stem, part["system"], concept["code"], concept
            for item in part.get("filter", ()):
                yield file.stem, part["system"], item["value"], part


CODES = list(every_code())


def test_the_check_digits_are_computed_rightly():
    assert verhoeff_holds("94391008")
    assert not verhoeff_holds("173171008")  # an invalid code seen in public code bases
    assert mod_10_holds("2039-6")
    assert not mod_10_holds("2039-5")


def test_every_snomed_code_passes_its_check_digit():
    assert [code for _, system, code, _ in CODES if system == SNOMED and not verhoeff_holds(code)] == []


def test_every_loinc_code_passes_its_check_digit():
    terms = [code for _, system, code, _ in CODES if system == LOINC and not code.startswith("LA")]
    assert [code for code in terms if not mod_10_holds(code)] == []


def test_every_code_has_the_shape_of_its_system():
    wrong = [
        (name, code) for name, system, code, _ in CODES if system in SHAPES and not re.fullmatch(SHAPES[system], code)
    ]
    assert wrong == []


def test_every_code_says_how_it_was_verified_and_where_it_was_seen():
    for name, _, code, holder in CODES:
        found = {item["url"]: item.get("valueCode") or item.get("valueString") for item in holder["extension"]}
        assert found[VERIFICATION] in {"A", "B", "C", "X", "S", "M", "D"}, (name, code)
        assert found[VERIFICATION] != "S" or found.get(SOURCE), (name, code)


def test_every_concept_has_a_short_display():
    texts = [(name, code, holder.get("display")) for name, _, code, holder in CODES if "code" in holder]
    assert [item for item in texts if not item[2] or len(item[2]) > 110] == []


def test_no_code_stands_twice_in_one_value_set():
    count = Counter((name, system, code) for name, system, code, _ in CODES)
    assert [key for key, times in count.items() if times > 1] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_value_set_is_a_complete_fhir_resource(file):
    resource = json.loads(file.read_text(encoding="utf-8"))
    assert resource["resourceType"] == "ValueSet"
    assert resource["id"] == file.stem
    assert resource["url"] == f"{BASE}/ValueSet/{file.stem}"
    assert resource["status"] == "active"
    assert re.fullmatch(r"[A-Z]\w{0,254}", resource["name"])
    assert resource["title"]
    assert resource["description"]
    systems = {part.get("system") for part in parts(resource) if "concept" in part}
    assert bool(resource.get("copyright")) == bool(systems & {SNOMED, LOINC, "http://www.ama-assn.org/go/cpt"})


@pytest.mark.parametrize("file", sorted((FOLDER / "code_systems").glob("*.json")), ids=lambda file: file.stem)
def test_a_code_system_is_a_complete_fhir_resource(file):
    resource = json.loads(file.read_text(encoding="utf-8"))
    assert resource["resourceType"] == "CodeSystem"
    assert resource["url"] == f"{BASE}/CodeSystem/{file.stem}"
    assert resource["content"] == "complete"
    assert resource["count"] == len(resource["concept"])
    assert all(concept["definition"] and concept["display"] for concept in resource["concept"])


def test_the_resources_are_valid_fhir():
    from fhir.resources.R4B.codesystem import CodeSystem
    from fhir.resources.R4B.valueset import ValueSet

    models = {"ValueSet": ValueSet, "CodeSystem": CodeSystem}
    resources = terminology.load_terminology().resources()
    for resource in resources:
        models[resource["resourceType"]].model_validate(resource)
    assert len(resources) > 130
