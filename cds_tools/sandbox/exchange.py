"""Playing the EHR: discovery, prefetch templates filled and fetched, the call, and what came back.

As an EHR does: a search that fails is left out of ``prefetch``, pages are joined, and ``fhirServer`` with the token
goes along unless only prefetched data are to be used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cds_service.errors import InputNotReadable
from cds_service.protocol.origins import encrypted_or_local
from cds_tools.caller import Answer, fresh_id
from cds_tools.ehr import access, expanded, searchset
from cds_tools.sandbox.errors import AccessRefused, PatientNotThere, ServerRefused
from cds_tools.sandbox.fhir_server import FhirServer
from cds_tools.sandbox.orders import Orders, order_context
from cds_tools.sandbox.servers import CdsService

USER = "Practitioner/workbench"
_CLIENT = "cds-service-workbench"
_NOT_SENT = "left out"


@dataclass(frozen=True, slots=True)
class Sent:
    """One prefetch key of the call: what was sent under it, in words, or why nothing was."""

    key: str
    query: str
    said: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call of a hook, and its answer."""

    request: dict[str, Any]
    sent: tuple[Sent, ...]
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is to be played. ``omit``: prefetch keys that are not sent. ``prefetch_only``: no access to the server."""

    patient: str
    hook: str
    orders: Orders | None = None
    omit: Sequence[str] = ()
    prefetch_only: bool = False


def play(
    server: FhirServer, service: CdsService, entry: Mapping[str, Any], wishes: Wishes, each: Callable[[], None]
) -> Exchange:
    """Open the chart, or enter the order. ``entry``: the service's, of discovery. ``each``: called after each key.

    Raises: PatientNotThere, InputNotReadable, SandboxStopped. An answer that is not 2xx is no error here.
    """
    if server.token and not wishes.prefetch_only and not encrypted_or_local(service.base_url):
        raise InputNotReadable(
            "The token would go to the service in clear text.", hint="Give an https address, or --prefetch-only."
        )
    templates: dict[str, str] = entry.get("prefetch") or {}
    if unknown := sorted(set(wishes.omit) - templates.keys()):
        raise InputNotReadable(
            f"The service asks for no prefetch key {', '.join(unknown)}.", hint=f"It asks for {', '.join(templates)}."
        )
    patient = server.read("Patient", wishes.patient)
    if patient is None:
        raise PatientNotThere(
            f"{server.base_url} holds no Patient/{wishes.patient}.", hint="`cds-service sandbox load` prints the ids."
        )
    context: dict[str, Any] = {"userId": USER, "patientId": wishes.patient}
    prefetch, sent = _prefetch(server, templates, context, wishes.omit, each)
    if wishes.orders is not None:
        context |= order_context(wishes.orders, wishes.hook, wishes.patient, prefetch.values())
    request = {"hook": wishes.hook, "hookInstance": fresh_id(), "context": context, "prefetch": prefetch}
    if not prefetch:
        del request["prefetch"]  # no element is empty
    if not wishes.prefetch_only:
        request |= access(server.base_url, server.token, patient=wishes.patient, subject=_CLIENT, scope="patient/*.rs")
    return Exchange(request, sent, service.call(entry["id"], request))


def _prefetch(
    server: FhirServer,
    templates: Mapping[str, str],
    context: Mapping[str, Any],
    omit: Sequence[str],
    each: Callable[[], None],
) -> tuple[dict[str, Any], tuple[Sent, ...]]:
    """What each template finds. A key that is not to be sent, cannot be filled or fails is absent, never null."""
    prefetch: dict[str, Any] = {}
    sent: list[Sent] = []
    for key, template in templates.items():
        query = expanded(template, context)
        if key in omit:
            said = f"{_NOT_SENT}, as asked (--omit)"
        elif query is None:
            said = f"{_NOT_SENT}: a token of the template has no value here"
        else:
            try:
                prefetch[key], said = _fetched(server, query)
            except (ServerRefused, AccessRefused) as refused:
                said = f"{_NOT_SENT}: {refused.message}"
        sent.append(Sent(key, query or template, said))
        each()
    return {key: value for key, value in prefetch.items() if value is not None}, tuple(sent)


def _fetched(server: FhirServer, query: str) -> tuple[dict[str, Any] | None, str]:
    if "?" not in query:
        kind, _, name = query.partition("/")
        resource = server.read(kind, name)
        return resource, "1 resource" if resource else f"{_NOT_SENT}: not found"
    entries, complete = server.search(query)
    if not complete:
        raise ServerRefused("there are more pages than are read, or they lie elsewhere")
    return searchset(entries), f"{len(entries)} {'resource' if len(entries) == 1 else 'resources'}"
