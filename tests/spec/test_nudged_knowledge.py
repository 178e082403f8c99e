"""Moving any number of the rule base by one unit breaks a case of the book: no limit stands there unproven.

A number is tried against the cases of its own rules first, then against all others. The texts that quote it move too.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from cds_service.knowledge import Knowledge, Parameter
from tests.spec.asking import day_of, request_of
from tests.spec.book import cases
from tests.spec.core import explain, site
from tests.spec.judging import breaches
from tests.spec.nudging import nudged, nudges, unit
from tests.spec.tables import Row, Table

NUDGES = list(nudges())
#: Nudges that no patient can feel, each with the reason.
MASKED = {
    ("hybrid.maxCount", Decimal(11)): "surgery is NOT_ELIGIBLE from eleven lesions on, and H-01 needs it as an option; "
    "the limit itself is tried in test_decision_tables.py",
    (
        "imrt.maxCount",
        Decimal(6),
    ): "SBRT is NOT_ELIGIBLE by number from six lesions on, and I-01 needs size as the only "
    "reason; the limit itself is tried in test_decision_tables.py",
}


@cache
def asked() -> list[tuple[Table, Row, dict[str, Any]]]:
    """Every case that the service meets as it is, with its request."""
    requests = [(table, row, request_of(table, row, table.styles[0])) for table, row in cases()]
    return [item for item in requests if not broken(item, site().knowledge)]


def broken(case: tuple[Table, Row, dict[str, Any]], knowledge: Knowledge) -> list[str]:
    _, row, request = case
    return breaches(row, explain(request, on=day_of(row), knowledge=knowledge))


@cache
def own_first(rules: frozenset[str]) -> list[tuple[Table, Row, dict[str, Any]]]:
    """Every case, those of these rules before the others."""
    return sorted(asked(), key=lambda case: rules.isdisjoint(case[0].rules))


def noticed(parameter: Parameter, value: Decimal | str) -> bool:
    """Does any case break? It ends at the first."""
    knowledge = nudged(parameter, value)
    return any(broken(case, knowledge) for case in own_first(frozenset(parameter.rules)))


@pytest.mark.parametrize(("parameter", "value"), NUDGES, ids=[f"{item.id} {value}" for item, value in NUDGES])
def test_nudge_is_noticed(parameter: Parameter, value: Decimal) -> None:
    if (parameter.id, value) in MASKED:
        assert not noticed(parameter, value), "no longer masked: take it out of the list"
    else:
        assert noticed(parameter, value)


def test_every_number_is_nudged_up_and_down() -> None:
    numbers = {id for id, item in site().knowledge.parameters.items() if isinstance(item.value, Decimal)}
    assert {item.id for item, _ in NUDGES} == numbers
    assert len(NUDGES) == 2 * len(numbers)


def test_nothing_is_masked_that_is_not_nudged() -> None:
    assert set(MASKED) <= {(item.id, value) for item, value in NUDGES}


@pytest.mark.parametrize(("value", "step"), [("50", "1"), ("5.0", "0.1"), ("38.5", "0.1"), ("10", "1")])
def test_unit_of_a_number(value: str, step: str) -> None:
    assert unit(Decimal(value)) == Decimal(step)


def test_choices_are_noticed_too() -> None:
    """The words among the parameters: another definition of synchronous, another comparison with the CEA limit."""
    for id_, item in site().knowledge.parameters.items():
        for choice in item.choices:
            assert choice == item.value or noticed(item, choice), (id_, choice)
