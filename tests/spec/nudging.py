"""Clinical content with one number moved by one unit, as the service would run with it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from cds_service.knowledge import Knowledge, Parameter
from cds_service.knowledge.loader import HERE
from cds_service.knowledge.rule_files import by_therapy, read_rules, texts_of
from cds_service.knowledge.texts import read_wording
from cds_service.values import replace
from tests.spec.core import site


def nudges() -> Iterator[tuple[Parameter, Decimal]]:
    """Each number of the rule base, one unit up and one unit down."""
    for parameter in site().knowledge.parameters.values():
        if isinstance(parameter.value, Decimal):
            step = unit(parameter.value)
            yield parameter, parameter.value + step
            yield parameter, parameter.value - step


def unit(value: Decimal) -> Decimal:
    """One unit of a number: 1 where it is whole, 0.1 where it is written with a decimal."""
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(min(0, int(exponent)))


def nudged(parameter: Parameter, value: Decimal | str) -> Knowledge:
    """The content with another value of one parameter, in the rules and in every text that quotes it.

    Nothing is checked: a nudge may leave the bounds that a site's own values must keep.
    """
    knowledge = site().knowledge
    parameters = {**knowledge.parameters, parameter.id: replace(parameter, value=value)}
    faults: list[str] = []
    values = {item.id: item.text for item in parameters.values()}
    rules = read_rules(_chapters(), values, faults)
    return replace(
        knowledge,
        parameters=parameters,
        rules=rules,
        by_therapy=by_therapy(rules, tuple(knowledge.by_therapy)),
        texts=knowledge.texts | read_wording(_wording(), values, faults).texts | texts_of(rules),
    )


@cache
def _wording() -> dict[str, Any]:
    return tomllib.loads((HERE / "wording.toml").read_text(encoding="utf-8"))


@cache
def _chapters() -> dict[str, dict[str, Any]]:
    names = tomllib.loads((HERE / "knowledge.toml").read_text(encoding="utf-8"))["chapters"]
    return {name: tomllib.loads((HERE / "rules" / f"{name}.toml").read_text(encoding="utf-8")) for name in names}
