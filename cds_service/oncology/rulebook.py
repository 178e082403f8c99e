"""Which function carries out which rule, and which reasons functions give.

A rule is declared once, in ``knowledge/rules``: its text, numbers, sources, and the reasons that it can give. The
function that carries it out is tied to it by its id, with :func:`rule`. At start both sides are compared
(``oncology.fit``): neither may know a rule, or a reason, that the other does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

CARRIED_OUT: dict[str, Callable[..., Any]] = {}
"""The function of each rule, by the rule's id; filled as the modules of the rules are loaded."""

CODES: set[str] = set()
"""Every reason code that a function can give."""


def rule(*ids: str) -> Callable[[Function], Function]:
    """Tie a function to the rules that it carries out.

    Raises: ValueError where another function carries one of them out already.
    """

    def tie(function: Function) -> Function:
        for id_ in ids:
            if id_ in CARRIED_OUT:
                raise ValueError(f"rule {id_} is carried out twice")
            CARRIED_OUT[id_] = function
        return function

    return tie


class Code(str):
    """A reason code that a function can give. Making one announces it, so that its sentence is looked for at start."""

    __slots__ = ()

    def __new__(cls, code: str) -> Code:
        """The code; the same text may be announced by several modules."""
        CODES.add(code)
        return super().__new__(cls, code)
