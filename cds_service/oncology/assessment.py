"""The assessment: the one object behind cards, explanation, command line and audit.

Field names are the JSON contract in snake_case; :func:`to_json` writes them in camelCase. Three-valued facts are
:class:`~cds_service.truth.Truth`. Sizes are in mm, concentrations in ng/mL, intervals in completed calendar months.
A number that is not known is ``None``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from typing import Any, cast

from cds_service.truth import Truth


class Result(StrEnum):
    """What the rule base says about one therapy for this patient (worst first where results are combined)."""

    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    BLOCKED = "BLOCKED"
    UNKNOWN = "UNKNOWN"
    CONDITIONAL = "CONDITIONAL"
    ELIGIBLE = "ELIGIBLE"
    NOT_OFFERED = "NOT_OFFERED"  # hybrid and IMRT only


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate that fired. ``stop`` ends therapies and MDT; ``note`` only adds information."""

    id: str
    result: str  # "stop" | "note"
    text: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a therapy is not simply ELIGIBLE. A note (``CENTRAL_RISK``) has the result ELIGIBLE."""

    code: str
    rule: str
    result: Result
    text: str
    evidence: tuple[str, ...]
    parameters: tuple[str, ...]
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Therapy:
    """The result for one modality, with all reasons of every sub-rule that did not simply pass."""

    result: Result
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """Synchronous or metachronous (C-01). ``labels`` holds the answer of every preset, by its name."""

    value: str  # synchronous | metachronous | unknown
    subtype: str | None  # early | late | None
    policy: str
    definition_sensitive: bool
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sequence:
    """Initial, initial_concurrent or non_initial (C-02)."""

    value: str


@dataclass(frozen=True, slots=True)
class Spread:
    """Isolated or non_isolated (C-03)."""

    value: str
    prior_extrapulmonary: bool
    sites: tuple[str, ...] = ()  # names of active extrapulmonary sites, for instance "liver"


@dataclass(frozen=True, slots=True)
class Number:
    """How many lung lesions count as metastases (C-04)."""

    value: str  # solitary | multiple | unknown
    n: int | None
    n_indeterminate: int
    n_at_least: int
    diffuse: bool = False


@dataclass(frozen=True, slots=True)
class Valued:
    """An axis that is one word."""

    value: str


@dataclass(frozen=True, slots=True)
class Oligometastatic:
    """One to five lesions over all sites, all treatable (C-05)."""

    value: Truth
    by_count: Truth


@dataclass(frozen=True, slots=True)
class Resectability:
    """A dated statement of surgeon or MDT, or only a screen (C-07)."""

    value: str
    basis: str  # stated | screen


@dataclass(frozen=True, slots=True)
class Classification:
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


@dataclass(frozen=True, slots=True)
class LesionReport:
    """One lung lesion, at its latest measurement, with the lesion-level sub-rules (size, place)."""

    id: str
    side: str | None
    lobe: str | None
    zone: str | None
    largest_diameter_mm: Decimal | None
    diameter_comparator: str | None
    measured_on: str | None
    counted: bool
    flags: tuple[str, ...]
    results: Mapping[str, Result]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mdt:
    """MDT referral (M-01 to M-05). ``urgent_review`` asks for direct clinical review instead of waiting for an MDT."""

    suggest: bool
    priority: str | None
    suppressed_by: str | None
    trigger: str | None
    invitees: tuple[str, ...]
    requested_on: str | None = None
    held_on: str | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SystemicNote:
    """Information about systemic therapy (T rules); never a drug order."""

    rule: str
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Molecular:
    """Molecular results on record."""

    ras: str = "unknown"
    braf: str = "unknown"
    msi: str = "unknown"
    her2: str = "unknown"
    ras_detail: str | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CeaValue:
    """One carcinoembryonic antigen result, in ng/mL. ``state``: current | usable | stale."""

    ng_per_ml: Decimal
    comparator: str | None
    date: str
    state: str
    fact: str


@dataclass(frozen=True, slots=True)
class Cea:
    """The CEA picture (E rules)."""

    latest: CeaValue | None
    elevated: Truth
    trend: str
    persistent: Truth
    series: tuple[CeaValue, ...] = ()


@dataclass(frozen=True, slots=True)
class SalahFactors:
    """The three factors of the Salah model (P-01)."""

    cea: Truth
    disease_free_interval: Truth
    multiple: Truth


@dataclass(frozen=True, slots=True)
class Salah:
    """Salah model; group and percentage only for operated-type patients with all factors known."""

    factors: SalahFactors
    count: int
    range: tuple[int, int]
    group: str | None
    five_year_survival_percent: Decimal | None


@dataclass(frozen=True, slots=True)
class ConsensusFactors:
    """Factors of poorer survival listed by the consensus (P-03), unweighted."""

    present: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prognosis:
    """Prognostic groups of published series; never a personal prognosis."""

    salah: Salah
    consensus_factors: ConsensusFactors
    disease_free_interval_months: int | None


@dataclass(frozen=True, slots=True)
class OrderReport:
    """A draft order that the call is about: the classes it belongs to and the order-entry rules that fired."""

    reference: str
    classes: tuple[str, ...]
    rules: tuple[str, ...]
    text: str = ""
    recognised_by_name: bool = False  # the order carries no code; its name is on the closed list of order names


@dataclass(frozen=True, slots=True)
class Need:
    """Something that is missing or stale, and what to do about it."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact that the decision rests on, as a sentence, with its date and the resources it came from."""

    code: str
    text: str
    date: str | None
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A resource, or a part of one, that could not be used, and why."""

    resource: str
    problem: str
    text: str


@dataclass(frozen=True, slots=True)
class SourceReport:
    """The state of one prefetch key and how many usable resources it brought."""

    state: str
    resources: int
    note: str | None


@dataclass(frozen=True, slots=True)
class KnowledgeReport:
    """Which clinical content decided."""

    version: str
    hash: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that the service concluded about one patient on one date, and why."""

    service: str
    hook: str
    evaluated_on: date
    knowledge: KnowledgeReport
    population: str  # in | suspected | out
    gates: tuple[Gate, ...]
    sources: Mapping[str, SourceReport]
    classification: Classification
    lesions: tuple[LesionReport, ...]
    therapies: Mapping[
        str, Therapy
    ]  # surgery, sbrt, ablation, hybrid, imrt; empty when a gate stops or population is not "in"
    order: tuple[tuple[str, ...], ...]
    mdt: Mdt
    systemic: tuple[SystemicNote, ...]
    molecular: Molecular
    cea: Cea
    prognosis: Prognosis
    orders: tuple[OrderReport, ...]
    findings: tuple[Finding, ...]
    needs: tuple[Need, ...]
    flags: tuple[str, ...]
    data_quality: tuple[Problem, ...]
    age_years: int | None = None  # completed years; None when the birth date leaves it open
    lung_metastasis: str | None = None  # reference of the lung-metastasis Condition, for ServiceRequest.reasonReference
    supporting: tuple[str, ...] = ()  # references of CT, CEA and lesion resources that decided, for supportingInfo


_PLAIN = (str, bool, int)


@cache
def _names(kind: Any) -> tuple[tuple[str, str], ...]:
    """The fields of a dataclass, each with its name in JSON."""
    return tuple((item.name, _camel(item.name)) for item in fields(kind))


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def to_json(value: object) -> object:
    """The JSON form of an assessment or any part of it: camelCase names, ISO dates, decimals as numbers."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {written: to_json(getattr(value, name)) for name, written in _names(cast(Any, type(value)))}
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
    return value.isoformat() if isinstance(value, date) else value
