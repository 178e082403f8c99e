"""What the service concludes about records as they were reported from real systems."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.reported import reported
from tests.spec.tables import Row, rows

CONCLUSIONS = rows("""
    report                                | population | certainty | spread   | number     | surgery | problem
    --------------------------------------+------------+-----------+----------+------------+---------+------------------
    status-capitalised-refuted            | suspected  | suspected | isolated | solitary 1 |         | STATUS_NOT_USABLE
    status-local-coding-first-provisional | suspected  | suspected | isolated | solitary 1 |         |
    status-plain-code-provisional         | suspected  | suspected | isolated | solitary 1 |         |
    icd10gm-certainty-excluded            | suspected  | suspected | isolated | solitary 1 |         | STATUS_NOT_USABLE
""")


def concluded(explanation: dict[str, Any]) -> Row:
    """The cells of a row: therapies as "RESULT CODE CODE", problems each once."""
    axes = explanation["classification"]
    surgery = explanation["therapies"].get("surgery")
    return {
        "population": explanation["population"],
        "certainty": axes["certainty"],
        "spread": axes["spread"]["value"],
        "number": f"{axes['number']['value']} {axes['number']['n']}",
        "surgery": " ".join([surgery["result"], *(item["code"] for item in surgery["reasons"])]) if surgery else "",
        "problem": " ".join(sorted({item["problem"] for item in explanation["dataQuality"]})),
    }


@pytest.mark.parametrize("row", CONCLUSIONS, ids=lambda row: row["report"])
def test_conclusion(row: Row) -> None:
    expected = {name: cell for name, cell in row.items() if name != "report"}
    assert concluded(explain(reported(row["report"]))) == expected
