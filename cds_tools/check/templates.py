"""Probes of prefetch templates (CDS Hooks, Prefetch Template, Prefetch tokens, Prefetch query restrictions)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds_service.protocol.templates import CONTEXT_TOKENS, USER_TOKENS
from cds_tools.check.probe import of_service
from cds_tools.check.results import Omit
from cds_tools.check.subject import ListedService, Subject

_TOKEN = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NEW = re.compile(r"[()|%]|\s[+-]\s|today|^context\.\w+\.")  # version 3.0: dates, paths, variables
_RELATIVE = re.compile(r"[A-Z][A-Za-z]+(?:/[^/?]+|\?.+)?|token(?:/[^?]*)?")
_ALLOWED_MODIFIERS = ("", "in")
_MORE_TOKENS = {
    "encounter-start": ("userId", "patientId", "encounterId"),
    "encounter-discharge": ("userId", "patientId", "encounterId"),
    "appointment-book": ("userId", "patientId", "encounterId"),
    "medication-refill": ("userId", "patientId", "encounterId"),
}


def _templates(service: ListedService) -> Iterator[tuple[str, str]]:
    if not service.templates:
        raise Omit("the service has no prefetch templates")
    yield from service.templates.items()


@of_service("TMPL-01")
def templates_are_relative(_: Subject, service: ListedService) -> Iterator[str]:
    """Every template is a read or a search relative to the client's base"""
    for key, template in _templates(service):
        if not _RELATIVE.fullmatch(_TOKEN.sub("token", template)):
            yield f"{key} is neither"


@of_service("TMPL-02")
def templates_have_known_tokens(_: Subject, service: ListedService) -> Iterator[str]:
    """Every token is one of the hook's, or one of the four of the user"""
    fields = CONTEXT_TOKENS.get(service.hook) or _MORE_TOKENS.get(service.hook)
    if fields is None:
        raise Omit(f"which tokens hook {service.hook} has is not known here")
    known = {*USER_TOKENS, *(f"context.{name}" for name in fields)}
    for key, template in _templates(service):
        tokens = [match[1] for match in _TOKEN.finditer(template)]
        yield from (f"{key}: '{one}' is no token of {service.hook}" for one in tokens if _is_wrong(one, known))
        bare = _TOKEN.sub("", template)
        if "{" in bare or "}" in bare:
            yield f"{key}: a brace belongs to no token"


def _is_wrong(token: str, known: set[str]) -> bool:
    return token not in known and not _NEW.search(token)


@of_service("TMPL-04")
def templates_use_no_newer_version(_: Subject, service: ListedService) -> Iterator[str]:
    """Expressions of version 3.0 stand only in services that announce 3.0"""
    if str(service.entry.get("version", "")).startswith("3"):
        raise Omit("the service announces version 3")
    for key, template in _templates(service):
        if any(_NEW.search(match[1]) for match in _TOKEN.finditer(template)):
            yield f"{key} has an expression that clients of version 2.0 do not know"


@of_service("TMPL-03")
def templates_ask_what_every_client_can(_: Subject, service: ListedService) -> Iterator[str]:
    """Searches have no includes, chains, reverse chains or other modifiers than :in"""
    for key, template in _templates(service):
        for part in _TOKEN.sub("token", template).partition("?")[2].split("&"):
            name, _colon, modifier = part.partition("=")[0].partition(":")
            if name in ("_include", "_revinclude", "_has") or "." in name or modifier not in _ALLOWED_MODIFIERS:
                yield f"{key} asks with '{part.partition('=')[0]}'"


PROBES = (
    templates_are_relative,
    templates_have_known_tokens,
    templates_use_no_newer_version,
    templates_ask_what_every_client_can,
)
