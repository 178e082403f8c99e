"""The hooks that this service listens to. A new hook is a module here and a line in the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from cds_service.cards import CardContext
from cds_service.fhir.pool import ResourcePool
from cds_service.hooks import order_dispatch, order_select, order_sign, patient_view
from cds_service.oncology.report.assessment import Assessment
from cds_service.protocol.card import Card
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.terminology import Terminology


class Hook(Protocol):
    """What a hook module holds: the name it listens to, what it needs, what it decides on, which guidance it gives."""

    HOOK: str

    def service(self, terminology: Terminology, /) -> Service:
        """The entry of discovery."""

    def orders(self, request: HookRequest, pool: ResourcePool, /) -> tuple[Mapping[str, Any], ...]:
        """The orders that a call decides on."""

    def cards(self, assessment: Assessment, context: CardContext, /) -> tuple[Card, ...]:
        """The cards to show; none when there is nothing to add."""


HOOKS: tuple[Hook, ...] = (patient_view, order_select, order_sign, order_dispatch)

SHARED_ID = "crc-lung-metastasis"
"""With one id for all hooks, newer cards replace older ones at the client (CDS Hooks 3.0, Discovery)."""


def services(terminology: Terminology, *, shared_id: bool = False) -> tuple[Service, ...]:
    """One service a hook. ``shared_id``: all under one id; dispatch is on id and hook together, always."""
    found = (hook.service(terminology) for hook in HOOKS)
    return tuple(replace(service, id=SHARED_ID) if shared_id else service for service in found)
