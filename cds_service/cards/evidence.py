"""What a card must admit about its evidence, and what it rests on: rules, sources, version, day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cds_service.cards.context import CardContext
from cds_service.cards.markdown import bullets, escape, heading
from cds_service.cards.words import OPTIONS, declined, options
from cds_service.oncology.report.assessment import Assessment, LesionReport, Result
from cds_service.truth import Truth

_TRIAL = "treasure-2019"
_SYSTEMIC = ("MOL", "T-05", "T-04", "T-03")  # what bears on the choice now; the explanation carries every line
_MOST_SYSTEMIC = 3


def pulmicc(site: CardContext) -> str:
    """The one randomised trial of lung metastasectomy. Mandatory wherever surgery is among the options."""
    return f"{site.said('line.pulmicc')} {site.source(_TRIAL)}"


def honesty(assessment: Assessment, site: CardContext) -> list[str]:
    """The lines below the table of options."""
    open_to = options(assessment)
    lines = [site.said(key) for key in _order_lines(assessment)]
    if "surgery" in open_to:
        lines.append(pulmicc(site))
    if len(open_to) > 1:
        lines.append(site.said("line.no_randomised"))
    lines += [site.said(key) for key in _extrapolations(assessment, site)]
    return lines


def _order_lines(assessment: Assessment) -> list[str]:
    """How SBRT and ablation stand to each other, and on what that rests (Z-01, X-04)."""
    results = {name: assessment.therapies[name].result for name in ("sbrt", "ablation") if name in assessment.therapies}
    if assessment.classification.number.n_at_least > 1:
        mixed = any(len({lesion.results.get(name) for lesion in _counted(assessment)}) > 1 for name in results)
        both = any(result in OPTIONS for result in results.values())
        return [*(["line.need_lesion_table"] if both else []), *(["line.worst_lesion"] if mixed else [])]
    if len([name for rank in assessment.order for name in rank]) < 2:
        return []
    if len(assessment.order) == 1:
        zones = {lesion.zone for lesion in _counted(assessment)}
        return ["line.ranking_unknown" if zones <= {None} else "line.ranking_equal"]
    if any(declined(assessment.therapies[name]) for name in results):
        return []
    if len(set(results.values())) > 1:
        return ["line.ranking_result"]
    return [f"line.ranking_{assessment.order[0][0]}"]


def _counted(assessment: Assessment) -> Sequence[LesionReport]:
    return [lesion for lesion in assessment.lesions if lesion.counted]


def _extrapolations(assessment: Assessment, site: CardContext) -> list[str]:
    told = {reason.code for therapy in assessment.therapies.values() for reason in therapy.reasons}
    rules = {reason.rule for therapy in assessment.therapies.values() for reason in therapy.reasons}
    lines = []
    if "S-04" in rules and told & {"NEEDS_CPET", "PPO_NEEDED", "HIGH_RISK_FUNCTION", "VO2_PROHIBITIVE"}:
        lines.append("line.lung_function")
    age = assessment.age_years
    if "sbrt" in options(assessment) and site.knowledge.parameter("age.sbrtNote").holds(age) is Truth.TRUE:
        lines.append("line.age_sbrt")
    if "LOW_LUNG_FUNCTION" in told:
        lines.append("line.nsclc")
    if "ablation" in options(assessment) and _beyond_best_size(assessment, site):
        lines.append("line.ablation_best")
    if "REIRRADIATION" in told:
        lines.append("line.re_sbrt")
    if _offered(assessment, "imrt"):
        lines.append("line.imrt")
    return lines


def _beyond_best_size(assessment: Assessment, site: CardContext) -> bool:
    """Is a lesion, although ablation is an option, larger than the size that was controlled best?"""
    best = site.knowledge.parameter("rfa.bestMm").number
    return any(lesion.largest_diameter_mm and lesion.largest_diameter_mm > best for lesion in _counted(assessment))


def _offered(assessment: Assessment, name: str) -> bool:
    return name in assessment.therapies and assessment.therapies[name].result is not Result.NOT_OFFERED


def systemic(assessment: Assessment, site: CardContext) -> str:
    """Systemic therapy, as information: molecular findings first, then what the disease elsewhere asks for.

    That nothing is known of the molecular profile is said among what is missing, not here.
    """
    untested = site.text("molecular.not_tested")
    notes = [note for note in assessment.systemic if note.rule in _SYSTEMIC and note.text != untested]
    notes = sorted(notes, key=lambda note: _SYSTEMIC.index(note.rule))[:_MOST_SYSTEMIC]
    if not notes:
        return ""
    lines = [f"{escape(note.text)} ({site.rule(note.rule)})" for note in notes]
    if any(note.rule == "MOL" for note in notes):
        lines.append(site.said("molecular.unverified"))
    return f"{heading(site.text('heading.systemic'))}\n\n{bullets(lines)}"


def prognosis(assessment: Assessment, site: CardContext) -> str:
    """Published groups of operated patients, only while resection is an option; never a personal forecast."""
    if "surgery" not in options(assessment):
        return ""
    salah, consensus = assessment.prognosis.salah, assessment.prognosis.consensus_factors
    if salah.group:
        lines = [site.text(f"prognosis.salah_{salah.group}", count=str(salah.count))]
    elif salah.range[0] != salah.range[1]:
        lines = [site.text("prognosis.salah_range", range=f"{salah.range[0]}-{salah.range[1]}")]
    else:
        lines = [site.text("prognosis.salah_count", count=str(salah.count))]
    if consensus.present:
        named = ", ".join(site.text(f"factor.{name}") for name in consensus.present)
        lines.append(site.text("prognosis.consensus", values=named))
    newest, limit = assessment.cea.latest, site.knowledge.parameter("cea.thresholdNgMl").number
    if newest and newest.comparator is None and newest.ng_per_ml == limit:
        lines.append(site.text("line.cea_definitions"))
    return f"{heading(site.text('heading.prognosis'))}\n\n{bullets(map(escape, lines))}"


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
