"""The rule base as code asks for it: the numbers, and which function carries out which rule.

A rule is declared once, in ``knowledge/rules``: its text, numbers, sources, and the reasons that it can give. The
function that carries it out is tied to it by its id, with :func:`rule`. At start both sides are compared
(:func:`content_faults`): neither may know a rule, or a reason, that the other does not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from cds_service.errors import KnowledgeInvalid
from cds_service.knowledge import Knowledge

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


def content_faults(knowledge: Knowledge, comorbidities: Collection[str]) -> list[str]:
    """What the content and the code do not both know. ``comorbidities``: those that are looked for in a record."""
    rules = knowledge.rules
    faults = [f"rule {id_}: a function carries it out, but it is not declared" for id_ in CARRIED_OUT.keys() - rules]
    told, by_row = set(), set()
    for item in rules.values():
        decided = [name for name, reason in item.reasons.items() if reason.when is None]
        told.update(decided)
        by_row.update(item.reasons.keys() - set(decided))
        rows_alone = bool(item.reasons) and not decided
        if (item.id in CARRIED_OUT) == (item.text_only is not None) and not rows_alone:
            faults.append(f"rule {item.id}: either a function carries it out, or text_only says why none does")
        faults += [
            f"rule {item.id}: reason {name}: '{reason.when}' is not looked for in a record"
            for name, reason in item.reasons.items()
            if reason.when is not None and reason.when not in comorbidities
        ]
    faults += [f"reason {code}: a function gives it, but no rule declares it" for code in CODES - told - by_row]
    faults += [f"reason {code}: declared without 'when', but no function gives it" for code in told - CODES]
    return sorted(faults)


def refuse_parted(knowledge: Knowledge, comorbidities: Collection[str]) -> None:
    """Refuse content that the code does not fit. Raises: KnowledgeInvalid (CLM-4002), with every fault."""
    if faults := content_faults(knowledge, comorbidities):
        lines = "\n".join(f"- {fault}" for fault in faults)
        raise KnowledgeInvalid(
            f"The rules and the code that carries them out do not fit:\n{lines}",
            hint="Each rule of knowledge/rules needs the function that carries it out, and the reverse.",
        )
