"""The assessment: the one object behind cards, explanation, command line and audit.

Field names are the JSON contract in snake_case; :func:`to_json` writes them in camelCase. Three-valued facts are
:class:`~cds_service.truth.Truth`. Sizes are in mm, concentrations in ng/mL, intervals in completed calendar months.
A number that is not known is ``None``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache

from cds_service.oncology.advice.mdt import Mdt
from cds_service.oncology.advice.needs import Need
from cds_service.oncology.advice.orders import OrderReport
from cds_service.oncology.advice.prognosis import ConsensusFactors, Prognosis, Salah, SalahFactors
from cds_service.oncology.advice.systemic import Molecular, SystemicNote
from cds_service.oncology.disease.axes import Classification
from cds_service.oncology.disease.cea import Cea, CeaSetAside, CeaThreshold, CeaValue
from cds_service.oncology.disease.gates import Gate
from cds_service.oncology.report.events import Event
from cds_service.oncology.report.found import Finding
from cds_service.oncology.therapy.verdict import Criterion, Reason, Result, Therapy
from cds_service.values import ValueObject

#: Every type of an assessment, each defined in the chapter that makes it.
__all__ = [
    "Assessment",
    "Cea",
    "CeaSetAside",
    "CeaThreshold",
    "CeaValue",
    "ConsensusFactors",
    "Criterion",
    "Event",
    "Finding",
    "Gate",
    "KnowledgeReport",
    "LesionReport",
    "Mdt",
    "Molecular",
    "Need",
    "OrderReport",
    "Problem",
    "Prognosis",
    "Reason",
    "Result",
    "Salah",
    "SalahFactors",
    "SourceReport",
    "SystemicNote",
    "Therapy",
    "to_json",
]


class LesionReport(ValueObject, frozen=True):
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


class Problem(ValueObject, frozen=True):
    """A resource, or a part of one, that could not be used, and why."""

    resource: str
    problem: str
    text: str


class SourceReport(ValueObject, frozen=True):
    """The state of one prefetch key and how many usable resources it brought."""

    state: str
    resources: int
    note: str | None


class KnowledgeReport(ValueObject, frozen=True):
    """Which clinical content decided."""

    version: str
    hash: str


class Assessment(ValueObject, frozen=True):
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
    criteria: Mapping[str, tuple[Criterion, ...]]  # by modality; empty when therapies is
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
    primary_side: str = "unknown"  # left | right | unknown


_PLAIN = (str, bool, int)


@cache
def json_names(kind: type[ValueObject]) -> tuple[tuple[str, str], ...]:
    """The fields of a value, each with its name in JSON."""
    return tuple((name, _camel(name)) for name in kind.__struct_fields__)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def to_json(value: object) -> object:
    """The JSON form of an assessment or any part of it: camelCase names, ISO dates, decimals as numbers."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, ValueObject):
        return {written: to_json(getattr(value, name)) for name, written in json_names(type(value))}
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
    return value.isoformat() if isinstance(value, date) else value
