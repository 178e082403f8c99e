"""Quantities: units are converted exactly or refused, comparators stand for intervals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.fhir.quantities import (
    CEA_NG_PER_ML,
    DOSE_GY,
    INR_RATIO,
    LENGTH_MM,
    OXYGEN_UPTAKE_ML_KG_MIN,
    PERCENT,
    PLATELETS_10E9_PER_L,
    TEMPERATURE_CEL,
    Comparator,
    Measurement,
    Unreadable,
    read_quantity,
)
from cds_service.truth import Truth

UCUM = "http://unitsofmeasure.org"
TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


def ucum(value, code, **more):
    return {"value": value, "system": UCUM, "code": code, "unit": code, **more}


@pytest.mark.parametrize(
    ("dimension", "quantity", "expected"),
    [
        (LENGTH_MM, ucum(14, "mm"), "14"),
        (LENGTH_MM, ucum(1.4, "cm"), "14"),
        (LENGTH_MM, ucum(3.04, "cm"), "30.4"),
        (LENGTH_MM, {"value": 14, "unit": "Millimeters"}, "14"),
        (LENGTH_MM, {"value": 1.4, "unit": "centimetre"}, "14"),
        (LENGTH_MM, {"value": 1.4, "code": "cm"}, "14"),
        (LENGTH_MM, {"value": 14, "system": "urn:local", "code": "7", "unit": "mm"}, "14"),
        (LENGTH_MM, {"value": 14, "code": "7", "unit": "mm"}, "14"),
        (LENGTH_MM, {"value": 14, "system": "urn:oid:2.16.840.1.113883.6.8", "code": "mm"}, "14"),
        (LENGTH_MM, {"value": 14, "system": UCUM, "unit": "mm"}, "14"),
        (LENGTH_MM, {"value": 14, "system": "", "code": "mm"}, "14"),
        (LENGTH_MM, {"value": 14, "unit": "cm", "system": UCUM, "code": "mm"}, "14"),
        (CEA_NG_PER_ML, ucum(5.2, "ng/mL"), "5.2"),
        (CEA_NG_PER_ML, ucum(5.2, "ug/L"), "5.2"),
        (CEA_NG_PER_ML, {"value": 5.2, "unit": "µg/L"}, "5.2"),  # the micro sign
        (CEA_NG_PER_ML, {"value": 5.2, "unit": "\u03bcg/l"}, "5.2"),  # the Greek letter
        (CEA_NG_PER_ML, {"value": 5.2, "unit": "mcg/l"}, "5.2"),
        (CEA_NG_PER_ML, ucum(5200, "ng/L"), "5.2"),
        (CEA_NG_PER_ML, ucum(5200, "pg/mL"), "5.2"),
        (CEA_NG_PER_ML, ucum(520, "ng/dL"), "5.2"),
        (CEA_NG_PER_ML, ucum(0.0052, "mg/L"), "5.2"),
        (PLATELETS_10E9_PER_L, ucum(150, "10*3/uL"), "150"),
        (PLATELETS_10E9_PER_L, ucum(150, "10*9/L"), "150"),
        (PLATELETS_10E9_PER_L, ucum(150, "/nL"), "150"),
        (PLATELETS_10E9_PER_L, {"value": 150, "unit": "/nl"}, "150"),
        (PLATELETS_10E9_PER_L, {"value": 150, "unit": "K/uL"}, "150"),
        (PLATELETS_10E9_PER_L, {"value": 150, "unit": "x10E9/L"}, "150"),
        (PLATELETS_10E9_PER_L, {"value": 150, "system": UCUM, "code": "K/uL"}, "150"),
        (PLATELETS_10E9_PER_L, ucum(150000, "/uL"), "150"),
        (PLATELETS_10E9_PER_L, ucum(150000, "/mm3"), "150"),
        (INR_RATIO, ucum(1.2, "{INR}"), "1.2"),
        (INR_RATIO, ucum(1.2, "1"), "1.2"),
        (INR_RATIO, {"value": 1.2}, "1.2"),
        (INR_RATIO, {"value": 1.2, "unit": "ratio"}, "1.2"),
        (PERCENT, ucum(80, "%"), "80"),
        (PERCENT, {"value": 80, "unit": "Percent"}, "80"),
        (PERCENT, ucum(200, "%"), "200"),
        (OXYGEN_UPTAKE_ML_KG_MIN, ucum(18, "mL/kg/min"), "18"),
        (OXYGEN_UPTAKE_ML_KG_MIN, {"value": 18, "unit": "ml/min/kg"}, "18"),
        (TEMPERATURE_CEL, ucum(38.5, "Cel"), "38.5"),
        (TEMPERATURE_CEL, ucum(101.3, "[degF]"), "38.5"),
        (DOSE_GY, ucum(5000, "cGy"), "50"),
        (LENGTH_MM, ucum(0, "mm"), "0"),
    ],
)
def test_units_are_converted_exactly(dimension, quantity, expected):
    assert read_quantity(quantity, dimension) == Measurement(Decimal(expected))


@pytest.mark.parametrize(
    ("dimension", "quantity", "problem"),
    [
        (LENGTH_MM, None, "VALUE_MISSING"),
        (LENGTH_MM, {}, "VALUE_MISSING"),
        (LENGTH_MM, {"unit": "mm"}, "VALUE_MISSING"),
        (LENGTH_MM, "14 mm", "VALUE_INVALID"),
        (LENGTH_MM, 14, "VALUE_INVALID"),
        (LENGTH_MM, {"value": 14}, "UNIT_MISSING"),
        (LENGTH_MM, {"value": 14, "unit": " "}, "UNIT_MISSING"),
        (LENGTH_MM, {"value": 14, "unit": 5}, "UNIT_MISSING"),
        (LENGTH_MM, {"value": 14, "system": "urn:local", "code": "mm"}, "UNIT_MISSING"),
        (LENGTH_MM, {"value": 14, "unit": "inch"}, "UNIT_UNKNOWN"),
        (LENGTH_MM, {"value": 14, "system": UCUM, "code": "m", "unit": "mm"}, "UNIT_UNKNOWN"),
        (LENGTH_MM, ucum("14", "mm"), "VALUE_INVALID"),
        (LENGTH_MM, ucum(True, "mm"), "VALUE_INVALID"),
        (LENGTH_MM, ucum(-1, "mm"), "VALUE_INVALID"),
        (LENGTH_MM, ucum(float("nan"), "mm"), "VALUE_INVALID"),
        (LENGTH_MM, ucum(float("inf"), "mm"), "VALUE_INVALID"),
        (LENGTH_MM, ucum(1e300, "mm"), "VALUE_INVALID"),
        (LENGTH_MM, ucum(1e-300, "mm"), "VALUE_INVALID"),
        (LENGTH_MM, ucum(10**5000, "mm"), "VALUE_INVALID"),
        (LENGTH_MM, ucum([14], "mm"), "VALUE_INVALID"),
        (LENGTH_MM, ucum(14, "mm", comparator="~"), "VALUE_INVALID"),
        (LENGTH_MM, ucum(14, "mm", comparator=["<"]), "VALUE_INVALID"),
        (LENGTH_MM, ucum(0, "mm", comparator="<"), "VALUE_INVALID"),
        (PERCENT, ucum(201, "%"), "VALUE_INVALID"),
        (PERCENT, {"value": 0.8}, "UNIT_MISSING"),
        (PERCENT, {"value": 0.8, "unit": "fraction"}, "UNIT_UNKNOWN"),
        (CEA_NG_PER_ML, ucum(5, "[arb'U]/mL"), "UNIT_UNKNOWN"),
        (CEA_NG_PER_ML, ucum(5, "nmol/L"), "UNIT_UNKNOWN"),
        (PLATELETS_10E9_PER_L, {"value": 150, "unit": "g/L"}, "UNIT_UNKNOWN"),
        (TEMPERATURE_CEL, ucum(-40, "Cel"), "VALUE_INVALID"),
    ],
)
def test_a_value_is_never_assumed_to_be_in_the_expected_unit(dimension, quantity, problem):
    found = read_quantity(quantity, dimension)
    assert isinstance(found, Unreadable)
    assert found.problem == problem
    assert found.text.endswith(".")


def test_an_unknown_unit_is_shown_cut_and_clean():
    found = read_quantity({"value": 5, "unit": "Jane\x00 Canary " * 50}, LENGTH_MM)
    assert found.text == "The unit 'Jane Canary Jane C' of the size is not understood."


# E-03: the whole interval that a comparator allows is judged.
@pytest.mark.parametrize(
    ("measured", "comparison", "limit", "expected"),
    [
        ("<5", ">", 5, FALSE),
        ("<5", ">=", 5, FALSE),
        ("<=5", ">", 5, FALSE),
        ("<=5", ">=", 5, UNKNOWN),
        ("<10", ">", 5, UNKNOWN),
        (">5", ">", 5, TRUE),
        (">5", ">=", 5, TRUE),
        (">=5", ">=", 5, TRUE),
        (">=5", ">", 5, UNKNOWN),
        (">1000", ">", 5, TRUE),
        (">1", "<=", 5, UNKNOWN),
        ("<5", "<", 5, TRUE),
        ("<=5", "<=", 5, TRUE),
        ("<=5", "<", 5, UNKNOWN),
        ("5", "==", 5, TRUE),
        ("5.0", "==", 5, TRUE),
        ("<=5", "==", 5, UNKNOWN),
        ("<5", "==", 5, FALSE),
        ("<5", ">=", 0, TRUE),
        ("30.4", ">", 30, TRUE),
        ("30", ">", 30, FALSE),
        ("30", "<=", 30, TRUE),
    ],
)
def test_a_comparison_is_certain_only_if_every_possible_value_agrees(measured, comparison, limit, expected):
    assert read(measured).compare(comparison, Decimal(limit)) is expected


def read(text):
    value = text.lstrip("<>=")
    sign = text[: len(text) - len(value)]
    return Measurement(Decimal(value), Comparator(sign) if sign else None)


@pytest.mark.parametrize(
    ("measured", "edges", "expected"),
    [
        ("12", [5, 30], ["12"]),
        ("<5", [], ["2.5"]),
        ("<5", [5], ["2.5"]),
        ("<=5", [5], ["2.5", "5"]),
        ("<10", [5], ["2.5", "5", "7.5"]),
        ("<10", [5, 30], ["2.5", "5", "7.5"]),
        ("<10", [0], ["0", "5"]),
        (">10", [5], ["11"]),
        (">=10", [10], ["10", "11"]),
        (">10", [30, 50, 30], ["20", "30", "40", "50", "51"]),
    ],
)
def test_representatives_are_one_value_for_each_edge_and_each_stretch(measured, edges, expected):
    found = read(measured).representatives(Decimal(edge) for edge in edges)
    assert found == tuple(Decimal(value) for value in expected)


@pytest.mark.parametrize(
    ("measurement", "text"),
    [
        ("<5", "<5"),
        ("15.0", "15"),
        ("30.40", "30.4"),
        ("100", "100"),
        (">=1E+2", ">=100"),
        ("0", "0"),
        ("0.05", "0.05"),
    ],
)
def test_a_measurement_reads_without_trailing_zeros(measurement, text):
    assert str(read(measurement)) == text


def test_only_a_value_without_comparator_is_exact():
    assert read("5").exact == Decimal(5)
    assert read("<5").exact is None
