"""The parts of a card's detail: what we found, options to discuss, lesions, what is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from cds_service.cards.context import CardContext
from cds_service.cards.markdown import bullets, escape, few, heading, references, table
from cds_service.cards.words import axes, capital, not_options, options
from cds_service.oncology.report.assessment import Assessment, Finding, Reason
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


def found(
    assessment: Assessment, site: CardContext, *, groups: Sequence[str] = tuple(_GROUPS), tabled: bool = False
) -> str:
    """What we found: each fact with its date and the resource that it came from, one line for each of the groups.

    ``tabled``: the card has a table of the lesions, which says more than their finding.
    """
    lines = found_lines(assessment, site, groups=groups, without=("LESIONS",) if tabled else ())
    return f"{heading(site.text('heading.found'))}\n\n{bullets(lines)}" if lines else ""


def classified(assessment: Assessment, site: CardContext, *, tabled: bool) -> str:
    """What we found, with the classification before the facts."""
    lines = [_labelled(site.text("card.classification"), [escape("; ".join(axes(assessment, site)))])]
    lines += _definitions(assessment, site)
    lines += found_lines(assessment, site, groups=tuple(_GROUPS), without=("LESIONS",) if tabled else ())
    return f"{heading(site.text('heading.found'))}\n\n{bullets(lines)}"


def found_lines(
    assessment: Assessment, site: CardContext, *, groups: Sequence[str], without: Sequence[str] = ()
) -> list[str]:
    """One line for each group that has a fact; facts of a kind unknown here come last, as long as all are asked for."""
    facts = [item for item in assessment.findings if item.code not in (*_OWN_LINE, *without)]
    sorted_facts = {name: [item for item in facts if item.code in _GROUPS[name]] for name in groups}
    if tuple(groups) == tuple(_GROUPS):
        known = {code for codes in _GROUPS.values() for code in codes}
        sorted_facts["other"] = [item for item in facts if item.code not in known]
    lines = []
    for name, items in sorted_facts.items():
        label = site.text(f"found.{name}")
        said = few([_fact(item, label) for item in items], _MOST_FACTS)
        notes = [site.said(key) for key in _marker_notes(assessment)] if name == "markers" else []
        if said or notes:
            lines.append(_labelled(label, said, notes))
    return lines


def _marker_notes(assessment: Assessment) -> Iterator[str]:
    """Wording keys of the sentences on the CEA series: raised by which edge, rising, persistently raised (E rules)."""
    cea = assessment.cea
    if cea.elevated is Truth.TRUE:
        yield "card.cea_raised"
    if cea.trend in ("rising", "possible_rise"):
        yield f"cea.{cea.trend}"
    if cea.persistent is Truth.TRUE:
        yield "cea.persistent"


def _definitions(assessment: Assessment, site: CardContext) -> list[str]:
    """The definition of synchronous in full, and who disagrees, where the definitions disagree (C-01)."""
    timing = assessment.classification.timing
    if not timing.definition_sensitive:
        return []
    others = [
        f"{site.text(f'policy.{name}')}: {site.text(f'axis.{label}')}"
        for name, label in sorted(timing.labels.items())
        if name != timing.policy
    ]
    said = [site.text(f"line.definition_{timing.policy}"), site.text("line.definition_sensitive")]
    if others:
        said[-1] = site.text("card.other_definitions", values="; ".join(others))
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


def options_table(assessment: Assessment, site: CardContext) -> str:
    """The modalities with their result in words and every reason; options first, the others after them."""
    names = [*options(assessment), *not_options(assessment)]
    rows = [
        (
            escape(capital(site.text(f"therapy.{name}"))),
            site.said(f"result.{assessment.therapies[name].result.value}"),
            " · ".join(few([_reason(item, site) for item in assessment.therapies[name].reasons], _MOST_REASONS)),
        )
        for name in names
    ]
    titles = [site.text(f"heading.{name}") for name in ("modality", "result", "reasons")]
    return f"{heading(site.text('heading.options'))}\n\n{table(titles, rows)}" if rows else ""


def _reason(reason: Reason, site: CardContext) -> str:
    local = any(site.knowledge.parameters[name].local for name in reason.parameters)
    policy = f", {site.said('card.local_policy')}" if local else ""
    return f"{escape(_cut(reason.text))} ({site.rule(reason.rule)}{policy})"


def missing(assessment: Assessment, site: CardContext, *, passed_over: Collection[str] = ()) -> str:
    """What is missing or stale, what should be checked, and which sources could not be read.

    ``passed_over``: needs that do not matter yet.
    """
    lines = few([escape(_cut(item.text)) for item in assessment.needs if item.code not in passed_over], _MOST_NEEDS)
    lines = lines or [site.said("line.nothing_missing")]
    told = {reason.code for therapy in assessment.therapies.values() for reason in therapy.reasons}
    doubts = " ".join(site.knowledge.flag(flag) for flag in assessment.flags if flag not in (*told, _NO_DOUBT))
    if doubts:
        lines.append(escape(site.text("card.check", text=doubts)))
    unread = [
        f"{key} ({site.text(f'source_state.{item.state}')}{f': {item.note}' if item.note else ''})"
        for key, item in assessment.sources.items()
        if item.state in _UNREAD
    ]
    if unread:
        lines.append(escape(site.text("line.source_unread", sources=", ".join(unread))))
    if assessment.data_quality:
        lines.append(escape(site.text("card.unusable", count=str(len(assessment.data_quality)))))
    return f"{heading(site.text('heading.missing'))}\n\n{bullets(lines)}"
