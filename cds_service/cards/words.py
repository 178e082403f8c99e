"""Short names for what was found: the headline of a case, its axes, the modalities in the order of a card."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.cards.context import CardContext
from cds_service.oncology.disease.axes import Number
from cds_service.oncology.report.assessment import Assessment, Result, Therapy
from cds_service.oncology.rulebook import rule
from cds_service.truth import Truth

OPTIONS = (Result.ELIGIBLE, Result.CONDITIONAL)
LOCAL = ("surgery", "sbrt", "ablation")
_MODALITIES = ("surgery", "sbrt", "ablation", "hybrid", "imrt")
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


def counted(number: Number, site: CardContext) -> str | None:
    """``3``, or ``3 (+2 below 6 mm)``: tiny nodules stand beside the count, never in it. None where not known."""
    if number.n is None:
        return f"at least {number.n_at_least}" if number.n_at_least > 1 else None
    if not number.n_indeterminate:
        return str(number.n)
    return site.text("card.number_small", count=str(number.n), small=str(number.n_indeterminate))


def axes(assessment: Assessment, site: CardContext) -> list[str]:
    """The classification, axis by axis; what is not known is named at the end."""
    found = assessment.classification
    known: list[str | None] = [_number(found.number, site)]
    known += [_axis(found.sides.value, site) if found.number.n_at_least > 1 else None]
    known += [_timing(assessment, site), _axis(found.sequence.value, site), _spread(assessment, site)]
    if found.oligometastatic.value is Truth.TRUE:
        known.append(site.text("axis.oligometastatic"))
    elif found.oligometastatic.by_count is Truth.TRUE:
        known.append(site.text("axis.oligometastatic_by_count"))
    elif found.oligometastatic.value is Truth.FALSE:
        known.append(site.text("axis.not_oligometastatic"))
    if found.resectability.value != "unknown":
        screen = site.text(f"axis.{found.resectability.value}")
        known.append(f"{site.text('label.resectability').lower()}: {screen}")
    missing = [site.text(f"label.{name}").lower() for name, value in _open_axes(assessment) if value == "unknown"]
    shown = [item.replace("; ", ", ") for item in known if item]
    return [*shown, site.text("card.axes_unknown", values=", ".join(missing))] if missing else shown


def _open_axes(assessment: Assessment) -> Iterable[tuple[str, str]]:
    found = assessment.classification
    yield "number", "unknown" if found.number.n is None and found.number.n_at_least < 2 else "known"
    yield "timing", found.timing.value
    yield "sequence", found.sequence.value
    yield "spread", found.spread.value
    yield "resectability", found.resectability.value


def _axis(value: str, site: CardContext) -> str | None:
    return None if value == "unknown" else site.text(f"axis.{value}")


def _number(number: Number, site: CardContext) -> str | None:
    count = counted(number, site)
    word = _axis(number.value, site)
    return f"{word}: {count}" if word and count and count != "1" else word


def _timing(assessment: Assessment, site: CardContext) -> str | None:
    """Synchronous or metachronous, with the definition that was used."""
    timing = assessment.classification.timing
    if timing.value == "unknown":
        return None
    word = site.text(f"axis.{timing.subtype or timing.value}")
    return site.text("card.timing", value=word, text=site.text(f"policy.{timing.policy}"))


def _spread(assessment: Assessment, site: CardContext) -> str | None:
    spread = assessment.classification.spread
    word = _axis(spread.value, site)
    more = [*spread.sites, *([site.text("card.prior")] if spread.prior_extrapulmonary else [])]
    return f"{word} ({', '.join(more)})" if word and more else word


def declined(therapy: Therapy) -> bool:
    """Has the patient refused this modality (G-10)?"""
    return any(reason.code == "PATIENT_DECLINED" for reason in therapy.reasons)


@rule("Z-02")
def options(assessment: Assessment) -> list[str]:
    """The modalities that are options, in the order of a card (Z-02): surgery, then SBRT and ablation in the order of
    Z-01, then the rest; what the patient has declined comes last."""
    ranked = [modality for rank in assessment.order for modality in rank]
    order = [name for name in ("surgery", *ranked, *_MODALITIES) if name in assessment.therapies]
    found = [name for name in dict.fromkeys(order) if assessment.therapies[name].result in OPTIONS]
    return sorted(found, key=lambda name: declined(assessment.therapies[name]))


def not_options(assessment: Assessment) -> list[str]:
    """The modalities that are shown with their reasons only: blocked, not assessable, not supported."""
    found = [name for name in _MODALITIES if name in assessment.therapies]
    return [name for result in _NOT_OPTIONS for name in found if assessment.therapies[name].result is result]


def too_few_data(assessment: Assessment) -> bool:
    """Two or more local modalities cannot be assessed: then no options are listed, only MDT and what is missing."""
    found = assessment.therapies
    return sum(name in found and found[name].result is Result.UNKNOWN for name in LOCAL) > 1


def short_options(assessment: Assessment, site: CardContext) -> str:
    """``surgery, SBRT, ablation``: the options as a summary names them."""
    return ", ".join(site.text(f"therapy_short.{name}") for name in options(assessment))
