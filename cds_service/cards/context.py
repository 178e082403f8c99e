"""What every card of one call shares: the wording, the call, the day, and where our own pages are."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

from cds_service.cards.markdown import link, wording
from cds_service.knowledge import Knowledge
from cds_service.oncology.report.assessment import Reason
from cds_service.protocol.card import Coding
from cds_service.protocol.request import HookRequest
from cds_service.values import ValueObject

EXTENSION = "org.example.crc-lung-metastasis"
"""Our extensions on cards begin with this, in reverse-domain notation."""

_NAMESPACE = UUID("f0a3b9f4-8f51-5a0e-9c8e-6d1d6c4e2b7a")


class CardContext(ValueObject, frozen=True):
    """One call. ``fixed_date``: the operator has fixed the evaluation date, and every card says so."""

    knowledge: Knowledge
    request: HookRequest
    public_base_url: str | None
    fixed_date: bool
    on: date
    canonical_base: str

    def text(self, key: str, **values: str) -> str:
        """A wording, filled in. Raises: KeyError for an unknown key or a missing value, which is a defect."""
        return self.knowledge.text(key, **values)

    def said(self, key: str) -> str:
        """A wording that needs no values, as Markdown. Raises: KeyError for an unknown key, or where it needs some."""
        return wording(self.knowledge.text(key))

    def uuid(self, *parts: str | int) -> str:
        """The same call gives the same id for the same place on its cards; another call gives another."""
        return str(uuid5(_NAMESPACE, "|".join((self.request.hook_instance, *map(str, parts)))))

    def topic(self, code: str) -> Coding:
        """What a card is about, for clients that filter or count."""
        return Coding(f"{self.canonical_base}/CodeSystem/card-topic", code, self.text(f"topic.{code}"))

    def page(self, path: str) -> str | None:
        """The address of one of our pages; None while nobody has said where they can be reached."""
        return f"{self.public_base_url.rstrip('/')}/{path}" if self.public_base_url else None

    def rule(self, id: str) -> str:
        """A rule's id, linked to our page of rules where that can be reached."""
        return link(id, self.page(f"rules#{id}"))

    def short(self, reason: Reason) -> str:
        """A reason in two or three words; its whole sentence where the content has no shorter one."""
        told = self.knowledge.rule(reason.rule).reasons[reason.code].short
        return told.pattern if told is not None else reason.text

    def source(self, id: str) -> str:
        """A source's short name, linked to the publication, or else to our page about it."""
        evidence = self.knowledge.evidence[id]
        return link(evidence.label, evidence.url or self.page(f"evidence/{id}"))
