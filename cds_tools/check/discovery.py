"""Probes of discovery (CDS Hooks, Discovery)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from cds_tools.check.probe import of_address
from cds_tools.check.results import Omit
from cds_tools.check.subject import Subject

LIBRARY_HOOKS = frozenset(
    (
        "patient-view",
        "order-select",
        "order-sign",
        "order-dispatch",
        "encounter-start",
        "encounter-discharge",
        "appointment-book",
        "problem-list-item-create",
        "allergyintolerance-create",
        "medication-refill",
        "medication-verify",
        "medication-prescribe",
        "order-review",
    )
)
_TEXTS = ("title", "usageRequirements", "version", "hookVersion")


def _named(subject: Subject) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, entry in enumerate(subject.entries):
        if isinstance(entry, dict):
            yield f"services[{index}]", entry


@of_address("DISC-01")
def discovery_answers(subject: Subject) -> Iterator[str]:
    """GET /cds-services answers 200"""
    if (status := subject.discovery.status) != 200:
        yield f"it answered {status}"


@of_address("WIRE-01")
def discovery_is_json(subject: Subject) -> Iterator[str]:
    """Discovery is JSON and says so"""
    if not subject.discovery.says_json:
        yield f"Content-Type is {subject.discovery.media_type or 'absent'}"
    if subject.discovery.document is None:
        yield "the body is not JSON"


@of_address("DISC-02")
def discovery_lists_services(subject: Subject) -> Iterator[str]:
    """Discovery is an object with an array of services"""
    document = subject.discovery.document
    if not isinstance(document, dict) or not isinstance(document.get("services"), list):
        yield "there is no array 'services'"


@of_address("DISC-03")
def services_have_what_is_required(subject: Subject) -> Iterator[str]:
    """Every service has hook, id and description"""
    for index, entry in enumerate(subject.entries):
        if not isinstance(entry, dict):
            yield f"services[{index}] is no object"
            continue
        for name in ("hook", "id", "description"):
            if not isinstance(entry.get(name), str) or not entry[name].strip():
                yield f"services[{index}].{name} is missing or no text"


@of_address("DISC-04")
def optional_attributes_have_their_types(subject: Subject) -> Iterator[str]:
    """Optional attributes of a service have their types"""
    for at, entry in _named(subject):
        yield from (f"{at}.{name} is no text" for name in _TEXTS if not isinstance(entry.get(name, ""), str))
        prefetch = entry.get("prefetch", {})
        if not isinstance(prefetch, dict) or not all(isinstance(value, str) for value in prefetch.values()):
            yield f"{at}.prefetch is no object of texts"
        if not isinstance(entry.get("extension", {}), dict):
            yield f"{at}.extension is no object"


@of_address("WIRE-03")
def discovery_holds_nothing_empty(subject: Subject) -> Iterator[str]:
    """No attribute in discovery is null or empty"""
    for at, entry in _named(subject):
        yield from (f"{at}.{name} is null or empty" for name, value in entry.items() if value in (None, "", [], {}))


@of_address("DISC-09")
def id_and_hook_stand_once(subject: Subject) -> Iterator[str]:
    """No id and hook stand in discovery twice"""
    pairs = Counter((str(entry.get("id")), str(entry.get("hook"))) for _, entry in _named(subject))
    yield from (f"{hook} of {id_} stands {count} times" for (id_, hook), count in pairs.items() if count > 1)


@of_address("DISC-10")
def hooks_have_proper_names(subject: Subject) -> Iterator[str]:
    """Hooks outside the CDS Hooks Library have reverse-domain names"""
    hooks = {str(entry.get("hook")) for _, entry in _named(subject)}
    yield from (f"{hook} is not of the library, nor a reverse-domain name" for hook in sorted(hooks) if _is_odd(hook))


def _is_odd(hook: str) -> bool:
    return hook not in LIBRARY_HOOKS and "." not in hook.strip(".")


@of_address("DISC-13")
def discovery_is_not_empty(subject: Subject) -> Iterator[str]:
    """At least one service is listed"""
    if not subject.entries:
        yield "no service is listed; known clients take that for a failure"


@of_address("DISC-05")
def services_have_titles(subject: Subject) -> Iterator[str]:
    """Every service has a title"""
    yield from (f"{at} has no title" for at, entry in _named(subject) if not entry.get("title"))


@of_address("DISC-06")
def services_announce_a_version(subject: Subject) -> Iterator[str]:
    """Every service says which version of the specification it speaks"""
    yield from (f"{at} has no version" for at, entry in _named(subject) if not entry.get("version"))


@of_address("DISC-12", "USER-15")
def discovery_can_be_asked_again(subject: Subject) -> Iterator[str]:
    """Discovery has an ETag, and answers 304 when nothing changed"""
    etag = subject.discovery.headers.get("ETag")
    if not etag:
        yield "there is no ETag"
        return
    again = subject.caller.get(subject.discovery_url, headers={"If-None-Match": etag})
    if again.status != 304:
        yield f"asked again with If-None-Match it answered {again.status}"


@of_address("DISC-14")
def a_trailing_slash_is_no_redirect(subject: Subject) -> Iterator[str]:
    """A trailing slash leads to no redirect"""
    addresses = [("GET", f"{subject.discovery_url}/")]
    addresses += [("OPTIONS", f"{subject.url(service)}/") for service in subject.listed[:1]]
    for method, url in addresses:
        status = subject.caller.send(method, url).status
        if 300 <= status < 400:
            yield f"{method} with a trailing slash answered {status}"


@of_address("WIRE-02")
def production_is_https(subject: Subject) -> Iterator[str]:
    """The service is reached over HTTPS"""
    if subject.on_this_machine:
        raise Omit("the service is on this machine, so not in production")
    if urlsplit(subject.base).scheme != "https":
        yield "the address is not https"


@of_address("KIT-01")
def a_token_at_discovery_is_no_obstacle(subject: Subject) -> Iterator[str]:
    """Discovery answers a call with a token, too"""
    if subject.caller.signer is None:
        raise Omit("no key was given (--jwt-key)")
    if (status := subject.caller.get(subject.discovery_url).status) != 200:
        yield f"signed, it answered {status}"


PROBES = (
    discovery_answers,
    discovery_is_json,
    discovery_lists_services,
    services_have_what_is_required,
    optional_attributes_have_their_types,
    discovery_holds_nothing_empty,
    id_and_hook_stand_once,
    hooks_have_proper_names,
    production_is_https,
    services_have_titles,
    services_announce_a_version,
    discovery_is_not_empty,
    discovery_can_be_asked_again,
    a_trailing_slash_is_no_redirect,
    a_token_at_discovery_is_no_obstacle,
)
