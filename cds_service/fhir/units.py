"""Units that are understood: for each dimension, UCUM codes and a closed list of unit texts. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from cds_service.values import ValueObject, value_field


class Unit(NamedTuple):
    """How a value turns into the canonical unit: ``(value - subtract) * multiply / divide``, exact in decimals."""

    multiply: Decimal = Decimal(1)
    divide: Decimal = Decimal(1)
    subtract: Decimal = Decimal(0)

    def convert(self, value: Decimal) -> Decimal:
        """The value in the canonical unit."""
        return value if self is _SAME else (value - self.subtract) * self.multiply / self.divide


_SAME = Unit()
_TEN_TIMES = Unit(multiply=Decimal(10))
_HUNDREDTH = Unit(divide=Decimal(100))
_THOUSANDTH = Unit(divide=Decimal(1000))
_THOUSAND_TIMES = Unit(multiply=Decimal(1000))


class Dimension(ValueObject, frozen=True):
    """What is measured, its canonical UCUM unit, and every unit that can be turned into it.

    ``codes`` are UCUM codes and keep their case. ``texts`` are unit texts in any case. ``unitless`` says what a value
    without unit means, where it means anything. ``maximum`` is the largest possible value in the canonical unit.
    """

    name: str
    canonical: str
    codes: Mapping[str, Unit]
    texts: Mapping[str, Unit] = value_field(default_factory=dict)
    unitless: Unit | None = None
    maximum: Decimal | None = None

    def unit(self, text: str) -> Unit | None:
        """The unit of a UCUM code or unit text; None when it is not on the list."""
        return self.codes.get(text) or self.texts.get(text.casefold())


def _units(*groups: tuple[Unit, str]) -> dict[str, Unit]:
    return {name: unit for unit, names in groups for name in names.split()}


def _texts(codes: Mapping[str, Unit], *more: tuple[Unit, Iterable[str]]) -> dict[str, Unit]:
    """Every UCUM code in any case, and the words beside them. Casefolding also unites the two signs for micro."""
    texts = {code.casefold(): unit for code, unit in codes.items()}
    return texts | {word.casefold(): unit for unit, words in more for word in words}


_LENGTHS = _units((_SAME, "mm"), (_TEN_TIMES, "cm"))
LENGTH_MM = Dimension(
    "size",
    "mm",
    _LENGTHS,
    _texts(
        _LENGTHS,
        (_SAME, ("millimeter", "millimeters", "millimetre", "millimetres")),
        (_TEN_TIMES, ("centimeter", "centimeters", "centimetre", "centimetres")),
    ),
)

# ng/mL and ug/L are numerically equal. Arbitrary and molar units cannot be converted (E-01).
_CONCENTRATIONS = _units(
    (_SAME, "ng/mL ng/ml ug/L ug/l"),
    (_THOUSANDTH, "ng/L ng/l pg/mL pg/ml"),
    (_HUNDREDTH, "ng/dL ng/dl"),
    (_THOUSAND_TIMES, "mg/L mg/l"),
)
CEA_NG_PER_ML = Dimension("CEA", "ng/mL", _CONCENTRATIONS, _texts(_CONCENTRATIONS, (_SAME, ("µg/L", "mcg/L"))))

_COUNTS = _units(
    (_SAME, "10*9/L 10*9/l 10*3/uL 10*3/ul 10*3/mm3 10*6/mL /nL /nl"),
    (_THOUSANDTH, "/uL /ul /mm3 {cells}/uL 10*6/L"),
)
PLATELETS_10E9_PER_L = Dimension(
    "platelet count",
    "10*9/L",
    _COUNTS,
    _texts(
        _COUNTS,
        (_SAME, ("10^9/L", "x10^9/L", "x10*9/L", "x10E9/L", "10E9/L", "10⁹/L", "x10⁹/L", "×10⁹/L", "×10^9/L")),
        (_SAME, ("10^3/uL", "x10^3/uL", "x10*3/uL", "x10E3/uL", "10E3/uL", "K/uL", "10^3/µL", "10*3/µL", "K/µL")),
        (_SAME, ("10³/µL", "10^3/mm3", "x10^3/mm3", "K/mm3", "K/mcL", "10^3/mcL")),
        (_THOUSANDTH, ("/µL", "/mcL", "cells/uL", "cells/µL", "cells/mm3")),
    ),
)

_RATIOS = _units((_SAME, "{INR} 1 {ratio}"))
INR_RATIO = Dimension("INR", "{INR}", _RATIOS, _texts(_RATIOS, (_SAME, ("INR", "ratio"))), unitless=_SAME)

_PERCENTS = _units((_SAME, "% %{predicted} %{Predicted}"))
PERCENT = Dimension(
    "percentage",
    "%",
    _PERCENTS,
    _texts(_PERCENTS, (_SAME, ("percent", "per cent", "% predicted", "% pred", "%pred", "%predicted"))),
    maximum=Decimal(200),
)

_UPTAKES = _units(
    (_SAME, "mL/kg/min ml/kg/min mL/min/kg ml/min/kg mL/(kg.min) mL/(min.kg) mL.kg-1.min-1 mL.min-1.kg-1")
)
OXYGEN_UPTAKE_ML_KG_MIN = Dimension("oxygen uptake", "mL/kg/min", _UPTAKES, _texts(_UPTAKES))

_FAHRENHEIT = Unit(multiply=Decimal(5), divide=Decimal(9), subtract=Decimal(32))
_TEMPERATURES = {"Cel": _SAME, "[degF]": _FAHRENHEIT}
TEMPERATURE_CEL = Dimension(
    "temperature",
    "Cel",
    _TEMPERATURES,
    _texts(
        _TEMPERATURES,
        (_SAME, ("C", "°C", "degC", "degrees Celsius", "Celsius")),
        (_FAHRENHEIT, ("F", "°F", "degF", "degrees Fahrenheit", "Fahrenheit")),
    ),
)

_DOSES = _units((_SAME, "Gy"), (_HUNDREDTH, "cGy"), (_THOUSANDTH, "mGy"))
DOSE_GY = Dimension(
    "radiation dose",
    "Gy",
    _DOSES,
    _texts(_DOSES, (_SAME, ("gray", "grays")), (_HUNDREDTH, ("centigray", "centigrays"))),
)
