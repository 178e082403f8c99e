"""The pages that are made from the rule base say what the rule base says now, and every rule is accounted for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.spec.book import BOOK
from tests.spec.core import site
from tests.spec.coverage import places, tables, unproven
from tests.spec.in_words import CHANGES, UNSEEN, changes_in_words, lesions_in_words, region_in_words
from tests.spec.left_out import PARTS_LEFT_OUT
from tests.spec.markdown import anchor
from tests.spec.patients import BASELINE
from tests.spec.render import ROOT, pages


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_page_is_what_make_docs_writes(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == pages()[path], f"run `make docs` to renew {path.relative_to(ROOT)}"


def test_every_rule_is_carried_out_and_proven_or_excused() -> None:
    assert unproven(site().knowledge.rules) == []


def test_nothing_is_excused_that_is_no_rule() -> None:
    assert set(PARTS_LEFT_OUT) <= set(site().knowledge.rules)


def test_a_rule_that_nothing_names_is_found() -> None:
    assert len(unproven(["S-99"])) == 1


def test_a_rule_that_is_not_carried_out_has_no_table() -> None:
    assert {rule.id for rule in site().knowledge.rules.values() if rule.id == "R-09"}.isdisjoint(tables())


def test_places_are_in_the_code() -> None:
    assert places()["S-03"] == "`oncology.therapy.surgery:count`"
    assert places()["C-01"] == "`oncology.disease.timing:timing`"
    assert "`cardiac-device` on record" in places()["A-09"]


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_links_within_the_pages_lead_somewhere(path: Path) -> None:
    """Headings of one page are told apart, and every link to a heading finds it."""
    made = {one.name: text for one, text in pages().items()}
    headings = {
        name: [anchor(line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")]
        for name, text in made.items()
    }
    assert len(headings[path.name]) == len(set(headings[path.name]))
    for page, target in re.findall(r"\]\(([\w.]*)#([\w-]+)\)", made[path.name]):
        assert target in headings[page or path.name], target


def test_every_change_has_its_words() -> None:
    assert set(CHANGES) | set(UNSEEN) == set(BASELINE) | {"measured"}


def test_cells_in_words() -> None:
    assert changes_in_words("style=plain; plt=null; device=true; prior_rt=same_lobe; primary_known=false") == (
        "platelets: not recorded; cardiac device; earlier thoracic radiotherapy same lobe; primary on record: no"
    )
    assert lesions_in_words("2 x 20.1 R peripheral unproven + <30 LLL ?@15 vessel@8 was=2025-01-02:9") == (
        "2 × 20.1 mm right peripheral, no histology; <30 mm LLL zone not known, 15 mm from the bronchi, "
        "8 mm from a vessel, 9 mm on 2025-01-02"
    )
    assert region_in_words("-/<=30/35..75") == "not known or at most 30 or 35 to 75"


def test_each_table_has_cases_on_its_page() -> None:
    rules = next(text for path, text in pages().items() if path.name == "rules.md")
    for table in BOOK:
        for row in table.rows:
            assert f"| {row['case']} |" in rules
