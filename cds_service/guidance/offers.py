"""What a card offers to draft: the MDT referral first, consultations for the options, tests that are missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cds_service.guidance.context import CardContext
from cds_service.guidance.service_requests import DRAFTS, service_request
from cds_service.guidance.words import OPTIONS, declined, options
from cds_service.oncology.assessment import Assessment, Result
from cds_service.protocol.card import Action, Suggestion

MOST_OFFERS = 6
"""More suggestions than this on one card nobody reads."""

_TESTS = ("CT_ABDOMEN_PELVIS", "CT_CHEST", "PFT", "COAGULATION", "CEA", "MOLECULAR")
_CONSULTED = ("surgery", "sbrt", "ablation")
_WORTH_A_TEST = (*OPTIONS, Result.UNKNOWN, Result.BLOCKED)


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion before it has its id. Only the MDT referral is ever ``recommended``."""

    label: str
    actions: tuple[Action, ...]
    recommended: bool = False


def creates(names: Iterable[str], assessment: Assessment, site: CardContext, *, label: str) -> Offer:
    """An offer that creates one draft for each name, under the label of a wording key."""
    actions = (Action("create", _says(name, site), resource=service_request(name, assessment, site)) for name in names)
    return Offer(site.text(label), tuple(actions))


def _says(name: str, site: CardContext) -> str:
    """What accepting does. A test is told by what it asks for, a referral or consultation in words of its own."""
    draft = DRAFTS[name]
    return site.text(f"action.{name}") if draft.informed else site.text("card.creates", text=site.text(draft.text))


def mdt_offer(assessment: Assessment, site: CardContext) -> list[Offer]:
    """The referral, unless the MDT is requested, held, or not due; a suspected lesion goes to radiology review."""
    if not assessment.mdt.suggest:
        return []
    name = "mdt" if assessment.population == "in" else "radiology_review"
    label = "mdt_again" if assessment.mdt.trigger else name
    offer = creates([name], assessment, site, label=f"suggestion.{label}")
    return [Offer(offer.label, offer.actions, recommended=True)]


def consultation_offers(assessment: Assessment, site: CardContext, *, without: Sequence[str] = ()) -> list[Offer]:
    """A consultation ("assess for ...") for each local modality that is an option and was not declined."""
    names = [name for name in options(assessment) if name in _CONSULTED and name not in without]
    return [
        creates([name], assessment, site, label=f"suggestion.{name}")
        for name in names
        if not declined(assessment.therapies[name])
    ]


def missing_test_offers(assessment: Assessment, site: CardContext, names: Sequence[str] = _TESTS) -> list[Offer]:
    """Drafts for the tests among ``names`` that are missing and can still change something."""
    offers = []
    for name in names:
        if drafts := _missing_drafts(name, assessment):
            label = drafts[0] if name == "COAGULATION" and len(drafts) == 1 else name
            offers.append(creates(drafts, assessment, site, label=f"suggestion.{label}"))
    return offers


def _missing_drafts(name: str, assessment: Assessment) -> list[str]:
    needed = {need.code for need in assessment.needs}
    if name == "COAGULATION":
        return [code for code in ("PLATELETS", "INR") if code in needed] if _may_matter("ablation", assessment) else []
    if name not in needed:
        return []
    if name == "PFT":
        return ["FEV1", "DLCO"] if _may_matter("surgery", assessment) else []
    if name == "MOLECULAR":
        profile = assessment.molecular
        results = {"RAS": profile.ras, "BRAF": profile.braf, "MSI": profile.msi, "HER2": profile.her2}
        return [marker for marker, result in results.items() if result == "unknown"]
    return [name]


def _may_matter(modality: str, assessment: Assessment) -> bool:
    """A test before a modality that is not supported anyway would only cost."""
    return modality in assessment.therapies and assessment.therapies[modality].result in _WORTH_A_TEST


def as_suggestions(offers: Iterable[Offer], site: CardContext, *place: str | int) -> tuple[Suggestion, ...]:
    """The first few offers, each label once, with ids that depend on the call and the place alone."""
    unique = {offer.label: offer for offer in reversed(list(offers))}
    kept = list(reversed(unique.values()))[:MOST_OFFERS]
    return tuple(
        Suggestion(offer.label, site.uuid(*place, "suggestion", index), offer.recommended or None, offer.actions)
        for index, offer in enumerate(kept)
    )
