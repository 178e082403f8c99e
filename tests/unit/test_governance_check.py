"""The check finds what it says it finds, and nothing in the packaged content."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cds_service.cards.drafts import DRAFTS, LOINC, Coded
from cds_service.governance.agreement import edge
from cds_service.governance.check import Complaint, check
from cds_service.governance.drafts import refused_drafts
from cds_service.knowledge import Knowledge, load_knowledge
from cds_service.values import replace

PACKAGED = load_knowledge()
ON = date(2027, 11, 1)


def changed(kind: str, id: str, **fields: Any) -> Knowledge:
    """The packaged content with one entry changed; ``new`` makes the entry under another id."""
    entries = dict(getattr(PACKAGED, kind))
    name = fields.pop("new", id)
    entries[name] = replace(entries[id], id=name, **fields)
    return replace(PACKAGED, **{kind: entries})


def findings(knowledge: Knowledge, on: date = ON) -> list[Complaint]:
    return list(check(knowledge, on).complaints)


def test_nothing_is_found_in_the_packaged_content():
    assert findings(PACKAGED) == []


def test_a_number_is_overdue_from_the_day_after_its_review_date():
    item = PACKAGED.parameter("rfa.maxDiameterMm")
    assert findings(PACKAGED, item.review_by) == []
    late = findings(PACKAGED, item.review_by + timedelta(days=1))
    assert {finding.kind for finding in late} == {"overdue"}
    assert item.id in {finding.where for finding in late}


FOUND = {
    "a tag that no source bears out": (
        changed("parameters", "rfa.maxUnilateral", certainty=("V",)),
        ("uncited", "rfa.maxUnilateral", "Carries the tag V"),
    ),
    "a source that the rules leave out": (
        changed("parameters", "rfa.minPlatelets10e9L", sources=("patel-2019", "ye-2018"), certainty=("V2",)),
        ("uncited", "rfa.minPlatelets10e9L", "ye-2018, which none of its rules cites"),
    ),
    "an own choice without its tag": (
        changed("rules", "O-04", certainty=("V2",)),
        ("uncited", "O-04", "without the tag D"),
    ),
    "a statement with another number": (
        changed("rules", "A-02", statement="Up to 35 mm passes; ICD-10 C78.0, rule N-01 and 0 count nothing."),
        ("conflicting", "A-02", "quotes 35, but its numbers are"),
    ),
    "a pair that parted": (
        changed("parameters", "consensus.manyLesionsAbove", value=Decimal(5)),
        ("conflicting", "surgery.cautionCountFrom, consensus.manyLesionsAbove", "should agree"),
    ),
    "namesakes that differ without a word": (
        changed("parameters", "rfa.minPlatelets10e9L", new="biopsy.minPlatelets10e9L", value=Decimal(70)),
        ("conflicting", "rfa.minPlatelets10e9L, biopsy.minPlatelets10e9L", "say in knowledge.toml"),
    ),
    "a local value in a published model": (
        changed("parameters", "salah.dfiMonthsBelow", value=Decimal(30), local=True),
        ("conflicting", "salah.dfiMonthsBelow", "published model"),
    ),
}


@pytest.mark.parametrize(("knowledge", "expected"), FOUND.values(), ids=FOUND)
def test_it_finds(knowledge: Knowledge, expected: tuple[str, str, str]):
    kind, where, part = expected
    assert [item for item in findings(knowledge) if (item.kind, item.where) == (kind, where) and part in item.what]


EDGES = [
    ("5", ">=", "1", "4", ">", "1", True),
    ("2", "<=", "1", "3", ">=", "1", True),
    ("2", "<=", "1", "2", "<", "1", False),
    ("5", "<=", "mm", "5", "<", "mm", True),  # a size has no next value; only its limit is compared
    ("5", "<=", "mm", "5", "<=", "1", False),
]


@pytest.mark.parametrize("row", EDGES, ids=lambda row: f"{row[1]}{row[0]} {row[2]} and {row[4]}{row[3]} {row[5]}")
def test_where_a_limit_divides(row: tuple[str, str, str, str, str, str, bool]):
    one, two = (
        replace(PACKAGED.parameter("rfa.maxUnilateral"), value=Decimal(value), comparison=comparison, unit=unit)
        for value, comparison, unit in (row[:3], row[3:6])
    )
    assert (edge(one) == edge(two)) is row[6]


def test_a_draft_that_is_not_valid_fhir_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(DRAFTS["CEA"], code=Coded(LOINC, "two  spaces"))
    monkeypatch.setitem(DRAFTS, "CEA", wrong)
    ((where, what),) = refused_drafts(PACKAGED, ON)
    assert where == "draft CEA"
    assert "code.coding" in what
