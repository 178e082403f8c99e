"""The assessment: the one object behind cards, explanation, command line and audit.

Field names are the JSON contract in snake_case; :func:`to_json` writes them in camelCase. Three-valued facts are
:class:`~cds_service.truth.Truth`. Sizes are in mm, concentrations in ng/mL, intervals in completed calendar months.
A number that is not known is ``None``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from typing import Any, cast

from cds_service.oncology.disease.axes import Classification
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
class Criterion:
    """How one rule stands for one modality, also where it passed in silence.

    ``state``: met | caution (met, with a caution) | not_met | unknown. What is not on record is unknown here, even
    where the rule lets it pass as a need. ``codes``: its reasons. ``facts``: what it rests on, also when it passed.
    """

    topic: str
    rule: str
    state: str
    codes: tuple[str, ...]
    facts: tuple[str, ...]


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
    treatment: str | None  # the latest local treatment of this lesion: resection | ablation | radiotherapy
    treated_on: str | None
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
    confounded: bool = False  # shortly after an operation, or in the first weeks of oxaliplatin: not used (E-08)


@dataclass(frozen=True, slots=True)
class CeaSetAside:
    """A CEA result whose unit or value could not be read."""

    date: str
    fact: str


@dataclass(frozen=True, slots=True)
class CeaThreshold:
    """The edge that a curve of CEA is seen against, with the comparison by which a value is raised (E-02)."""

    ng_per_ml: Decimal
    comparison: str
    parameter: str


@dataclass(frozen=True, slots=True)
class Cea:
    """The CEA picture (E rules)."""

    latest: CeaValue | None
    elevated: Truth
    trend: str
    persistent: Truth
    series: tuple[CeaValue, ...] = ()
    set_aside: tuple[CeaSetAside, ...] = ()
    threshold: CeaThreshold | None = None


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
class Event:
    """Something that happened to the patient. ``date`` is as precise as it was recorded; None: not recorded.

    ``kind``: primary | primary-resection | lung-metastasis | extrapulmonary | resection | ablation | radiotherapy |
    pneumonectomy | systemic | mdt-requested | mdt-held | chest-ct | abdomen-imaging.
    """

    kind: str
    text: str
    date: str | None
    side: str | None
    lobe: str | None
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
    criteria: Mapping[str, tuple[Criterion, ...]]  # by modality; empty when therapies is; worked out when read
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
    events: tuple[Event, ...] = ()  # oldest first, those without a date last


_PLAIN = (str, bool, int)


@cache
def json_names(kind: Any) -> tuple[tuple[str, str], ...]:
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
        return {written: to_json(getattr(value, name)) for name, written in json_names(cast(Any, type(value)))}
    if isinstance(value, (dict, Mapping)):  # criteria are a mapping that is worked out when it is read
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
    return value.isoformat() if isinstance(value, date) else value
