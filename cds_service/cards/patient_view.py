"""The cards of an opened chart: at most one summary and one caution. Nothing to add means no card."""

from __future__ import annotations

from cds_service.cards.caution import caution_card
from cds_service.cards.drafts import Drafter
from cds_service.cards.evidence import closing, honesty, prognosis, rules_of, systemic, why
from cds_service.cards.markdown import bullets, escape
from cds_service.cards.parts import classified, found, has_lesion_table, lesion_table, mdt_line, missing, options_table
from cds_service.cards.set_aside import set_aside_card
from cds_service.cards.suspected import suspected_card
from cds_service.cards.writer import CardContext, CardWriter
from cds_service.oncology.report.assessment import Assessment
from cds_service.protocol.card import Card

_SAID_ELSEWHERE = ("G-06", "G-11")
_STOPS = {"G-03": "hospice", "G-02": "minor", "G-07": "out_of_scope", "G-05": "no_primary"}  # the first that fired
_IN_THE_LUNG = ("LUNG_METASTASIS", "LUNG_SUSPECTED", "LESIONS")


def patient_view_cards(assessment: Assessment, call: CardContext) -> tuple[Card, ...]:
    """What to show when the chart is opened."""
    writer = CardWriter(assessment, call)
    stops = {gate.id for gate in assessment.gates if gate.result == "stop"}
    if "G-01" in stops:
        return ()
    unread = set_aside_card(writer)
    if stops:
        return unread if unread and stops == {"G-05"} else _stopped(stops, writer)
    if assessment.population == "out":
        return unread
    if assessment.mdt.suppressed_by == "no_active_lesion":
        return (_treated(writer),)
    if assessment.population == "suspected":
        return (suspected_card(writer), *unread)
    return (_data_needed(writer) if writer.too_few_data else _summary(writer), *caution_card(writer))


def _stopped(stops: set[str], writer: CardWriter) -> tuple[Card, ...]:
    """One short information card, and only where there is a lung lesion that guidance would be expected for.

    A metastasis without a colorectal primary is worth a word only while no other cancer explains it.
    """
    seen = {finding.code for finding in writer.assessment.findings}
    gate = next(id for id in _STOPS if id in stops)
    if gate == "G-05" and ("LUNG_METASTASIS" not in seen or writer.origin_uncertain):
        return ()
    if seen.isdisjoint(_IN_THE_LUNG):
        return ()
    facts = found(writer, groups=("lung",)) if gate == "G-05" else ""
    card = writer.compose(
        topic="classification",
        rules=[gate],
        summary=writer.text(f"summary.{_STOPS[gate]}"),
        blocks=(writer.said(f"gate.{gate}"), facts, why(writer, [gate]), closing(writer)),
    )
    return (card,)


def _treated(writer: CardWriter) -> Card:
    """Nothing is left to treat."""
    return writer.compose(
        topic="classification",
        rules=["M-04"],
        summary=writer.text("summary.treated"),
        blocks=(
            mdt_line(writer),
            found(writer, groups=("lung", "history")),
            writer.said("line.treated"),
            closing(writer),
        ),
    )


def _data_needed(writer: CardWriter) -> Card:
    """Too little is known to list options: the MDT, and what is missing."""
    drafter, rules = Drafter(writer), [_mdt_rule(writer)]
    unlisted = writer.text("line.origin" if writer.origin_uncertain else "line.two_unknown")
    return writer.compose(
        topic="data-needed",
        rules=rules,
        summary=_data_needed_sentence(writer),
        blocks=(
            mdt_line(writer),
            bullets(map(escape, _notes(writer))),
            classified(writer, tabled=False),
            escape(unlisted),
            missing(writer),
            why(writer, rules),
            closing(writer, "line.disclaimer"),
        ),
        offers=[*drafter.mdt(), *drafter.missing_tests()],
    )


def _data_needed_sentence(writer: CardWriter) -> str:
    if writer.origin_uncertain:
        key = "card_summary.origin"
    else:
        key = "summary.mdt_data" if writer.assessment.mdt.suggest else "summary.data"
    return writer.text(key, headline=writer.headline)


def _summary(writer: CardWriter) -> Card:
    """The options to discuss, with what has to be said about them, and what is missing."""
    drafter, rules = Drafter(writer), [_mdt_rule(writer), *rules_of(writer)]
    return writer.compose(
        topic=_topic(writer),
        rules=rules,
        summary=_sentence(writer),
        blocks=(
            mdt_line(writer),
            bullets(map(escape, _notes(writer))),
            classified(writer, tabled=has_lesion_table(writer)),
            options_table(writer),
            bullets(honesty(writer)),
            lesion_table(writer),
            missing(writer),
            systemic(writer),
            prognosis(writer),
            why(writer, rules),
            closing(writer, "line.disclaimer"),
        ),
        offers=[*drafter.mdt(), *drafter.consultations(), *drafter.missing_tests()],
    )


def _topic(writer: CardWriter) -> str:
    if writer.assessment.mdt.suggest:
        return "mdt-referral"
    return "local-therapy-options" if writer.options else "classification"


def _sentence(writer: CardWriter) -> str:
    """The finding first, then what to do about it now."""
    case, mdt = writer.headline, writer.assessment.mdt
    if not writer.options:
        return writer.text("summary.no_option", headline=case)
    if mdt.suggest and mdt.trigger:
        return writer.text("summary.mdt_again", headline=case, change=writer.text(f"trigger.{mdt.trigger}"))
    named = ", ".join(writer.text(f"therapy_short.{name}") for name in writer.options)
    return writer.text("summary.mdt_options" if mdt.suggest else "summary.options", headline=case, options=named)


def _mdt_rule(writer: CardWriter) -> str:
    """The rule that a summary is about: the MDT, or the MDT again."""
    return "M-05" if writer.assessment.mdt.trigger else "M-01"


def _notes(writer: CardWriter) -> list[str]:
    """What the reader must know before anything else. A doubt about the diagnosis stands here too, in one line,
    because the caution card may not be shown."""
    gates = writer.assessment.gates
    notes = [gate.text for gate in gates if gate.result == "note" and gate.id not in _SAID_ELSEWHERE]
    if writer.single_without_histology:
        notes.append(f"{writer.text('summary.second_primary')}.")
    return notes
