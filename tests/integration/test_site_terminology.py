"""A site's own codes, from a folder to the card: what is asked for, what is read, and what is refused at start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.errors import TerminologyInvalid
from fhir_fixtures import case
from tests.ehr.comparing import asking, concluded, differences
from tests.ehr.record import Resource, record_of, with_codings
from tests.ehr.server import Ehr
from tests.spec.wire import client, post

LOCAL = "https://hospital.example/codes"
EXTENSION = "org.example.crc-lung-metastasis.terminology"
BASE = "https://crc-lung-metastasis.example.org/fhir"
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
ABLATION = case("order-ablation-low-platelets")
#: Local code -> the standard code that it stands for.
LABORATORY = {"L-CEA, serum": "2039-6", "L-PLT": "777-3", "L-INR": "6301-6"}


def concept_map(target: str, codes: dict[str, str], **more: Any) -> Resource:
    elements = [
        {"code": local, "target": [{"code": code, "equivalence": "equivalent"}]} for local, code in codes.items()
    ]
    group = [{"source": LOCAL, "target": target, "element": elements}]
    return {"resourceType": "ConceptMap", "status": "active", "group": group} | more


def orders(*codes: str) -> Resource:
    include = [{"system": LOCAL, "concept": [{"code": code} for code in codes]}]
    url = f"{BASE}/ValueSet/order-lung-ablation"
    return {"resourceType": "ValueSet", "status": "active", "url": url, "compose": {"include": include}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    site.mkdir()
    (site / "laboratory.json").write_text(json.dumps(concept_map(LOINC, LABORATORY)), encoding="utf-8")
    (site / "orders.json").write_text(json.dumps(orders("RF-LUNG")), encoding="utf-8")
    return site


def locally(resource: Resource) -> Resource:
    """The resource with the hospital's codes in the place of the standard ones."""
    names = {code: local for local, code in LABORATORY.items()}

    def change(coding: Resource) -> Resource:
        if coding["system"] == LOINC and coding["code"] in names:
            return {"system": LOCAL, "code": names[coding["code"]]}
        return coding

    return with_codings(resource, change)


def test_local_result_codes_are_asked_for_and_read(folder: Path, tmp_path: Path) -> None:
    service = client(tmp_path, CDS_TERMINOLOGY_DIR=str(folder))
    _, standard = post(service, "explain", ABLATION.request)
    with Ehr(record_of(ABLATION).mapped(locally)) as ehr:
        status, local = post(service, "explain", asking(ABLATION, ehr))
        asked = " ".join(str(one.parameters.get("code")) for one in ehr.of("Observation"))
    assert status == 200
    assert differences(concluded(standard), concluded(local)) == []
    assert f"{LOCAL}|L-PLT" in asked


def test_without_the_folder_local_codes_say_nothing(tmp_path: Path) -> None:
    service = client(tmp_path)
    with Ehr(record_of(ABLATION).mapped(locally)) as ehr:
        _, explanation = post(service, "explain", asking(ABLATION, ehr))
    assert explanation["cea"]["latest"] is None
    assert "PLATELETS" in {need["code"] for need in explanation["needs"]}


def test_a_local_order_code_is_recognised(folder: Path, tmp_path: Path) -> None:
    request = json.loads(json.dumps(ABLATION.request))
    for entry in request["context"]["draftOrders"]["entry"]:
        entry["resource"]["code"] = {"coding": [{"system": LOCAL, "code": "RF-LUNG"}]}
    recognised = post(client(tmp_path, CDS_TERMINOLOGY_DIR=str(folder)), "explain", request)[1]
    unknown = post(client(tmp_path), "explain", request)[1]
    assert [order["classes"] for order in recognised["orders"]] == [["lung-ablation"]]
    assert "O-01" in recognised["orders"][0]["rules"]
    assert not any(order["classes"] for order in unknown["orders"])


def test_the_templates_ask_for_local_codes_in_a_form_that_a_url_can_hold(folder: Path, tmp_path: Path) -> None:
    discovered = client(tmp_path, CDS_TERMINOLOGY_DIR=str(folder)).get("/cds-services").get_json()
    templates = {service["prefetch"]["observations"] for service in discovered["services"]}
    assert len(templates) == 1
    (template,) = templates
    assert template.endswith(f"{LOCAL}|L-CEA%5C%2C%20serum,{LOCAL}|L-INR,{LOCAL}|L-PLT")
    assert " " not in template


@pytest.mark.parametrize(
    ("resource", "fault"),
    [
        (concept_map(LOINC, {"L-CEA": "9999-9"}), "code L-CEA stands for 9999-9"),
        (concept_map(LOINC, {"L-CEA": "2039-6"}, status="retired"), "its status is retired"),
        ({"resourceType": "Bundle"}, "neither a ValueSet nor a ConceptMap"),
    ],
    ids=["unknown target", "retired", "another resource"],
)
def test_a_faulty_folder_keeps_the_service_from_starting(
    resource: Resource, fault: str, folder: Path, tmp_path: Path
) -> None:
    (folder / "faulty.json").write_text(json.dumps(resource), encoding="utf-8")
    with pytest.raises(TerminologyInvalid) as refused:
        client(tmp_path, CDS_TERMINOLOGY_DIR=str(folder))
    assert "faulty.json" in refused.value.message
    assert fault in refused.value.message
    assert "laboratory.json" not in refused.value.message


def test_an_auditor_can_tell_that_site_codes_read_the_record(folder: Path, tmp_path: Path) -> None:
    """The hash of the codes stands on the card, in the explanation and at /health/ready."""
    packaged, extended = client(tmp_path), client(tmp_path, CDS_TERMINOLOGY_DIR=str(folder))
    told = {}
    for name, service in (("packaged", packaged), ("extended", extended)):
        ready = service.get("/health/ready").get_json()["terminology"]
        explanation = post(service, "explain", ABLATION.request)[1]
        assert explanation["terminology"] == {"hash": ready["hash"]}
        extensions = [card["extension"] for card in explanation["cards"]]
        on_cards = {one[EXTENSION]["hash"] for one in extensions if EXTENSION in one}
        told[name] = (ready["hash"], ready["siteFiles"], on_cards)
    assert told["packaged"][1:] == (0, set())
    assert told["extended"][1:] == (2, {told["extended"][0]})
    assert told["packaged"][0] != told["extended"][0]
