"""A real Prometheus reads the running service: every question of the dashboard and of the alerts has an answer."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from fhir_fixtures import case
from tests.integration.prometheus import FILES, Prometheus, program, running_prometheus
from tests.integration.serving import Running
from tests.resilience.ehr import Ehr, running_ehr
from tests.resilience.load import KINDS, PUBLIC, Load, wait_for
from tests.resilience.service import signed_service, sqlite
from tests.spec.console_page import query
from tests.unit.signing import token

PATH = "/cds-services/crc-lung-metastasis-patient-view"
BOARD = json.loads((FILES / "dashboard.json").read_text())
RULES: list[dict[str, Any]] = yaml.safe_load((FILES / "alerts.yml").read_text())["groups"][0]["rules"]
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
ASKED = [(panel["title"], query(target["expr"])) for panel in PANELS for target in panel["targets"]]
LIMIT = re.compile(r" > [\d.]+")
VALIDLY_NOTHING = {
    "CdsServiceGone": "there is a service",
    "CdsFailing": "no call has failed by the service's own fault",
}


def call(service: Running, ehr: Ehr, path: str, body: Any, *, signed_with: str = "ec") -> tuple[int, Any]:
    signed = token(signed_with, aud=f"{PUBLIC}{path}", header={"jku": ehr.jku, "kid": "ec"})
    return service.post(path, body, signed)


def traffic(service: Running, ehr: Ehr) -> None:
    """Every kind of answer: cards at each hook, nothing, feedback, a card set aside, and refusals."""
    load = Load(service, ehr)
    assert {load.call(kind).verdict for kind in KINDS} == {"right"}
    patient = case("icd10cm-only").request  # none of KINDS: those are judged by their cards
    answer = call(service, ehr, PATH, patient)[1]
    if answer["cards"]:  # the first time; from then on they stay away
        said = {"card": answer["cards"][0]["uuid"], "outcome": "overridden"}
        feedback = {"feedback": [said | {"outcomeTimestamp": "2025-06-01T12:00:00Z"}]}
        assert call(service, ehr, f"{PATH}/feedback", feedback)[0] == 200
    assert call(service, ehr, PATH, patient) == (200, {"cards": []})
    assert call(service, ehr, PATH, {**patient, "prefetch": {}})[0] == 412
    assert call(service, ehr, PATH, patient, signed_with="ec-stranger")[0] == 401


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """One that has seen traffic, and then the same again: a rate needs two readings that differ."""
    program()
    folder = tmp_path_factory.mktemp("prometheus")
    with running_ehr() as ehr, signed_service(folder, sqlite(folder), ehr) as service:
        traffic(service, ehr)
        with running_prometheus(folder, service.port) as found:
            wait_for(read(found, at_least=1), 60)
            traffic(service, ehr)
            wait_for(read(found, at_least=2), 60)
            wait_for(lambda: all(rule["lastEvaluation"] > "1" for rule in rules(found)), 60)
            yield found


def read(prometheus: Prometheus, at_least: int) -> Callable[[], bool]:
    """Whether Prometheus has seen so many calls of a stranger, the last of each round of traffic; twice, for a rate."""

    def seen() -> bool:
        counted = prometheus.query('cds_requests_total{status="401"}')
        readings = prometheus.query('count_over_time(cds_requests_total{status="401"}[1m])')
        return sum(float(one["value"][1]) for one in counted) >= at_least and float(readings[0]["value"][1]) >= 2

    return seen


def rules(prometheus: Prometheus) -> list[dict[str, Any]]:
    groups = json.loads(prometheus.get("/api/v1/rules"))["data"]["groups"]
    return [rule for group in groups for rule in group["rules"]]


def numbers(series: list[dict[str, Any]]) -> list[float]:
    return [number for one in series if not math.isnan(number := float(one["value"][1]))]


@pytest.mark.parametrize(("title", "expression"), ASKED)
def test_every_panel_has_something_to_show(title: str, expression: str, prometheus: Prometheus) -> None:
    assert numbers(prometheus.query(expression)), title


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_looks_at_something_that_is_there(rule: dict[str, Any], prometheus: Prometheus) -> None:
    """Without its limit, each rule gives a number; two rightly give nothing while all is well."""
    found = numbers(prometheus.query(LIMIT.sub("", rule["expr"]).partition(" unless ")[0]))
    assert bool(found) is (rule["alert"] not in VALIDLY_NOTHING)


def test_prometheus_takes_the_rules_and_none_fires_while_all_is_well(prometheus: Prometheus) -> None:
    found = rules(prometheus)
    assert [(rule["name"], rule["health"]) for rule in found] == [(rule["alert"], "ok") for rule in RULES]
    assert {rule["name"] for rule in found if rule["state"] == "firing"} == set()


def test_the_page_that_prometheus_shows_answers_every_question_of_the_dashboard(prometheus: Prometheus) -> None:
    page = prometheus.get("/consoles/cds.html")
    assert "error" not in re.sub(r"<[^>]*>", "", page).lower().replace("refusals by error code", "")
    assert "{{" not in page and "nothing yet" not in page
    for panel in PANELS:
        part = page.partition(f">{panel['title']}</a>")[2].partition("</section>")[0]
        assert part.count("<tr>") >= len(panel["targets"]), panel["title"]
    instances = page.partition(">Instances</a>")[2].partition("</section>")[0]
    assert instances.count(">answers<") == 1
