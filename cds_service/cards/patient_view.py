"""The cards of an opened chart: at most one summary and one caution. Nothing to add means no card."""

from __future__ import annotations

from cds_service.cards.caution import caution_card, origin_uncertain, single_without_histology
from cds_service.cards.compose import compose
from cds_service.cards.context import CardContext
from cds_service.cards.drafts import Drafter, consultation_offers, mdt_offer, missing_test_offers
from cds_service.cards.evidence import closing, honesty, prognosis, rules_of, systemic, why
from cds_service.cards.markdown import bullets, escape
from cds_service.cards.parts import classified, found, has_lesion_table, lesion_table, mdt_line, missing, options_table
from cds_service.cards.set_aside import set_aside_card
from cds_service.cards.suspected import suspected_card
from cds_service.cards.words import headline, options, short_options, too_few_data
from cds_service.oncology.report.assessment import Assessment
from cds_service.protocol.card import Card

_SAID_ELSEWHERE = ("G-06", "G-11")
_STOPS = {"G-03": "hospice", "G-02": "minor", "G-07": "out_of_scope", "G-05": "no_primary"}  # the first that fired
_IN_THE_LUNG = ("LUNG_METASTASIS", "LUNG_SUSPECTED", "LESIONS")


def patient_view_cards(assessment: Assessment, site: CardContext) -> tuple[Card, ...]:
    """What to show when the chart is opened."""
    stops = {gate.id for gate in assessment.gates if gate.result == "stop"}
    if "G-01" in stops:
        return ()
    unread = set_aside_card(assessment, site)
    if stops:
        return unread if unread and stops == {"G-05"} else _stopped(assessment, stops, site)
    if assessment.population == "out":
        return unread
    if assessment.mdt.suppressed_by == "no_active_lesion":
        return (_treated(assessment, site),)
    if assessment.population == "suspected":
        return (suspected_card(assessment, site), *unread)
    return (_summary(assessment, site), *caution_card(assessment, site))


def _stopped(assessment: Assessment, stops: set[str], site: CardContext) -> tuple[Card, ...]:
    """One short information card, and only where there is a lung lesion that guidance would be expected for.

    A metastasis without a colorectal primary is worth a word only while no other cancer explains it.
    """
    seen = {finding.code for finding in assessment.findings}
    gate = next(id for id in _STOPS if id in stops)
    if gate == "G-05" and ("LUNG_METASTASIS" not in seen or origin_uncertain(assessment)):
        return ()
    if seen.isdisjoint(_IN_THE_LUNG):
        return ()
    facts = found(assessment, site, groups=("lung",)) if gate == "G-05" else ""
    card = compose(
        site,
        topic="classification",
        rules=[gate],
        summary=site.text(f"summary.{_STOPS[gate]}"),
        blocks=(site.said(f"gate.{gate}"), facts, why([gate], site), closing(site)),
    )
    return (card,)


def _treated(assessment: Assessment, site: CardContext) -> Card:
    return compose(
        site,
        topic="classification",
        rules=["M-04"],
        summary=site.text("summary.treated"),
        blocks=(
            mdt_line(assessment, site),
            found(assessment, site, groups=("lung", "history")),
            site.said("line.treated"),
            closing(site),
        ),
    )


def _summary(assessment: Assessment, site: CardContext) -> Card:
    scarce = too_few_data(assessment)
    drafter = Drafter(assessment, site)
    consultations = [] if scarce else consultation_offers(drafter)
    listed = (escape(_nothing_listed(assessment, site)),) if scarce else _listed(assessment, site)
    beside = () if scarce else (systemic(assessment, site), prognosis(assessment, site))
    rules = ["M-05" if assessment.mdt.trigger else "M-01", *([] if scarce else rules_of(assessment))]
    return compose(
        site,
        topic=_topic(assessment),
        rules=rules,
        summary=_sentence(assessment, site),
        blocks=(
            mdt_line(assessment, site),
            bullets(map(escape, _notes(assessment, site))),
            classified(assessment, site, tabled=has_lesion_table(assessment) and not scarce),
            *listed,
            missing(assessment, site),
            *beside,
            why(rules, site),
            closing(site, "line.disclaimer"),
        ),
        offers=[*mdt_offer(drafter), *consultations, *missing_test_offers(drafter)],
    )


def _notes(assessment: Assessment, site: CardContext) -> list[str]:
    """What the reader must know before anything else. A doubt about the diagnosis stands here too, in one line,
    because the caution card may not be shown."""
    notes = [gate.text for gate in assessment.gates if gate.result == "note" and gate.id not in _SAID_ELSEWHERE]
    if single_without_histology(assessment):
        notes.append(f"{site.text('summary.second_primary')}.")
    return notes


def _nothing_listed(assessment: Assessment, site: CardContext) -> str:
    return site.text("line.origin" if origin_uncertain(assessment) else "line.two_unknown")


def _listed(assessment: Assessment, site: CardContext) -> tuple[str, ...]:
    """Options with what has to be said about them, and lesion by lesion."""
    return (
        options_table(assessment, site),
        bullets(honesty(assessment, site)),
        lesion_table(assessment, site),
    )


def _topic(assessment: Assessment) -> str:
    if too_few_data(assessment):
        return "data-needed"
    if assessment.mdt.suggest:
        return "mdt-referral"
    return "local-therapy-options" if options(assessment) else "classification"


def _sentence(assessment: Assessment, site: CardContext) -> str:
    """The finding first, then what to do about it now."""
    case, suggest = headline(assessment, site), assessment.mdt.suggest
    if too_few_data(assessment) and origin_uncertain(assessment):
        return site.text("card_summary.origin", headline=case)
    if too_few_data(assessment):
        return site.text("summary.mdt_data" if suggest else "summary.data", headline=case)
    if not options(assessment):
        return site.text("summary.no_option", headline=case)
    if suggest and assessment.mdt.trigger:
        change = site.text(f"trigger.{assessment.mdt.trigger}")
        return site.text("summary.mdt_again", headline=case, change=change)
    key = "summary.mdt_options" if suggest else "summary.options"
    return site.text(key, headline=case, options=short_options(assessment, site))
