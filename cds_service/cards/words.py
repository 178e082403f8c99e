"""Short names for what was found: the headline of a case, its axes, the modalities in the order of a card."""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.knowledge import Knowledge
from cds_service.oncology.disease.axes import Classification, Number
from cds_service.oncology.report import compare, describe
from cds_service.oncology.report.assessment import Assessment, Result, Therapy
from cds_service.oncology.rulebook import rule

OPTIONS = (Result.ELIGIBLE, Result.CONDITIONAL)
LOCAL = ("surgery", "sbrt", "ablation")
_SHOWN = ("number", "sides", "timing", "sequence", "spread", "oligometastatic", "resectability")
_ASKED = ("number", "timing", "sequence", "spread", "resectability")  # named on the card where they are not known
_NOT_OPTIONS = (Result.BLOCKED, Result.UNKNOWN, Result.NOT_ELIGIBLE)


def capital(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def headline(found: Classification, knowledge: Knowledge) -> str:
    """The case in one phrase: how many metastases, on which side where there are several, how they came."""
    words = []
    if found.number.n_at_least > 1 and found.sides.value != "unknown":
        words.append(knowledge.text(f"axis.{found.sides.value}"))
    if found.timing.value != "unknown":
        words.append(knowledge.text(f"axis.{found.timing.value}"))
    number = capital(_number(found.number, knowledge))
    return knowledge.text("headline.axes", number=number, axes=", ".join(words)) if words else number


def _number(number: Number, knowledge: Knowledge) -> str:
    small = {"small": str(number.n_indeterminate)}
    suffix = "_small" if number.n_indeterminate else ""
    if number.diffuse:
        return knowledge.text("number.innumerable")
    if number.n == 1:
        return knowledge.text(f"number.one{suffix}", **small)
    if number.n:
        return knowledge.text(f"number.several{suffix}", count=str(number.n), **small)
    if number.n_at_least > 1:
        return knowledge.text(f"number.several{suffix}", count=f"at least {number.n_at_least}", **small)
    return knowledge.text("number.unknown")


def axes(classification: Classification, knowledge: Knowledge) -> list[str]:
    """The classification, axis by axis; what is not known is named at the end."""
    found = compare.axes(classification)
    words = describe.classification(found, knowledge)
    words["resectability"] = f"{describe.label('resectability', knowledge).lower()}: {words['resectability']}"
    known = {name for name, axis in found.items() if compare.word(axis) != "unknown"}
    known |= {"oligometastatic"} if found["oligometastatic"]["byCount"] == "true" else set()
    known -= {"sides"} if found["number"]["nAtLeast"] < 2 else set()  # of a single lesion there is one side
    counted = {"number"} if found["number"]["n"] is not None else set()  # none at all is a known number
    missing = [describe.label(name, knowledge).lower() for name in _ASKED if name not in known | counted]
    shown = [words[name].replace("; ", ", ") for name in _SHOWN if name in known]
    return [*shown, knowledge.text("card.axes_unknown", values=", ".join(missing))] if missing else shown


def declined(therapy: Therapy) -> bool:
    """Has the patient refused this modality (G-10)?"""
    return any(reason.code == "PATIENT_DECLINED" for reason in therapy.reasons)


@rule("Z-02")
def options(assessment: Assessment) -> list[str]:
    """The modalities that are options, in the order of a card (Z-02): surgery, then SBRT and ablation in the order of
    Z-01, then the rest; what the patient has declined comes last."""
    ranked = [modality for rank in assessment.order for modality in rank]
    order = [name for name in ("surgery", *ranked, *compare.OPTIONS) if name in assessment.therapies]
    found = [name for name in dict.fromkeys(order) if assessment.therapies[name].result in OPTIONS]
    return sorted(found, key=lambda name: declined(assessment.therapies[name]))


def not_options(therapies: Mapping[str, Therapy]) -> list[str]:
    """The modalities that are shown with their reasons only: blocked, not assessable, not supported."""
    found = [name for name in compare.OPTIONS if name in therapies]
    return [name for result in _NOT_OPTIONS for name in found if therapies[name].result is result]
