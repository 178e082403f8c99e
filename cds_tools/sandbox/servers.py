"""The servers that the sandbox calls. What goes wrong with one is said in words for the tester."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from cds_service.errors import InputNotReadable
from cds_service.protocol.origins import origin
from cds_tools.caller import Answer, Caller, NoAnswer, Patience, Times, Unsendable, Why
from cds_tools.sandbox.errors import AccessRefused, ServerRefused, ServerUnreachable, ServiceNotUsable
from cds_tools.signing import Signer

BUSY = frozenset({429, 503})
_TIMES = Times(connect_s=5, part_s=60, whole_s=600)
_PATIENCE = Patience(BUSY, attempts=4, longest_s=30, unasked=True)
_AGENT = "crc-lung-metastasis-cds"
_HINT_OF = {
    401: "The server asks for a token: give a file that holds one with --token-file.",
    403: "The caller, or its token, has not the right to do this.",
}
_WHY: Mapping[Why, tuple[str, str]] = {
    "certificate": ("its certificate is not valid here", "For a certificate of your own: REQUESTS_CA_BUNDLE."),
    "time": ("it did not answer in time", "Try again, or look whether it is up."),
    "size": ("its answer is too large", "Ask for less, such as with smaller pages."),
    "connection": ("nothing answers there", "Check the address, and whether the server is up."),
}


def base_address(url: str) -> str:
    """A base URL as it was typed, without a slash at its end. Raises: InputNotReadable."""
    if origin(url) is None or urlsplit(url).query or urlsplit(url).fragment:
        raise InputNotReadable(f"{url} is not an http(s) address.", hint="Such as http://127.0.0.1:8080/fhir.")
    return url.rstrip("/")


class Server:
    """One server, named ``what`` in messages. Its answers are JSON of the type ``media_type``."""

    def __init__(self, what: str, *, media_type: str, signer: Signer | None = None) -> None:
        self._what = what
        self._media_type = media_type
        self._caller = Caller(_TIMES, agent=_AGENT, patience=_PATIENCE, signer=signer)

    def call(self, method: str, url: str, document: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """One call, again while the server is busy.

        Raises: ServerUnreachable, AccessRefused (401, 403), ServerRefused (a redirect). Any other status is returned.
        """
        body, sent = None, {"Accept": self._media_type} | dict(headers or {})
        if document is not None:
            body, sent["Content-Type"] = orjson.dumps(document), self._media_type
        try:
            answer = self._caller.send(method, url, body=body, headers=sent)
        except (NoAnswer, Unsendable) as silent:
            why, hint = _WHY[silent.why if isinstance(silent, NoAnswer) else "connection"]
            raise ServerUnreachable(f"The {self._what} at {url} could not be reached: {why}.", hint=hint) from None
        if to := answer.redirect:
            raise ServerRefused(f"The {self._what} redirects {url} to {to}.", hint="Give the address that it leads to.")
        if answer.status in _HINT_OF:
            said = f": {answer.words}" if answer.words else "."
            raise AccessRefused(
                f"The {self._what} answers {answer.status} to {method} {url}{said}", hint=_HINT_OF[answer.status]
            )
        return answer

    def refused(self, status: int, words: str, doing: str) -> ServerRefused:
        """The error for an answer that is not good."""
        said = f": {words}" if words else " and says no more."
        return ServerRefused(f"The {self._what} answers {status} to {doing}{said}", answered=status)


class CdsService:
    """A running CDS service under one base address, called as an EHR calls it."""

    def __init__(self, base_url: str, signer: Signer | None) -> None:
        """Raises: InputNotReadable for what is no address."""
        self.base_url = base_address(base_url)
        self._signed = signer is not None
        self._server = Server("CDS service", media_type="application/json", signer=signer)

    def service(self, hook: str, service_id: str | None = None) -> dict[str, Any]:
        """The entry of discovery that listens to the hook. Raises: ServiceNotUsable, ServerUnreachable."""
        answer = self._call("GET", "cds-services")
        document = answer.document
        listed = document.get("services") if isinstance(document, dict) else None
        if not answer.good or not isinstance(listed, list):
            raise ServiceNotUsable(
                f"{self.base_url} is not the address of a CDS service: it answers {answer.status} to /cds-services.",
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
        return self._call("POST", f"cds-services/{service_id}", request)

    def decides_on(self) -> str | None:
        """The day as of which this project's service decides; None for another service. Raises: ServerUnreachable."""
        try:
            document = self._call("GET", "health/ready").document
        except (AccessRefused, ServerRefused):  # another service, which does not say
            return None
        day = document.get("evaluationDate") if isinstance(document, dict) else None
        value = day.get("value") if isinstance(day, dict) else None
        return value if isinstance(value, str) else None

    def _call(self, method: str, path: str, document: object = None) -> Answer:
        """A call, signed for this very address when there is a key."""
        try:
            return self._server.call(method, f"{self.base_url}/{path}", document)
        except AccessRefused as refused:
            hint = "Sign the call with --jwt-key and --issuer, as the operator of the service registered you."
            if self._signed:
                hint = "The service did not accept the signed call: its log says why (issuer, key, audience, tenant)."
            raise AccessRefused(refused.message, hint=hint) from None
