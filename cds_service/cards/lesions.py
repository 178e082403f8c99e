"""The table of lesions: each by its size and place alone, which is not the result for the patient."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards.context import CardContext
from cds_service.cards.markdown import escape, heading, references, table
from cds_service.cards.words import capital
from cds_service.oncology.report.assessment import Assessment, LesionReport, Result

_MOST_LESIONS = 10
_MARKS = ("TREATED", "BENIGN_OR_OTHER", "INDETERMINATE")
_MODALITIES = ("sbrt", "ablation")
_OF_ONE_LESION = ("R-02", "R-03", "A-02", "A-03")  # the rules of size and place


def has_lesion_table(assessment: Assessment) -> bool:
    """Is more than one lesion described?"""
    return len(assessment.lesions) > 1


def lesion_table(assessment: Assessment, site: CardContext) -> str:
    """One row a lesion, largest first, judged by size and place alone; lesions that do not count say why."""
    if not has_lesion_table(assessment):
        return ""
    ordered = sorted(assessment.lesions, key=_largest_first)
    judged = [name for name in _MODALITIES if _explains(name, assessment)]
    rows = [_row(item, judged, assessment, site) for item in ordered[:_MOST_LESIONS]]
    titles = [site.text(f"column.{name}") for name in ("lesion", "size", "zone", *judged, "source")]
    parts = [heading(site.text("heading.lesions")), "", table(titles, rows)]
    if more := len(ordered) - len(rows):
        parts += ["", escape(capital(site.text("card.more", count=str(more))))]
    return "\n".join(parts)


def _explains(name: str, assessment: Assessment) -> bool:
    """Not where the modality fails for the number of lesions or other disease while each lesion would pass."""
    therapy = assessment.therapies.get(name)
    if therapy is None or therapy.result is not Result.NOT_ELIGIBLE:
        return True
    return any(lesion.results.get(name) is Result.NOT_ELIGIBLE for lesion in assessment.lesions)


def _largest_first(lesion: LesionReport) -> tuple[bool, bool, float, str]:
    size = lesion.largest_diameter_mm
    return not lesion.counted, size is None, -float(size or 0), lesion.id


def _row(lesion: LesionReport, judged: Sequence[str], assessment: Assessment, site: CardContext) -> tuple[str, ...]:
    place = lesion.lobe or site.text(f"place.{lesion.side or 'unknown'}")
    size = f"{lesion.largest_diameter_mm.normalize():f} mm" if lesion.largest_diameter_mm is not None else None
    size = size or (f"{lesion.diameter_comparator} mm" if lesion.diameter_comparator else site.text("place.unknown"))
    dated = f"{size} ({lesion.measured_on})" if lesion.measured_on else size
    cells = [place, dated, site.text(f"place.{lesion.zone or 'unknown'}")]
    if lesion.counted:
        cells += [_fit(lesion, name, assessment, site) for name in judged]
    else:
        mark = site.text(f"lesion_mark.{next((item for item in _MARKS if item in lesion.flags), 'INDETERMINATE')}")
        if judged:
            cells += [mark, *([""] * (len(judged) - 1))]
        else:
            cells[0] = f"{place}: {mark}"
    return (*map(escape, cells), " ".join(references([lesion.id])))


def _fit(lesion: LesionReport, name: str, assessment: Assessment, site: CardContext) -> str:
    """How the lesion fits the modality; a caution with what it is about."""
    result = lesion.results.get(name)
    if result is None:
        return ""
    therapy = assessment.therapies.get(name)
    about = [
        site.short(reason)
        for reason in (therapy.reasons if therapy else ())
        if reason.rule in _OF_ONE_LESION and reason.result is result and set(reason.facts) == set(lesion.facts)
    ]
    if result is Result.CONDITIONAL and about:
        return site.text("lesion_fit.caution", text=", ".join(dict.fromkeys(about)))
    return site.text(f"lesion_fit.{result.value}")
