"""The check finds what it says it finds, and nothing in the packaged content."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cds_service.cards.service_requests import DRAFTS, LOINC, Coded
from cds_service.governance import check as module
from cds_service.governance.agreement import edge
from cds_service.governance.check import Complaint, check
from cds_service.governance.drafts import refused_drafts
from cds_service.governance.named import names_in
from cds_service.governance.records import Exceptions, Reasons, read_exceptions
from cds_service.knowledge import Knowledge, load_knowledge
from cds_service.knowledge.template import template

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
    "a number that nothing names": (
        changed("parameters", "rfa.bestMm", new="rfa.neverNamed"),
        ("unused", "rfa.neverNamed", "No code names this number"),
    ),
    "a rule that nothing names": (
        changed("rules", "S-01", new="S-99", parameters=()),
        ("unreachable", "S-99", "No code names this rule"),
    ),
    "a text that nothing says": (
        replace(PACKAGED, texts={**PACKAGED.texts, "line.unheard_of": template("line.unheard_of", "Unheard.", {})}),
        ("unreachable", "line.unheard_of", "No code can say this text"),
    ),
    "a reason that nothing gives": (
        replace(PACKAGED, texts={**PACKAGED.texts, "reason.UNGIVEN": template("reason.UNGIVEN", "Never.", {})}),
        ("unreachable", "reason.UNGIVEN", "No code can say this text"),
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


def test_a_number_that_only_a_silent_text_quotes_does_not_act():
    texts_only = check(PACKAGED, ON).texts_only
    assert "line.small_nodules" in texts_only["nodule.followUpMonths"]
    assert "sbrt.maxDiameterMm" not in texts_only, "a rule tests it"
    assert "age.sbrtNote" not in texts_only, "no text quotes it"


EXCEPTIONS = {
    "of something that is named": ("rules", "S-01"),
    "of something that is gone": ("rules", "S-99"),
    "of a text that is spoken": ("texts", "line.pulmicc"),
    "of a number that a spoken text quotes": ("parameters", "nodule.followUpMonths"),
}


@pytest.mark.parametrize(("kind", "name"), EXCEPTIONS.values(), ids=EXCEPTIONS)
def test_an_exception_that_is_none_is_reported(kind: str, name: str, monkeypatch: pytest.MonkeyPatch):
    known = read_exceptions()
    reasons = known.open.model_copy(update={kind: {**known.open.of(kind), name: "Said to be open."}})
    monkeypatch.setattr(module, "read_exceptions", lambda: Exceptions(explained=known.explained, open=reasons))
    assert [(item.kind, item.where) for item in findings(PACKAGED)] == [("exception", name)]


def test_without_its_exceptions_the_content_is_not_clean(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "read_exceptions", lambda: Exceptions(open=Reasons(), explained=Reasons()))
    found = {(item.kind, item.where) for item in findings(PACKAGED)}
    assert {("unreachable", "R-09"), ("unreachable", "P-02")} <= found


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


def test_a_name_with_gaps_is_read_from_its_fixed_part_and_words_of_the_code():
    names = names_in("oncology")
    assert names.named("gate.G-02-unknown")
    assert names.named("karnofsky.ecog3From")
    assert not names.named("gate.G-99")
    assert not names.named("karnofsky.ecogFirstFrom")


def test_a_draft_that_is_not_valid_fhir_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(DRAFTS["CEA"], code=Coded(LOINC, "two  spaces"))
    monkeypatch.setitem(DRAFTS, "CEA", wrong)
    ((where, what),) = refused_drafts(PACKAGED, ON)
    assert where == "draft CEA"
    assert "code.coding" in what
