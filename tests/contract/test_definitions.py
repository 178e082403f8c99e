"""What is published under /fhir/: valid FHIR R4 at the site's canonical addresses, and errors in the same form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from flask.testing import FlaskClient

from tests.contract.service import HOOKS, app, client, code

TYPES = ("CodeSystem", "ValueSet", "ConceptMap")
SITE_BASE = "https://hospital.example/fhir"
CONCEPT_MAP = {
    "resourceType": "ConceptMap",
    "text": {"status": "generated", "div": "<script>alert(1)</script>"},
    "title": "Local result codes",
    "status": "active",
    "group": [
        {
            "source": "http://hospital.example/codes",
            "target": "http://loinc.org",
            "element": [
                {"code": "CEA1", "display": "CEA", "target": [{"code": "2039-6"}]},
                {"code": "OLD", "target": [{"equivalence": "unmatched"}]},
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A service with a canonical base, a public address and local codes of its own."""
    folder = tmp_path_factory.mktemp("terminology")
    (folder / "result codes (lab).json").write_text(json.dumps(CONCEPT_MAP))
    made = app(canonical_base=SITE_BASE, terminology_dir=folder, public_base_url="https://cds.hospital.example/crc")
    return made.test_client()


def get(caller: FlaskClient, path: str) -> Any:
    answer = caller.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "application/fhir+json"
    return answer.get_json()


def held(caller: FlaskClient, kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in get(caller, f"/fhir/{kind}").get("entry", ())]


@pytest.mark.parametrize("path", ["/fhir/metadata", *(f"/fhir/{kind}" for kind in TYPES)])
def test_what_is_published_is_valid_fhir(path: str, site: FlaskClient) -> None:
    for caller in (client(), site):
        document = get(caller, path)
        get_fhir_model_class(document["resourceType"]).model_validate(document)


@pytest.mark.parametrize("kind", TYPES)
def test_each_resource_is_valid_and_read_by_its_id(kind: str, site: FlaskClient) -> None:
    found = held(site, kind)
    assert found
    assert len({resource["id"] for resource in found}) == len(found)
    for resource in found:
        get_fhir_model_class(kind).model_validate(resource)
        assert get(site, f"/fhir/{kind}/{resource['id']}") == resource


def test_our_code_systems_and_value_sets_are_there_and_no_concept_map_by_default() -> None:
    assert {"imaging-finding", "lesion-zone", "card-topic"} <= {item["id"] for item in held(client(), "CodeSystem")}
    assert {"cea", "chest-ct"} <= {item["id"] for item in held(client(), "ValueSet")}
    assert held(client(), "ConceptMap") == []


def test_canonical_addresses_follow_the_sites_base(site: FlaskClient) -> None:
    for kind in TYPES:
        assert all(item["url"] == f"{SITE_BASE}/{kind}/{item['id']}" for item in held(site, kind))
        assert "crc-lung-metastasis.example.org" not in json.dumps(held(site, kind))
    assert get(site, "/fhir/metadata")["url"].startswith(SITE_BASE)


def test_entries_are_addressed_as_callers_reach_them(site: FlaskClient) -> None:
    bundle = get(site, "/fhir/CodeSystem?_id=lesion-zone")
    base = "https://cds.hospital.example/crc/fhir/CodeSystem"
    assert [entry["fullUrl"] for entry in bundle["entry"]] == [f"{base}/lesion-zone"]
    assert bundle["link"] == [{"relation": "self", "url": f"{base}?_id=lesion-zone"}]


def test_a_sites_concept_map_is_published_as_it_is_used(site: FlaskClient) -> None:
    (concept_map,) = held(site, "ConceptMap")
    assert concept_map["id"] == "result-codes-lab"
    assert concept_map["status"] == "active"
    used, unused = concept_map["group"][0]["element"]
    assert used == {"code": "CEA1", "display": "CEA", "target": [{"code": "2039-6", "equivalence": "equivalent"}]}
    assert unused["target"] == [{"equivalence": "unmatched"}]
    assert "text" not in concept_map


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("_id=lesion-zone", ["lesion-zone"]),
        ("_id=lesion-zone,node-status&_format=json", ["lesion-zone", "node-status"]),
        ("url=https://crc-lung-metastasis.example.org/fhir/CodeSystem/lesion-zone", ["lesion-zone"]),
        ("url=https://crc-lung-metastasis.example.org/fhir/CodeSystem/lesion-zone&_id=node-status", []),
        ("_id=unknown", []),
    ],
)
def test_a_search_finds_what_matches(query: str, ids: list[str]) -> None:
    bundle = get(client(), f"/fhir/CodeSystem?{query}")
    assert (bundle["total"], [entry["resource"]["id"] for entry in bundle.get("entry", ())]) == (len(ids), ids)


@pytest.mark.parametrize("path", ["/fhir/metadata", "/fhir/CodeSystem", "/fhir/CodeSystem/lesion-zone"])
def test_definitions_may_be_kept_and_asked_again(path: str) -> None:
    first = client().get(path)
    again = client().get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client().get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200
    assert first.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("method", "path", "refused"),
    [
        ("GET", "/fhir/CodeSystem/unknown", (404, "CLM-1009")),
        ("GET", "/fhir/Patient/1", (404, "CLM-1009")),
        ("GET", "/fhir", (404, "CLM-1009")),
        ("GET", "/fhir/CodeSystem?name=x", (400, "CLM-1012")),
        ("GET", "/fhir/metadata?_format=xml", (400, "CLM-1012")),
        ("GET", "/fhir/ValueSet/cea?_elements=id", (400, "CLM-1012")),
        ("POST", "/fhir/CodeSystem", (405, "CLM-1006")),
        ("DELETE", "/fhir/CodeSystem/lesion-zone", (405, "CLM-1006")),
    ],
)
def test_errors_are_outcomes_declared_as_fhir(method: str, path: str, refused: tuple[int, str]) -> None:
    answer = client().open(path, method=method)
    assert answer.mimetype == "application/fhir+json"
    answer.mimetype = "application/json"
    assert (answer.status_code, code(answer)) == refused
    get_fhir_model_class("OperationOutcome").model_validate(answer.get_json())


def test_the_capability_statement_says_what_can_be_read_and_where_decisions_are_asked_for() -> None:
    (rest,) = get(client(), "/fhir/metadata")["rest"]
    assert [resource["type"] for resource in rest["resource"]] == list(TYPES)
    assert all(hook in rest["documentation"] for hook in HOOKS)


def test_browsers_may_read_definitions() -> None:
    answer = client().get("/fhir/CodeSystem/lesion-zone", headers={"Origin": "https://sandbox.example.org"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://sandbox.example.org"
