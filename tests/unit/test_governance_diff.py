"""The difference between two contents: every noticed change of a shipped case, and no other."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from cds_service.errors import CdsError
from cds_service.governance.content import content_named
from cds_service.governance.diff import compare, facets
from cds_service.governance.diff_pages import to_json
from cds_service.hooks.decide import Site
from cds_service.knowledge import Knowledge, load_knowledge
from cds_service.oncology.report.compare import Changed
from cds_service.settings import Settings
from cds_service.site import load_site
from cds_service.values import replace
from fhir_fixtures import case, cases

PACKAGED = load_knowledge()
FOUR_ON_ONE_SIDE = case("order-ablation-four-on-one-side")


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(Settings(knowledge_overrides=None), fixed_date=True)


def with_number(name: str, value: str) -> Knowledge:
    item = replace(PACKAGED.parameter(name), value=Decimal(value))
    return replace(PACKAGED, parameters={**PACKAGED.parameters, name: item})


def test_the_same_content_changes_nothing(site):
    found = compare(PACKAGED, load_knowledge(), cases(), site=site)
    assert found.nothing
    assert found.assessed == len(cases())


def test_a_moved_limit_is_told_with_what_it_moves(site):
    found = compare(PACKAGED, with_number("rfa.maxUnilateral", "4"), [FOUR_ON_ONE_SIDE], site=site)
    assert found.parameters == (Changed("rfa.maxUnilateral", "<= 3", "<= 4"),)
    (changed,) = found.cases
    told = {change.what: (change.before, change.after) for change in changed.changes}
    assert told["ablation.result"] == ("NOT_ELIGIBLE", "ELIGIBLE")
    assert told["ablation.reasons.COUNT_OVER_LIMIT_ONE_SIDE"] == ("A-01", None)
    assert len(told["cards"][0]) > len(told["cards"][1])
    assert not {"population", "surgery.result", "sbrt.result", "needs"} & told.keys()


def test_a_limit_that_no_case_lies_at_is_a_difference_all_the_same(site):
    found = compare(PACKAGED, with_number("karnofsky.ecog3From", "45"), [FOUR_ON_ONE_SIDE], site=site)
    assert found.cases == ()
    assert not found.nothing


def test_changes_beside_the_numbers_are_named(site):
    item = replace(PACKAGED.parameter("rfa.bestMm"), certainty=("V", "D"))
    rule = replace(PACKAGED.rule("A-02"), statement="Another statement.")
    other = replace(
        PACKAGED,
        parameters={**PACKAGED.parameters, item.id: item},
        rules={**PACKAGED.rules, rule.id: rule},
    )
    found = compare(PACKAGED, other, [], site=site)
    assert found.parameters == ()
    assert found.other == {"details of numbers": ("rfa.bestMm",), "rules": ("A-02",), "sources": (), "texts": ()}


def test_a_number_that_is_new_or_gone_is_told(site):
    fewer = {name: item for name, item in PACKAGED.parameters.items() if name != "rfa.bestMm"}
    found = compare(PACKAGED, replace(PACKAGED, parameters=fewer), [], site=site)
    assert found.parameters == (Changed("rfa.bestMm", "<= 20 mm", None),)
    assert to_json(found, PACKAGED, PACKAGED)["parameters"][0]["rules"] == ["A-02"]


def test_a_refused_request_is_compared_as_such(site):
    assert facets(case("prefetch-missing"), site) == {"answer": "refused: CLM-2001"}


def test_a_content_that_lacks_what_the_code_needs_is_told_for_each_case(site):
    texts = {key: text for key, text in PACKAGED.texts.items() if key != "need.MOLECULAR"}
    found = compare(PACKAGED, replace(PACKAGED, texts=texts), [FOUR_ON_ONE_SIDE], site=site)
    told = {change.what: change.after for change in found.cases[0].changes}
    assert told["answer"] == "cannot be assessed: the content lacks 'need.MOLECULAR'"


def test_every_facet_is_plain_json(site):
    for one in cases():
        assert json.loads(json.dumps(facets(one, site)))


def test_progress_is_told_after_every_assessment(site):
    ticks: list[int] = []
    compare(PACKAGED, PACKAGED, cases()[:2], site=site, each=lambda: ticks.append(1))
    assert len(ticks) == 4


@pytest.mark.parametrize("name", ["-", "packaged"])
def test_the_packaged_content_has_two_names(name: str):
    assert content_named(name).hash == PACKAGED.hash


def test_a_content_that_is_not_there_is_refused():
    with pytest.raises(CdsError, match=r"There is no file or folder site\.toml") as caught:
        content_named("nowhere/site.toml")
    assert "packaged" in caught.value.hint
