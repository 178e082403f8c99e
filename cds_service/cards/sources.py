"""Why: the rules that decided, each with its sources, and the closing line that names version and day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cds_service.cards.context import CardContext
from cds_service.cards.markdown import bullets, escape, heading
from cds_service.cards.words import options
from cds_service.oncology.report.assessment import Assessment

_BASIS = {
    "surgery": ("S-01", "S-03"),
    "sbrt": ("R-01", "R-02"),
    "ablation": ("A-01", "A-02"),
    "hybrid": ("H-01",),
    "imrt": ("I-01",),
}
_MOST_LOCAL = 4
_MOST_SOURCES = 3


def rules_of(assessment: Assessment) -> list[str]:
    """The rules behind the options: those that gave a reason, and for a plain pass those that were passed first."""
    named = [reason.rule for therapy in assessment.therapies.values() for reason in therapy.reasons]
    for name in options(assessment):
        if not assessment.therapies[name].reasons:
            named += _BASIS[name]
    if sum(len(rank) for rank in assessment.order) > 1:
        named.append("Z-01")
    if assessment.classification.timing.definition_sensitive:
        named.append("C-01")
    return list(dict.fromkeys(named))


def why(rules: Iterable[str], site: CardContext) -> str:
    """The rules with their sources, one line for each subject."""
    subjects: dict[str, list[str]] = {}
    for rule in dict.fromkeys(rules):
        subjects.setdefault(site.text(f"rule_group.{rule[0]}"), []).append(rule)
    lines = [_line(subject, named, site) for subject, named in subjects.items()]
    return f"{heading(site.text('heading.why'))}\n\n{bullets(lines)}"


def _line(subject: str, rules: Sequence[str], site: CardContext) -> str:
    cited = list(dict.fromkeys(id for rule in rules for id in site.knowledge.rule(rule).evidence))
    sources = [site.source(id) for id in _shown(cited, site)]
    if more := len(cited) - len(sources):
        sources.append(f"+{more}")
    return f"{escape(subject)} ({', '.join(map(site.rule, rules))}): {'; '.join(sources)}"


def _shown(cited: Sequence[str], site: CardContext) -> list[str]:
    """The first few sources, those that can be opened before those that cannot."""
    return sorted(cited, key=lambda id: site.knowledge.evidence[id].url is None)[:_MOST_SOURCES]


def closing(site: CardContext, *lines: str) -> str:
    """The last paragraph: what the card is not, which rule set decided, and for which day where that is fixed."""
    said = [site.text(key) for key in lines]
    local = [f"{item.title}: {item.text}" for item in site.knowledge.parameters.values() if item.local]
    if local:
        more = [f"+{len(local) - _MOST_LOCAL}"] if len(local) > _MOST_LOCAL else []
        said.append(site.text("line.local_values", values="; ".join([*local[:_MOST_LOCAL], *more])))
    said.append(site.text("line.knowledge_version", version=site.knowledge.version))
    if site.fixed_date:
        said.append(site.text("line.fixed_date", date=site.on.isoformat()))
    return escape(" ".join(said))
