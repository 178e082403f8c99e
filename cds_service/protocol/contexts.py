"""The context of each hook (CDS Hooks Library), reduced to what this service uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from cds_service.errors import ContextUnusable
from cds_service.protocol.envelope import FHIR_ID, Border, read_model

_LOCAL = re.compile(r"(?:^|/)([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]+)?$")
_HINT = "See the hook's context in the CDS Hooks Library."

Resource = Mapping[str, Any]
Required = Annotated[str, StringConstraints(min_length=1)]
PatientId = Annotated[str, StringConstraints(pattern=FHIR_ID)]


@dataclass(frozen=True, slots=True)
class HookContext:
    """What the hooks have in common, after reading."""

    patient_id: str
    user_id: str | None = None
    encounter_id: str | None = None
    draft_orders: tuple[Resource, ...] = ()
    selections: tuple[str, ...] = ()


class _PatientView(Border):
    userId: Required
    patientId: PatientId


class _OrderSign(_PatientView):
    draftOrders: dict[str, Any]


class _OrderSelect(_OrderSign):
    selections: Annotated[list[Any], Field(min_length=1)]


class _OrderDispatch(Border):
    patientId: PatientId


def _patient_view(context: dict[str, Any]) -> HookContext:
    read = read_model(_PatientView, context, "context", ContextUnusable)
    return HookContext(read.patientId, read.userId, _encounter(context))


def _order_sign(context: dict[str, Any]) -> HookContext:
    read = read_model(_OrderSign, context, "context", ContextUnusable)
    orders = tuple(resource for resource, _ in _entries(read.draftOrders))
    return HookContext(read.patientId, read.userId, _encounter(context), orders)


def _order_select(context: dict[str, Any]) -> HookContext:
    read = read_model(_OrderSelect, context, "context", ContextUnusable)
    entries = tuple(_entries(read.draftOrders))
    selections = tuple(_selected(read.selections, entries))
    if not selections:
        raise ContextUnusable(
            "context.selections names no order of context.draftOrders.",
            hint="Each selection is the 'Type/id' of an entry of draftOrders.",
            expression=["context.selections"],
        )
    return HookContext(
        read.patientId, read.userId, _encounter(context), tuple(resource for resource, _ in entries), selections
    )


def _order_dispatch(context: dict[str, Any]) -> HookContext:
    """``dispatchedOrders``, or ``order`` of hook version 1.0. Tasks stay in the context; no decision rests on them."""
    read = read_model(_OrderDispatch, context, "context", ContextUnusable)
    named = context.get("dispatchedOrders")
    if named is None:
        named = context.get("order")
    references = [item for item in (named if isinstance(named, list) else [named]) if isinstance(item, str) and item]
    if not references:
        raise ContextUnusable(
            "context.dispatchedOrders names no order.", hint=_HINT, expression=["context.dispatchedOrders"]
        )
    user = context.get("userId")
    return HookContext(
        read.patientId,
        user if isinstance(user, str) and user else None,
        _encounter(context),
        selections=tuple(dict.fromkeys(_local(item) or item for item in references)),
    )


CONTEXTS: Mapping[str, Callable[[dict[str, Any]], HookContext]] = {
    "patient-view": _patient_view,
    "order-select": _order_select,
    "order-sign": _order_sign,
    "order-dispatch": _order_dispatch,
}


def _encounter(context: dict[str, Any]) -> str | None:
    encounter = context.get("encounterId")
    return encounter if isinstance(encounter, str) and re.fullmatch(FHIR_ID, encounter) else None


def _entries(orders: dict[str, Any]) -> Iterator[tuple[Resource, str | None]]:
    """The resources of ``draftOrders`` with their addresses; what is no resource is passed over."""
    entries = orders.get("entry")
    if orders.get("resourceType") != "Bundle" or not isinstance(entries, list | None):
        raise ContextUnusable("context.draftOrders must be a Bundle.", hint=_HINT, expression=["context.draftOrders"])
    for entry in entries or ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(entry, dict) and isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
            full_url = entry.get("fullUrl")
            yield resource, full_url if isinstance(full_url, str) else None


def _selected(selections: list[Any], entries: tuple[tuple[Resource, str | None], ...]) -> Iterator[str]:
    """The selections that are in the Bundle, each once, as ``Type/id``. An order without id cannot be selected."""
    known: dict[str, str] = {}
    for resource, full_url in entries:
        if isinstance(resource.get("id"), str):
            name = f"{resource['resourceType']}/{resource['id']}"
            known[name] = name
            known.setdefault(full_url or name, name)
    found = (known.get(item) or known.get(_local(item) or "") for item in selections if isinstance(item, str))
    yield from dict.fromkeys(name for name in found if name)


def _local(reference: str) -> str | None:
    match = _LOCAL.search(reference)
    return match[1] if match else None
