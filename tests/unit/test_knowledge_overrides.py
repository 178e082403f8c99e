"""A site's own values: signed, marked as local, and refused when they cannot be."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cds_service.errors import KnowledgeInvalid
from cds_service.knowledge import load_knowledge

SIGNED = 'reason = "Thoracic board, March 2027"\nsigned_by = "Clinical governance lead"\n'


@pytest.fixture
def site(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "site.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


WAYS = {
    "signed in the table": f'[override]\n"surgery.maxCount" = 8\n{SIGNED}',
    "signed above the table": f'{SIGNED}[override]\n"surgery.maxCount" = 8\n',
    "without quotes": f"{SIGNED}[override]\nsurgery.maxCount = 8\n",
    "signed with the value": '[override]\n"surgery.maxCount" = '
    '{value = 8, reason = "Thoracic board, March 2027", signed_by = "Clinical governance lead"}\n',
}


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_a_signed_value_replaces_ours(text: str, site):
    knowledge = load_knowledge(site(text))
    parameter = knowledge.parameter("surgery.maxCount")
    assert parameter.integer == 8
    assert parameter.local
    assert "Site value instead of 10" in parameter.note
    assert "signed by Clinical governance lead" in parameter.note
    assert not knowledge.parameter("surgery.maxEcog").local


def test_the_texts_quote_the_sites_value(site):
    knowledge = load_knowledge(site(f'{SIGNED}[override]\n"rfa.minPlatelets10e9L" = 60\n'))
    assert "below 60:" in knowledge.text("reason.A-04.PLATELETS", value="55", date="2025-05-12")


def test_the_hash_tells_the_override(site):
    first = load_knowledge(site(f'{SIGNED}[override]\n"surgery.maxCount" = 8\n')).hash
    second = load_knowledge(site(f'{SIGNED}[override]\n"surgery.maxCount" = 9\n')).hash
    assert len({first, second, load_knowledge().hash}) == 3


def test_a_word_can_be_chosen(site):
    knowledge = load_knowledge(site(f'{SIGNED}[override]\n"sync.policy" = "six_months"\n'))
    assert knowledge.parameter("sync.policy").value == "six_months"


IMPOSSIBLE = {
    "unknown id": (f'{SIGNED}[override]\n"surgery.most" = 8\n', "surgery.most: there is no such parameter"),
    "text for a number": (f'{SIGNED}[override]\n"surgery.maxCount" = "8"\n', "'8' is of the wrong type"),
    "number for a word": (f'{SIGNED}[override]\n"sync.policy" = 6\n', "'6' is of the wrong type"),
    "boolean": (f'{SIGNED}[override]\n"surgery.maxCount" = true\n', "surgery.maxCount: value"),
    "list": (f'{SIGNED}[override]\n"surgery.maxCount" = [8]\n', "surgery.maxCount: value"),
    "negative": (f'{SIGNED}[override]\n"surgery.maxCount" = -1\n', "-1 is no possible value"),
    "not a number": (f'{SIGNED}[override]\n"rfa.inrMax" = nan\n', "should be a finite number"),
    "infinite": (f'{SIGNED}[override]\n"rfa.inrMax" = inf\n', "should be a finite number"),
    "half a lesion": (f'{SIGNED}[override]\n"surgery.maxCount" = 8.5\n', "8.5 is not a whole number"),
    "not a choice": (f'{SIGNED}[override]\n"sync.policy" = "never"\n', "'never' is not one of its choices"),
    "against the order": (
        f'{SIGNED}[override]\n"sbrt.maxCountEligible" = 6\n',
        "sbrt.maxCountEligible = 6 and sbrt.maxCountConditional = 5 contradict",
    ),
    "nobody signed": ('reason = "x"\n[override]\n"surgery.maxCount" = 8\n', "signed_by: Field required"),
    "no reason": ('signed_by = "x"\n[override]\n"surgery.maxCount" = 8\n', "reason: Field required"),
    "misspelt table": (f'{SIGNED}[overrides]\n"surgery.maxCount" = 8\n', "'overrides' is neither"),
    "no table": (f"override = 3\n{SIGNED}", "[override] must be a table"),
    "not TOML": ("[override\n", "site.toml:"),
}


@pytest.mark.parametrize(("text", "expected"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_an_impossible_value_stops_the_start(text: str, expected: str, site):
    with pytest.raises(KnowledgeInvalid) as caught:
        load_knowledge(site(text))
    assert expected in caught.value.message


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path):
    with pytest.raises(KnowledgeInvalid, match=r"none\.toml: cannot be read"):
        load_knowledge(tmp_path / "none.toml")


def test_two_values_may_move_together(site):
    text = f'{SIGNED}[override]\n"sbrt.maxCountEligible" = 6\n"sbrt.maxCountConditional" = 7\n'
    assert load_knowledge(site(text)).parameter("sbrt.maxCountConditional").number == Decimal(7)
