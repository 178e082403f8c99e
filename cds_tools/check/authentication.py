"""Probes of client authentication (CDS Hooks, Trusting CDS Clients, JWT Signing Algorithm). They need a trusted key."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cds_tools.caller import Answer
from cds_tools.check.probe import of_address
from cds_tools.check.results import Omit, Skip
from cds_tools.check.subject import ListedService, Subject
from cds_tools.ehr import PlayedServer, played_server
from cds_tools.signing import Signer

_REASONS = re.compile(
    rb"expired|signature|audience|\baud\b|\bjti\b|\biss(?:uer)?\b|\bkid\b|algorithm|replay", re.IGNORECASE
)
_YEAR_S = 365 * 24 * 3600


def _signer(subject: Subject) -> Signer:
    if subject.caller.signer is None:
        raise Omit("no key was given (--jwt-key)")
    return subject.caller.signer


def _service(subject: Subject) -> ListedService:
    """A service that answers signed calls. Raises: Omit without a key; Skip when the key is not trusted."""
    _signer(subject)
    return subject.first()


def _with(subject: Subject, token: str | None) -> Answer:
    """A complete call of a service with this very token; with none when it is None."""
    service = _service(subject)
    return subject.call(service, subject.example(service), token=token if token is not None else False)


def _changed(subject: Subject, claims: Mapping[str, Any] = {}, header: Mapping[str, Any] = {}) -> str:
    """A token for a service, good but for these claims and this header; None leaves one out."""
    signer, url = _signer(subject), subject.url(_service(subject))
    made = [signer.claims(url) | dict(claims), signer.header() | dict(header)]
    return signer.sign(*({name: value for name, value in part.items() if value is not None} for part in made))


def _must_be_401(what: str, answer: Answer) -> Iterator[str]:
    if answer.status != 401:
        yield f"{what} was answered {answer.status}"


@of_address("AUTH-02")
def a_signed_call_is_accepted(subject: Subject) -> Iterator[str]:
    """A call with a valid token is accepted, with aud as a text or as an array"""
    signer = _signer(subject)
    if subject.discovery.status == 401:
        yield "discovery was answered 401 with a valid token"
    if not subject.listed:
        raise Skip("no service is listed")
    service = subject.listed[0]
    if all(call.answer.status == 401 for call in subject.calls(service)):
        yield "a complete call was answered 401 with a valid token"
        return
    url = subject.url(service)
    array = signer.sign(signer.claims(url) | {"aud": ["https://another.example.org", url]}, signer.header())
    if _with(subject, array).status == 401:
        yield "an array as aud was answered 401"


@of_address("AUTH-01")
def unsigned_calls_are_refused(subject: Subject) -> Iterator[str]:
    """A call without a token is 401, at every service"""
    _signer(subject)
    for service in subject.listed:
        answer = subject.call(service, subject.example(service), token=False)
        yield from _must_be_401(f"{service.name}: an unsigned call", answer)


@of_address("AUTH-06")
def another_key_is_refused(subject: Subject) -> Iterator[str]:
    """A token signed with another key than the client's is 401"""
    signer = _signer(subject)
    impostor = signer.impostor().token(subject.url(_service(subject)))
    yield from _must_be_401("another key", _with(subject, impostor))
    head, claims, signature = signer.token(subject.url(_service(subject))).split(".")
    other = "A" if signature[0] != "A" else "B"
    yield from _must_be_401("a broken signature", _with(subject, f"{head}.{claims}.{other}{signature[1:]}"))


@of_address("AUTH-07")
def another_audience_is_refused(subject: Subject) -> Iterator[str]:
    """A token for another address is 401"""
    url = subject.url(_service(subject))
    for what, audience in (
        ("another server", "https://another.example.org/cds-services/x"),
        ("the address of discovery", subject.discovery_url),
        ("the address of feedback", f"{url}/feedback"),
        ("the base address", subject.base),
    ):
        yield from _must_be_401(f"aud = {what}", _with(subject, _changed(subject, {"aud": audience})))


@of_address("AUTH-08")
def an_expired_token_is_refused(subject: Subject) -> Iterator[str]:
    """A token whose time is over is 401"""
    now = _signer(subject).claims("")["iat"]
    old = {"iat": now - _YEAR_S, "exp": now - _YEAR_S + 300}
    yield from _must_be_401("a token of last year", _with(subject, _changed(subject, old)))


@of_address("AUTH-09")
def a_repeated_token_is_refused(subject: Subject) -> Iterator[str]:
    """A token works once"""
    token = _changed(subject)
    if (first := _with(subject, token).status) == 401:
        raise Skip(f"a fresh token was answered {first}")
    yield from _must_be_401("the same token again", _with(subject, token))
    jti = _signer(subject).claims("")["jti"]
    _with(subject, _changed(subject, {"jti": jti}))
    yield from _must_be_401("another token with the same jti", _with(subject, _changed(subject, {"jti": jti})))


@of_address("AUTH-04")
def weak_algorithms_are_refused(subject: Subject) -> Iterator[str]:
    """Tokens without a signature, or with a symmetric one, are 401"""
    signer, url = _signer(subject), subject.url(_service(subject))
    bare = jwt.encode(signer.claims(url), "", algorithm="none", headers=signer.header())
    yield from _must_be_401("alg none", _with(subject, bare))
    pem = signer.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    yield from _must_be_401("HS256 with the public key as secret", _with(subject, _hs256(signer, url, pem)))


def _hs256(signer: Signer, url: str, secret: bytes) -> str:
    """PyJWT would refuse to make such a token, and rightly."""
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    parts = [signer.header() | {"alg": "HS256"}, signer.claims(url)]
    text = b".".join(_base64url(json.dumps(part).encode()) for part in parts)
    return b".".join((text, _base64url(algorithm.sign(text, secret)))).decode()


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@of_address("AUTH-03")
def an_incomplete_token_is_refused(subject: Subject) -> Iterator[str]:
    """A token without one of its required claims or without kid is 401"""
    for name in ("iss", "aud", "exp", "iat", "jti"):
        yield from _must_be_401(f"no {name}", _with(subject, _changed(subject, {name: None})))
    yield from _must_be_401("no kid", _with(subject, _changed(subject, header={"kid": None})))
    for what, token in (("no token after Bearer", ""), ("a text that is no token", "x"), ("three dots", "a.b.c")):
        service = _service(subject)
        answer = subject.call(
            service, subject.example(service), token=False, headers={"Authorization": f"Bearer {token}".strip()}
        )
        yield from _must_be_401(what, answer)


@of_address("AUTH-10")
def an_unknown_issuer_is_refused(subject: Subject) -> Iterator[str]:
    """An issuer that is not listed is 401"""
    signer, url = _signer(subject), subject.url(_service(subject))
    stranger = replace(signer, issuer="https://stranger.example.org")
    yield from _must_be_401("another iss", _with(subject, stranger.token(url)))


@of_address("AUTH-11")
def an_unlisted_key_set_is_never_fetched(subject: Subject) -> Iterator[str]:
    """A jku that is not listed is 401, and is never fetched"""
    signer, service = _signer(subject), _service(subject)
    if not subject.on_this_machine:
        answer = _with(subject, _changed(subject, header={"jku": "https://stranger.example.org/jwks"}))
        yield from _must_be_401("another jku", answer)
        return
    patient_id = str(subject.example(service)["context"]["patientId"])
    with played_server(subject.record(service, patient_id), "") as elsewhere:
        stranger = replace(signer, jku=_jku(elsewhere))
        yield from _must_be_401("another jku", _with(subject, stranger.token(subject.url(service))))
        if elsewhere.asked:
            yield "the jku that is not listed was fetched"


def _jku(server: PlayedServer) -> str:
    return f"{server.base_url}/jwks"


@of_address("AUTH-14")
def a_refusal_gives_no_reason(subject: Subject) -> Iterator[str]:
    """A 401 does not say why"""
    url = subject.url(_service(subject))
    tokens: dict[str, Callable[[], str | None]] = {
        "no token": lambda: None,
        "another key": lambda: _signer(subject).impostor().token(url),
        "another audience": lambda: _changed(subject, {"aud": "https://another.example.org"}),
    }
    for what, make in tokens.items():
        answer = _with(subject, make())
        if answer.status == 401 and (said := _REASONS.search(answer.body)):
            yield f"{what}: the body says '{said[0].decode()}'"


@of_address("FEED-08")
def feedback_is_authenticated_too(subject: Subject) -> Iterator[str]:
    """Feedback without a token is 401; with one for its address it is not"""
    service = _service(subject)
    url = subject.url(service, "feedback")
    signed = subject.caller.post(url, {"feedback": []})
    if signed.status in (404, 405, 501):
        raise Omit(f"the service offers no feedback ({signed.status})")
    if signed.status == 401:
        yield "signed for its address, it was answered 401"
    yield from _must_be_401("unsigned feedback", subject.caller.post(url, {"feedback": []}, token=False))


PROBES = (
    a_signed_call_is_accepted,
    another_key_is_refused,
    another_audience_is_refused,
    an_expired_token_is_refused,
    weak_algorithms_are_refused,
    an_incomplete_token_is_refused,
    feedback_is_authenticated_too,
    unsigned_calls_are_refused,
    a_repeated_token_is_refused,
    an_unknown_issuer_is_refused,
    an_unlisted_key_set_is_never_fetched,
    a_refusal_gives_no_reason,
)
