"""Who writes the cards of one call: what all of them share, and how one card is put together from its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5

from cds_service.cards import words
from cds_service.cards.markdown import heading, link, wording
from cds_service.knowledge import Knowledge
from cds_service.oncology.report.assessment import Assessment, Reason, Result
from cds_service.protocol.card import Action, Card, Coding, Link, Source, Suggestion
from cds_service.protocol.request import HookRequest
from cds_service.values import ValueObject

EXTENSION = "org.example.crc-lung-metastasis"
"""Our extensions on cards begin with this, in reverse-domain notation."""

GUIDELINE = "li-2019"
"""The primary guideline: the consensus on the management of colorectal lung metastases."""

OVERRIDE_SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
TO_AN_OFFER = (
    "action-completed",
    "patient-contraindication",
    "patient-refuses",
    "expert-contradicts",
    "need-more-info",
    "service-not-available",
)
TO_A_WARNING = ("action-completed", "expert-contradicts", "need-more-info")

MOST_OFFERS = 6
"""More suggestions than this on one card nobody reads."""

_NAMESPACE = UUID("f0a3b9f4-8f51-5a0e-9c8e-6d1d6c4e2b7a")


class CardContext(ValueObject, frozen=True):
    """The call that is answered, with the clinical content, the day, and where our own pages are.

    ``fixed_date``: the operator has fixed the evaluation date, and every card says so.
    """

    knowledge: Knowledge
    request: HookRequest
    public_base_url: str | None
    fixed_date: bool
    on: date
    canonical_base: str


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


class CardWriter:
    """Holds the assessment that the cards tell of, the words, and the call; what several parts ask is found once."""

    def __init__(self, assessment: Assessment, call: CardContext) -> None:
        """A writer for one assessment in one call."""
        self.assessment = assessment
        self.call = call
        self.knowledge = call.knowledge
        self.text = call.knowledge.text
        """A wording, filled in. Raises: KeyError for an unknown key or a missing value, which is a defect."""

    # What the assessment says

    @cached_property
    def headline(self) -> str:
        """The case in one phrase."""
        return words.headline(self.assessment.classification, self.knowledge)

    @cached_property
    def options(self) -> list[str]:
        """The modalities that are options, in the order of a card (Z-02)."""
        return words.options(self.assessment)

    @cached_property
    def declined(self) -> frozenset[str]:
        """The modalities that the patient has declined (G-10)."""
        return frozenset(name for name, therapy in self.assessment.therapies.items() if words.declined(therapy))

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons of all modalities, in their order."""
        return tuple(reason for therapy in self.assessment.therapies.values() for reason in therapy.reasons)

    @cached_property
    def needed(self) -> frozenset[str]:
        """The codes of what is missing or should be checked."""
        return frozenset(need.code for need in self.assessment.needs)

    @cached_property
    def gates(self) -> frozenset[str]:
        """The ids of the gates that have something to say."""
        return frozenset(gate.id for gate in self.assessment.gates)

    @property
    def origin_uncertain(self) -> bool:
        """Is another active cancer on record (G-08)?"""
        return "G-08" in self.gates

    @property
    def single_without_histology(self) -> bool:
        """Does one lesion count that nobody has seen tissue of (N-04)?"""
        return "HISTOLOGY" in self.needed

    @cached_property
    def too_few_data(self) -> bool:
        """Two or more local modalities cannot be assessed: then no options are listed, only MDT and what is missing."""
        found = self.assessment.therapies
        return sum(name in found and found[name].result is Result.UNKNOWN for name in words.LOCAL) > 1

    # How it is said

    def said(self, key: str) -> str:
        """A wording that needs no values, as Markdown. Raises: KeyError for an unknown key, or where it needs some."""
        return wording(self.text(key))

    def short(self, reason: Reason) -> str:
        """A reason in two or three words; its whole sentence where the content has no shorter one."""
        told = self.knowledge.rule(reason.rule).reasons[reason.code].short
        return told.pattern if told is not None else reason.text

    def titled(self, name: str, body: str) -> str:
        """A part of the detail under the heading of that name; nothing where there is nothing to say."""
        return f"{heading(self.text(f'heading.{name}'))}\n\n{body}" if body else ""

    def page(self, path: str) -> str | None:
        """The address of one of our pages; None while nobody has said where they can be reached."""
        base = self.call.public_base_url
        return f"{base.rstrip('/')}/{path}" if base else None

    def rule(self, id: str) -> str:
        """A rule's id, linked to our page of rules where that can be reached."""
        return link(id, self.page(f"rules#{id}"))

    def source(self, id: str) -> str:
        """A source's short name, linked to the publication, or else to our page about it."""
        evidence = self.knowledge.evidence[id]
        return link(evidence.label, evidence.url or self.page(f"evidence/{id}"))

    # The card

    def compose(
        self,
        *,
        topic: str,
        rules: Sequence[str],
        summary: str,
        blocks: Iterable[str],
        indicator: str = "info",
        offers: Iterable[Offer] = (),
        index: int = 0,
    ) -> Card:
        """The card. ``rules``: what it rests on, what it is about first. ``index``: tells cards of a topic apart."""
        suggestions = self._suggestions(offers, topic, index)
        reasons = TO_AN_OFFER if suggestions else TO_A_WARNING if indicator == "warning" else ()
        about = Coding(f"{self.call.canonical_base}/CodeSystem/card-topic", topic, self.text(f"topic.{topic}"))
        return Card(
            summary=summary,
            indicator=indicator,
            source=Source(self.text("card.source"), self.knowledge.evidence[GUIDELINE].url, topic=about),
            uuid=self._uuid(topic, index),
            detail="\n\n".join(block for block in blocks if block),
            suggestions=suggestions,
            selection_behavior="any" if suggestions else None,
            override_reasons=tuple(Coding(OVERRIDE_SYSTEM, code, self.text(f"override.{code}")) for code in reasons),
            links=self._links(),
            extension=self._extension(rules),
        )

    def _uuid(self, *parts: str | int) -> str:
        """The same call gives the same id for the same place on its cards; another call gives another."""
        return str(uuid5(_NAMESPACE, "|".join((self.call.request.hook_instance, *map(str, parts)))))

    def _suggestions(self, offers: Iterable[Offer], *place: str | int) -> tuple[Suggestion, ...]:
        """The first few offers, each once, with ids that depend on the call and the place alone."""
        unique: dict[tuple[str, str], Offer] = {}
        for offer in offers:
            unique.setdefault((offer.label, offer.takes_back), offer)
        kept = list(unique.values())[:MOST_OFFERS]
        return tuple(
            Suggestion(
                self._label(offer, kept),
                self._uuid(*place, "suggestion", index),
                offer.recommended or None,
                offer.actions,
            )
            for index, offer in enumerate(kept)
        )

    def _label(self, offer: Offer, kept: Sequence[Offer]) -> str:
        """Where two offers take back different orders under one label, the label names the order."""
        alike = [other for other in kept if other.label == offer.label]
        if len(alike) == 1:
            return offer.label
        named = len({other.order for other in alike}) == len(alike)
        return self.text("card.replaced", text=offer.label, order=offer.order if named else offer.takes_back)

    def _links(self) -> tuple[Link, ...]:
        """Our pages of rules and of the guideline, where a reader can reach them."""
        pages = (("link.evidence", f"evidence/{GUIDELINE}"), ("link.rules", "rules"))
        return tuple(Link(self.text(label), url) for label, path in pages if (url := self.page(path)))

    def _extension(self, rules: Sequence[str]) -> dict[str, Any]:
        """What a machine needs to follow the card back: its rules, and the content that decided."""
        content = {"version": self.knowledge.version, "hash": self.knowledge.hash}
        return {f"{EXTENSION}.rules": list(dict.fromkeys(rules)), f"{EXTENSION}.knowledge": content}
