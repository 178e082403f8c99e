"""Deciding again on what was kept, with the content that is loaded now, and saying what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from cds_service.audit.minimal import restored
from cds_service.audit.sealing import Keys, NotOpened
from cds_service.cards.writer import EXTENSION
from cds_service.hooks.decide import Site, decide
from cds_service.hooks.services import service_of
from cds_service.oncology.report.assessment import to_json
from cds_service.oncology.report.compare import changed
from cds_service.store.decisions import KeptDecision
from cds_service.values import replace

_ORIGIN = f"{EXTENSION}.assessment"
"""Where a card carries the hash of its assessment, and the version of the service that decided."""


@dataclass(slots=True)
class Replayed:
    """One decision beside its repetition.

    ``verdict``: ``same`` (the assessment; with the same clinical content and codes the cards too, which otherwise name
    others), ``different``, or ``not opened``. ``paths``: the places of assessment
    and cards that differ, without their values. ``reason``: why it was not opened.
    """

    kept: KeptDecision
    verdict: str
    knowledge_hash: str = ""
    terminology_hash: str = ""
    assessment_hash: str = ""
    paths: tuple[str, ...] = ()
    reason: str = ""

    @property
    def same_knowledge(self) -> bool:
        """Was it decided with the clinical content that is loaded now?"""
        return self.knowledge_hash == self.kept.knowledge_hash

    @property
    def same_terminology(self) -> bool | None:
        """Was its record read with the codes that are loaded now? None for a line from before that was kept."""
        kept = self.kept.terminology_hash
        return None if kept is None else self.terminology_hash == kept


def decide_again(kept: KeptDecision, keys: Keys, site: Site) -> Replayed:
    """Open, decide as of the same day, and compare. What does not open is said so, never passed over."""
    try:
        document = orjson.loads(keys.open(kept.sealed, kept.open_part))
        given = restored(document["input"])
    except NotOpened as fault:
        return Replayed(kept, "not opened", reason=str(fault))
    except (KeyError, TypeError, ValueError):
        return Replayed(kept, "not opened", reason="it was kept in another form by another version of the service")
    decision = decide(
        replace(service_of(given.request.hook, site.terminology), id=given.service),
        given.request,
        given.sources,
        given.problems,
        site=given.site(site),
        on=given.on,
    )
    now = orjson.loads(orjson.dumps({"assessment": to_json(decision.assessment), **decision.response()}))
    then = {"assessment": document["assessment"], "cards": document["cards"]}
    replayed = Replayed(
        kept,
        "different",
        knowledge_hash=decision.assessment.knowledge.hash,
        terminology_hash=decision.terminology,
        assessment_hash=decision.hash,
        paths=tuple(path for path, *_ in changed(_told(then), _told(now))),
    )
    other_content = not replayed.same_knowledge or replayed.same_terminology is False
    same_cards = _told(now)["cards"] == _told(then)["cards"]
    if _concluded(now) == _concluded(then) and (same_cards or other_content):
        replayed.verdict = "same"
    return replayed


def _concluded(decided: Mapping[str, Any]) -> dict[str, Any]:
    """What was concluded, without which content decided and how the facts came: what the hash is made of.

    The hash itself is not compared: a release may write the same conclusions in another form before it is made.
    """
    return {name: value for name, value in decided["assessment"].items() if name not in ("knowledge", "sources")}


def _told(decided: Mapping[str, Any]) -> dict[str, Any]:
    """Assessment and cards, but for the hash that the cards carry."""
    cards = [
        {**card, "extension": {name: value for name, value in card.get("extension", {}).items() if name != _ORIGIN}}
        for card in decided["cards"]
    ]
    return {"assessment": decided["assessment"], "cards": cards}
