"""The dashboard and the alert rules name metrics and labels that exist, and do what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from cds_service.knowledge import load_knowledge
from cds_service.monitoring.metrics import Metrics

FOLDER = Path(__file__).parent.parent.parent / "deploy" / "observability"
BOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
OF_PROMETHEUS = {"job", "instance", "le"}


def metrics_and_labels() -> dict[str, set[str]]:
    """Every series name that the service can show, with its labels; times of creation are not shown."""
    found: dict[str, set[str]] = {}
    registry: CollectorRegistry = Metrics(load_knowledge())._registry
    for metric, series in registry._collector_to_names.items():
        for name in series:
            if not name.endswith("_created"):
                found[name] = set(metric._labelnames)  # type: ignore[attr-defined]
    return found


def names(expression: str) -> set[str]:
    return set(re.findall(r"\bcds_[a-z_]+", expression))


def labels(expression: str) -> dict[str, set[str]]:
    """The labels that an expression asks of each metric."""
    asked: dict[str, set[str]] = {}
    for name, inside in re.findall(r"\b(cds_[a-z_]+)\{([^}]*)\}", expression):
        asked.setdefault(name, set()).update(re.findall(r"(\w+)\s*(?:=~|!=|=)", inside))
    return asked


ON_PANELS = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
EXPRESSIONS = ON_PANELS + [(rule["alert"], rule["expr"]) for rule in RULES]


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS)
def test_every_metric_and_label_that_is_asked_for_exists(title: str, expression: str) -> None:
    known = metrics_and_labels()
    assert names(expression) and names(expression) <= set(known), title
    for name, asked in labels(expression).items():
        assert asked <= known[name] | OF_PROMETHEUS, title
    grouped = {label for group in re.findall(r"by \(([^)]*)\)", expression) for label in re.split(r",\s*", group)}
    assert grouped <= set().union(*(known[name] for name in names(expression))) | OF_PROMETHEUS, title


def test_every_metric_has_its_place_on_the_page_and_on_the_dashboard() -> None:
    page = (FOLDER.parent.parent / "docs/how-to/observe.md").read_text()
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in metrics_and_labels()}
    families = {name for name in families if f"{name}_total" not in families}
    assert {name for name in families if f"| `{name}` |" not in page} == set()
    shown = {re.sub(r"_(bucket|count|sum)$", "", name) for _, expression in ON_PANELS for name in names(expression)}
    assert families - shown == set()


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    assert {"uid", "title", "schemaVersion", "panels", "templating", "time"} <= set(BOARD)
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
    taken = [(p["gridPos"]["x"] + dx, p["gridPos"]["y"]) for p in PANELS for dx in range(p["gridPos"]["w"])]
    assert len(taken) == len(set(taken))
    for panel in PANELS:
        assert panel["title"] and panel["type"] in {"timeseries", "stat", "bargauge"}
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert [target["refId"] for target in panel["targets"]] == list("ABC"[: len(panel["targets"])])
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_grave_it_is_what_it_means_and_where_to_look(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"]["summary"] and rule["annotations"]["description"]


def test_the_alerts_fire_when_they_should() -> None:
    """Prometheus' own tool reads the rules and runs their tests; each rule has one."""
    tool = shutil.which("promtool")
    if tool is None:
        if os.environ.get("CI"):
            pytest.fail("promtool is not installed (Debian: prometheus)")
        pytest.skip("promtool is not installed")
    groups = yaml.safe_load((FOLDER / "alerts.test.yml").read_text())["tests"]
    tested = {case["alertname"] for group in groups for case in group["alert_rule_test"]}
    assert tested == {rule["alert"] for rule in RULES}
    for command in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]):
        done = subprocess.run([tool, *command], cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
