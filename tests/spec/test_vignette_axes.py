"""How the vignettes are classified. ``expected`` names fields of ``classification`` by their path in the JSON contract;
``needs`` and ``flags`` must be among those of the assessment.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.tables import STYLES, Row, changes, rows, words
from tests.spec.vignettes import explain_row

AXES = rows("""
    vignette | lesions             | changes                              | expected                                                                     | needs             | flags
    ---------+---------------------+--------------------------------------+------------------------------------------------------------------------------+-------------------+------
    1        | 15 R peripheral     |                                      | number.value=solitary; number.n=1; sides.value=unilateral                    |                   |
    1a       | 15 R peripheral     |                                      | oligometastatic.byCount=true; oligometastatic.value=unknown                  |                   |
    1b       | 15 R peripheral     |                                      | timing.value=metachronous; timing.subtype=late; timing.definitionSensitive=false |               |
    1c       | 15 R peripheral     |                                      | timing.policy=egoslim; sequence.value=initial; spread.value=isolated         |                   |
    1d       | 15 R peripheral     |                                      | resectability.value=screen_resectable; resectability.basis=screen            |                   |
    1e       | 15 R peripheral     |                                      | certainty=confirmed; spread.priorExtrapulmonary=false                        |                   |
    4        | 3 x 20 R peripheral |                                      | number.value=multiple; number.n=3; sides.value=unilateral                    |                   |
    6        | 3 x 18 R peripheral + 2 x 18 L peripheral |                | number.n=5; sides.value=bilateral; oligometastatic.byCount=true              |                   |
    7        | 3 x 18 R peripheral + 3 x 18 L peripheral |                | sides.value=bilateral; oligometastatic.byCount=false; oligometastatic.value=false |              |
    7a       | 3 x 18 R peripheral + 3 x 18 L peripheral |                | number.n=6; resectability.value=screen_potentially_resectable                |                   |
    9        | 5 x 18 ? peripheral |                                      | number.n=5; sides.value=unknown                                              | LATERALITY        |
    20       | 15 R peripheral     | lung=2025-01-10                      | timing.value=metachronous; timing.subtype=late                               |                   |
    21       | 15 R peripheral     | lung=2022-01-20; resected=2022-02-10 | timing.value=synchronous; timing.subtype=null; timing.definitionSensitive=false |                |
    21a      | 15 R peripheral     | lung=2022-02-20; resected=2022-02-10 | timing.value=metachronous; timing.subtype=early; timing.definitionSensitive=true |               |
    22       | 15 R peripheral     | lung=2022-06-25                      | timing.value=metachronous; timing.subtype=early; timing.definitionSensitive=true |               |
    22a      | 15 R peripheral     | lung=2022-07-04                      | timing.value=metachronous; timing.definitionSensitive=true                   |                   |
    22b      | 15 R peripheral     | lung=2023-01-04                      | timing.value=metachronous; timing.subtype=early; timing.definitionSensitive=false |              |
    22c      | 15 R peripheral     | lung=2023-01-10                      | timing.subtype=early                                                         |                   |
    22d      | 15 R peripheral     | lung=2023-01-11                      | timing.subtype=late                                                          |                   |
    23       | 15 R peripheral     | extra=untreatable                    | spread.value=non_isolated; resectability.value=screen_unresectable           |                   |
    24       | 15 R peripheral     | extra=treatable                      | spread.value=non_isolated; sequence.value=initial_concurrent                 |                   |
    24a      | 15 R peripheral     | extra=treatable; extra_since=2024-12-31 | sequence.value=initial_concurrent                                         |                   |
    24b      | 15 R peripheral     | extra=treatable; extra_since=2025-01-01 | sequence.value=initial                                                    |                   |
    24c      | 15 R peripheral     | extra=treatable; extra_since=2024-11-01 | sequence.value=initial_concurrent                                         |                   |
    24d      | 15 R peripheral     | extra=treatable; extra_since=2024-10-31 | sequence.value=non_initial                                                |                   |
    24e      | 15 R peripheral     | extra=treatable; extra_since=null    | sequence.value=unknown; spread.value=non_isolated                            |                   |
    25       | 15 R peripheral     | extra=resolved; extra_since=2023-02-01 | sequence.value=non_initial; spread.value=isolated; spread.priorExtrapulmonary=true |           | PRIOR_EXTRAPULMONARY
    41       |                     | style=icd10; lung_icd=C78.00         | number.n=null; number.value=unknown; sides.value=unknown; spread.value=unknown | COUNT           |
    42       |                     | count=innumerable                    | number.value=multiple; number.n=null; number.nAtLeast=6; number.diffuse=true |                   |
    42a      |                     | count=multiple                       | number.value=multiple; number.n=null; number.nAtLeast=2                      | COUNT             |
    42b      |                     | count=innumerable                    | resectability.value=screen_unresectable; oligometastatic.value=false         |                   |
    44       | 15 R peripheral     | nodes=positive                       | thoracicNodes.value=proven; spread.value=isolated                            |                   |
    44a      | 15 R peripheral     |                                      | thoracicNodes.value=unknown                                                  | NODES             |
    49       | 15 R peripheral     | extra=null                           | spread.value=unknown; resectability.value=unknown                            | CT_ABDOMEN_PELVIS |
    51       | 15 R ?              |                                      | number.n=1                                                                   | ZONE              |
    52       | 15 R peripheral     | primary=unresectable; resected=null  | resectability.value=screen_unresectable                                      |                   |
    53       | 15 R peripheral     | primary=null; resected=null          | resectability.value=unknown                                                  | PRIMARY_STATUS    |
    57       | 15 R peripheral     | lung="2022"                          | timing.value=unknown; timing.subtype=null                                    | LUNG_DATE         |
    57a      | 15 R peripheral     | dx=null                              | timing.value=unknown                                                         | PRIMARY_DATE      |
""")  # noqa: E501


def at(document: Any, path: str) -> Any:
    """The value at a dotted path."""
    for step in path.split("."):
        document = document[step]
    return document


def word(value: object) -> object:
    """Three-valued facts are words in the contract, and JSON booleans in the tables."""
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("row", AXES, ids=lambda row: row["vignette"])
def test_classification_of_the_vignette(row: Row, style: str) -> None:
    explanation = explain_row(row, style)
    expected = {path: word(value) for path, value in changes(row["expected"]).items()}
    assert {path: word(at(explanation["classification"], path)) for path in expected} == expected
    assert set(words(row["needs"])) <= {need["code"] for need in explanation["needs"]}
    assert set(words(row["flags"])) <= set(explanation["flags"])


SYSTEMIC = rows("""
    vignette | lesions                                   | changes           | rule
    ---------+-------------------------------------------+-------------------+-----
    7        | 3 x 18 R peripheral + 3 x 18 L peripheral |                   | T-03
    23       | 15 R peripheral                           | extra=untreatable | T-05
    24       | 15 R peripheral                           | extra=treatable   | T-05
    42       |                                           | count=innumerable | T-04
    52       | 15 R peripheral                           | primary=unresectable; resected=null | T-04
""")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("row", SYSTEMIC, ids=lambda row: row["vignette"])
def test_systemic_information_of_the_vignette(row: Row, style: str) -> None:
    assert row["rule"] in {note["rule"] for note in explain_row(row, style)["systemic"]}


REASONS = rows("""
    vignette | lesions                                   | changes             | modality | code
    ---------+-------------------------------------------+---------------------+----------+---------------------
    7        | 3 x 18 R peripheral + 3 x 18 L peripheral |                     | hybrid   | HYBRID_MANY
    8        | 4 x 18 R peripheral + 1 x 18 L peripheral |                     | hybrid   | HYBRID_MANY
    9        | 5 x 18 ? peripheral                       |                     | hybrid   | HYBRID_MANY
    23       | 15 R peripheral                           | extra=untreatable   | sbrt     | EXTRAPULMONARY
    43       | 15 R peripheral                           | ecog=3              | surgery  | ECOG
    43a      | 15 R peripheral                           | ecog=3              | ablation | ECOG_3
    42       |                                           | count=innumerable   | surgery  | DIFFUSE
    42a      |                                           | count=innumerable   | sbrt     | N_GT5
    42b      |                                           | count=innumerable   | ablation | COUNT
""")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("row", REASONS, ids=lambda row: row["vignette"])
def test_reason_of_the_vignette(row: Row, style: str) -> None:
    reasons = explain_row(row, style)["therapies"][row["modality"]]["reasons"]
    assert row["code"] in {reason["code"] for reason in reasons}
