"""The pages of rules, numbers and sources, as they are served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.knowledge import Knowledge, load_knowledge
from cds_service.web.pages import blueprint

KNOWLEDGE = load_knowledge()


def served(knowledge: Knowledge) -> FlaskClient:
    app = Flask("pages")
    app.register_blueprint(blueprint(knowledge))
    return app.test_client()


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    with served(KNOWLEDGE) as client:
        yield client


def test_every_rule_is_an_anchor(client: FlaskClient) -> None:
    page = client.get("/rules").get_data(as_text=True)
    assert [rule for rule in KNOWLEDGE.rules if f'<article id="{rule}"' not in page] == []


def test_every_number_is_on_the_page_with_its_value(client: FlaskClient) -> None:
    page = client.get("/parameters").get_data(as_text=True)
    assert [one for one in KNOWLEDGE.parameters if f'<tr id="{one}">' not in page] == []
    assert "≤ 50 mm" in page


@pytest.mark.parametrize("source", sorted(KNOWLEDGE.evidence))
def test_every_source_has_a_page(client: FlaskClient, source: str) -> None:
    answer = client.get(f"/evidence/{source}")
    assert answer.status_code == 200
    assert f"<h1>{source}</h1>" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/rules", "/parameters", "/evidence", "/evidence/brunelli-2009"])
def test_each_page_has_a_json_twin(client: FlaskClient, path: str) -> None:
    by_query = client.get(path, query_string={"format": "json"}).get_json()
    by_header = client.get(path, headers={"Accept": "application/json"}).get_json()
    assert by_query == by_header
    assert by_query["knowledge"]["hash"] == KNOWLEDGE.hash
    assert by_query["content"]


def test_a_page_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    answer = client.get("/rules")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.get_data(as_text=True)


def test_a_local_number_is_marked() -> None:
    parameter = replace(KNOWLEDGE.parameter("sbrt.maxDiameterMm"), local=True)
    local = replace(KNOWLEDGE, parameters={**KNOWLEDGE.parameters, parameter.id: parameter})
    with served(local) as client:
        assert "local policy" in client.get("/parameters").get_data(as_text=True)
        assert "local policy" in client.get("/rules").get_data(as_text=True)
    with served(KNOWLEDGE) as client:
        assert '<span class="local">' not in client.get("/parameters").get_data(as_text=True)


def test_text_of_the_knowledge_is_escaped() -> None:
    rule = replace(KNOWLEDGE.rule("S-04"), statement="<script>alert(1)</script>")
    with served(replace(KNOWLEDGE, rules={**KNOWLEDGE.rules, "S-04": rule})) as client:
        assert "&lt;script&gt;" in client.get("/rules").get_data(as_text=True)
