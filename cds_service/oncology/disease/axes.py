"""The axes of the classification (C-01 to C-08), as an assessment holds them."""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.truth import Truth
from cds_service.values import ValueObject, value_field


class Timing(ValueObject, frozen=True):
    """Synchronous or metachronous (C-01). ``labels`` holds the answer of every preset, by its name."""

    value: str  # synchronous | metachronous | unknown
    subtype: str | None  # early | late | None
    policy: str
    definition_sensitive: bool
    labels: Mapping[str, str] = value_field(default_factory=dict)


class Sequence(ValueObject, frozen=True):
    """Initial, initial_concurrent or non_initial (C-02)."""

    value: str


class Spread(ValueObject, frozen=True):
    """Isolated or non_isolated (C-03)."""

    value: str
    prior_extrapulmonary: bool
    sites: tuple[str, ...] = ()  # names of active extrapulmonary sites, for instance "liver"


class Number(ValueObject, frozen=True):
    """How many lung lesions count as metastases (C-04)."""

    value: str  # solitary | multiple | unknown
    n: int | None
    n_indeterminate: int
    n_at_least: int
    diffuse: bool = False


class Valued(ValueObject, frozen=True):
    """An axis that is one word."""

    value: str


class Oligometastatic(ValueObject, frozen=True):
    """One to five lesions over all sites, all treatable (C-05)."""

    value: Truth
    by_count: Truth


class Resectability(ValueObject, frozen=True):
    """A dated statement of surgeon or MDT, or only a screen (C-07)."""

    value: str
    basis: str  # stated | screen


class Classification(ValueObject, frozen=True):
    """The axes C-01 to C-08."""

    certainty: str  # confirmed | suspected | indeterminate
    timing: Timing
    sequence: Sequence
    spread: Spread
    number: Number
    sides: Valued  # unilateral | bilateral | unknown
    oligometastatic: Oligometastatic
    thoracic_nodes: Valued  # negative | suspected | proven | unknown
    resectability: Resectability
