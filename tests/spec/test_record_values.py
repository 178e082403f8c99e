"""Values as they really come: units as text, other tests, other scales, old and future dates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.changing import add, replace
from tests.spec.core import explain
from tests.spec.patients import patient
from tests.spec.resources import (
    HL7,
    LOINC,
    SNOMED,
    Resource,
    concept,
    observation,
    procedure,
    quantity,
)
from tests.spec.tables import rows
from tests.spec.vignettes import codes, letters


def cea(value: object, unit: str | None, **more: Any) -> Resource:
    found = observation("cea", concept(LOINC, "2039-6"), "2025-05-15", **more)
    return found | {"valueQuantity": quantity(value, None) | ({"unit": unit} if unit else {})}


CEA = rows("""
    value | unit   | ng per mL
    ------+--------+----------
    6.1   | ng/mL  | 6.1
    6.1   | ug/L   | 6.1
    6.1   | µg/L   | 6.1
    6.1   | mcg/L  | 6.1
    6.1   |        |
    6.1   | U/mL   |
    6.1   | nmol/L |
""")


@pytest.mark.parametrize("row", CEA, ids=lambda row: f"{row['value']} {row['unit']}")
def test_unit_of_cea_as_text(row: dict[str, str]) -> None:
    """E-01."""
    found = cea(float(row["value"]), row["unit"])
    markers = explain(replace(patient(), "observations", "cea", found))["cea"]
    if row["ng per mL"]:
        assert (markers["latest"]["ngPerMl"], markers["elevated"]) == (float(row["ng per mL"]), "true")
    else:
        assert (markers["latest"], markers["elevated"]) == (None, "unknown")


def test_cea_in_nanograms_per_litre() -> None:
    found = observation("cea", concept(LOINC, "2039-6"), "2025-05-15", valueQuantity=quantity(6100, "ng/L"))
    assert explain(replace(patient(), "observations", "cea", found))["cea"]["latest"]["ngPerMl"] == 6.1


@pytest.mark.parametrize("loinc", ["19166-8", "19167-6", "2037-0", "12515-3", "19169-2"])
def test_other_cea_tests_do_not_count(loinc: str) -> None:
    """E-01, E-04."""
    found = observation("cea", concept(LOINC, loinc), "2025-05-15", valueQuantity=quantity(60, "ng/mL"))
    assert explain(replace(patient(), "observations", "cea", found))["cea"]["elevated"] == "unknown"


@pytest.mark.parametrize("status", ["preliminary", "registered", "entered-in-error", "cancelled", "unknown"])
def test_cea_that_is_not_final(status: str) -> None:
    """E-04."""
    found = cea(60, "ng/mL") | {"status": status}
    assert explain(replace(patient(), "observations", "cea", found))["cea"]["elevated"] == "unknown"


def test_cea_soon_after_surgery_does_not_classify() -> None:
    """E-08: within 28 days of an operation."""
    lung = procedure("wedge", concept(SNOMED, "359615001"), "2025-05-01", bodySite=[concept(SNOMED, "44714003")])
    assert explain(add(patient(cea=9), "procedures", lung))["cea"]["elevated"] == "unknown"


@pytest.mark.parametrize(("on", "expected"), [("2025-06-02", "unknown"), ("2014-05-31", "unknown")])
def test_data_of_the_future_and_of_long_ago(on: str, expected: str) -> None:
    assert explain(patient(cea=60, cea_date=on))["cea"]["elevated"] == expected


PLATELETS = rows("""
    value | unit    | result
    ------+---------+-------
    49    | 10*9/L  | K
    49    | 10*3/uL | K
    49    | K/uL    | K
    49000 | /uL     | K
    51000 | /uL     | E
    51    | 10^9/L  | E
    49    |         | E
""")


@pytest.mark.parametrize("row", PLATELETS, ids=lambda row: f"{row['value']} {row['unit']}")
def test_unit_of_platelets(row: dict[str, str]) -> None:
    """E-01b: without a unit the value is unknown, and unknown does not block."""
    value = {"value": int(row["value"])} | ({"unit": row["unit"]} if row["unit"] else {})
    found = observation("platelets", concept(LOINC, "777-3"), "2025-05-20", valueQuantity=value)
    assert letters(explain(replace(patient(), "observations", "platelets", found))) == "EE" + row["result"]


@pytest.mark.parametrize("value", [{"value": 0.95}, {"value": 95}, {"value": 250, "unit": "%"}])
def test_lung_function_without_percent_is_unknown(value: Resource) -> None:
    """E-01b."""
    found = observation("fev1", concept(LOINC, "20152-5"), "2025-04-15", valueQuantity=value)
    explanation = explain(replace(patient(), "observations", "fev1", found))
    assert letters(explanation) == "CEE"
    assert "PFT_MISSING" in codes(explanation)


KARNOFSKY = rows("""
    score | letters
    ------+--------
    90    | EEE
    80    | EEE
    70    | EEE
    60    | EEE
    50    | NCC
    40    | NCC
    30    | NNN
""")


@pytest.mark.parametrize("row", KARNOFSKY, ids=lambda row: row["score"])
def test_karnofsky_stands_in_for_ecog(row: dict[str, str]) -> None:
    found = observation("karnofsky", concept(LOINC, "89243-0"), "2025-05-20", valueInteger=int(row["score"]))
    assert letters(explain(add(patient(ecog=None), "observations", found))) == row["letters"]


def test_unknown_data_absent_reason() -> None:
    absent = observation("cea", concept(LOINC, "2039-6"), "2025-05-15")
    absent["dataAbsentReason"] = concept(f"{HL7}/data-absent-reason", "unknown")
    assert explain(replace(patient(), "observations", "cea", absent))["cea"]["latest"] is None
