"""The MDT in words: why it is suggested now, how soon, whom to invite; or since when it is known (M-01 to M-05)."""

from __future__ import annotations

from cds_service.cards.context import CardContext
from cds_service.cards.markdown import escape
from cds_service.cards.words import options
from cds_service.oncology.report.assessment import Assessment, Mdt


def mdt_line(assessment: Assessment, site: CardContext) -> str:
    """One paragraph; empty when a gate has said already why there is no suggestion."""
    mdt = assessment.mdt
    change = site.text(f"trigger.{mdt.trigger}") if mdt.trigger else None
    if mdt.suppressed_by == "no_active_lesion":
        said = [site.text("mdt.no_active_lesion")]
    elif mdt.suppressed_by == "mdt_requested" and mdt.requested_on is None:
        said = [site.text("order.O-09")]
    elif mdt.suppressed_by == "mdt_requested" and change:
        said = [site.text("mdt.requested_changed", date=mdt.requested_on or "", change=change)]
    elif mdt.suppressed_by == "mdt_requested":
        said = [site.text("mdt.requested", date=mdt.requested_on or "")]
    elif mdt.suppressed_by == "mdt_held":
        said = [_held(mdt, site)]
    elif mdt.suggest:
        said = [site.text("mdt.changed", date=mdt.held_on or "", change=change)] if change else []
        said += [site.text("mdt.order_open", date=mdt.held_on or "")] if mdt.order_open else []
        if assessment.therapies and not options(assessment):
            said.append(site.text("mdt.suggest"))
        said.append(site.text(f"mdt.{mdt.priority or 'routine'}"))
        proven = assessment.population == "in"
        names = [name for name in mdt.invitees if proven or name == "lung-cancer-mdt"]
        invited = ", ".join(site.text(f"invitee.{name}") for name in names)
        said += [site.text("mdt.invitees", invitees=invited)] if invited else []
    else:
        return ""
    return f"**{site.said('heading.mdt')}:** {escape(' '.join(said))}"


def _held(mdt: Mdt, site: CardContext) -> str:
    if mdt.charted_on:
        return site.text("mdt.held_before_charting", date=mdt.held_on or "", charted=mdt.charted_on)
    return site.text("mdt.held", date=mdt.held_on or "")
