"""Three-valued logic: a fact is true, false, or not known.

``UNKNOWN`` is a value, not an error. Missing data never excludes a patient from an option and never reassures, so
every criterion of the rule base answers with a :class:`Truth`. The tables are those of Kleene's strong logic.
"""

from __future__ import annotations

from enum import StrEnum


class Truth(StrEnum):
    """True, false or unknown; the values are the words of the JSON contract."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        """Refuse ``if truth:``, which would silently read unknown as true.

        Raises: TypeError, always. Ask ``truth.surely`` or ``truth.surely_not`` instead.
        """
        raise TypeError("a Truth has three values: ask whether it is .surely, .surely_not or .unknown")

    @property
    def surely(self) -> bool:
        """Known to be true."""
        return self is Truth.TRUE

    @property
    def surely_not(self) -> bool:
        """Known to be false."""
        return self is Truth.FALSE

    @property
    def unknown(self) -> bool:
        """Not known."""
        return self is Truth.UNKNOWN


def truth(value: bool | None) -> Truth:
    """The Truth of a Python boolean; ``None`` is unknown."""
    if value is None:
        return Truth.UNKNOWN
    return Truth.TRUE if value else Truth.FALSE


def all_of(*facts: Truth) -> Truth:
    """True when every fact is true, false when any is false, else unknown."""
    if any(fact is Truth.FALSE for fact in facts):
        return Truth.FALSE
    return Truth.UNKNOWN if any(fact is Truth.UNKNOWN for fact in facts) else Truth.TRUE


def any_of(*facts: Truth) -> Truth:
    """True when any fact is true, false when every fact is false, else unknown."""
    if any(fact is Truth.TRUE for fact in facts):
        return Truth.TRUE
    return Truth.UNKNOWN if any(fact is Truth.UNKNOWN for fact in facts) else Truth.FALSE


def negate(fact: Truth) -> Truth:
    """True for false, false for true, unknown for unknown."""
    return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}[fact]


def agree(answers: set[bool]) -> Truth:
    """What a set of answers, one for each way the missing facts could turn out, lets us conclude."""
    if answers == {True}:
        return Truth.TRUE
    return Truth.FALSE if answers == {False} else Truth.UNKNOWN
