"""Molecular results (section 8.1): coded answers only, and what a test of KRAS alone does not show."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.terminology.variants import protein_change
from tests.spec.changing import add
from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.resources import LOINC, concept, observation
from tests.spec.tables import Row, rows

KRAS, BOTH = "21702-6", "81420-2"
PRESENT, ABSENT = ("LA9633-4", "Present"), ("LA9634-2", "Absent")

RAS = rows("""
    case                             | tests                                    | ras       | detail
    ---------------------------------+------------------------------------------+-----------+------------------
    nothing tested                   |                                          | unknown   |
    KRAS mutated                     | KRAS present 2024-01-01                  | mutant    |
    KRAS alone without mutation      | KRAS absent 2024-01-01                   | wild_type | only KRAS tested
    KRAS and NRAS without mutation   | BOTH absent 2024-01-01                   | wild_type |
    a mutation stays                 | KRAS present 2022-01-01; BOTH absent 2024-01-01 | mutant |
    in words only                    | KRAS words 2024-01-01                    | unknown   |
""")


def results_of(text: str) -> list[dict[str, Any]]:
    found = []
    for number, test in enumerate(filter(None, (part.strip() for part in text.split(";")))):
        name, answer, on = test.split()
        code = {"KRAS": KRAS, "BOTH": BOTH}[name]
        value: dict[str, Any] = {"valueString": "no mutation seen"}
        if answer != "words":
            value = {"valueCodeableConcept": concept(LOINC, *{"present": PRESENT, "absent": ABSENT}[answer])}
        found.append(observation(f"ras-{number}", concept(LOINC, code), on, **value))
    return found


@pytest.mark.parametrize("row", RAS, ids=lambda row: row["case"])
def test_ras(row: Row) -> None:
    profile = explain(add(patient(), "observations", *results_of(row["tests"])))["molecular"]
    assert (profile["ras"], profile["rasDetail"] or "") == (row["ras"], row["detail"])


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("p.Gly12Asp", "G12D"),
        ("p.(Gly12Asp)", "G12D"),
        ("p.G12C", "G12C"),
        ("G12C", "G12C"),
        ("p.Xxx12Asp", None),
        ("no mutation", None),
        ("[click](http://evil.example)", None),
    ],
)
def test_protein_change(text: str, change: str | None) -> None:
    assert protein_change(text) == change


def test_g12c_is_named() -> None:
    lines = [note["text"] for note in explain(patient(ras="p.Gly12Cys"))["systemic"] if note["rule"] == "MOL"]
    assert any("KRAS G12C" in line and "no anti-EGFR" in line for line in lines)
    assert any("sotorasib" in line for line in lines)
