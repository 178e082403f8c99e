"""What a card must admit about its evidence, and what it rests on: rules, sources, version, day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cds_service.cards.markdown import bullets, escape
from cds_service.cards.words import OPTIONS
from cds_service.cards.writer import CardWriter
from cds_service.oncology.report.assessment import Assessment, LesionReport, Result
from cds_service.truth import Truth

_TRIAL = "treasure-2019"
_SYSTEMIC = ("MOL", "T-05", "T-04", "T-03")  # what bears on the choice now; the explanation carries every line
_MOST_SYSTEMIC = 3
_BASIS = {
    "surgery": ("S-01", "S-03"),
    "sbrt": ("R-01", "R-02"),
    "ablation": ("A-01", "A-02"),
    "hybrid": ("H-01",),
    "imrt": ("I-01",),
}
_MOST_LOCAL = 4
_MOST_SOURCES = 3


def pulmicc(writer: CardWriter) -> str:
    """The one randomised trial of lung metastasectomy. Mandatory wherever surgery is among the options."""
    return f"{writer.said('line.pulmicc')} {writer.source(_TRIAL)}"


def honesty(writer: CardWriter) -> list[str]:
    """The lines below the table of options."""
    lines = [writer.said(key) for key in _order_lines(writer)]
    if "surgery" in writer.options:
        lines.append(pulmicc(writer))
    if len(writer.options) > 1:
        lines.append(writer.said("line.no_randomised"))
    return lines + [writer.said(key) for key in _extrapolations(writer)]


def _order_lines(writer: CardWriter) -> list[str]:
    """Wording keys: how SBRT and ablation stand to each other, and on what that rests (Z-01, X-04)."""
    assessment, counted = writer.assessment, _counted(writer.assessment)
    results = {name: assessment.therapies[name].result for name in ("sbrt", "ablation") if name in assessment.therapies}
    if assessment.classification.number.n_at_least > 1:
        mixed = any(len({lesion.results.get(name) for lesion in counted}) > 1 for name in results)
        both = any(result in OPTIONS for result in results.values())
        return [*(["line.need_lesion_table"] if both else []), *(["line.worst_lesion"] if mixed else [])]
    if len([name for rank in assessment.order for name in rank]) < 2:
        return []
    if len(assessment.order) == 1:
        zones = {lesion.zone for lesion in counted}
        return ["line.ranking_unknown" if zones <= {None} else "line.ranking_equal"]
    if not writer.declined.isdisjoint(results):
        return []
    if len(set(results.values())) > 1:
        return ["line.ranking_result"]
    return [f"line.ranking_{assessment.order[0][0]}"]


def _counted(assessment: Assessment) -> Sequence[LesionReport]:
    return [lesion for lesion in assessment.lesions if lesion.counted]


def _extrapolations(writer: CardWriter) -> list[str]:
    """Wording keys: where a limit comes from other patients or other operations, and what else bears on an option."""
    told, rules = {reason.code for reason in writer.reasons}, {reason.rule for reason in writer.reasons}
    imrt = writer.assessment.therapies.get("imrt")
    lines = []
    if "S-04" in rules and told & {"NEEDS_CPET", "PPO_NEEDED", "HIGH_RISK_FUNCTION", "VO2_PROHIBITIVE"}:
        lines.append("line.lung_function")
    aged = writer.knowledge.parameter("age.sbrtNote").holds(writer.assessment.age_years) is Truth.TRUE
    if "sbrt" in writer.options and aged:
        lines.append("line.age_sbrt")
    if "LOW_LUNG_FUNCTION" in told:
        lines.append("line.nsclc")
    if "ablation" in writer.options and _beyond_best_size(writer):
        lines.append("line.ablation_best")
    if "REIRRADIATION" in told:
        lines.append("line.re_sbrt")
    if imrt is not None and imrt.result is not Result.NOT_OFFERED:
        lines.append("line.imrt")
    return lines


def _beyond_best_size(writer: CardWriter) -> bool:
    """Is a lesion, although ablation is an option, larger than the size that was controlled best?"""
    best = writer.knowledge.parameter("rfa.bestMm").number
    return any(
        lesion.largest_diameter_mm and lesion.largest_diameter_mm > best for lesion in _counted(writer.assessment)
    )


def systemic(writer: CardWriter) -> str:
    """Systemic therapy, as information: molecular findings first, then what the disease elsewhere asks for.

    That nothing is known of the molecular profile is said among what is missing, not here.
    """
    untested = writer.text("molecular.not_tested")
    notes = [note for note in writer.assessment.systemic if note.rule in _SYSTEMIC and note.text != untested]
    notes = sorted(notes, key=lambda note: _SYSTEMIC.index(note.rule))[:_MOST_SYSTEMIC]
    lines = [f"{escape(note.text)} ({writer.rule(note.rule)})" for note in notes]
    if any(note.rule == "MOL" for note in notes):
        lines.append(writer.said("molecular.unverified"))
    return writer.titled("systemic", bullets(lines))


def prognosis(writer: CardWriter) -> str:
    """Published groups of operated patients, only while resection is an option; never a personal forecast."""
    if "surgery" not in writer.options:
        return ""
    assessment = writer.assessment
    salah, consensus = assessment.prognosis.salah, assessment.prognosis.consensus_factors
    if salah.group:
        lines = [writer.text(f"prognosis.salah_{salah.group}", count=str(salah.count))]
    elif salah.range[0] != salah.range[1]:
        lines = [writer.text("prognosis.salah_range", range=f"{salah.range[0]}-{salah.range[1]}")]
    else:
        lines = [writer.text("prognosis.salah_count", count=str(salah.count))]
    if consensus.present:
        named = ", ".join(writer.text(f"factor.{name}") for name in consensus.present)
        lines.append(writer.text("prognosis.consensus", values=named))
    newest, limit = assessment.cea.latest, writer.knowledge.parameter("cea.thresholdNgMl").number
    if newest and newest.comparator is None and newest.ng_per_ml == limit:
        lines.append(writer.text("line.cea_definitions"))
    return writer.titled("prognosis", bullets(map(escape, lines)))


def rules_of(writer: CardWriter) -> list[str]:
    """The rules behind the options: those that gave a reason, and for a plain pass those that were passed first."""
    assessment, named = writer.assessment, [reason.rule for reason in writer.reasons]
    for name in writer.options:
        if not assessment.therapies[name].reasons:
            named += _BASIS[name]
    if sum(len(rank) for rank in assessment.order) > 1:
        named.append("Z-01")
    if assessment.classification.timing.definition_sensitive:
        named.append("C-01")
    return list(dict.fromkeys(named))


def why(writer: CardWriter, rules: Iterable[str]) -> str:
    """The rules with their sources, one line for each subject."""
    subjects: dict[str, list[str]] = {}
    for rule in dict.fromkeys(rules):
        subjects.setdefault(writer.text(f"rule_group.{rule[0]}"), []).append(rule)
    lines = [_line(subject, named, writer) for subject, named in subjects.items()]
    return writer.titled("why", bullets(lines))


def _line(subject: str, rules: Sequence[str], writer: CardWriter) -> str:
    cited = list(dict.fromkeys(id for rule in rules for id in writer.knowledge.rule(rule).evidence))
    evidence = writer.knowledge.evidence
    first = sorted(cited, key=lambda id: evidence[id].url is None)  # those that can be opened before the others
    sources = [writer.source(id) for id in first[:_MOST_SOURCES]]
    if more := len(cited) - len(sources):
        sources.append(f"+{more}")
    return f"{escape(subject)} ({', '.join(map(writer.rule, rules))}): {'; '.join(sources)}"


def closing(writer: CardWriter, *lines: str) -> str:
    """The last paragraph: what the card is not, which rule set decided, and for which day where that is fixed."""
    said = [writer.text(key) for key in lines]
    local = [f"{item.title}: {item.text}" for item in writer.knowledge.parameters.values() if item.local]
    if local:
        more = [f"+{len(local) - _MOST_LOCAL}"] if len(local) > _MOST_LOCAL else []
        said.append(writer.text("line.local_values", values="; ".join([*local[:_MOST_LOCAL], *more])))
    said.append(writer.text("line.knowledge_version", version=writer.knowledge.version))
    if writer.call.fixed_date:
        said.append(writer.text("line.fixed_date", date=writer.call.on.isoformat()))
    return escape(" ".join(said))
