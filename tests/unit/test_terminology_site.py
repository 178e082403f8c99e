"""A site's folder: value sets that extend ours, local codes that stand for ours, and every fault named."""

from __future__ import annotations

import json

import pytest

from cds_service.errors import TerminologyInvalid
from cds_service.terminology import DEFAULT_CANONICAL_BASE, load_terminology, loader

BASE = DEFAULT_CANONICAL_BASE
LOCAL = "http://hospital.example/codes"
LOINC, SNOMED, ICD_10 = "http://loinc.org", "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10"


def concept(system, code):
    return {"coding": [{"system": system, "code": code}]}


def value_set(name="cea", *, url=None, **more):
    resource = {"resourceType": "ValueSet", "url": url or f"{BASE}/ValueSet/{name}"}
    return resource | (more or {"compose": {"include": [{"system": LOCAL, "concept": [{"code": "CEA1"}]}]}})


def concept_map(*elements, source=LOCAL, target=LOINC):
    return {"resourceType": "ConceptMap", "group": [{"source": source, "target": target, "element": list(elements)}]}


def element(code, *targets, **more):
    return {"code": code, "target": [{"code": target, "equivalence": "equivalent"} | more for target in targets]}


@pytest.fixture
def load(tmp_path):
    def loaded(*resources, **more):
        for number, resource in enumerate(resources):
            text = resource if isinstance(resource, str) else json.dumps(resource)
            (tmp_path / f"file-{number}.json").write_text(text, encoding="utf-8")
        return load_terminology(tmp_path, **more)

    return loaded


def test_an_empty_folder_changes_nothing(load):
    assert load().codes("cea", LOINC) == load_terminology().codes("cea", LOINC)


def test_a_value_set_with_our_url_extends_ours(load):
    terminology = load(value_set())
    assert terminology.memberships(concept(LOCAL, "CEA1")) == {"cea"}
    assert terminology.memberships(concept(LOINC, "2039-6")) == {"cea"}
    assert terminology.codes("cea", LOCAL) == ("CEA1",)
    (published,) = (item for item in terminology.resources() if item["id"] == "cea")
    assert {"system": LOCAL, "concept": [{"code": "CEA1"}]} in published["compose"]["include"]


def test_a_part_that_was_extended_extends_the_whole(load):
    terminology = load(value_set("lobe-rul"))
    assert terminology.memberships(concept(LOCAL, "CEA1")) == {"lobe-rul", "lung-right", "lung-any"}


def test_all_forms_of_an_extension_are_read(load):
    contains = [
        {
            "system": LOCAL,
            "code": "G",
            "abstract": True,
            "contains": [{"system": LOCAL, "code": "G1", "display": "G one"}],
        }
    ]
    terminology = load(
        value_set("cea", url=f"{BASE}/ValueSet/cea|3.0.0", expansion={"contains": contains}),
        value_set(
            "emphysema",
            compose={
                "include": [
                    {
                        "system": "urn:oid:2.16.840.1.113883.6.3",
                        "filter": [{"property": "concept", "op": "is-a", "value": "J98.2"}],
                    },
                    {"valueSet": [f"{BASE}/ValueSet/home-oxygen"]},
                ],
                "exclude": [{"system": ICD_10, "concept": [{"code": "J43.0"}]}],
            },
        ),
    )
    assert terminology.memberships(concept(LOCAL, "G1")) == {"cea"}
    assert terminology.memberships(concept(LOCAL, "G")) == frozenset()
    assert terminology.memberships(concept(ICD_10, "J98.21")) == {"emphysema"}
    assert terminology.memberships(concept(SNOMED, "931000119107")) == {"emphysema", "home-oxygen"}
    assert terminology.memberships(concept(ICD_10, "J43.0")) == frozenset()
    assert terminology.memberships(concept(ICD_10, "J43.9")) == {"emphysema"}


def test_an_excluded_code_is_out_even_if_a_part_holds_it(load):
    exclude = [{"system": SNOMED, "concept": [{"code": "39607008"}]}]
    include = [{"system": LOCAL, "concept": [{"code": "L"}]}]
    terminology = load(value_set("lung-any", compose={"include": include, "exclude": exclude}))
    assert terminology.memberships(concept(SNOMED, "39607008")) == {"lung-unspecified"}
    without = [{"valueSet": [f"{BASE}/ValueSet/lobe-rul"]}]
    terminology = load(value_set("lung-any", compose={"include": include, "exclude": without}))
    assert terminology.memberships(concept(SNOMED, "42400003")) == {"lobe-rul", "lung-right"}


def test_local_codes_stand_for_ours(load):
    laboratory = concept_map(
        element("77", "2039-6"),
        element("79", "777-3", equivalence="wider"),
        element("80", "1-8", equivalence="unmatched"),
        {"code": "81"},
    )
    places = concept_map(element("78", "42400003"), element("77", "94391008"), target=SNOMED)
    diagnoses = concept_map(element("82", "C34.1"), target=ICD_10)
    extra = concept_map(element("U99", "94391008"), source=ICD_10, target=SNOMED)
    terminology = load(laboratory, places, diagnoses, extra)
    assert terminology.memberships(concept(LOCAL + "/", "77")) == {"cea", "lung-metastasis"}
    assert terminology.memberships(concept(LOCAL, "78")) == {"lobe-rul", "lung-right", "lung-any"}
    assert terminology.memberships(concept(LOCAL, "79")) == {"platelets"}
    assert terminology.memberships(concept(LOCAL, "80")) == frozenset()
    assert terminology.memberships(concept(LOCAL, "82")) == {"other-malignancy"}
    assert terminology.memberships(concept(ICD_10, "U99")) == {"lung-metastasis"}
    assert [(item.system, item.code) for item in terminology.enumerated("platelets") if item.system == LOCAL] == [
        (LOCAL, "79")
    ]


def test_a_zone_may_be_stated_in_local_codes(load):
    zones = concept_map(element("outer", "peripheral"), target=f"{BASE}/CodeSystem/lesion-zone")
    terminology = load(zones, canonical_base="https://hospital.example/fhir")
    assert terminology.own_value(concept(LOCAL, "outer"), "lesion-zone") == "peripheral"
    assert terminology.own_value(concept(LOCAL, "inner"), "lesion-zone") is None


def test_what_the_site_added_is_told_apart_from_what_was_there(load):
    terminology = load(value_set(), concept_map(element("77", "777-3")))
    assert [item.code for item in terminology.site_codings("cea")] == ["CEA1"]
    assert [item.code for item in terminology.site_codings("platelets")] == ["77"]
    assert terminology.site_codings("inr") == ()
    with pytest.raises(KeyError):
        terminology.site_codings("no-such-set")


def test_two_maps_of_one_code_are_both_followed(load):
    terminology = load(concept_map(element("77", "2039-6")), concept_map(element("77", "777-3")))
    assert terminology.memberships(concept(LOCAL, "77")) == {"cea", "platelets"}


def test_maps_are_followed_one_step_only(load):
    loop = {
        "resourceType": "ConceptMap",
        "group": [
            {"source": LOINC, "target": LOINC, "element": [element("2039-6", "83085-1"), element("83085-1", "2039-6")]},
            {"source": LOCAL, "target": LOINC, "element": [element("77", "2039-6")]},
        ],
    }
    assert load(loop).memberships(concept(LOCAL, "77")) == {"cea"}


INCLUDE = {"system": LOCAL, "concept": [{"code": "X"}]}
OF_NONE = "which is in none of this service's value sets"


def included(*parts, name="cea"):
    return value_set(name, compose={"include": list(parts)})


def filtered(system, operator):
    return included({"system": system, "filter": [{"property": "concept", "op": operator, "value": "C34"}]})


@pytest.mark.parametrize(
    ("resource", "fault"),
    [
        ("{", "it cannot be read as JSON (JSONDecodeError)"),
        ("[" * 100_000, "it cannot be read as JSON (RecursionError)"),
        ("[]", "it is not a FHIR resource"),
        ({"resourceType": "Patient"}, "it is neither a ValueSet nor a ConceptMap"),
        (value_set(url="http://x.example/ValueSet/cea"), "its url is not that of one of this service's value sets"),
        (value_set(compose={}), "it names no code"),
        (value_set(compose=[]), "compose is not an object"),
        (value_set(expansion=[]), "expansion is not an object"),
        (value_set(expansion={"contains": [{"code": "X"}]}), "system is missing or is not a text"),
        (value_set(compose={"include": {}}), "include is not a list of objects"),
        (value_set(compose={"include": [INCLUDE], "exclude": [5]}), "exclude is not a list of objects"),
        (included(5), "include is not a list of objects"),
        (included({"system": LOCAL}), "compose.include[0]: it needs either concept or filter"),
        (included(INCLUDE, {"concept": [{"code": "X"}]}), "compose.include[1]: system is missing"),
        (included({"system": LOCAL, "concept": [{"code": " "}]}), "code is missing"),
        (included({"system": LOCAL, "concept": "X"}), "concept is not a list of objects"),
        (included({"valueSet": "x"}), "valueSet is not a list of urls"),
        (included({"valueSet": ["x"], "system": LOCAL}), "valueSet together with system"),
        (included({"valueSet": ["http://x.example"]}), "cea refers to the value set http://x.example"),
        (included({"valueSet": [f"{BASE}/ValueSet/lung-any"]}, name="lobe-rul"), "value sets include each other"),
        (filtered(SNOMED, "is-a"), "'is-a' cannot be evaluated in http://snomed.info/sct without a terminology server"),
        (filtered(ICD_10, "in"), "the only filter understood here is 'concept is-a'"),
        (concept_map(), "it maps no code"),
        (concept_map(element("1")), "it maps no code"),
        ({"resourceType": "ConceptMap"}, "it maps no code"),
        (concept_map(element("1", "2039-6"), source=None), "group[0]: source is missing"),
        (concept_map({"target": []}), "code is missing"),
        (concept_map(element("1", "2039-6", equivalence="inexact")), "code 1: equivalence 'inexact' is too vague"),
        (
            concept_map(element("1", "2039-6", dependsOn=[{"property": "http://x.example", "value": "serum"}])),
            "code 1: a target that depends on other elements cannot be evaluated here",
        ),
        (concept_map(element("1", "2039-6")) | {"status": "retired"}, "its status is retired"),
        (value_set() | {"status": "retired"}, "its status is retired"),
        (concept_map(element("1", "9999-9")), f"code 1 stands for 9999-9, {OF_NONE}"),
        (concept_map(element("1", "x"), target="http://unknown.example"), f"code 1 stands for x, {OF_NONE}"),
    ],
)
def test_a_faulty_file_is_named_with_its_fault(load, resource, fault):
    with pytest.raises(TerminologyInvalid) as error:
        load(resource)
    assert fault in error.value.message
    assert error.value.code == "CLM-4003"
    assert error.value.hint


def test_all_faulty_files_are_named_at_once(load):
    with pytest.raises(TerminologyInvalid) as error:
        load("{", {"resourceType": "Patient"}, value_set(), concept_map(element("1", "9999-9")))
    for name in ("file-0.json", "file-1.json", "file-3.json"):
        assert name in error.value.message
    assert "file-2.json" not in error.value.message


def test_a_folder_that_is_not_there_is_a_fault(tmp_path):
    with pytest.raises(TerminologyInvalid, match="is not a folder"):
        load_terminology(tmp_path / "none")


def test_a_faulty_packaged_file_is_named_too(tmp_path, monkeypatch):
    (tmp_path / "code_systems").mkdir()
    (tmp_path / "value_sets").mkdir()
    (tmp_path / "value_sets" / "cea.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(loader, "_HERE", tmp_path)
    with pytest.raises(TerminologyInvalid, match=r"cea\.json: it names no code"):
        load_terminology()


@pytest.mark.parametrize("base", ["", "hospital", 'https://x"y', "https://x y", "https://x?y", "https://x#y"])
def test_a_base_that_is_no_url_is_refused(base):
    with pytest.raises(TerminologyInvalid, match="canonical base"):
        load_terminology(canonical_base=base)


def test_two_concept_maps_of_one_id_are_a_fault(load):
    with pytest.raises(TerminologyInvalid, match="another ConceptMap has the id codes too"):
        load(
            concept_map(element("1", "2039-6")) | {"id": "codes"}, concept_map(element("2", "2039-6")) | {"id": "codes"}
        )


@pytest.mark.parametrize(
    ("given", "published"),
    [
        ({}, {"id": "file-0", "url": f"{BASE}/ConceptMap/file-0", "status": "unknown"}),
        ({"id": "lab", "status": "active"}, {"id": "lab", "url": f"{BASE}/ConceptMap/lab", "status": "active"}),
        ({"id": "a b/c", "status": "final"}, {"id": "a-b-c", "status": "unknown"}),
        ({"id": "x" * 99}, {"id": "x" * 64}),
        ({"id": "..."}, {"id": "local-codes"}),
        (
            {"url": "http://hospital.example/map", "title": "Lab"},
            {"url": "http://hospital.example/map", "title": "Lab"},
        ),
    ],
)
def test_a_concept_map_is_published_under_an_id_and_an_address(load, given, published):
    terminology = load(concept_map(element("1", "2039-6")) | given)
    (found,) = (item for item in terminology.resources() if item["resourceType"] == "ConceptMap")
    assert {name: found[name] for name in published} == published


@pytest.mark.parametrize("junk", [["equivalent"], {"code": "equivalent"}, 1, None])
def test_an_equivalence_that_is_no_text_refuses_the_start_and_is_named(load, junk):
    with pytest.raises(TerminologyInvalid, match=r"file-0.json: group\[0\]: code L1: equivalence is not a text"):
        load(concept_map(element("L1", "2039-6", equivalence=junk)))


def test_a_status_that_is_no_text_is_published_as_unknown(load):
    terminology = load(concept_map(element("L1", "2039-6")) | {"status": ["active"]})
    (published,) = (item for item in terminology.resources() if item["resourceType"] == "ConceptMap")
    assert published["status"] == "unknown"


def test_the_hash_tells_codes_apart_and_is_the_same_for_the_same(load):
    packaged, extended = load_terminology(), load(value_set())
    assert extended.hash == load(value_set()).hash
    assert load_terminology().hash == packaged.hash != extended.hash
    assert (packaged.of_the_site.files, extended.of_the_site.files) == (0, 1)
    assert load_terminology(canonical_base="https://site.example/fhir").hash != packaged.hash


def test_a_map_and_a_code_known_by_its_beginning_change_the_hash_too(load):
    by_beginning = {"system": ICD_10, "filter": [{"property": "concept", "op": "is-a", "value": "C80"}]}
    hashes = {
        load_terminology().hash,
        load(concept_map(element("L1", "2039-6"))).hash,
        load(value_set(compose={"include": [by_beginning]})).hash,
    }
    assert len(hashes) == 3
