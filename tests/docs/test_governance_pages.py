"""The pages on the clinical content say what the commands do and what the content holds."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cds_service.commands import parser_of
from cds_service.errors import KnowledgeInvalid
from cds_service.governance.check import KINDS
from cds_service.knowledge import CERTAINTY_TAGS, load_knowledge

ROOT = Path(__file__).parent.parent.parent
SOURCES = (ROOT / "docs/explanation/sources.md").read_text(encoding="utf-8")
LOCAL = (ROOT / "docs/how-to/local-policy.md").read_text(encoding="utf-8")
REVIEW = (ROOT / "docs/how-to/clinical-review.md").read_text(encoding="utf-8")
KNOWLEDGE = load_knowledge()
HEADING = "| the review says | used here, and why | source | how checked |"


def rows(heading: str, text: str) -> list[list[str]]:
    """The cells of every row under every table with this heading."""
    found, inside = [], False
    for line in text.splitlines():
        inside = line == heading or (inside and line.startswith("|"))
        if inside and line != heading and not line.startswith("|---"):
            found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


DISCREPANCIES = rows(HEADING, SOURCES)


def test_every_discrepancy_has_its_row():
    assert len(DISCREPANCIES) == 42
    assert all(len(row) == 4 and all(row) for row in DISCREPANCIES)


@pytest.mark.parametrize("row", DISCREPANCIES, ids=lambda row: row[0][:40])
def test_a_discrepancy_names_sources_that_exist_and_how_they_were_checked(row: list[str]):
    named = re.findall(r"`([^`]+)`", row[2])
    assert named
    assert [id for id in named if id not in KNOWLEDGE.evidence] == []
    tags = re.split(r", ", row[3].split(":")[0])
    assert set(tags) <= {*CERTAINTY_TAGS, "list"}


@pytest.mark.parametrize("row", DISCREPANCIES, ids=lambda row: row[0][:40])
def test_a_discrepancy_is_no_better_checked_than_its_sources(row: list[str]):
    borne_out = {tag for id in re.findall(r"`([^`]+)`", row[2]) for tag in KNOWLEDGE.evidence[id].verified}
    tags = set(re.split(r", ", row[3].split(":")[0])) - {"list"}
    assert not ("V" in tags and "V" not in borne_out)


def test_rules_and_numbers_that_the_pages_name_exist():
    text = SOURCES + LOCAL + REVIEW
    rules = set(re.findall(r"\b[A-Z]-\d\d\b", text))
    assert rules - KNOWLEDGE.rules.keys() == set()
    groups = {name.partition(".")[0] for name in KNOWLEDGE.parameters}
    named = {name for name in re.findall(r"\b([a-z]+\.[a-z][A-Za-z0-9]+)\b", text) if name.partition(".")[0] in groups}
    assert named - KNOWLEDGE.parameters.keys() == set()


def blocks(text: str, language: str = "") -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [block for named, block in found if named == language]


def test_the_example_of_a_sites_file_works(tmp_path):
    (example,) = blocks(LOCAL, "toml")
    path = tmp_path / "site.toml"
    path.write_text(example, encoding="utf-8")
    local = {name: item.text for name, item in load_knowledge(path).parameters.items() if item.local}
    assert local == {"sbrt.maxDiameterMm": "40", "mdt.routineDays": "21", "sync.policy": "six_months"}


def test_the_shown_refusal_is_the_real_one(tmp_path):
    (shown,) = [block for block in blocks(LOCAL) if block.startswith("CLM-4002")]
    path = tmp_path / "site.toml"
    path.write_text('[override]\n"rfa.minPlatelets10e9L" = 50000\nreason = "x"\nsigned_by = "x"\n', encoding="utf-8")
    with pytest.raises(KnowledgeInvalid) as refused:
        load_knowledge(path)
    assert shown.strip() == f"CLM-4002 {refused.value.message}"


COMMANDS = re.findall(r"^(?:CDS_\w+=\S+ )*cds-service (.+)$", "".join(blocks(LOCAL) + blocks(REVIEW)), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_pages_is_understood(command: str):
    assert parser_of().parse_args(shlex.split(command)).run


def test_the_three_commands_are_documented():
    assert {command.split()[1] for command in COMMANDS if command.startswith("knowledge")} == {
        "check",
        "review",
        "diff",
    }


def test_every_kind_of_complaint_is_explained():
    kinds = [row[0] for row in rows("| complaint | means |", REVIEW)]
    assert kinds == list(KINDS)
