"""Every reason, need, flag and gate that the content knows is reached by a case of the book and by a golden case.

A wording counts as reached where a text of an explanation is that wording, so that second wordings count too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

from fhir_fixtures import cases as golden_cases
from tests.spec.asking import day_of, request_of
from tests.spec.book import cases
from tests.spec.core import explain, site

KINDS = ("reason", "need", "flag", "gate")
EVERY = {key for key in site().knowledge.texts if key.partition(".")[0] in KINDS}
#: What no patient can bring about, each with its reason.
NEVER: dict[str, str] = {}
#: What the book leaves to the golden cases, or the golden cases to the book, each with its reason.
NOT_IN_THE_BOOK = {"flag.CODE_DISPLAY_MISMATCH": "needs a code with a wrong display; the mixed-up record has one"}
NOT_GOLDEN: dict[str, str] = {}


def said(explanation: dict[str, Any]) -> dict[str, set[str]]:
    """The texts of an explanation by kind; flags are their codes."""
    reasons = [reason for therapy in explanation["therapies"].values() for reason in therapy["reasons"]]
    return {
        "reason": {reason["text"] for reason in reasons},
        "need": {need["text"] for need in explanation["needs"]},
        "flag": set(explanation["flags"]),
        "gate": {gate["text"] for gate in explanation["gates"]},
    }


def reached(explanations: Iterable[dict[str, Any]]) -> set[str]:
    """The keys of the wording that some explanation speaks."""
    texts: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for explanation in explanations:
        for kind, found in said(explanation).items():
            texts[kind] |= found
    return {key for key in EVERY if _spoken(*key.split(".", 1), texts)}


def _spoken(kind: str, code: str, texts: dict[str, set[str]]) -> bool:
    if kind == "flag":
        return code in texts[kind]
    pattern = re.sub(r"\\\{[^{}]*\\\}", ".+", re.escape(site().knowledge.texts[f"{kind}.{code}"].pattern))
    return any(re.fullmatch(pattern, text) for text in texts[kind])


@cache
def by_the_book() -> set[str]:
    return reached(explain(request_of(table, row), on=day_of(row)) for table, row in cases())


@cache
def by_golden_cases() -> set[str]:
    return reached(explain(one.request) for one in golden_cases() if one.expected["status"] == 200)


def test_every_code_is_reached_by_the_book() -> None:
    assert sorted(EVERY - by_the_book() - set(NEVER) - set(NOT_IN_THE_BOOK)) == []


def test_every_code_is_reached_by_a_golden_case() -> None:
    assert sorted(EVERY - by_golden_cases() - set(NEVER) - set(NOT_GOLDEN)) == []


def test_every_reason_code_stands_in_an_expectation_written_by_hand() -> None:
    named: set[str] = set()
    for one in golden_cases():
        assessment = one.expected["assessment"] or {}
        for therapy in assessment.get("therapies", {}).values():
            named |= set(therapy["codes"])
        for kind in ("therapyCodes", "notes"):
            for codes in assessment.get(kind, {}).values():
                named |= set(codes)
    declared = {told.code for rule in site().knowledge.rules.values() for told in rule.reasons.values()}
    assert sorted(declared - named) == []


@pytest.mark.parametrize("excused", [*NEVER, *NOT_IN_THE_BOOK, *NOT_GOLDEN])
def test_nothing_is_excused_that_is_reached(excused: str) -> None:
    assert excused in EVERY
    assert excused not in by_the_book() & by_golden_cases()


def test_a_wording_with_gaps_is_recognised() -> None:
    assert _spoken("need", "CEA_STALE", {"need": {"Repeat CEA: last value is 91 days old."}})
    assert not _spoken("need", "CEA_STALE", {"need": {"CEA: no usable value on record."}})
