"""What a card offers to draft: the MDT referral first, consultations for the options, tests that are missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cds_service.cards.context import CardContext
from cds_service.cards.service_requests import DRAFTS, Drafter
from cds_service.cards.words import LOCAL, OPTIONS, declined, options
from cds_service.oncology.report.assessment import Assessment, Result
from cds_service.protocol.card import Action, Suggestion
from cds_service.values import ValueObject

MOST_OFFERS = 6
"""More suggestions than this on one card nobody reads."""

_TESTS = ("CT_ABDOMEN_PELVIS", "CT_CHEST", "PFT", "COAGULATION", "CEA", "MOLECULAR")
_IONISING = ("CT_ABDOMEN_PELVIS", "CT_CHEST")
_WORTH_A_TEST = (*OPTIONS, Result.UNKNOWN, Result.BLOCKED)


class Offer(ValueObject, frozen=True):
    """A suggestion before it has its id. Only the MDT referral is ever ``recommended``.

    ``order``: the name of the order that it takes back, where it takes one back.
    """

    label: str
    actions: tuple[Action, ...]
    recommended: bool = False
    order: str = ""

    @property
    def takes_back(self) -> str:
        """The reference of the order that is deleted; empty for an offer that only creates."""
        return next((action.resource_id or "" for action in self.actions if action.type == "delete"), "")


def creates(names: Iterable[str], drafter: Drafter, *, label: str) -> Offer:
    """An offer that creates one draft for each name, under the label of a wording key."""
    actions = (Action("create", _says(name, drafter.site), resource=drafter.draft(name)) for name in names)
    return Offer(drafter.site.text(label), tuple(actions))


def _says(name: str, site: CardContext) -> str:
    """What accepting does. A test is told by what it asks for, a referral or consultation in words of its own."""
    draft = DRAFTS[name]
    return site.text(f"action.{name}") if draft.informed else site.text("card.creates", text=site.text(draft.text))


def mdt_offer(drafter: Drafter) -> list[Offer]:
    """The referral, unless the MDT is requested, held, or not due; a suspected lesion goes to radiology review."""
    mdt = drafter.assessment.mdt
    if not mdt.suggest:
        return []
    name = "mdt" if drafter.assessment.population == "in" else "radiology_review"
    offer = creates([name], drafter, label=f"suggestion.{'mdt_again' if mdt.trigger else name}")
    return [Offer(offer.label, offer.actions, recommended=True)]


def consultation_offers(drafter: Drafter) -> list[Offer]:
    """A consultation ("assess for ...") for each local modality that is an option and was not declined."""
    therapies = drafter.assessment.therapies
    return [
        creates([name], drafter, label=f"suggestion.{name}")
        for name in options(drafter.assessment)
        if name in LOCAL and not declined(therapies[name])
    ]


def missing_test_offers(drafter: Drafter, names: Sequence[str] = _TESTS) -> list[Offer]:
    """Drafts for the tests that are missing and can still change something; no CT in pregnancy (G-09)."""
    pregnant = any(gate.id == "G-09" for gate in drafter.assessment.gates)
    offers = []
    for name in names:
        if pregnant and name in _IONISING:
            continue
        if drafts := _missing_drafts(name, drafter.assessment):
            offers.append(creates(drafts, drafter, label=f"suggestion.{label_of(name, drafts)}"))
    return offers


def label_of(name: str, drafts: Sequence[str]) -> str:
    """Platelets and INR have a label together, and one each."""
    return drafts[0] if name == "COAGULATION" and len(drafts) == 1 else name


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
    """The first few offers, each once, with ids that depend on the call and the place alone."""
    unique: dict[tuple[str, str], Offer] = {}
    for offer in offers:
        unique.setdefault((offer.label, offer.takes_back), offer)
    kept = list(unique.values())[:MOST_OFFERS]
    return tuple(
        Suggestion(
            _label(offer, kept, site), site.uuid(*place, "suggestion", index), offer.recommended or None, offer.actions
        )
        for index, offer in enumerate(kept)
    )


def _label(offer: Offer, kept: Sequence[Offer], site: CardContext) -> str:
    """Where two offers take back different orders under one label, the label names the order."""
    alike = [other for other in kept if other.label == offer.label]
    if len(alike) == 1:
        return offer.label
    named = len({other.order for other in alike}) == len(alike)
    return site.text("card.replaced", text=offer.label, order=offer.order if named else offer.takes_back)
