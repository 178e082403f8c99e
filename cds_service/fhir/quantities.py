"""Measured values: a Decimal in the canonical unit, perhaps with a comparator such as "below 5"."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from operator import eq, ge, gt, le, lt

from cds_service.fhir.codings import UCUM, canonical_system
from cds_service.fhir.units import (
    CEA_NG_PER_ML,
    DOSE_GY,
    INR_RATIO,
    LENGTH_MM,
    OXYGEN_UPTAKE_ML_KG_MIN,
    PERCENT,
    PLATELETS_10E9_PER_L,
    TEMPERATURE_CEL,
    Dimension,
    Unit,
)
from cds_service.truth import Truth, agree
from cds_service.values import ValueObject

__all__ = [
    "CEA_NG_PER_ML",
    "DOSE_GY",
    "INR_RATIO",
    "LENGTH_MM",
    "OXYGEN_UPTAKE_ML_KG_MIN",
    "PERCENT",
    "PLATELETS_10E9_PER_L",
    "TEMPERATURE_CEL",
    "Comparator",
    "Dimension",
    "Measurement",
    "Unreadable",
    "read_quantity",
]

_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq}
_ZERO, _TWO = Decimal(0), Decimal(2)
_NUMBERS = (int, float, Decimal)
#: Powers of ten beyond which a value is no measurement but a fault.
_MAGNITUDE = 12
_SHOWN_UNIT = 20


class Comparator(StrEnum):
    """How a reported value stands to the true one (FHIR QuantityComparator)."""

    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER_OR_EQUAL = ">="
    GREATER = ">"


_COMPARATORS = {item.value: item for item in Comparator}
_UPWARDS = (Comparator.GREATER, Comparator.GREATER_OR_EQUAL)
_CLOSED = (Comparator.LESS_OR_EQUAL, Comparator.GREATER_OR_EQUAL)


class Measurement(ValueObject, frozen=True):
    """A value in the canonical unit of its dimension; never negative. With a comparator it stands for an interval."""

    value: Decimal
    comparator: Comparator | None = None

    @property
    def exact(self) -> Decimal | None:
        """The value, when it was reported without a comparator."""
        return self.value if self.comparator is None else None

    def compare(self, comparison: str, limit: Decimal) -> Truth:
        """Does ``value <comparison> limit`` hold? Unknown when not every value the comparator allows agrees (E-03).

        ``comparison`` is one of ``<``, ``<=``, ``>``, ``>=``, ``==``.
        """
        holds = _COMPARE[comparison]
        if self.comparator is None:
            return Truth.TRUE if holds(self.value, limit) else Truth.FALSE
        return agree({holds(value, limit) for value in self.representatives((limit,))})

    def representatives(self, edges: Iterable[Decimal]) -> tuple[Decimal, ...]:
        """Values that stand for all that the measurement can be, as far as comparisons with ``edges`` can tell.

        The value itself when exact. With a comparator: each edge inside the interval, and one value of each open
        stretch between, below and above them, ascending. The interval below a value begins at zero.
        """
        if self.comparator is None:
            return (self.value,)
        upwards = self.comparator in _UPWARDS
        low, high = (self.value, None) if upwards else (_ZERO, self.value)
        asked = set(edges)
        inside = sorted(edge for edge in asked if edge > low and (high is None or edge < high))
        stops = [low, *inside, high if high is not None else (inside or [low])[-1] + _TWO]
        ends = {self.value} if self.comparator in _CLOSED else set()
        if not upwards:
            ends.add(_ZERO)
        found = {(first + second) / _TWO for first, second in pairwise(stops)} | set(inside) | (asked & ends)
        return tuple(sorted(found))

    def __str__(self) -> str:
        """For people: ``<5``, ``15``, ``30.4``; no trailing zeros, no exponent."""
        return f"{self.comparator or ''}{self.value.normalize():f}"


class Unreadable(ValueObject, frozen=True):
    """Why a quantity could not be read: ``UNIT_MISSING``, ``UNIT_UNKNOWN``, ``VALUE_MISSING`` or ``VALUE_INVALID``."""

    problem: str
    text: str


def read_quantity(quantity: object, dimension: Dimension) -> Measurement | Unreadable:
    """A FHIR Quantity in the canonical unit of ``dimension``; a value is never assumed to be in the expected unit.

    The UCUM ``code`` decides where there is one, else the ``unit`` text if it is on the dimension's closed list.
    Refused are values that are no finite number, are negative, or lie above the dimension's maximum.
    Source: rules E-01, E-01b and E-03.
    """
    if quantity is None:
        return Unreadable("VALUE_MISSING", f"There is no {dimension.name}.")
    if not isinstance(quantity, dict):
        return Unreadable("VALUE_INVALID", f"The {dimension.name} is not a Quantity.")
    value = quantity.get("value")
    if value is None:
        return Unreadable("VALUE_MISSING", f"The {dimension.name} has no value.")
    number = _number(value)
    sign = quantity.get("comparator")
    comparator = _COMPARATORS.get(sign) if isinstance(sign, str) else None
    if number is None or (sign is not None and comparator is None):
        return Unreadable("VALUE_INVALID", f"The {dimension.name} is not a number that can be used.")
    unit = _unit(quantity, dimension)
    if isinstance(unit, Unreadable):
        return unit
    converted = unit.convert(number)
    below_zero = converted < _ZERO or (converted == _ZERO and comparator is Comparator.LESS)
    if below_zero or (dimension.maximum is not None and converted > dimension.maximum):
        return Unreadable("VALUE_INVALID", f"The {dimension.name} is outside the range of possible values.")
    return Measurement(converted, comparator)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        return None
    try:
        number = Decimal(str(value))
    except ValueError:  # an integer of thousands of digits
        return None
    if not number.is_finite() or (number and abs(number.adjusted()) > _MAGNITUDE):
        return None
    return number


def _unit(quantity: dict[str, object], dimension: Dimension) -> Unit | Unreadable:
    """The unit by UCUM code, by a unit text in the place of the code, or by the unit text."""
    code, system = _text(quantity.get("code")), quantity.get("system")
    if system == UCUM and (plain := dimension.codes.get(code)) is not None:
        return plain
    text = _text(quantity.get("unit"))
    if isinstance(system, str) and system and canonical_system(system) != UCUM:
        code = ""  # a local unit code says nothing
    stated = code if isinstance(system, str) and code else ""
    for name in (stated,) if stated else (code, text):
        if name and (unit := dimension.unit(name)) is not None:
            return unit
    if not code and not text:
        return dimension.unitless or Unreadable("UNIT_MISSING", f"The {dimension.name} has no unit.")
    shown = "".join(letter for letter in (code or text)[:_SHOWN_UNIT] if letter.isprintable())
    return Unreadable("UNIT_UNKNOWN", f"The unit '{shown}' of the {dimension.name} is not understood.")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
