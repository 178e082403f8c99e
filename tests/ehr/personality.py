"""How an EHR's FHIR server behaves: what can be searched for, in which pages, and how it says that there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.ehr.record import Record, Resource

ALL_TYPES = (
    "BodyStructure",
    "Condition",
    "DiagnosticReport",
    "ImagingStudy",
    "MedicationRequest",
    "Observation",
    "Procedure",
    "ServiceRequest",
)
Parameters = Mapping[str, tuple[str, ...]]
ANY_SEARCH: Parameters = dict.fromkeys(ALL_TYPES, ("patient", "category", "code"))


def _as_it_is(record: Record) -> Record:
    return record


@dataclass(frozen=True)
class Personality:
    """The habits of one server.

    ``parameters``: by type, what can be searched for; another parameter is refused (400), a type that is missing is
    unknown (404). ``one_of``: by type, parameters of which one must be given, else 400 ``required``. ``shape``: the
    record as this server keeps it. ``says_total``: whether Bundles carry ``total``. ``next_style``: how the address of
    the next page is written. ``sessions_last``: how often one page address can be asked for, when it expires.
    ``no_results``: the outcome entry of an empty answer, where there is one. ``loses``: which facts this shape cannot
    carry, by case, each with its reason.
    """

    name: str
    parameters: Parameters = field(default_factory=lambda: ANY_SEARCH)
    one_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    page_size: int = 50
    says_total: bool = True
    next_style: str = "absolute"  # or "relative", "query"
    sessions_last: int | None = None
    content_type: str = "application/fhir+json;charset=utf-8"
    no_results: Resource | None = None
    loses: Mapping[str, str] = field(default_factory=dict)
    shape: Callable[[Record], Record] = _as_it_is


PLAIN = Personality("plain")
