"""Vignettes of the rule base through HTTP: what the explanation says, and that the cards are those of the service."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.protocol.card_rules import check_response
from tests.spec.core import explain
from tests.spec.lesion_words import lesions
from tests.spec.patients import patient
from tests.spec.resources import SNOMED, concept, service_request
from tests.spec.tables import STYLES, Row, changes, rows
from tests.spec.vignettes import letters
from tests.spec.wire import client, post

VIGNETTES = rows("""
    vignette | lesions                                   | changes                        | SBA | suggest | cards
    ---------+-------------------------------------------+--------------------------------+-----+---------+------
    1        | 15 R peripheral                           |                                | EEE | yes     | some
    5        | 4 x 20 R peripheral                       |                                | ECN | yes     | some
    7        | 3 x 18 R peripheral + 3 x 18 L peripheral |                                | CNN | yes     | some
    28       | 15 R peripheral                           | plt=49                         | EEK | yes     | some
    36       | 15 R peripheral                           | mdt_requested=2025-05-20       | EEE | no      | any
    38       | 15 R peripheral                           | hospice=true                   | --- | no      | any
    39       | 15 R peripheral                           | deceased=true                  | --- | no      | none
    41       |                                           | style=icd10; lung_icd=C78.00   | UUU | yes     | some
    49       | 15 R peripheral                           | extra=null                     | CCC | yes     | some
""")


@pytest.fixture(scope="module")
def ehr(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return client(tmp_path_factory.mktemp("state"))


def request_of(row: Row, style: str, **more: Any) -> dict[str, Any]:
    return patient(**({"style": style, "lesions": lesions(row["lesions"])} | changes(row["changes"]) | more))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("row", VIGNETTES, ids=lambda row: row["vignette"])
def test_vignette_over_http(row: Row, style: str, ehr: FlaskClient) -> None:
    request = request_of(row, style)
    status, explanation = post(ehr, "explain", request)
    assert status == 200
    assert letters(explanation) == row["SBA"]
    assert explanation["mdt"]["suggest"] is (row["suggest"] == "yes")
    if row["cards"] != "any":
        assert bool(explanation["cards"]) is (row["cards"] == "some")


@pytest.mark.parametrize("row", VIGNETTES, ids=lambda row: row["vignette"])
def test_cards_are_those_of_the_explanation(row: Row, ehr: FlaskClient) -> None:
    request = request_of(row, "mcode")
    status, response = post(ehr, "cds-services", request)
    assert status == 200
    assert check_response(response) == []
    assert response["cards"] == post(ehr, "explain", request)[1]["cards"]


@pytest.mark.parametrize("row", VIGNETTES, ids=lambda row: row["vignette"])
def test_http_says_what_the_core_says(row: Row, ehr: FlaskClient) -> None:
    request = request_of(row, "plain")
    over_http, in_process = post(ehr, "explain", request)[1], explain(request)
    for part in ("classification", "therapies", "order", "mdt", "needs", "prognosis"):
        assert over_http[part] == in_process[part]


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_order_that_does_not_fit_over_http(hook: str, ehr: FlaskClient) -> None:
    """Vignette 28 at order entry (O-01): the ablation that low platelets block."""
    place = {"bodySite": [concept(SNOMED, "39607008")]}
    order = service_request("draft", concept(SNOMED, "879916008"), on="2025-06-01", status="draft", **place)
    status, response = post(ehr, "cds-services", patient(hook=hook, orders=[order], plt=49))
    assert status == 200
    assert check_response(response) == []
    assert 1 <= len(response["cards"]) <= 2
    assert response["cards"][0]["indicator"] == "warning"
