"""The hook request: read once at the border, a frozen value afterwards.

What is refused, and as what:

==========================================================================  ======  ==================
the fault                                                                   status  path
==========================================================================  ======  ==================
the document is not an object                                               400     (none)
``hook`` absent, empty or no text                                           400     hook
``hookInstance`` absent or not a UUID                                       400     hookInstance
``context`` absent or not an object                                         400     context
``prefetch`` neither an object nor null                                     400     prefetch
``fhirServer`` not an absolute http(s) URL, or with user, query, fragment   400     fhirServer
``fhirAuthorization`` without ``fhirServer``                                400     fhirServer
``fhirAuthorization`` not an object, without a usable bearer token          400     fhirAuthorization...
a hook that no service of ours listens to                                   400     hook
``patientId`` absent or not a bare FHIR id                                  422     context.patientId
``userId`` absent or no text, where the hook requires it                    422     context.userId
``draftOrders`` absent or not a Bundle (order-select, order-sign)           422     context.draftOrders
``selections`` absent, empty, or none of them in ``draftOrders``            422     context.selections
neither ``dispatchedOrders`` nor ``order`` names an order (order-dispatch)  422     context.dispatchedOrders
``fhirAuthorization.patient`` is not ``context.patientId``                  422     fhirAuthorization.patient
==========================================================================  ======  ==================

What is tolerated: unknown fields and ``extension`` anywhere; null for an optional field; a ``userId`` of another form
than ``Type/id`` (no decision rests on it); an unusable ``encounterId``; an empty ``draftOrders`` Bundle on order-sign
(there is nothing to sign, so nothing to add); entries that are no resource; orders of any type; a selection that points
nowhere as long as another points to an order; a missing ``performer``. Messages never repeat a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.errors import ContextUnusable, EnvelopeInvalid, HookMismatch
from cds_service.protocol.contexts import CONTEXTS, HookContext
from cds_service.protocol.envelope import Authorization, Envelope, read_model


@dataclass(frozen=True, slots=True)
class FhirAuthorization:
    """The short-lived right to read the patient's data at ``fhirServer``. Never stored, never logged."""

    access_token: str = field(repr=False)
    token_type: str
    expires_in: int | None
    scope: str
    subject: str | None
    patient: str | None


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call of a hook.

    ``draft_orders``: the resources of ``context.draftOrders``. ``selections``: the orders that the call is about, as
    ``Type/id`` (order-select: those that are in ``draft_orders``; order-dispatch: the dispatched ones).
    """

    hook: str
    hook_instance: str
    patient_id: str = field(repr=False)
    user_id: str | None = field(repr=False)
    encounter_id: str | None = field(repr=False)
    draft_orders: tuple[Mapping[str, Any], ...] = field(repr=False)
    selections: tuple[str, ...] = field(repr=False)
    context: Mapping[str, Any] = field(repr=False)
    prefetch: Mapping[str, object] = field(repr=False)
    fhir_server: str | None
    authorization: FhirAuthorization | None


def read_request(document: object) -> HookRequest:
    """The hook request in a parsed JSON document.

    Raises: EnvelopeInvalid (400), HookMismatch (400) for a hook that nothing here listens to, ContextUnusable (422).
    """
    if not isinstance(document, dict):
        raise EnvelopeInvalid("The body must be one JSON object.", hint="See CDS Hooks, HTTP Request.")
    envelope = read_model(Envelope, document, "", EnvelopeInvalid)
    reader = CONTEXTS.get(envelope.hook)
    if reader is None:
        raise HookMismatch(
            "No service here listens to the hook that the request names.",
            hint="Discovery (GET /cds-services) lists the hooks.",
            expression=["hook"],
        )
    authorization = _authorization(envelope)
    context: HookContext = reader(envelope.context)
    if authorization and authorization.patient and authorization.patient != context.patient_id:
        raise ContextUnusable(
            "The access token is for another patient than the context.",
            hint="fhirAuthorization.patient and context.patientId must be the same.",
            expression=["fhirAuthorization.patient", "context.patientId"],
        )
    return HookRequest(
        hook=envelope.hook,
        hook_instance=envelope.hookInstance,
        patient_id=context.patient_id,
        user_id=context.user_id,
        encounter_id=context.encounter_id,
        draft_orders=context.draft_orders,
        selections=context.selections,
        context=envelope.context,
        prefetch=envelope.prefetch or {},
        fhir_server=envelope.fhirServer or None,
        authorization=authorization,
    )


def _authorization(envelope: Envelope) -> FhirAuthorization | None:
    if envelope.fhirAuthorization is None:
        return None
    if not envelope.fhirServer:
        raise EnvelopeInvalid(
            "fhirAuthorization was sent without fhirServer.",
            hint="Send the base URL that the token is for, or neither.",
            expression=["fhirServer"],
        )
    sent: Authorization = envelope.fhirAuthorization
    return FhirAuthorization(
        access_token=sent.access_token,
        token_type="Bearer",  # noqa: S106 - the kind of token, not a token
        expires_in=sent.expires_in,
        scope=sent.scope or "",
        subject=sent.subject,
        patient=sent.patient,
    )
