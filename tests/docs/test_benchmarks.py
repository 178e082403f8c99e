"""What the measurements rest on: the same bytes each time, right answers, an equal floor. Nothing here is timed."""

from __future__ import annotations

from contextlib import ExitStack
from xml.etree import ElementTree

import orjson
import pytest

from benchmarks import floor, in_process, over_http, plot, report
from benchmarks.__main__ import verdict
from benchmarks.floor import ANSWER
from benchmarks.payloads import SIZES, hook_request
from benchmarks.report import Spread
from cds_service.serving import server
from tests.processes import starts_process


@pytest.fixture(scope="module")
def decide():
    return in_process.decider()


@pytest.mark.parametrize("size", [size for size in SIZES.values() if size <= 1_000_000])
def test_a_body_has_its_size_and_is_the_same_each_time(size):
    body = hook_request(size)
    assert size <= len(body) < size + 3000
    assert hook_request(size) == body
    assert hook_request(size, seed=2) != body


def decided(explanation: dict) -> dict:
    """The assessment without what tells how much was read: a criterion is "unknown" where its source did not come."""
    apart = {"sources", "dataQuality", "cards", "criteria", "assessmentHash"}
    return {name: value for name, value in explanation.items() if name not in apart}


def said(decision) -> list[dict]:
    """The cards without the assessment's hash, which also covers how much was read."""
    found = decision.response()["cards"]
    for card in found:
        card["extension"].pop("org.example.crc-lung-metastasis.assessment")
    return found


def test_the_core_of_the_body_is_a_patient_with_options(decide):
    explanation = decide(orjson.loads(hook_request(0))).explanation()
    assert explanation["population"] == "in"
    assert {name: therapy["result"] for name, therapy in explanation["therapies"].items()} == {
        "surgery": "ELIGIBLE",
        "sbrt": "CONDITIONAL",  # no zone was recorded
        "ablation": "CONDITIONAL",
        "hybrid": "NOT_OFFERED",
        "imrt": "NOT_OFFERED",
    }
    assert explanation["dataQuality"] == []


def test_without_the_cancer_there_is_nothing_to_add(decide):
    decision = decide(orjson.loads(hook_request(SIZES["36 kB"], affected=False)))
    assert decision.response() == {"cards": []}
    assert decision.explanation()["population"] == "out"


@pytest.mark.parametrize("size", ["36 kB", "347 kB"])
@pytest.mark.parametrize("seed", [1, 2])
def test_filler_changes_nothing_in_the_decision(decide, size, seed):
    core = decide(orjson.loads(hook_request(0)))
    full = decide(orjson.loads(hook_request(SIZES[size], seed=seed)))
    assert decided(full.explanation()) == decided(core.explanation())
    assert said(full) == said(core)


def test_the_floor_runs_under_the_settings_of_the_service():
    assert floor.THREADS == server.THREADS
    assert floor.KEEP_ALIVE_S == server.KEEP_ALIVE_S
    assert floor.GC_THRESHOLDS == server.GC_THRESHOLDS


@starts_process
@pytest.mark.parametrize(
    "contender", [over_http.OURS, over_http.FLOOR, *over_http.own_servers()], ids=lambda one: one.name
)
def test_what_is_measured_starts_and_answers(contender, decide):
    body = hook_request(SIZES["36 kB"])
    with ExitStack() as stack:
        sample = over_http.start(stack, contender).measure(contender.path, body, requests=2)
    expected = ANSWER if contender is over_http.FLOOR else orjson.dumps(decide(orjson.loads(body)).response())
    over_http.check([sample], expected=expected)


def test_growth_is_the_slope_on_logarithmic_axes():
    assert in_process.exponent([(10, 1.0), (100, 10.0), (1000, 100.0)]) == pytest.approx(1)
    assert in_process.exponent([(10, 1.0), (100, 100.0)]) == pytest.approx(2)


def test_the_page_has_a_part_to_write_into(tmp_path, monkeypatch):
    page = tmp_path / "performance.md"
    page.write_text(report.PAGE.read_text())
    monkeypatch.setattr(report, "PAGE", page)
    report.write("one\n\ntwo")
    report.write("three")
    assert f"{report.MARKS[0]}\nthree\n{report.MARKS[1]}" in page.read_text()
    assert "one" not in page.read_text().partition(report.MARKS[0])[2].partition(report.MARKS[1])[0]


def test_a_chart_of_oncology_leads_to_the_same_options_and_is_read_closely(decide):
    core = decide(orjson.loads(hook_request(0)))
    rich = decide(orjson.loads(hook_request(SIZES["36 kB"], rich=True)))
    assert {name: item.result for name, item in rich.assessment.therapies.items()} == {
        name: item.result for name, item in core.assessment.therapies.items()
    }
    assert len(rich.assessment.cea.series) > len(core.assessment.cea.series)


def test_a_target_is_met_by_the_median_or_said_to_be_met_in_the_best_round_only():
    assert verdict(Spread(1.0, 0.9, 1.2), "<= 1.1") == "met"
    assert verdict(Spread(1.2, 1.0, 1.3), "<= 1.1") == "met in the best round"
    assert verdict(Spread(1.2, 1.15, 1.3), "<= 1.1") == "**not met**"
    assert verdict(Spread(9.0, 5.0, 10.0), ">= 8") == "met"
    assert verdict(Spread(7.0, 5.0, 8.5), ">= 8") == "met in the best round"


def test_the_plot_is_a_picture_with_a_line_for_each_name():
    lines = {"parse": [(1e4, 0.05), (6e6, 60.0)], "decision": [(1e4, 1.0), (6e6, 55.0)]}
    picture = ElementTree.fromstring(plot.svg(lines))  # noqa: S314 - our own
    drawn = [part.tag.rpartition("}")[2] for part in picture]
    assert drawn.count("polyline") == 2
    assert {"parse", "decision", "10 kB"} <= {part.text for part in picture}
