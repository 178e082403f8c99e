"""What the service concludes about records as they were reported from real systems."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.core import explain
from tests.spec.reported import reported
from tests.spec.tables import Row, rows

CONCLUSIONS = rows("""
    report                                | population | spread   | n    | surgery                  | problem
    --------------------------------------+------------+----------+------+--------------------------+--------
    status-capitalised-refuted            | suspected  | isolated | 1    |                          | STATUS_NOT_USABLE
    status-local-coding-first-provisional | suspected  | isolated | 1    |                          |
    status-plain-code-provisional         | suspected  | isolated | 1    |                          |
    icd10gm-certainty-excluded            | suspected  | isolated | 1    |                          | STATUS_NOT_USABLE
    abatement-boolean-false               | in         | unknown  | 1    | C EXTRAPULMONARY_UNKNOWN |
    abatement-string-ongoing              | in         | unknown  | 1    | C EXTRAPULMONARY_UNKNOWN |
    lesion-site-text-hides-large          | in         | isolated | None | U COUNT                  | SITE_UNKNOWN
    lesion-site-text-only                 | in         | isolated | None | U COUNT                  | SITE_UNKNOWN
    tumour-location-text-only             | in         | isolated | None | U COUNT                  | SITE_UNKNOWN
    secondary-cancer-site-icd-o-3         | in         | isolated | 1    | E                        |
    metastasis-unspecified-c799           | in         | unknown  | 1    | C EXTRAPULMONARY_UNKNOWN |
    secondary-cancer-lung-and-liver       | in         | non_isolated | 1 | C EXTRAPULMONARY_TREATABILITY_UNKNOWN |
    cea-not-performed-hides-older         | in         | isolated | 1    | E                        |
    ecog-newer-as-text                    | in         | isolated | 1    | C ECOG_MISSING           | VALUE_INVALID
    platelets-preliminary-overrides-final | in         | isolated | 1    | E                        | STATUS_NOT_USABLE
    platelets-newer-date-unreadable       | in         | isolated | 1    | E                        | DATE_UNREADABLE
    generic-malignancy-with-colon-site    | in         | isolated | 1    | E                        |
    history-code-z85                      | in         | isolated | 1    | E                        | REFERENCE_DANGLING
    history-bundle-deleted                | suspected  | isolated | 1    |                          |
    modifier-extension-condition          | suspected  | unknown  | 1    |                          | MODIFIER_UNKNOWN
    modifier-extension-liver              | in         | unknown  | 1    | C EXTRAPULMONARY_UNKNOWN | MODIFIER_UNKNOWN
""")


def concluded(explanation: dict[str, Any]) -> Row:
    """The cells of a row: the therapy as the first letter of its result and its reasons, problems each once."""
    axes = explanation["classification"]
    surgery = explanation["therapies"].get("surgery")
    return {
        "population": explanation["population"],
        "spread": axes["spread"]["value"],
        "n": str(axes["number"]["n"]),
        "surgery": " ".join([surgery["result"][0], *(item["code"] for item in surgery["reasons"])]) if surgery else "",
        "problem": " ".join(sorted({item["problem"] for item in explanation["dataQuality"]})),
    }


@pytest.mark.parametrize("row", CONCLUSIONS, ids=lambda row: row["report"])
def test_conclusion(row: Row) -> None:
    expected = {name: cell for name, cell in row.items() if name != "report"}
    assert concluded(explain(reported(row["report"]))) == expected


def test_results() -> None:
    """What the table has no column for."""
    cea = explain(reported("cea-not-performed-hides-older"))
    assert cea["cea"]["latest"]["ngPerMl"] == 3.0
    assert {"CEA", "UNIT"}.isdisjoint(item["code"] for item in cea["needs"])
    falling = explain(reported("cea-two-times-one-day"))["cea"]
    assert (falling["latest"]["ngPerMl"], falling["trend"]) == (3.0, "not_rising")
    blocked = explain(reported("platelets-preliminary-overrides-final"))["therapies"]["ablation"]
    assert (blocked["result"], blocked["reasons"][0]["code"]) == ("BLOCKED", "PLATELETS")
    undated = explain(reported("platelets-newer-date-unreadable"))
    assert "PLATELETS" in {item["code"] for item in undated["needs"]}
