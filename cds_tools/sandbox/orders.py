"""The orders of a played call: from a file, from a fixture, or on the server."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from cds_service.errors import InputNotReadable
from cds_tools.sandbox.presence import fixture_names
from fhir_fixtures import case

ORDER_HOOKS = ("order-select", "order-sign", "order-dispatch")
_ON_SERVER = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
_PERFORMER = "Practitioner/workbench"
_HINT = "Give an order, a Bundle of orders, a hook request, the id of a fixture with orders, or Type/id on the server."

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Orders:
    """Draft orders with those that are selected, or the ``reference`` of one that is on the server."""

    drafts: tuple[Resource, ...] = ()
    selected: tuple[str, ...] = ()
    reference: str | None = None


def read_orders(given: str) -> Orders:
    """What ``--order`` names. Raises: InputNotReadable."""
    path = Path(given)
    if not path.exists():
        if _ON_SERVER.fullmatch(given):
            return Orders(reference=given)
        try:
            return _orders(case(given).request, given)
        except KeyError:
            raise InputNotReadable(f"There is no file, fixture or reference {given}.", hint=_HINT) from None
    try:
        return _orders(orjson.loads(path.read_bytes()), given)
    except OSError as fault:
        raise InputNotReadable(f"{given} cannot be read: {fault.strerror}.", hint=_HINT) from None
    except orjson.JSONDecodeError as fault:
        raise InputNotReadable(f"{given} is not JSON (line {fault.lineno}).", hint=_HINT) from None


def _orders(document: object, given: str) -> Orders:
    holder = document if isinstance(document, dict) else {}
    named_context = holder.get("context")
    context: Resource = named_context if isinstance(named_context, dict) else {}
    bundle = context.get("draftOrders", holder)
    resources = [bundle]
    if isinstance(bundle, dict) and bundle.get("resourceType") == "Bundle":
        resources = [entry.get("resource") for entry in bundle.get("entry", ()) if isinstance(entry, dict)]
    drafts = tuple(
        {"id": f"draft-{number}"} | resource
        for number, resource in enumerate(resources, start=1)
        if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str)
    )
    if not drafts:
        raise InputNotReadable(f"{given} holds no order.", hint=_HINT)
    named = tuple(f"{draft['resourceType']}/{draft['id']}" for draft in drafts)
    selected = tuple(name for name in context.get("selections", ()) if name in named)
    return Orders(drafts, selected or named)


def order_context(orders: Orders, hook: str, patient: str, fetched: Iterable[Any]) -> Resource:
    """The orders as the hook's context names them. Raises: InputNotReadable when they do not fit the hook."""
    if hook == "order-dispatch":
        if orders.reference is None:
            raise InputNotReadable(
                "order-dispatch names orders that the server holds.", hint="Give one with --order ServiceRequest/ID."
            )
        return {"dispatchedOrders": [orders.reference], "performer": _PERFORMER}
    if orders.reference is not None:
        raise InputNotReadable(f"{hook} needs the order itself.", hint=_HINT)
    references = _references_of_fixtures(fetched)
    entries = [{"resource": _about(draft, patient, references)} for draft in orders.drafts]
    context: Resource = {"draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": entries}}
    return context | ({"selections": list(orders.selected)} if hook == "order-select" else {})


def _about(draft: Resource, patient: str, references: dict[str, str]) -> Resource:
    """The order for this patient; what it refers to in a fixture is what was put in its place on the server."""

    def placed(value: Any) -> Any:
        if isinstance(value, list):
            return [placed(item) for item in value]
        if not isinstance(value, dict):
            return value
        literal = value.get("reference")
        changed = {name: placed(item) for name, item in value.items()}
        return changed | ({"reference": references[literal]} if literal in references else {})

    changed: Resource = placed(draft)
    return changed | {"subject": {"reference": f"Patient/{patient}"}}


def _references_of_fixtures(fetched: Iterable[Any]) -> dict[str, str]:
    """``Type/id`` in a fixture -> ``Type/id`` on the server."""
    found: dict[str, str] = {}
    for value in fetched:
        entries = value.get("entry", ()) if value.get("resourceType") == "Bundle" else ({"resource": value},)
        for resource in (entry["resource"] for entry in entries):
            for name in fixture_names(resource):
                found[name.partition("/")[2]] = f"{resource['resourceType']}/{resource.get('id')}"
    return found
