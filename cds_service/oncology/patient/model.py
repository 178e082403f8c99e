"""Findings: the facts that the rules read, as data. Nothing here decides anything.

``None`` means that the fact is not on record; it is never read as normal. ``facts`` are the references
(``Type/id``) of the resources that a fact came from. Units end a name where a bare number travels.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cds_service.fhir.dates import PartialDate
from cds_service.fhir.problems import DataProblem
from cds_service.fhir.quantities import Measurement
from cds_service.truth import Truth
from cds_service.values import ValueObject, value_field

Facts = tuple[str, ...]

FLAGS = (
    "CODE_DISPLAY_MISMATCH", "COUNT_CONFLICT", "COUNT_OUTDATED", "CT_STALE", "DATA_TOO_OLD", "DATE_IS_RECORDED_DATE",
    "FIRST_TREATMENT_DATE_UNKNOWN", "FUTURE_DATED", "LESION_IDENTITY_ASSUMED", "LESION_NOT_IN_LATEST_CT",
    "LUNG_RESECTION_HISTORY", "MARGIN_UNKNOWN", "METASTASIS_SITE_UNKNOWN", "PRIMARY_IN_TWO_SITES",
    "PRIMARY_SITE_IMPRECISE", "PRIOR_EXTRAPULMONARY", "SIDE_CONFLICT", "STATEMENT_STALE", "VERIFICATION_NOT_RECORDED",
    "ZONE_CONFLICT",
)  # fmt: skip
"""Every flag that an assessment can carry: a doubt about the record, with its words in the content."""


class Patient(ValueObject, frozen=True):
    """Who the patient is, as far as a gate or a prognostic item asks."""

    birth: PartialDate | None
    deceased: bool
    facts: Facts = ()


class Primary(ValueObject, frozen=True):
    """The colorectal primary. ``status`` uses the words of our code system, or None when nothing says it."""

    known: bool
    confirmed: bool = False
    out_of_scope: bool = False  # anal canal, neuroendocrine or another histology outside the rule base (G-07)
    rectal: Truth = Truth.UNKNOWN
    side: str = "unknown"  # left | right | unknown
    diagnosed: PartialDate | None = None
    resected: PartialDate | None = None
    first_treatment: PartialDate | None = None
    first_treatment_known: bool = False  # False: treatments could not be read, so "no treatment yet" is not known
    status: str | None = None  # r0-resected | complete-response | resectable | unresectable | uncontrolled
    stage_text: str | None = None
    facts: Facts = ()
    resection_facts: Facts = ()
    status_facts: Facts = ()


class OnRecord(ValueObject, frozen=True):
    """When something was first on record. ``charted``: only the recorded date is known, and charting may lag."""

    on: PartialDate
    charted: bool = False


class LungDisease(ValueObject, frozen=True):
    """What the Conditions say about the lung."""

    confirmed: bool  # a lung metastasis, verified or coded without a verification status
    suspected: bool  # unconfirmed metastasis, or a nodule
    active: bool  # False when every lung metastasis Condition is resolved, inactive or in remission
    detected: PartialDate | None  # t_lung
    both_sides: bool  # coded for the right and for the left lung
    condition: str | None  # reference for ServiceRequest.reasonReference
    facts: Facts = ()
    first_on_record: OnRecord | None = None  # earliest of onset and imaging, else when it was charted
    recurrences: tuple[OnRecord, ...] = ()


class Extrapulmonary(ValueObject, frozen=True):
    """One distant metastasis outside the lung. ``treatable`` is only ever what somebody stated."""

    site: str
    active: Truth
    treatable: Truth
    detected: PartialDate | None
    changed: PartialDate | None  # when it was recorded or resolved
    facts: Facts = ()


class Sighting(ValueObject, frozen=True):
    """One measurement of one lesion."""

    on: PartialDate | None
    diameter_mm: Measurement | None
    fact: str


class Lesion(ValueObject, frozen=True):
    """One lung lesion at its latest measurement."""

    id: str
    side: str | None = None  # right | left
    lobe: str | None = None  # RUL | RML | RLL | LUL | LLL
    zone: str | None = None  # as recorded: peripheral | middle | medial | central | ultracentral
    diameter_mm: Measurement | None = None
    measured: PartialDate | None = None
    first_seen: PartialDate | None = None
    bronchial_distance_mm: Measurement | None = None
    vessel_distance_mm: Measurement | None = None
    near_vessel_or_bronchus: Truth = Truth.UNKNOWN
    growth: str | None = None  # stable | growing | new
    histology: str | None = None  # metastasis-confirmed | other
    treated: bool = False  # locally, with no growth recorded since
    treatment: str | None = None  # the latest local treatment: resection | ablation | radiotherapy
    treated_on: PartialDate | None = None
    regrown: PartialDate | None = None  # when growth was first recorded after the treatment
    benign: bool = False
    unit_fault: bool = False
    sightings: tuple[Sighting, ...] = ()
    flags: tuple[str, ...] = ()
    facts: Facts = ()


class StatedCount(ValueObject, frozen=True):
    """A lesion count that somebody recorded. ``n`` is None for "multiple" and "innumerable"."""

    n: int | None
    at_least: int
    innumerable: bool
    on: PartialDate | None
    facts: Facts


class Value(ValueObject, frozen=True):
    """The latest value of a test, in its canonical unit. ``current`` is False when it is too old to pass anything."""

    measurement: Measurement
    on: PartialDate | None
    current: bool
    fact: str


class LungFunction(ValueObject, frozen=True):
    """Lung-function tests in percent predicted, peak oxygen uptake in mL/kg/min and in percent predicted."""

    fev1_percent: Value | None = None
    dlco_percent: Value | None = None
    vo2_ml_kg_min: Value | None = None
    vo2_percent: Value | None = None
    ppo_fev1_percent: Value | None = None
    ppo_dlco_percent: Value | None = None


class CeaResult(ValueObject, frozen=True):
    """A serum or plasma CEA in ng/mL. ``confounded``: taken shortly after surgery or in the oxaliplatin flare."""

    ng_per_ml: Measurement
    on: PartialDate
    fact: str
    confounded: bool = False
    method: str | None = None


class SetAside(ValueObject, frozen=True):
    """A result that is on record and cannot be used: its unit or value was not understood."""

    on: PartialDate
    fact: str


class Happened(ValueObject, frozen=True):
    """Something on record that no rule asks for as a dated event: for the time line alone."""

    kind: str  # pneumonectomy | systemic
    on: PartialDate | None
    side: str | None
    facts: Facts


class SystemicOrder(ValueObject, frozen=True):
    """An order of an antineoplastic drug that was not a draft. ``first``: nobody ordered this drug before."""

    on: PartialDate | None
    first: bool
    fact: str


class LocalTreatment(ValueObject, frozen=True):
    """A completed local treatment of the lung."""

    kind: str  # resection | ablation | radiotherapy
    on: PartialDate | None
    side: str | None
    lobe: str | None
    site_known: bool
    lung: bool  # the lung or thorax is named, or the code is specific to it
    fact: str


class Statement(ValueObject, frozen=True):
    """A dated statement of a clinician, as a code of our code system."""

    value: str
    on: PartialDate | None
    current: bool
    facts: Facts


class MdtRecord(ValueObject, frozen=True):
    """An MDT referral that is open, or an MDT discussion that was held."""

    on: PartialDate | None
    fact: str


class MolecularResult(ValueObject, frozen=True):
    """One molecular result. ``value`` uses the words of the assessment contract."""

    marker: str  # ras | braf | msi | her2 | dpyd
    value: str
    detail: str | None
    on: PartialDate | None
    fact: str


class Completeness(ValueObject, frozen=True):
    """Which sources were read to the end, so that the absence of a fact may be concluded from them."""

    lesions: bool = False
    conditions: bool = False
    procedures: bool = False
    observations: bool = False
    medications: bool = False
    imaging: bool = False
    requests: bool = False


class Findings(ValueObject, frozen=True):
    """Everything the rules may ask about one patient on one date."""

    on: date
    patient: Patient
    primary: Primary
    lung: LungDisease
    extrapulmonary: tuple[Extrapulmonary, ...] = ()
    unsited_metastasis: Facts = ()  # a metastasis whose site is not recorded
    extrapulmonary_lesions: Mapping[str, int] = value_field(default_factory=dict)  # lesions by organ, where counted
    lesions: tuple[Lesion, ...] = ()
    stated_count: StatedCount | None = None  # the latest of stated_counts
    stated_counts: tuple[StatedCount, ...] = ()  # oldest first
    cea: tuple[CeaResult, ...] = ()
    cea_overruled: bool = False  # a CEA whose unit, value or date could not be read may be as new as the newest
    cea_set_aside: tuple[SetAside, ...] = ()  # every such result, oldest first
    platelets: Value | None = None
    inr: Value | None = None
    function: LungFunction = value_field(default_factory=LungFunction)
    ecog: Value | None = None
    treatments: tuple[LocalTreatment, ...] = ()
    pneumonectomy: Facts = ()
    happened: tuple[Happened, ...] = ()
    resectability: Statement | None = None
    nodes: Statement | None = None
    declined: Mapping[str, Facts] = value_field(default_factory=dict)  # surgery | sbrt | ablation -> refusals
    conditions: Mapping[str, Facts] = value_field(default_factory=dict)  # value-set name of a comorbidity -> Conditions
    doubted: frozenset[str] = frozenset()  # comorbidities that are recorded as unconfirmed, by value-set name
    drugs: Mapping[str, Facts] = value_field(default_factory=dict)  # anticoagulant | antiplatelet -> active requests
    drug_names: tuple[str, ...] = ()
    fever: Value | None = None
    molecular: tuple[MolecularResult, ...] = ()
    dpyd: str = "unknown"  # complete | partial | normal | unreadable | unknown
    mdt_requests: tuple[MdtRecord, ...] = ()
    mdt_meetings: tuple[MdtRecord, ...] = ()
    chest_ct: PartialDate | None = None
    chest_ct_facts: Facts = ()
    abdomen_pelvis: PartialDate | None = None
    abdomen_pelvis_facts: Facts = ()
    systemic_orders: tuple[SystemicOrder, ...] = ()  # oldest first, undated ones before all others
    earlier_systemic: Facts = ()  # antineoplastic drugs given or prescribed before
    complete: Completeness = value_field(default_factory=Completeness)
    set_aside: Facts = ()  # the only primary or lung metastasis on record, not used for a modifier that is not known
    flags: frozenset[str] = frozenset()
    problems: tuple[DataProblem, ...] = ()

    def has(self, comorbidity: str) -> Facts:
        """References of the Conditions that record this comorbidity; empty when none does."""
        return self.conditions.get(comorbidity, ())
