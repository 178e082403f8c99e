"""Prefetch templates: filling their tokens, and checking that ours ask only what the weakest EHR can answer.

CDS Hooks 3.0: Prefetch Template, Prefetch tokens, Prefetch query restrictions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from cds_service.protocol.request import REQUESTS, HookRequest
from cds_service.protocol.service import Service

USER_TOKENS: Mapping[str, str] = {
    "userPractitionerId": "Practitioner",
    "userPractitionerRoleId": "PractitionerRole",
    "userPatientId": "Patient",
    "userRelatedPersonId": "RelatedPerson",
}
CONTEXT_TOKENS: Mapping[str, tuple[str, ...]] = {hook: model.tokens for hook, model in REQUESTS.items()}
RESULT_PARAMETERS = ("_count", "_maxresults")  # _sort is allowed too, but not every EHR can

_TOKEN = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_VALUE = re.compile(r"(?:[A-Z][A-Za-z]+/)?[A-Za-z0-9\-.]{1,64}")
_READ = re.compile(r"[A-Z][A-Za-z]+/[^/?]+")
_SEARCH = re.compile(r"[A-Z][A-Za-z]+\?(.+)")
_PARAMETER = re.compile(r"[a-z_][a-z\-]*")


def expand(template: str, request: HookRequest) -> str | None:
    """The template with its tokens filled from the request; None when a token has no value of the form of an id.

    Values are percent-encoded, so that they can neither end a parameter nor climb out of the base URL.
    """
    values = [_value(match[1], request) for match in _TOKEN.finditer(template)]
    if any(value is None for value in values):
        return None
    filled = iter(values)
    return _TOKEN.sub(lambda _: quote(next(filled) or "", safe="/"), template)


def _value(token: str, request: HookRequest) -> str | None:
    if token in USER_TOKENS:
        kind, _, name = (request.user_id or "").rpartition("/")
        value: object = name if kind == USER_TOKENS[token] else None
    else:
        known: dict[str, Callable[[], object]] = {
            "context.patientId": lambda: request.patient_id,
            "context.userId": lambda: request.user_id,
            "context.encounterId": lambda: request.encounter_id,
            "context.performer": lambda: request.context.get("performer"),
        }
        value = known[token]() if token in known else None
    if not isinstance(value, str) or not _VALUE.fullmatch(value) or value.rpartition("/")[2] in (".", ".."):
        return None
    return value


def lint(service: Service) -> list[str]:
    """Every fault of a service's entry in discovery; of a prefetch template with its key. Empty when it is good."""
    faults = [f"{name}: is empty" for name in ("id", "hook", "title", "description") if not getattr(service, name)]
    faults += [f"id: cannot stand in a URL ({service.id})"] if quote(service.id, safe="") != service.id else []
    faults += [f"{key}: is needed but has no prefetch template" for key in service.needs if key not in service.prefetch]
    for key, template in service.prefetch.items():
        faults += [f"{key}: {fault}" for fault in _faults(template, service.hook)]
    return faults


def _faults(template: str, hook: str) -> Iterator[str]:
    known = {*USER_TOKENS, *(f"context.{name}" for name in CONTEXT_TOKENS.get(hook, ()))}
    yield from (f"'{m[1]}' is not a token of {hook}" for m in _TOKEN.finditer(template) if m[1] not in known)
    bare = _TOKEN.sub("token", template)
    if "{" in bare or "}" in bare:
        yield "has a brace that belongs to no token"
    if template == "{{context.userId}}" or _READ.fullmatch(bare):
        return
    search = _SEARCH.fullmatch(bare)
    if search is None:
        yield "is neither a read nor a search relative to the client's base"
        return
    names = [part.partition("=")[0] for part in search[1].split("&")]
    yield from (f"asks for '{name}' twice" for name in sorted(set(names)) if names.count(name) > 1)
    for name in names:
        if not _PARAMETER.fullmatch(name) or (name.startswith("_") and name not in RESULT_PARAMETERS):
            yield f"'{name}' is a modifier, a chain or a parameter that not every client can answer"
    yield from (
        f"'{part.partition('=')[0]}' has no value" for part in search[1].split("&") if not part.partition("=")[2]
    )
