"""MDT referral: suggest, suppress, re-trigger by a named change, priority and invitees (M-01 to M-05)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cds_service.oncology.advice.mdt_changes import growing, since
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
    charted_on: str | None = None  # when the metastasis was charted, where that was after the MDT that suppresses
    order_open: bool = False  # the MDT may have been before the metastasis was first on record, or after


#: Changes since the last MDT that make it urgent: new disease, and progression.
_URGENT = frozenset({"new_lesion", "recurrence", "size", "progression", "count", "extrapulmonary"})
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
_INVITED_WHERE_CALLED_FOR = (
    "pulmonology",
    "lung-cancer-mdt",
    "hepatobiliary-surgery",
    "neurosurgery",
    "palliative-care",
)
INVITEES = (*_ALWAYS_INVITED, *_INVITED_WHERE_CALLED_FOR)
"""Everybody who may be invited."""


@rule("G-11", "M-01")
def mdt(
    case: Case, *, population: str, stopped: bool, nothing_active: bool, surgery: Therapy | None, drafted: bool = False
) -> Mdt:
    """Suggest referral for every confirmed or suspected metastasis, unless asked for, or held since the last change."""
    findings = case.findings
    request = _open_request(case)
    held = _surely_latest(findings.mdt_meetings)
    last = _surely_latest(item for item in (request, held) if item)
    news = since(case, last.on) if last and last.on else None
    trigger = news.trigger if news else None
    discussed = bool(held and held.on and since(case, held.on).older.surely_not)
    order_open = bool(news and news.older.unknown and trigger is None)
    if population == "out" or stopped:
        suppressed: str | None = "gate"
    elif nothing_active:
        suppressed = "no_active_lesion"
    elif request or drafted:  # O-09: a referral among the draft orders counts as requested
        suppressed = "mdt_requested"
    elif held and held.on and trigger is None and not order_open:
        suppressed = "mdt_held"
    else:
        suppressed = None
    shown = [item for item in (request, held) if item]
    return Mdt(
        suggest=suppressed is None,
        priority=_priority(case, population, trigger, discussed=discussed) if suppressed is None else None,
        suppressed_by=suppressed,
        trigger=trigger,
        invitees=invitees(case, surgery) if suppressed not in {"gate", "no_active_lesion"} else (),
        requested_on=request.on.text if request and request.on else None,
        held_on=held.on.text if held and held.on else None,
        facts=tuple(sorted({item.fact for item in shown})),
        charted_on=news.charted_on if news else None,
        order_open=order_open and suppressed is None,
    )


def _surely_latest(records: Iterable[MdtRecord]) -> MdtRecord | None:
    """The record that is surely the latest: by the first day that its date allows; undated ones count as oldest."""

    def day(item: MdtRecord) -> tuple[date, date]:
        return (item.on.earliest, item.on.latest) if item.on else (date.min, date.min)

    return max(records, key=day, default=None)


def _open_request(case: Case) -> MdtRecord | None:
    """An open MDT referral that is surely recent enough (M-04)."""
    recent = [
        item
        for item in case.findings.mdt_requests
        if item.on and case.meets("mdt.suppressDays", case.days_since(item.on)).surely
    ]
    return latest((item.on, item) for item in recent)


@rule("M-03")
def _priority(case: Case, population: str, trigger: str | None, *, discussed: bool) -> str:
    """Urgent: found lately, left without MDT and without treatment, progression, or one lesion that may be a cancer."""
    if _may_be_lung_cancer(case):
        return "urgent"
    if population != "in":
        return "routine"
    detected = case.findings.lung.detected
    lately = detected is not None and case.meets("mdt.newDays", case.days_since(detected)).surely
    left = not discussed and _untreated(case)
    return "urgent" if lately or left or trigger in _URGENT else "routine"


def _untreated(case: Case) -> bool:
    """Is no treatment on record since detection, where procedures and requests were read to the end?

    What is not dated, or could be a treatment of the lung, may be one.
    """
    findings, detected = case.findings, case.findings.lung.detected
    dates = [item.on for item in findings.treatments] + [item.on for item in findings.systemic_orders]
    dates += [item.on for item in findings.happened if item.kind == "pneumonectomy"]
    since_then = [on for on in dates if not (on and detected and on.latest < detected.earliest)]
    return findings.complete.procedures and findings.complete.requests and not since_then


def _may_be_lung_cancer(case: Case) -> bool:
    """A single lesion without histology that is large enough, or growing: a primary lung cancer is not excluded."""
    lesions = case.count.counted
    if case.count.n != 1 or len(lesions) != 1 or lesions[0].histology:
        return False
    return case.meets("nodule.urgentMm", lesions[0].diameter_mm).surely or growing(case, lesions[0])


@rule("M-02")
def invitees(case: Case, surgery: Therapy | None) -> tuple[str, ...]:
    """Who should be there: always the surgeon and the ablation specialist, others as the disease asks."""
    findings = case.findings
    sites = {item.site for item in findings.extrapulmonary if item.active is not Truth.FALSE}
    frail = findings.ecog is not None and case.meets("surgery.maxEcog", findings.ecog.measurement).surely_not
    lung_function_open = surgery is None or any(
        reason.rule == "S-04" and reason.result is not Result.ELIGIBLE for reason in surgery.reasons
    )
    called_for = {
        "pulmonology": lung_function_open,
        "lung-cancer-mdt": _may_be_lung_cancer(case),
        "hepatobiliary-surgery": "liver" in sites,
        "neurosurgery": "brain" in sites,
        "palliative-care": frail or bool(findings.has("palliative-care")),
    }
    return (*_ALWAYS_INVITED, *(name for name in _INVITED_WHERE_CALLED_FOR if called_for[name]))
