"""MDT referral: suggest, suppress, re-trigger by a named change, priority and invitees (M-01 to M-05)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cds_service.fhir.dates import PartialDate
from cds_service.knowledge import Knowledge
from cds_service.oncology.disease.case import Case
from cds_service.oncology.patient.chart import latest
from cds_service.oncology.patient.model import MdtRecord
from cds_service.oncology.rulebook import rule
from cds_service.oncology.therapy.verdict import Result, Therapy
from cds_service.truth import Truth
from cds_service.values import ValueObject


class Mdt(ValueObject, frozen=True):
    """MDT referral (M-01 to M-05). ``urgent_review`` asks for direct clinical review instead of waiting for an MDT."""

    suggest: bool
    priority: str | None
    suppressed_by: str | None
    trigger: str | None
    invitees: tuple[str, ...]
    requested_on: str | None = None
    held_on: str | None = None
    facts: tuple[str, ...] = ()


#: Order in which a change is named when several happened after the last discussion.
_TRIGGERS = ("new_lesion", "size", "count", "extrapulmonary", "molecular", "cea")
_SIZE_EDGES = ("nodule.indeterminateBelowMm", "rfa.maxDiameterMm", "sbrt.maxDiameterMm")
_ALWAYS_INVITED = (
    "colorectal-surgery",
    "thoracic-surgery",
    "interventional-radiology-ablation",
    "medical-oncology",
    "radiation-oncology",
    "thoracic-radiology",
    "pathology",
    "specialist-nurse",
)


@rule("G-11", "M-01")
def mdt(
    case: Case, *, population: str, stopped: bool, nothing_active: bool, surgery: Therapy | None, drafted: bool = False
) -> Mdt:
    """Suggest referral for every confirmed or suspected metastasis, unless asked for, or held since the last change."""
    findings = case.findings
    request = _open_request(case)
    held = latest((item.on, item) for item in findings.mdt_meetings)
    last_word = latest((item.on, item.on) for item in (request, held) if item and item.on)
    trigger = _change_since(case, last_word)
    if population == "out" or stopped:
        suppressed: str | None = "gate"
    elif nothing_active:
        suppressed = "no_active_lesion"
    elif request or drafted:  # O-09: a referral among the draft orders counts as requested
        suppressed = "mdt_requested"
    elif held and held.on and trigger is None:
        suppressed = "mdt_held"
    else:
        suppressed = None
    shown = [item for item in (request, held) if item]
    return Mdt(
        suggest=suppressed is None,
        priority=_priority(case, population, trigger) if suppressed is None else None,
        suppressed_by=suppressed,
        trigger=trigger,
        invitees=invitees(case, surgery) if suppressed not in {"gate", "no_active_lesion"} else (),
        requested_on=request.on.text if request and request.on else None,
        held_on=held.on.text if held and held.on else None,
        facts=tuple(sorted({item.fact for item in shown})),
    )


def _open_request(case: Case) -> MdtRecord | None:
    """An open MDT referral that is surely recent enough (M-04)."""
    recent = [
        item
        for item in case.findings.mdt_requests
        if item.on and case.meets("mdt.suppressDays", case.days_since(item.on)).surely
    ]
    return latest((item.on, item) for item in recent)


@rule("M-04")
def _change_since(case: Case, held: PartialDate | None) -> str | None:
    """A change dated, or possibly dated, after the last request or discussion, which the card names (M-04, M-05)."""
    if held is None:
        return None
    happened = {name for on, name in _changes(case) if on.latest > held.latest}
    return next((name for name in _TRIGGERS if name in happened), None)


@rule("M-05")
def _changes(case: Case) -> Iterator[tuple[PartialDate, str]]:
    """Every dated change that M-04 lists."""
    findings = case.findings
    for lesion in case.count.counted:
        if lesion.first_seen:
            yield lesion.first_seen, "new_lesion"
        for before, after in pairwise(item for item in lesion.sightings if item.on and item.diameter_mm):
            sizes = (before.diameter_mm, after.diameter_mm)
            crossed = any(case.meets(edge, sizes[0]) is not case.meets(edge, sizes[1]) for edge in _SIZE_EDGES)
            if crossed and after.on:
                yield after.on, "size"
    first = findings.stated_counts[:1]
    if first and first[0].on and len(findings.stated_counts) == 1 and case.count.unlisted:
        yield first[0].on, "count"  # more lesions than were described before
    for earlier, later in pairwise(findings.stated_counts):
        if later.on and (earlier.n, earlier.at_least) != (later.n, later.at_least):
            yield later.on, "count"
    for other in findings.extrapulmonary:
        if other.changed:
            yield other.changed, "extrapulmonary"
    for result in findings.molecular:
        if result.on:
            yield result.on, "molecular"
    yield from _cea_crossings(case, case.knowledge)


def _cea_crossings(case: Case, knowledge: Knowledge) -> Iterator[tuple[PartialDate, str]]:
    threshold = knowledge.parameter("cea.thresholdNgMl").number
    operator = str(knowledge.parameter("cea.consensusOp").value)
    answers = [
        (item.on, item.ng_per_ml.compare(operator, threshold)) for item in case.findings.cea if not item.confounded
    ]
    for (_, before), (on, after) in pairwise(answers):
        if {before, after} == {Truth.TRUE, Truth.FALSE}:
            yield on, "cea"


@rule("M-03")
def _priority(case: Case, population: str, trigger: str | None) -> str:
    """M-03: urgent for a metastasis first detected lately or progression since the last MDT; else routine."""
    if population != "in":
        return "routine"
    detected = case.findings.lung.detected
    lately = detected is not None and case.meets("mdt.newDays", case.days_since(detected)).surely
    return "urgent" if lately or trigger in {"new_lesion", "size", "count", "extrapulmonary"} else "routine"


@rule("M-02")
def invitees(case: Case, surgery: Therapy | None) -> tuple[str, ...]:
    """Who should be there: always the surgeon and the ablation specialist, others as the disease asks."""
    findings = case.findings
    sites = {item.site for item in findings.extrapulmonary if item.active is not Truth.FALSE}
    frail = findings.ecog is not None and case.meets("surgery.maxEcog", findings.ecog.measurement).surely_not
    lung_function_open = surgery is None or any(
        reason.rule == "S-04" and reason.result is not Result.ELIGIBLE for reason in surgery.reasons
    )
    invited = list(_ALWAYS_INVITED)
    invited += ["pulmonology"] if lung_function_open else []
    invited += ["hepatobiliary-surgery"] if "liver" in sites else []
    invited += ["neurosurgery"] if "brain" in sites else []
    invited += ["palliative-care"] if frail or findings.has("palliative-care") else []
    return tuple(invited)
