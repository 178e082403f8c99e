"""CDS Hooks: Prefetch tokens. Checking and expanding a template are one and the same."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.hooks.services import services
from cds_service.protocol.request import read_request
from cds_service.protocol.service import Service
from cds_service.protocol.templates import USER_TOKENS, expand, lint
from cds_service.terminology import load_terminology
from tests.contract.requirements import proves
from tests.contract.service import HOOKS, request

CONTEXTS: dict[str, dict[str, Any]] = {
    "patient-view": {"userId": "Practitioner/u", "encounterId": "e"},
    "order-select": {
        "userId": "Practitioner/u",
        "encounterId": "e",
        "draftOrders": {
            "resourceType": "Bundle",
            "entry": [{"resource": {"resourceType": "ServiceRequest", "id": "s"}}],
        },
        "selections": ["ServiceRequest/s"],
    },
    "order-sign": {"userId": "Practitioner/u", "encounterId": "e", "draftOrders": {"resourceType": "Bundle"}},
    "order-dispatch": {"dispatchedOrders": ["ServiceRequest/s"], "performer": "Organization/o"},
}


def service(hook: str, template: str) -> Service:
    return Service(id="s", hook=hook, title="t", description="d", prefetch={"key": template})


def hook_request(hook: str) -> Any:
    return read_request(request(hook=hook, context={"patientId": "p"} | CONTEXTS[hook]))


@proves("USER-06", "TMPL-02")
@pytest.mark.parametrize("hook", HOOKS)
def test_prefetch_tokens_what_is_announced_is_expanded(hook: str) -> None:
    for announced in services(load_terminology()):
        if announced.hook == hook:
            for template in announced.prefetch.values():
                expanded = expand(template, hook_request(hook))
                assert expanded is not None
                assert "{{" not in expanded


@proves("USER-06")
@pytest.mark.parametrize("token", ["context.patientId", "context.draftOrders", "context.nothing", "userPatient", "x"])
@pytest.mark.parametrize("hook", HOOKS)
def test_prefetch_tokens_what_is_refused_at_the_start_is_never_expanded(hook: str, token: str) -> None:
    template = f"Condition?patient={{{{{token}}}}}"
    refused = bool(lint(service(hook, template)))
    assert refused == (expand(template, hook_request(hook)) is None)


@proves("TMPL-02")
@pytest.mark.parametrize("token", USER_TOKENS)
def test_prefetch_tokens_those_of_the_user_depend_on_who_it_is(token: str) -> None:
    asked = hook_request("patient-view")
    assert lint(service("patient-view", f"Patient/{{{{{token}}}}}")) == []
    assert (expand(f"Patient/{{{{{token}}}}}", asked) == "Patient/u") == (token == "userPractitionerId")
