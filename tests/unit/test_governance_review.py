"""The list for signing: complete, each number once, and nothing in it that was read in its source."""

from __future__ import annotations

import json

import pytest

from cds_service.governance.review import review, state, to_json
from cds_service.governance.review_pages import limit, markdown
from cds_service.knowledge import load_knowledge
from cds_service.values import replace

KNOWLEDGE = load_knowledge()
REVIEW = review(KNOWLEDGE)
PARTS = {"unread": REVIEW.unread, "secondary": REVIEW.secondary}

STATES = [
    (("V",), "read"),
    (("V2",), "secondary"),
    (("V", "V2"), "secondary"),
    (("V2", "D"), "unread"),
    (("V", "M"), "unread"),
    (("REVIEW",), "unread"),
    (("D",), "unread"),
]


@pytest.mark.parametrize(("tags", "expected"), STATES, ids=str)
def test_the_weakest_tag_decides(tags: tuple[str, ...], expected: str):
    assert state(tags) == expected


def test_every_number_that_was_not_read_stands_once():
    for name, part in PARTS.items():
        listed = [item.id for group in part.groups for item in group.numbers]
        expected = [item.id for item in KNOWLEDGE.parameters.values() if state(item.certainty) == name]
        assert sorted(listed) == sorted(expected)


def test_every_rule_and_source_that_was_not_read_is_to_be_signed():
    for name, part in PARTS.items():
        rules = {group.rule.id for group in part.groups if group.sign_rule}
        assert rules == {rule.id for rule in KNOWLEDGE.rules.values() if state(rule.certainty) == name}
        sources = {source.id for source in part.sources}
        assert sources == {source.id for source in KNOWLEDGE.evidence.values() if state(source.verified) == name}


def test_a_verified_number_needs_no_signature():
    listed = [item.id for part in PARTS.values() for group in part.groups for item in group.numbers]
    assert "oligo.maxLesions" not in listed
    assert {"rfa.maxUnilateral", "rfa.minPlatelets10e9L", "salah.good"} <= set(listed)


def test_the_counts_add_up():
    for kind, entries in (
        ("numbers", KNOWLEDGE.parameters),
        ("rules", KNOWLEDGE.rules),
        ("sources", KNOWLEDGE.evidence),
    ):
        counts = REVIEW.counts[kind]
        assert counts["total"] == len(entries) == counts["unread"] + counts["secondary"] + counts["read"]


def test_the_document_has_the_counts_first_and_a_place_to_sign():
    lines = markdown(REVIEW).splitlines()
    assert lines[2].startswith(f"Version {KNOWLEDGE.version}")
    numbers = next(line for line in lines if line.startswith("| numbers |"))
    assert f"| {REVIEW.counts['numbers']['unread']} |" in numbers
    assert lines.index(numbers) < lines.index("## Not seen in a source (M, D, REVIEW)")
    row = next(line for line in lines if "(rfa.maxUnilateral)" in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:] == ["<= 3", "REVIEW, M", "Xia and Yao, review; Ye 2018", "2027-11-01", ""]


def test_a_rule_has_its_own_section_with_its_statement():
    text = markdown(REVIEW)
    rule = KNOWLEDGE.rule("A-01")
    assert f"### A-01 {rule.title}\n\n{rule.statement}\n" in text


def test_every_row_of_the_document_has_as_many_cells_as_its_heading():
    width = 0
    for line in markdown(REVIEW).splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        cells = line.replace("\\|", "").count("|")
        width = width or cells
        assert cells == width, line


def test_a_local_number_is_marked():
    item = replace(KNOWLEDGE.parameter("rfa.maxUnilateral"), local=True)
    local = replace(KNOWLEDGE, parameters={**KNOWLEDGE.parameters, item.id: item})
    assert "(rfa.maxUnilateral): local policy" in markdown(review(local))
    assert "): local policy" not in markdown(REVIEW)


def test_the_json_holds_the_same_and_nothing_is_signed():
    document = json.loads(json.dumps(to_json(REVIEW)))
    numbers = {item["id"]: item for rule in document["unread"]["rules"] for item in rule["numbers"]}
    assert numbers["rfa.maxUnilateral"] == {
        "id": "rfa.maxUnilateral",
        "title": "Most lesions for ablation when all are on one side",
        "value": "3",
        "unit": "1",
        "comparison": "<=",
        "certainty": ["REVIEW", "M"],
        "sources": ["xia-review", "ye-2018"],
        "rules": ["A-01"],
        "reviewBy": "2027-11-01",
        "note": None,
        "localPolicy": False,
        "signedOff": None,
    }
    assert document["counts"]["numbers"] == REVIEW.counts["numbers"]
    assert {item["signedOff"] for part in ("unread", "secondary") for item in document[part]["sources"]} == {None}


LIMITS = {
    "sbrt.maxDiameterMm": "<= 50 mm",
    "sbrt.maxCountEligible": "<= 3",
    "salah.good": "68.2 %",
    "sync.policy": "egoslim",
}


@pytest.mark.parametrize(("name", "expected"), LIMITS.items())
def test_a_limit_reads_as_what_passes(name: str, expected: str):
    assert limit(KNOWLEDGE.parameter(name)) == expected
