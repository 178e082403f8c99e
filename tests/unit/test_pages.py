"""The pages of rules, numbers and sources, as they are served."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from cds_service.knowledge import CERTAINTY_TAGS, Knowledge, load_knowledge
from cds_service.knowledge.changelog import read_changelog
from cds_service.values import replace
from cds_service.web.pages import blueprint
from cds_service.web.rule_tables import tables_of
from tests.spec import wire

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


TWINS = ["/rules", "/rules/S-04", "/parameters", "/evidence", "/evidence/brunelli-2009", "/governance"]


@pytest.mark.parametrize("path", TWINS)
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


OVERRIDE = """
[override]
"sbrt.maxDiameterMm" = 40
reason = "Board of March <b>2027</b>"
signed_by = "Clinical governance lead"
"""


@pytest.fixture
def local_client(tmp_path: Path) -> Iterator[FlaskClient]:
    """The pages of a site with one number of its own."""
    path = tmp_path / "site.toml"
    path.write_text(OVERRIDE, encoding="utf-8")
    with served(load_knowledge(path)) as client:
        yield client


@pytest.mark.parametrize("path", ["/parameters", "/rules", "/rules/R-02", "/evidence/jung-2015", "/governance"])
def test_a_local_number_stands_beside_the_packaged_one(path: str, local_client: FlaskClient) -> None:
    page = " ".join(local_client.get(path).get_data(as_text=True).split())
    if "sbrt.maxDiameterMm" in page or "Largest diameter for SBRT" in page:
        assert "≤ 40 mm" in page
        assert "≤ 50 mm" in page
        assert "local policy" in page
        assert "Board of March &lt;b&gt;2027&lt;/b&gt;" in page
    else:
        assert path.startswith("/evidence/")


def test_the_twin_tells_the_local_and_the_packaged_number(local_client: FlaskClient) -> None:
    numbers = {item["id"]: item for item in local_client.get("/parameters?format=json").get_json()["content"]}
    own = numbers["sbrt.maxDiameterMm"]
    assert (own["value"], own["packaged"], own["local"], own["signed_by"]) == (40, 50, True, "Clinical governance lead")
    assert numbers["rfa.maxDiameterMm"]["packaged"] is None


def test_nothing_is_called_local_where_nothing_is(client: FlaskClient) -> None:
    for path in TWINS:
        assert '<span class="local">' not in client.get(path).get_data(as_text=True)


@pytest.mark.parametrize("rule", sorted(KNOWLEDGE.rules))
def test_every_rule_has_a_page_with_what_speaks_for_and_against_it(client: FlaskClient, rule: str) -> None:
    answer = client.get(f"/rules/{rule}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f"<h1>{rule} " in page
    assert page.count("What speaks against it") == len(KNOWLEDGE.rule(rule).evidence)
    for tag in KNOWLEDGE.rule(rule).certainty:
        assert CERTAINTY_TAGS[tag] in page


def test_a_rule_page_shows_its_decision_table_before_its_cases(client: FlaskClient) -> None:
    page = client.get("/rules/R-02").get_data(as_text=True)
    assert 0 < page.index("Every input: ") < page.index("Cases: ")
    assert "SIZE_OVER_LIMIT" in page


@pytest.mark.parametrize("rule", sorted(KNOWLEDGE.rules))
def test_a_rule_page_shows_every_reason_that_the_rule_can_give(client: FlaskClient, rule: str) -> None:
    page = client.get(f"/rules/{rule}").get_data(as_text=True)
    shown = re.sub(r"<[^>]+>", "", page)
    for told in KNOWLEDGE.rule(rule).reasons.values():
        assert told.code in shown
        assert str(escape(re.sub(r"[{}]", "", told.text.pattern))) in shown
        assert told.when is None or f"<code>{told.when}</code> is on record" in page
        assert told.need is None or KNOWLEDGE.texts[f"need.{told.need}"].parts[0] in shown


def test_a_rule_that_nothing_carries_out_says_why(client: FlaskClient) -> None:
    silent = [rule for rule in KNOWLEDGE.rules.values() if rule.text_only]
    assert silent
    for rule in silent:
        assert str(escape(str(rule.text_only))) in client.get(f"/rules/{rule.id}").get_data(as_text=True)


def test_the_page_of_a_rule_is_linked_from_the_list_and_from_its_neighbours(client: FlaskClient) -> None:
    assert '<a href="/rules/S-04">S-04</a>' in client.get("/rules").get_data(as_text=True)
    assert 'rel="next" href="/rules/S-04"' in client.get("/rules/S-03").get_data(as_text=True)


BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    "path", ["/rules/S-99", "/evidence/nobody-1999", "/rules?version=0.9", "/governance?version=0.9"]
)
def test_what_is_not_there_is_404_for_a_person_and_for_a_program(path: str, tmp_path: Path) -> None:
    ehr = wire.client(tmp_path)
    page = ehr.get(path, headers=BROWSER)
    assert page.status_code == 404
    assert KNOWLEDGE.hash in page.get_data(as_text=True)
    for headers in ({}, {"Accept": "application/json"}, {"Accept": "*/*"}):
        answer = ehr.get(path, headers=headers)
        assert answer.status_code == 404
        outcome = answer.get_json()
        assert outcome["resourceType"] == "OperationOutcome"
        assert KNOWLEDGE.version in outcome["issue"][0]["diagnostics"]


@pytest.mark.parametrize("version", [KNOWLEDGE.version, KNOWLEDGE.hash])
def test_an_address_with_the_loaded_version_is_answered(client: FlaskClient, version: str) -> None:
    assert client.get("/rules/S-04", query_string={"version": version}).status_code == 200


def test_the_document_for_the_board_holds_everything_and_its_contents_lead_there(client: FlaskClient) -> None:
    page = client.get("/governance").get_data(as_text=True)
    assert KNOWLEDGE.hash in page
    assert KNOWLEDGE.status in page
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert set(KNOWLEDGE.rules) | set(KNOWLEDGE.parameters) <= ids
    assert {f"source-{name}" for name in KNOWLEDGE.evidence} <= ids
    assert [link for link in re.findall(r'href="#([^"]+)"', page) if link not in ids] == []
    assert "Clinical effect: first version" in page


def test_the_changelog_of_the_content_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "CHANGELOG.md"
    path.write_text("# Title\n\nIntro.\n\n## 2.0.0\n\nEffect:\nnone.\n- one\n  goes on\n- two\n\n## 1.0.0\n\nFirst.\n")
    newest, first = read_changelog(path)
    assert (newest.name, newest.paragraphs, newest.items) == ("2.0.0", ("Effect: none.",), ("one goes on", "two"))
    assert (first.name, first.paragraphs, first.items) == ("1.0.0", ("First.",), ())


def test_every_table_of_the_specification_is_at_its_rule() -> None:
    for rule in KNOWLEDGE.rules:
        assert all(rule in table.rules for table in tables_of(rule))
    assert [table.kind for table in tables_of("A-01")][:1] == ["decision"]


def test_text_of_the_knowledge_is_escaped() -> None:
    rule = replace(KNOWLEDGE.rule("S-04"), statement="<script>alert(1)</script>")
    with served(replace(KNOWLEDGE, rules={**KNOWLEDGE.rules, "S-04": rule})) as client:
        assert "&lt;script&gt;" in client.get("/rules").get_data(as_text=True)
