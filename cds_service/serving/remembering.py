"""What the service remembers of its own cards: which were sent, and which the clinician has set aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cds_service import __version__
from cds_service.cards.repetition import Digests, Repetition, rules_of_card, without_repetition
from cds_service.errors import StoreUnavailable
from cds_service.hooks.decide import Decision, Site
from cds_service.monitoring import log
from cds_service.protocol.card import Card
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.store import CardMemory, Pseudonyms
from cds_service.store.memory import SentCard
from cds_service.trust import Caller

_DIGEST = 16  # characters


@dataclass(frozen=True, slots=True)
class Remembering:
    """Repetition and the record of sent cards. ``pause``: how long a card that was set aside stays away; 0 is off."""

    memory: CardMemory
    pseudonyms: Pseudonyms
    pause: timedelta
    site: Site
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def recall(
        self, decision: Decision, service: Service, request: HookRequest, caller: Caller, *, sent: bool
    ) -> Decision:
        """The decision without the cards that this clinician has set aside for the same facts.

        ``sent``: the cards that are left go out to a clinician, and are remembered. Never fails.
        """
        if not decision.cards:
            return decision
        call = _Names(self.pseudonyms, request, caller)
        digests = {
            uuid: {name: call.digest(name, value) for name, value in grounds.items()}
            for uuid, grounds in decision.grounds.items()
        }
        decision = decision.remembering(self._repetition(decision, digests, call))
        if sent and decision.cards:
            self.memory.sent([self._sent(card, digests[card.uuid], service, call) for card in decision.cards])
        return decision

    def _repetition(self, decision: Decision, digests: Mapping[str, Digests], call: _Names) -> Repetition:
        """A memory that does not answer hides nothing: every card is shown."""
        if not self.pause:
            return Repetition("off", decision.cards)
        now = self.now()
        try:
            set_aside = self.memory.set_aside(
                caller=call.caller, patient=call.patient, clinician=call.clinician, since=now - self.pause
            )
        except StoreUnavailable as fault:
            log.log_defect(fault)
            return Repetition("unavailable", decision.cards)
        return without_repetition(
            [(card, digests[card.uuid]) for card in decision.cards],
            set_aside,
            now=now,
            pause=self.pause,
            zone=self.site.zone,
            knowledge=self.site.knowledge,
        )

    def _sent(self, card: Card, digests: Digests, service: Service, call: _Names) -> SentCard:
        return SentCard(
            uuid=card.uuid,
            caller=call.caller,
            service=service.id,
            hook=service.hook,
            topic=card.source.topic.code if card.source.topic else "",
            indicator=card.indicator,
            rules=rules_of_card(card),
            knowledge_version=self.site.knowledge.version,
            knowledge_hash=self.site.knowledge.hash,
            service_version=__version__,
            sent=self.now(),
            patient=call.patient,
            clinician=call.clinician,
            facts=digests,
        )


class _Names:
    """The pseudonyms of one call. An id means something only at its EHR: the caller's, or else the FHIR server's."""

    def __init__(self, pseudonyms: Pseudonyms, request: HookRequest, caller: Caller) -> None:
        self._pseudonyms = pseudonyms
        self._digests: dict[tuple[str, str], str] = {}  # the cards of one decision share most of their grounds
        self.caller = caller.name
        realm = caller.name or request.fhir_server or ""
        self.patient = pseudonyms.of("patient", realm, request.patient_id)
        self.clinician = pseudonyms.of("clinician", realm, request.user_id or "")

    def digest(self, name: str, value: str) -> str:
        """A ground under a pseudonym of this patient's own, so that equal values of two patients do not look equal."""
        known = self._digests.get((name, value))
        if known is None:
            known = self._digests[name, value] = self._pseudonyms.of("fact", self.patient, name, value)[:_DIGEST]
        return known
