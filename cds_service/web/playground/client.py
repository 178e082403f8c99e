"""What a CDS client does around the cards, shown instead of done: the call, the order, the feedback. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

import orjson

SANDBOX = "https://sandbox.cds-hooks.org/"
_SANDBOX_HOOKS = ("patient-view", "order-select", "order-sign")
_JSON = "Content-Type: application/json"


def curl_of_case(base_url: str, service_id: str, query: str) -> str:
    """A command that fetches the chosen request from here and sends it to the service."""
    ask = shlex.quote(f"{base_url}/playground/request.json?{query}")
    return f"curl -s {ask} |\n  {_curl(base_url, service_id)} --data-binary @-"


def curl_of_text(base_url: str, service_id: str, request: Mapping[str, Any]) -> str:
    """A command that holds the request itself, on one line, so that no line of it can end it early."""
    body = orjson.dumps(request).decode()
    return f"{_curl(base_url, service_id)} --data-binary @- <<'REQUEST'\n{body}\nREQUEST"


def _curl(base_url: str, service_id: str) -> str:
    return f"curl {shlex.quote(f'{base_url}/cds-services/{service_id}')} -H {shlex.quote(_JSON)}"


def sandbox_link(base_url: str, hook: str) -> str:
    """The public CDS Hooks sandbox, told to discover this service (its README, "Pre-configuration via URL parameters").

    It shows patients of its own FHIR server: a request cannot be handed over in an address.
    """
    values = {"serviceDiscoveryURL": f"{base_url}/cds-services"}
    if hook in _SANDBOX_HOOKS:
        values["hook"] = hook
    return f"{SANDBOX}?{urlencode(values)}"


def accepted(card: Mapping[str, Any], suggestion: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The feedback that a client posts when a suggestion is accepted (CDS Hooks, Feedback)."""
    return _feedback(card, "accepted", on, acceptedSuggestions=[{"id": suggestion["uuid"]}])


def overridden(card: Mapping[str, Any], reason: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The feedback that a client posts when the card is dismissed for a reason."""
    return _feedback(card, "overridden", on, overrideReason={"reason": dict(reason)})


def _feedback(card: Mapping[str, Any], outcome: str, on: date, **more: Any) -> dict[str, Any]:
    entry = {"card": card["uuid"], "outcome": outcome, **more, "outcomeTimestamp": f"{on.isoformat()}T12:00:00Z"}
    return {"feedback": [entry]}
