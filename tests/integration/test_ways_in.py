"""The same patient through prefetch, through fetching, and through some of each: one assessment."""

from __future__ import annotations

from itertools import islice

import pytest
from flask.testing import FlaskClient

from fhir_fixtures import Case, case, cases
from tests.ehr.comparing import asking, concluded, differences, whole
from tests.ehr.record import record_of
from tests.ehr.server import Ehr
from tests.spec.core import RESOURCE_TYPES
from tests.spec.wire import client, post

KEYS = tuple(RESOURCE_TYPES)
ANSWERED = [one for one in cases() if one.expected["status"] == 200]
#: Cases with a key that was not sent or was refused: the EHR refuses it too, and the card says so in other words.
PARTIAL = {one.id for one in ANSWERED if record_of(one).closed}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return client(tmp_path_factory.mktemp("state"))


@pytest.mark.parametrize("one", ANSWERED, ids=lambda one: one.id)
@pytest.mark.parametrize(
    "sent",
    [frozenset(), frozenset(islice(KEYS, 0, None, 2)), frozenset(islice(KEYS, 1, None, 2)), frozenset(KEYS)],
    ids=["all fetched", "every second key sent", "the other half sent", "all sent"],
)
def test_assessment_is_the_same_whichever_way_the_facts_came(
    one: Case, sent: frozenset[str], service: FlaskClient
) -> None:
    _, through_prefetch = post(service, "explain", one.request)
    with Ehr(record_of(one)) as ehr:
        status, explained = post(service, "explain", asking(one, ehr, sent=sent))
    assert status == 200
    view = concluded if one.id in PARTIAL else whole
    assert differences(view(through_prefetch), view(explained)) == []


@pytest.mark.parametrize("one", ANSWERED, ids=lambda one: one.id)
def test_only_what_was_not_sent_is_asked_for(one: Case, service: FlaskClient) -> None:
    with Ehr(record_of(one)) as ehr:
        request = asking(one, ehr, sent=frozenset(islice(KEYS, 0, None, 2)))
        post(service, "cds-services", request)
        asked = sorted(one.kind for one in ehr.asked)
    assert asked == sorted(RESOURCE_TYPES[key] for key in KEYS if key not in request["prefetch"])


def test_each_search_names_the_patient_and_only_what_the_weakest_ehr_knows(service: FlaskClient) -> None:
    one = case("mcode-rich-solitary")
    with Ehr(record_of(one)) as ehr:
        post(service, "cds-services", asking(one, ehr))
    patient = one.request["context"]["patientId"]
    assert [asked.path for asked in ehr.of("Patient")] == [f"/fhir/Patient/{patient}"]
    searches = [asked.parameters for asked in ehr.asked if asked.kind != "Patient"]
    assert all(parameters["patient"] == [patient] for parameters in searches)
    assert {name for parameters in searches for name in parameters} == {"patient", "code", "category"}
    assert all("|" in code for asked in ehr.of("Observation") for code in asked.parameters.get("code", []))


def test_a_record_without_conditions_is_412_on_either_way(service: FlaskClient) -> None:
    one = case("prefetch-missing")
    assert post(service, "cds-services", one.request)[0] == 412
    with Ehr(record_of(one)) as ehr:
        status, outcome = post(service, "cds-services", asking(one, ehr))
    assert status == 412
    assert "403" in outcome["issue"][0]["diagnostics"] + outcome["issue"][0].get("details", {}).get("text", "")
