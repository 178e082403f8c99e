"""The parts of a card's detail about the case: the MDT, what we found, the options, the lesions, what is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from cds_service.cards.markdown import bullets, escape, few, references, table
from cds_service.cards.words import axes, capital, not_options
from cds_service.cards.writer import CardWriter
from cds_service.oncology.disease.axes import Timing
from cds_service.oncology.report.assessment import Assessment, Cea, Finding, LesionReport, Mdt, Reason, Result
from cds_service.truth import Truth

_GROUPS = {
    "primary": ("PRIMARY", "RESECTION", "PRIMARY_STATUS"),
    "lung": ("LUNG_METASTASIS", "LUNG_SUSPECTED", "LESIONS", "CT", "NODES"),
    "elsewhere": ("EXTRAPULMONARY", "ABDOMEN"),
    "markers": ("CEA", "MOLECULAR"),
    "fitness": ("ECOG", "FUNCTION", "COAGULATION"),
    "history": ("HISTORY",),
}
_OWN_LINE = ("MDT_HELD", "MDT_REQUESTED")  # said by the MDT line
_MOST_FACTS = 10
_MOST_REASONS = 10
_MOST_NEEDS = 20
_LONGEST_LIST = 400
"""Characters of one sentence from the assessment: it may list every lesion."""
_UNREAD = ("not_asked", "not_allowed", "incomplete")
_NO_DOUBT = "PRIOR_EXTRAPULMONARY"  # said by the classification
_MOST_LESIONS = 10
_MARKS = ("TREATED", "BENIGN_OR_OTHER", "INDETERMINATE")
_MODALITIES = ("sbrt", "ablation")
_OF_ONE_LESION = ("R-02", "R-03", "A-02", "A-03")  # the rules of size and place


def mdt_line(writer: CardWriter) -> str:
    """One paragraph; empty when a gate has said already why there is no suggestion."""
    text, mdt = writer.text, writer.assessment.mdt
    change = text(f"trigger.{mdt.trigger}") if mdt.trigger else None
    if mdt.suppressed_by == "no_active_lesion":
        said = [text("mdt.no_active_lesion")]
    elif mdt.suppressed_by == "mdt_requested" and mdt.requested_on is None:
        said = [text("order.O-09")]
    elif mdt.suppressed_by == "mdt_requested" and change:
        said = [text("mdt.requested_changed", date=mdt.requested_on or "", change=change)]
    elif mdt.suppressed_by == "mdt_requested":
        said = [text("mdt.requested", date=mdt.requested_on or "")]
    elif mdt.suppressed_by == "mdt_held":
        said = [_held(mdt, writer)]
    elif mdt.suggest:
        said = [text("mdt.changed", date=mdt.held_on or "", change=change)] if change else []
        said += [text("mdt.order_open", date=mdt.held_on or "")] if mdt.order_open else []
        if writer.assessment.therapies and not writer.options:
            said.append(text("mdt.suggest"))
        said.append(text(f"mdt.{mdt.priority or 'routine'}"))
        proven = writer.assessment.population == "in"
        names = [name for name in mdt.invitees if proven or name == "lung-cancer-mdt"]
        invited = ", ".join(text(f"invitee.{name}") for name in names)
        said += [text("mdt.invitees", invitees=invited)] if invited else []
    else:
        return ""
    return f"**{writer.said('heading.mdt')}:** {escape(' '.join(said))}"


def _held(mdt: Mdt, writer: CardWriter) -> str:
    if mdt.charted_on:
        return writer.text("mdt.held_before_charting", date=mdt.held_on or "", charted=mdt.charted_on)
    return writer.text("mdt.held", date=mdt.held_on or "")


def found(writer: CardWriter, *, groups: Sequence[str] = tuple(_GROUPS)) -> str:
    """What we found: each fact with its date and the resource that it came from, one line for each of the groups."""
    return writer.titled("found", bullets(_found_lines(writer, groups)))


def classified(writer: CardWriter, *, tabled: bool) -> str:
    """What we found, with the classification before the facts.

    ``tabled``: the card has a table of the lesions, which says more than their finding.
    """
    classification = writer.assessment.classification
    axes_in_words = escape("; ".join(axes(classification, writer.knowledge)))
    lines = [
        _labelled(writer.text("card.classification"), [axes_in_words]),
        *_definitions(classification.timing, writer),
    ]
    lines += _found_lines(writer, tuple(_GROUPS), without=("LESIONS",) if tabled else ())
    return writer.titled("found", bullets(lines))


def _found_lines(writer: CardWriter, groups: Sequence[str], without: Sequence[str] = ()) -> list[str]:
    """One line for each group that has a fact; facts of a kind unknown here come last, as long as all are asked for."""
    facts = [item for item in writer.assessment.findings if item.code not in (*_OWN_LINE, *without)]
    sorted_facts = {name: [item for item in facts if item.code in _GROUPS[name]] for name in groups}
    if tuple(groups) == tuple(_GROUPS):
        known = {code for codes in _GROUPS.values() for code in codes}
        sorted_facts["other"] = [item for item in facts if item.code not in known]
    lines = []
    for name, items in sorted_facts.items():
        label = writer.text(f"found.{name}")
        said = few([_fact(item, label) for item in items], _MOST_FACTS)
        notes = [writer.said(key) for key in _marker_notes(writer.assessment.cea)] if name == "markers" else []
        if said or notes:
            lines.append(_labelled(label, said, notes))
    return lines


def _marker_notes(cea: Cea) -> Iterator[str]:
    """Wording keys of the sentences on the CEA series: raised by which edge, rising, persistently raised (E rules)."""
    if cea.elevated is Truth.TRUE:
        yield "card.cea_raised"
    if cea.trend in ("rising", "possible_rise"):
        yield f"cea.{cea.trend}"
    if cea.persistent is Truth.TRUE:
        yield "cea.persistent"


def _definitions(timing: Timing, writer: CardWriter) -> list[str]:
    """The definition of synchronous in full, and who disagrees, where the definitions disagree (C-01)."""
    if not timing.definition_sensitive:
        return []
    others = [
        f"{writer.text(f'policy.{name}')}: {writer.text(f'axis.{label}')}"
        for name, label in sorted(timing.labels.items())
        if name != timing.policy
    ]
    said = [writer.text(f"line.definition_{timing.policy}"), writer.text("line.definition_sensitive")]
    if others:
        said[-1] = writer.text("card.other_definitions", values="; ".join(others))
    return [escape(" ".join(said))]


def _labelled(label: str, parts: Iterable[str], sentences: Sequence[str] = ()) -> str:
    """Facts with semicolons between them; sentences after them, each with its own full stop."""
    facts = "; ".join(parts)
    ended = f"{facts}." if facts and sentences else facts
    return " ".join((f"**{escape(label)}:**", *filter(None, [ended]), *sentences))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LIST else f"{text[:_LONGEST_LIST].rstrip()}…"


def _fact(finding: Finding, label: str) -> str:
    text = _cut(finding.text).rstrip(". ").removeprefix(f"{label}: ")
    if finding.date and finding.date not in text:
        text = f"{text}, {finding.date}"
    return " ".join((escape(text), *references(finding.resources))).strip()


def options_table(writer: CardWriter) -> str:
    """The modalities with their result in words and every reason; options first, the others after them."""
    therapies = writer.assessment.therapies
    rows = [
        (
            escape(capital(writer.text(f"therapy.{name}"))),
            writer.said(f"result.{therapies[name].result.value}"),
            " · ".join(few([_reason(item, writer) for item in therapies[name].reasons], _MOST_REASONS)),
        )
        for name in (*writer.options, *not_options(therapies))
    ]
    titles = [writer.text(f"heading.{name}") for name in ("modality", "result", "reasons")]
    return writer.titled("options", table(titles, rows) if rows else "")


def _reason(reason: Reason, writer: CardWriter) -> str:
    local = any(writer.knowledge.parameters[name].local for name in reason.parameters)
    policy = f", {writer.said('card.local_policy')}" if local else ""
    return f"{escape(_cut(reason.text))} ({writer.rule(reason.rule)}{policy})"


def missing(writer: CardWriter, *, passed_over: Collection[str] = ()) -> str:
    """What is missing or stale, what should be checked, and which sources could not be read.

    ``passed_over``: needs that do not matter yet.
    """
    assessment, told = writer.assessment, {reason.code for reason in writer.reasons}
    lines = few([escape(_cut(item.text)) for item in assessment.needs if item.code not in passed_over], _MOST_NEEDS)
    lines = lines or [writer.said("line.nothing_missing")]
    doubts = " ".join(writer.knowledge.flag(flag) for flag in assessment.flags if flag not in (*told, _NO_DOUBT))
    if doubts:
        lines.append(escape(writer.text("card.check", text=doubts)))
    unread = [
        f"{key} ({writer.text(f'source_state.{item.state}')}{f': {item.note}' if item.note else ''})"
        for key, item in assessment.sources.items()
        if item.state in _UNREAD
    ]
    if unread:
        lines.append(escape(writer.text("line.source_unread", sources=", ".join(unread))))
    if assessment.data_quality:
        lines.append(escape(writer.text("card.unusable", count=str(len(assessment.data_quality)))))
    return writer.titled("missing", bullets(lines))


def has_lesion_table(writer: CardWriter) -> bool:
    """Is more than one lesion described?"""
    return len(writer.assessment.lesions) > 1


def lesion_table(writer: CardWriter) -> str:
    """One row a lesion, largest first, judged by size and place alone; lesions that do not count say why."""
    if not has_lesion_table(writer):
        return ""
    assessment = writer.assessment
    ordered = sorted(assessment.lesions, key=_largest_first)
    judged = [name for name in _MODALITIES if _explains(name, assessment)]
    rows = [_row(item, judged, writer) for item in ordered[:_MOST_LESIONS]]
    titles = [writer.text(f"column.{name}") for name in ("lesion", "size", "zone", *judged, "source")]
    body = table(titles, rows)
    if more := len(ordered) - len(rows):
        body += f"\n\n{escape(capital(writer.text('card.more', count=str(more))))}"
    return writer.titled("lesions", body)


def _explains(name: str, assessment: Assessment) -> bool:
    """Not where the modality fails for the number of lesions or other disease while each lesion would pass."""
    therapy = assessment.therapies.get(name)
    if therapy is None or therapy.result is not Result.NOT_ELIGIBLE:
        return True
    return any(lesion.results.get(name) is Result.NOT_ELIGIBLE for lesion in assessment.lesions)


def _largest_first(lesion: LesionReport) -> tuple[bool, bool, float, str]:
    size = lesion.largest_diameter_mm
    return not lesion.counted, size is None, -float(size or 0), lesion.id


def _row(lesion: LesionReport, judged: Sequence[str], writer: CardWriter) -> tuple[str, ...]:
    place = lesion.lobe or writer.text(f"place.{lesion.side or 'unknown'}")
    size = f"{lesion.largest_diameter_mm.normalize():f} mm" if lesion.largest_diameter_mm is not None else None
    size = size or (f"{lesion.diameter_comparator} mm" if lesion.diameter_comparator else writer.text("place.unknown"))
    dated = f"{size} ({lesion.measured_on})" if lesion.measured_on else size
    cells = [place, dated, writer.text(f"place.{lesion.zone or 'unknown'}")]
    if lesion.counted:
        cells += [_fit(lesion, name, writer) for name in judged]
    else:
        mark = writer.text(f"lesion_mark.{next((item for item in _MARKS if item in lesion.flags), 'INDETERMINATE')}")
        if judged:
            cells += [mark, *([""] * (len(judged) - 1))]
        else:
            cells[0] = f"{place}: {mark}"
    return (*map(escape, cells), " ".join(references([lesion.id])))


def _fit(lesion: LesionReport, name: str, writer: CardWriter) -> str:
    """How the lesion fits the modality; a caution with what it is about."""
    result = lesion.results.get(name)
    if result is None:
        return ""
    therapy = writer.assessment.therapies.get(name)
    about = [
        writer.short(reason)
        for reason in (therapy.reasons if therapy else ())
        if reason.rule in _OF_ONE_LESION and reason.result is result and set(reason.facts) == set(lesion.facts)
    ]
    if result is Result.CONDITIONAL and about:
        return writer.text("lesion_fit.caution", text=", ".join(dict.fromkeys(about)))
    return writer.text(f"lesion_fit.{result.value}")
