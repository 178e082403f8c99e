"""Short names for what was found: the headline of a case, its axes, the modalities in the order of a card."""

from __future__ import annotations

from cds_service.cards.context import CardContext
from cds_service.oncology.disease.axes import Number
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


def headline(assessment: Assessment, site: CardContext) -> str:
    """The case in one phrase: how many metastases, on which side where there are several, how they came."""
    axes = assessment.classification
    words = []
    if axes.number.n_at_least > 1 and axes.sides.value != "unknown":
        words.append(site.text(f"axis.{axes.sides.value}"))
    if axes.timing.value != "unknown":
        words.append(site.text(f"axis.{axes.timing.value}"))
    number = capital(_number_headline(axes.number, site))
    return site.text("headline.axes", number=number, axes=", ".join(words)) if words else number


def _number_headline(number: Number, site: CardContext) -> str:
    small = {"small": str(number.n_indeterminate)}
    suffix = "_small" if number.n_indeterminate else ""
    if number.diffuse:
        return site.text("number.innumerable")
    if number.n == 1:
        return site.text(f"number.one{suffix}", **small)
    if number.n:
        return site.text(f"number.several{suffix}", count=str(number.n), **small)
    if number.n_at_least > 1:
        return site.text(f"number.several{suffix}", count=f"at least {number.n_at_least}", **small)
    return site.text("number.unknown")


def axes(assessment: Assessment, site: CardContext) -> list[str]:
    """The classification, axis by axis; what is not known is named at the end."""
    found = compare.axes(assessment.classification)
    words = describe.classification(found, site.knowledge)
    words["resectability"] = f"{describe.label('resectability', site.knowledge).lower()}: {words['resectability']}"
    known = {name for name, axis in found.items() if compare.word(axis) != "unknown"}
    known |= {"oligometastatic"} if found["oligometastatic"]["byCount"] == "true" else set()
    known -= {"sides"} if found["number"]["nAtLeast"] < 2 else set()  # of a single lesion there is one side
    counted = {"number"} if found["number"]["n"] is not None else set()  # none at all is a known number
    missing = [describe.label(name, site.knowledge).lower() for name in _ASKED if name not in known | counted]
    shown = [words[name].replace("; ", ", ") for name in _SHOWN if name in known]
    return [*shown, site.text("card.axes_unknown", values=", ".join(missing))] if missing else shown


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


def not_options(assessment: Assessment) -> list[str]:
    """The modalities that are shown with their reasons only: blocked, not assessable, not supported."""
    found = [name for name in compare.OPTIONS if name in assessment.therapies]
    return [name for result in _NOT_OPTIONS for name in found if assessment.therapies[name].result is result]


def too_few_data(assessment: Assessment) -> bool:
    """Two or more local modalities cannot be assessed: then no options are listed, only MDT and what is missing."""
    found = assessment.therapies
    return sum(name in found and found[name].result is Result.UNKNOWN for name in LOCAL) > 1


def short_options(assessment: Assessment, site: CardContext) -> str:
    """``surgery, SBRT, ablation``: the options as a summary names them."""
    return ", ".join(site.text(f"therapy_short.{name}") for name in options(assessment))
