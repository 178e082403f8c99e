"""CDS Hooks, Discovery. Each test names the section whose requirement it holds."""

from __future__ import annotations

import pytest

from cds_service.hooks.services import services
from cds_service.protocol.templates import lint
from cds_service.terminology import load_terminology
from tests.contract.requirements import proves
from tests.contract.service import BASE, HOOKS, PATIENT_VIEW, app, client, request


@proves("DISC-01", "DISC-02", "WIRE-01", "DISC-13", "KIT-01", "OWN-02")
def test_discovery_http_request_the_endpoint_always_exists_and_lists_services() -> None:
    answer = client().get("/cds-services")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert {service["hook"] for service in answer.get_json()["services"]} == set(HOOKS)


@proves("DISC-03", "DISC-05")
def test_discovery_response_required_attributes_are_strings() -> None:
    for service in client().get("/cds-services").get_json()["services"]:
        for name in ("hook", "id", "description", "title"):
            assert isinstance(service[name], str)
            assert service[name]


@proves("WIRE-03")
def test_discovery_response_no_attribute_is_null_or_empty() -> None:
    for service in client().get("/cds-services").get_json()["services"]:
        assert all(value not in (None, "", [], {}) for value in service.values())


@proves("DISC-06", "OWN-01")
def test_discovery_response_the_version_of_the_specification_is_announced() -> None:
    assert {service["version"] for service in client().get("/cds-services").get_json()["services"]} == {"3.0.0"}


@proves("DISC-04")
def test_discovery_response_only_known_attributes_are_sent() -> None:
    known = {"hook", "title", "description", "id", "prefetch", "usageRequirements", "version", "hookVersion"}
    for service in client().get("/cds-services").get_json()["services"]:
        assert set(service) <= known


@proves("DISC-09", "OWN-02", "DISC-10")
def test_discovery_response_one_id_for_each_hook_by_default() -> None:
    found = {service["hook"]: service["id"] for service in client().get("/cds-services").get_json()["services"]}
    assert found == {hook: f"{BASE}-{hook}" for hook in HOOKS}


@proves("DISC-08", "OWN-02", "USER-14")
def test_discovery_response_services_may_share_an_id_and_are_told_apart_by_their_hook() -> None:
    shared = app(service_ids="shared").test_client()
    assert {service["id"] for service in shared.get("/cds-services").get_json()["services"]} == {BASE}
    for name in ("mcode-rich-solitary", "order-ablation-low-platelets"):
        assert shared.post(f"/cds-services/{BASE}", json=request(name)).get_json()["cards"]
    assert shared.post(PATIENT_VIEW, json=request()).status_code == 404


@proves("DISC-12", "USER-15")
def test_discovery_response_may_be_kept_and_asked_again() -> None:
    etag = client().get("/cds-services").headers["ETag"]
    again = client().get("/cds-services", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert client().get("/cds-services", headers={"If-None-Match": '"other"'}).status_code == 200


@proves("DISC-14")
def test_discovery_a_trailing_slash_is_no_redirect() -> None:
    assert client().get("/cds-services/").status_code == 200


@proves("TMPL-01", "TMPL-02", "TMPL-03", "TMPL-04")
@pytest.mark.parametrize("hook", HOOKS)
def test_prefetch_template_every_template_keeps_the_restrictions(hook: str) -> None:
    service = next(found for found in services(load_terminology()) if found.hook == hook)
    assert lint(service) == []


@proves("USER-02")
@pytest.mark.parametrize("hook", HOOKS)
def test_prefetch_template_the_needed_keys_have_templates_and_types(hook: str) -> None:
    service = next(found for found in services(load_terminology()) if found.hook == hook)
    assert set(service.needs) <= set(service.prefetch)
    assert service.types["patient"] == "Patient"
    assert service.types["conditions"] == "Condition"
