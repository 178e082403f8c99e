"""The clinical content in memory: parameters, rules, evidence, and the texts that quote them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Protocol

from cds_service.knowledge.template import Template, number_text
from cds_service.truth import Truth, truth
from cds_service.values import ValueObject, value_field

CERTAINTY_TAGS = {
    "V": "seen in the text of the source itself",
    "V2": "seen in a secondary text that quotes or summarises the source",
    "REVIEW": "stated by the review that this rule base started from; the primary text was not reached",
    "M": "from memory: verify before clinical use",
    "D": "design default of this service; no external authority; a site may override it",
}
"""How well a statement was checked, from best to least. Every number, rule and source carries at least one tag."""

_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq}
COMPARISONS = tuple(_COMPARE)


class Measured(Protocol):
    """A measurement that can judge itself against a limit (it may carry a comparator, such as ``<5``)."""

    def compare(self, comparison: str, limit: Decimal) -> Truth:
        """True or false where every value that the measurement allows agrees, else unknown."""


class Parameter(ValueObject, frozen=True):
    """One threshold or setting of the rule base.

    ``unit`` is UCUM (``1`` for counts; empty for a text such as the name of a preset). ``comparison`` is the one that
    the rule tests with, value first: ``<=`` reads "the patient's value is at most the limit". ``None``: a plain number.
    ``local`` marks a value that the site has overridden; ``packaged`` is ours then, ``reason`` and ``signed_by`` are
    theirs.
    """

    id: str
    title: str
    value: Decimal | str
    unit: str
    comparison: str | None
    certainty: tuple[str, ...]
    sources: tuple[str, ...]
    rules: tuple[str, ...]
    review_by: date
    note: str | None = None
    choices: tuple[str, ...] = ()
    local: bool = False
    packaged: Decimal | str | None = None
    reason: str | None = None
    signed_by: str | None = None

    @property
    def packaged_text(self) -> str:
        """The packaged value as it is written on a card, also where the site has overridden it."""
        value = self.value if self.packaged is None else self.packaged
        return number_text(value) if isinstance(value, Decimal) else value

    @property
    def number(self) -> Decimal:
        """The value as a number. Raises: TypeError for a parameter that is a text."""
        if isinstance(self.value, Decimal):
            return self.value
        raise TypeError(f"parameter {self.id} is a text, not a number")

    @property
    def integer(self) -> int:
        """The value as a whole number. Raises: TypeError when it is a text or has a fraction."""
        whole = int(self.number)
        if whole != self.number:
            raise TypeError(f"parameter {self.id} is not a whole number")
        return whole

    @property
    def days(self) -> timedelta:
        """The value as a span of days. Raises: TypeError when its unit is not ``d``."""
        if self.unit != "d":
            raise TypeError(f"parameter {self.id} is not in days")
        return timedelta(days=self.integer)

    @property
    def text(self) -> str:
        """The value as it is written on a card: ``30``, ``1.5``, ``egoslim``."""
        return number_text(self.value) if isinstance(self.value, Decimal) else self.value

    def holds(self, value: Measured | Decimal | int | None, comparison: str | None = None) -> Truth:
        """Does ``value <comparison> limit`` hold? Unknown for ``None``; the value must be in this parameter's unit.

        ``comparison`` is given only where the parameter has none of its own because its sources differ (CEA).
        Raises: TypeError for a parameter without comparison, which is a defect of the caller.
        """
        test = comparison or self.comparison
        if test is None:
            raise TypeError(f"parameter {self.id} has no comparison")
        if value is None:
            return Truth.UNKNOWN
        if isinstance(value, (Decimal, int)):
            return truth(compare(value, test, self.number))
        return value.compare(test, self.number)


class ReasonText(ValueObject, frozen=True):
    """One reason that a rule can give.

    ``short``: the same in two or three words. ``alias``: its code before. ``open``: with the result CONDITIONAL it
    stands for something that is not known, rather than for a known concern.
    ``need``: what would settle it. ``when`` and ``result``: the rule gives it by itself where that comorbidity is on
    record; without them a function of the rule decides.
    """

    code: str
    text: Template
    short: Template | None = None
    alias: str | None = None
    open: bool = False
    need: str | None = None
    when: str | None = None
    result: str | None = None


class Rule(ValueObject, frozen=True):
    """One rule of the rule base, in plain words, with what it rests on and what it can say.

    ``therapies``: those that it judges, empty for a rule about something else; ``therapy``: the one that it is asked
    for. ``topic``: its row of the matrix; ``row``: what the row is called, if this rule says it. ``need``: what would
    settle it where its fact is not on record.
    ``text_only``: why no function carries it out.
    """

    id: str
    title: str
    statement: str
    evidence: tuple[str, ...]
    parameters: tuple[str, ...]
    certainty: tuple[str, ...]
    therapies: tuple[str, ...] = ()
    topic: str | None = None
    row: str | None = None
    need: str | None = None
    text_only: str | None = None
    reasons: Mapping[str, ReasonText] = value_field(default_factory=dict)
    therapy: str = ""


class Evidence(ValueObject, frozen=True):
    """One source: what it found, what speaks against it, and how far it was checked."""

    id: str
    label: str
    citation: str
    finding: str
    verified: tuple[str, ...]
    doi: str | None = None
    year: int | None = None
    design: str | None = None
    size: str | None = None
    against: str | None = None
    note: str | None = None
    url: str | None = None


class Knowledge(ValueObject, frozen=True):
    """The whole clinical content, checked at load. A name that is not there is a defect: KeyError."""

    version: str
    hash: str
    status: str
    reviewer_role: str
    parameters: Mapping[str, Parameter]
    rules: Mapping[str, Rule]
    evidence: Mapping[str, Evidence]
    texts: Mapping[str, Template]
    by_therapy: Mapping[str, tuple[Rule, ...]] = value_field(default_factory=dict)
    comorbidities: frozenset[str] = frozenset()  # those that give a reason by themselves, by their value set
    correctable: tuple[str, ...] = ()  # those of them that block until they are dealt with
    topics: tuple[str, ...] = ()  # the rows of the matrix, in the order in which they are shown

    def parameter(self, id: str) -> Parameter:
        """The parameter of that id."""
        return self.parameters[id]

    def holds(self, parameter: str, value: Measured | Decimal | int | None) -> Truth:
        """Does the value satisfy the parameter's comparison? Unknown when the value is not known well enough."""
        return self.parameters[parameter].holds(value)

    def limits(self, *rules: str, unit: str) -> tuple[str, ...]:
        """The parameters in one unit (UCUM) that these rules test values against, each once, in their order."""
        named = dict.fromkeys(name for rule in rules for name in self.rules[rule].parameters)
        return tuple(name for name in named if self.parameters[name].unit == unit and self.parameters[name].comparison)

    def limit(self, parameter: str) -> int:
        """A whole-number parameter. Raises: TypeError for a text or a fraction."""
        return self.parameters[parameter].integer

    def rule(self, id: str) -> Rule:
        """The rule of that id."""
        return self.rules[id]

    def text(self, key: str, **values: str) -> str:
        """The wording under ``group.name``, filled in. Raises: KeyError for an unknown key or a missing value."""
        return self.texts[key].fill(values)

    def rules_of(self, therapy: str) -> tuple[Rule, ...]:
        """The rules that judge one therapy, in the order of the rule base; each knows which therapy it is asked for."""
        return self.by_therapy[therapy]

    def need(self, code: str, **values: str) -> str:
        """What to obtain or record, for a need code; with ``_STALE`` behind the code, the wording for an old value."""
        return self.texts[f"need.{code}"].fill(values)

    def flag(self, code: str) -> str:
        """What a flag means."""
        return self.texts[f"flag.{code}"].fill({})

    def group(self, name: str) -> tuple[str, ...]:
        """The keys of one group of the wording, in the order of the file and without the group's name."""
        start = f"{name}."
        return tuple(key.removeprefix(start) for key in self.texts if key.startswith(start))

    def due_for_review(self, on: date) -> tuple[Parameter, ...]:
        """The parameters whose review date has passed on that day."""
        return tuple(item for item in self.parameters.values() if item.review_by < on)


def compare(value: Decimal | int, comparison: str, limit: Decimal) -> bool:
    """``value <comparison> limit`` for two plain numbers."""
    return bool(_COMPARE[comparison](value, limit))
