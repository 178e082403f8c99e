"""A running CDS service, called as an EHR calls it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from cds_tools.sandbox.errors import AccessRefused, ServerRefused, ServiceNotUsable
from cds_tools.sandbox.servers import Caller, Reply, base_address
from cds_tools.signing import Signer


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered to a call of a hook."""

    url: str
    reply: Reply
    took_ms: int

    @property
    def cards(self) -> list[dict[str, Any]] | None:
        """The cards; None when the answer is not one of CDS Hooks."""
        document = self.reply.document
        cards = document.get("cards") if self.reply.good and isinstance(document, dict) else None
        return cards if isinstance(cards, list) else None


class CdsService:
    """A running CDS service under one base address."""

    def __init__(self, base_url: str, signer: Signer | None) -> None:
        """Raises: InputNotReadable for what is no address."""
        self.base_url = base_address(base_url)
        self._signer = signer
        self._caller = Caller("CDS service", accept="application/json")

    def service(self, hook: str, service_id: str | None = None) -> dict[str, Any]:
        """The entry of discovery that listens to the hook. Raises: ServiceNotUsable, ServerUnreachable."""
        url = f"{self.base_url}/cds-services"
        reply = self._call("GET", url)
        listed = reply.document.get("services") if isinstance(reply.document, dict) else None
        if not reply.good or not isinstance(listed, list):
            raise ServiceNotUsable(
                f"{self.base_url} is not the address of a CDS service: it answers {reply.status} to /cds-services.",
                hint="Start one with `cds-service serve`, or give its address with --service-url.",
            )
        fitting = [entry for entry in listed if entry.get("hook") == hook and service_id in (None, entry.get("id"))]
        if len(fitting) != 1:
            named = ", ".join(f"{entry.get('id')} ({entry.get('hook')})" for entry in listed) or "none"
            raise ServiceNotUsable(
                f"{self.base_url} has {'more than one service' if fitting else 'no such service'} for {hook}.",
                hint=f"It lists: {named}." + (" Choose with --service ID." if fitting else ""),
            )
        found: dict[str, Any] = fitting[0]
        return found

    def call(self, service_id: str, request: dict[str, Any]) -> Answer:
        """Call a hook. Raises: ServerUnreachable, AccessRefused; any other status is returned."""
        url = f"{self.base_url}/cds-services/{service_id}"
        started = time.monotonic()
        reply = self._call("POST", url, request)
        return Answer(url, reply, round((time.monotonic() - started) * 1000))

    def decides_on(self) -> str | None:
        """The day as of which this project's service decides; None for another service. Raises: ServerUnreachable."""
        try:
            document = self._call("GET", f"{self.base_url}/health/ready").document
        except (AccessRefused, ServerRefused):  # another service, which does not say
            return None
        day = document.get("evaluationDate") if isinstance(document, dict) else None
        value = day.get("value") if isinstance(day, dict) else None
        return value if isinstance(value, str) else None

    def _call(self, method: str, url: str, body: object = None) -> Reply:
        """A call, signed for this very address when there is a key."""
        token = f"Bearer {self._signer.token(url)}" if self._signer else None
        kind = None if body is None else "application/json"
        try:
            return self._caller.call(method, url, body, Authorization=token, Content_Type=kind)
        except AccessRefused as refused:
            hint = "Sign the call with --jwt-key and --issuer, as the operator of the service registered you."
            if self._signer:
                hint = "The service did not accept the signed call: its log says why (issuer, key, audience, tenant)."
            raise AccessRefused(refused.message, hint=hint) from None
