"""The hook request, one frozen model a hook: read once at the border, a value afterwards.

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

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasPath,
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import ErrorDetails, PydanticKnownError

from cds_service.errors import ContextUnusable, EnvelopeInvalid, HookMismatch
from cds_service.protocol.wire import FHIR_ID, UNUSABLE, UUID, WireModel, refusal, unusable, validated

# What may stand in an Authorization header (RFC 6750, b64token); a line break must never get there.
_TOKEN = r"^[A-Za-z0-9\-._~+/]+=*$"  # noqa: S105 - a pattern
_LOCAL = re.compile(r"(?:^|/)([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]+)?$")
_HINT = "See the hook's context in the CDS Hooks Library."

Resource = Mapping[str, Any]
Required = Annotated[str, StringConstraints(min_length=1)]


def _base_url(url: str | None) -> str | None:
    if not url:
        return None  # some clients send "" for "none"
    parts = urlsplit(url)  # its ValueError is reported by Pydantic
    _ = parts.port
    plain = not (parts.username or parts.password or parts.query or parts.fragment) and url.isprintable()
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or " " in url:
        raise ValueError("not a base URL")
    return url


def _title_case(value: object) -> object:
    return value.title() if isinstance(value, str) else value


def _empty_text_for_null(value: object) -> object:
    return "" if value is None else value


def _empty_object_for_null(value: object) -> object:
    return {} if value is None else value


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _id_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(FHIR_ID, value) else None


class FhirAuthorization(WireModel):
    """The short-lived right to read the patient's data at ``fhirServer``. Never stored, never logged.

    Only what is used is demanded. ``expires_in``: seconds.
    """

    access_token: Annotated[str, StringConstraints(pattern=_TOKEN)] = Field(repr=False)
    token_type: Annotated[Literal["Bearer"], BeforeValidator(_title_case)]
    expires_in: int | None = None
    scope: Annotated[str, BeforeValidator(_empty_text_for_null)] = ""
    subject: str | None = None
    patient: str | None = None


def _no_order(_: object) -> tuple[()]:
    return ()


class HookRequest(WireModel):
    """One call of a hook: the envelope, and of the hook's context what a decision may rest on.

    ``draft_orders``: the resources of ``context.draftOrders``. ``selections``: the orders that the call is about, as
    ``Type/id`` (order-select: those that are in ``draft_orders``; order-dispatch: the dispatched ones).
    """

    tokens: ClassVar[tuple[str, ...]] = ("userId", "patientId", "encounterId")
    """The fields of the context that may stand in a prefetch template (CDS Hooks Library)."""

    hook: Required
    hook_instance: Annotated[str, StringConstraints(pattern=UUID)] = Field(validation_alias="hookInstance")
    context: dict[str, Any] = Field(repr=False)
    prefetch: Annotated[dict[str, Any], BeforeValidator(_empty_object_for_null)] = Field(
        default_factory=dict, repr=False
    )
    fhir_server: Annotated[str | None, AfterValidator(_base_url)] = Field(default=None, validation_alias="fhirServer")
    authorization: FhirAuthorization | None = Field(default=None, validation_alias="fhirAuthorization", repr=False)
    user_id: Annotated[str | None, PlainValidator(_text_or_none)] = Field(
        default=None, validation_alias=AliasPath("context", "userId"), repr=False
    )
    patient_id: Annotated[str, StringConstraints(pattern=FHIR_ID)] = Field(
        validation_alias=AliasPath("context", "patientId"), repr=False
    )
    encounter_id: Annotated[str | None, PlainValidator(_id_or_none)] = Field(
        default=None, validation_alias=AliasPath("context", "encounterId"), repr=False
    )
    draft_orders: Annotated[tuple[Resource, ...], PlainValidator(_no_order)] = Field(
        default=(), validation_alias=AliasPath("context", "draftOrders"), repr=False
    )
    draft_addresses: Annotated[tuple[str | None, ...], PlainValidator(_no_order)] = Field(
        default=(), validation_alias=AliasPath("context", "draftOrders"), repr=False
    )
    selections: Annotated[tuple[str, ...], PlainValidator(_no_order)] = Field(
        default=(), validation_alias=AliasPath("context", "selections"), repr=False
    )

    @classmethod
    def context_about(cls, orders: Sequence[Resource]) -> dict[str, Any]:  # noqa: ARG003 - of no use to this hook
        """What the context says of these orders, in a call that is made up: self-check, playground, files."""
        return {}


def _drafts(orders: object) -> tuple[Resource, ...]:
    if not isinstance(orders, dict):
        raise PydanticKnownError("dict_type")
    if orders.get("resourceType") != "Bundle" or not isinstance(orders.get("entry"), list | None):
        raise unusable("context.draftOrders", "must be a Bundle", _HINT)
    return tuple(resource for resource, _ in _entries(orders))


def _addresses(orders: object) -> tuple[str | None, ...]:
    """Where each draft order stands in its Bundle; a fault of the Bundle is reported with the orders."""
    listed = orders.get("entry") if isinstance(orders, dict) else None
    return tuple(address for _, address in _entries(orders)) if isinstance(listed, list) else ()  # type: ignore[arg-type]


def _entries(orders: Mapping[str, Any]) -> Iterator[tuple[Resource, str | None]]:
    """The resources of ``draftOrders`` with their addresses; what is no resource is passed over."""
    for entry in orders.get("entry") or ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(entry, dict) and isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
            full_url = entry.get("fullUrl")
            yield resource, full_url if isinstance(full_url, str) else None


def _selected(selections: tuple[Any, ...], read: ValidationInfo) -> tuple[str, ...]:
    """The selections that are in the Bundle, each once, as ``Type/id``. An order without id cannot be selected."""
    if "draft_orders" not in read.data:
        return ()  # that fault is reported
    known: dict[str, str] = {}
    for resource, full_url in _entries(read.data["context"]["draftOrders"]):
        if isinstance(resource.get("id"), str):
            name = f"{resource['resourceType']}/{resource['id']}"
            known[name] = name
            known.setdefault(full_url or name, name)
    found = (known.get(item) or known.get(_local(item) or "") for item in selections if isinstance(item, str))
    names = tuple(dict.fromkeys(name for name in found if name))
    if not names:
        hint = "Each selection is the 'Type/id' of an entry of draftOrders."
        raise unusable("context.selections", "names no order of context.draftOrders", hint)
    return names


def _dispatched(_: object, read: ValidationInfo) -> tuple[str, ...]:
    """``dispatchedOrders``, or ``order`` of hook version 1.0. Tasks stay in the context; no decision rests on them."""
    context = read.data.get("context")
    if context is None:
        return ()  # that fault is reported
    named = context.get("dispatchedOrders")
    if named is None:
        named = context.get("order")
    references = [item for item in (named if isinstance(named, list) else [named]) if isinstance(item, str) and item]
    if not references:
        raise unusable("context.dispatchedOrders", "names no order", _HINT)
    return tuple(dict.fromkeys(_local(item) or item for item in references))


def _names(orders: Sequence[Resource]) -> list[str]:
    return [f"{order.get('resourceType')}/{order.get('id')}" for order in orders]


def _local(reference: str) -> str | None:
    match = _LOCAL.search(reference)
    return match[1] if match else None


class PatientView(HookRequest):
    """patient-view: a chart is opened."""

    user_id: Required = Field(validation_alias=AliasPath("context", "userId"), repr=False)


class OrderSign(PatientView):
    """order-sign: the draft orders are about to be signed."""

    draft_orders: Annotated[tuple[Resource, ...], PlainValidator(_drafts)] = Field(
        validation_alias=AliasPath("context", "draftOrders"), repr=False
    )
    draft_addresses: Annotated[tuple[str | None, ...], PlainValidator(_addresses)] = Field(
        default=(), validation_alias=AliasPath("context", "draftOrders"), repr=False
    )

    @classmethod
    def context_about(cls, orders: Sequence[Resource]) -> dict[str, Any]:
        """All of them are draft orders."""
        entries = [{"resource": order} for order in orders]
        return {"draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": entries}}


class OrderSelect(OrderSign):
    """order-select: some of the draft orders were picked."""

    selections: Annotated[tuple[Any, ...], Field(min_length=1), AfterValidator(_selected)] = Field(
        validation_alias=AliasPath("context", "selections"), repr=False
    )

    @classmethod
    def context_about(cls, orders: Sequence[Resource]) -> dict[str, Any]:
        """All of them are draft orders, and all are selected."""
        return super().context_about(orders) | {"selections": _names(orders)}


class OrderDispatch(HookRequest):
    """order-dispatch: signed orders are sent to a performer. They are named, not sent along."""

    tokens: ClassVar[tuple[str, ...]] = ("patientId", "dispatchedOrders", "performer")

    selections: Annotated[tuple[str, ...], PlainValidator(_dispatched)] = Field(
        default=(), validate_default=True, validation_alias=AliasPath("context", "dispatchedOrders"), repr=False
    )

    @classmethod
    def context_about(cls, orders: Sequence[Resource]) -> dict[str, Any]:
        """All of them are named; the record must hold them."""
        return {"dispatchedOrders": _names(orders), "performer": "Organization/example"}


REQUESTS: Mapping[str, type[HookRequest]] = {
    "patient-view": PatientView,
    "order-select": OrderSelect,
    "order-sign": OrderSign,
    "order-dispatch": OrderDispatch,
}


def read_request(document: object) -> HookRequest:
    """The hook request in a parsed JSON document.

    Raises: EnvelopeInvalid (400), HookMismatch (400) for a hook that nothing here listens to, ContextUnusable (422).
    All faults of the envelope come before any of the context, and those of form before those of content.
    """
    if not isinstance(document, dict):
        raise EnvelopeInvalid("The body must be one JSON object.", hint="See CDS Hooks, HTTP Request.")
    hook = document.get("hook")
    model = REQUESTS.get(hook) if isinstance(hook, str) else None
    request, faults = validated(model or HookRequest, document)
    if of_envelope := [fault for fault in faults if not _is_of_context(fault)]:
        raise refusal(EnvelopeInvalid, of_envelope)
    if model is None:
        raise HookMismatch(
            "No service here listens to the hook that the request names.",
            hint="Discovery (GET /cds-services) lists the hooks.",
            expression=["hook"],
        )
    if document.get("fhirAuthorization") is not None and not document.get("fhirServer"):
        raise EnvelopeInvalid(
            "fhirAuthorization was sent without fhirServer.",
            hint="Send the base URL that the token is for, or neither.",
            expression=["fhirServer"],
        )
    if request is None:
        raise refusal(ContextUnusable, [fault for fault in faults if fault["type"] != UNUSABLE] or faults)
    token = request.authorization
    if token and token.patient and token.patient != request.patient_id:
        raise ContextUnusable(
            "The access token is for another patient than the context.",
            hint="fhirAuthorization.patient and context.patientId must be the same.",
            expression=["fhirAuthorization.patient", "context.patientId"],
        )
    return request


def _is_of_context(fault: ErrorDetails) -> bool:
    return fault["type"] == UNUSABLE or (fault["loc"][0] == "context" and len(fault["loc"]) > 1)
