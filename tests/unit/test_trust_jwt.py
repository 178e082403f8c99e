"""Signed calls: what is accepted, and every way of not being trusted."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from werkzeug.datastructures import Headers

from cds_service.errors import CallerNotTrusted, StoreUnavailable
from cds_service.trust import Caller
from cds_service.trust.jwt import JwtRules, JwtTrust
from cds_service.trust.keys import ListedKeys
from tests.contract.requirements import proves
from tests.unit.signing import AUDIENCE, ISSUER, KEPT_OUT, key, key_set, token


class Once:
    """A memory of used tokens in this process."""

    def __init__(self) -> None:
        self.used: set[tuple[str, str]] = set()
        self.until: datetime | None = None

    def first_use(self, issuer: str, jti: str, until: datetime) -> bool:
        self.until = until
        new = (issuer, jti) not in self.used
        self.used.add((issuer, jti))
        return new


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_text(json.dumps(key_set("ec", "rsa", "small", "p256")))
    return path


def trust(file: Path, replay: Any = None, **rules: Any) -> JwtTrust:
    return JwtTrust(JwtRules(issuers=[ISSUER], **rules), ListedKeys([], file), replay or Once())


def bearer(text: str) -> Headers:
    return Headers({"Authorization": f"Bearer {text}"})


def refusal(file: Path, headers: Headers, **rules: Any) -> str:
    with pytest.raises(CallerNotTrusted) as refused:
        trust(file, **rules).check(headers, AUDIENCE)
    return refused.value.message


@proves("AUTH-02", "AUTH-05", "USER-11")
@pytest.mark.parametrize(("signed_with", "algorithm"), [("ec", "ES384"), ("rsa", "RS384")])
def test_a_good_token_tells_who_calls(key_file: Path, signed_with: str, algorithm: str) -> None:
    sent = bearer(token(signed_with, algorithm=algorithm, tenant="north"))
    assert trust(key_file).check(sent, AUDIENCE) == Caller(ISSUER, "north")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["https://other.example.org", AUDIENCE]},
        {"expires_in": -20},
        {"issued_ago": -20},
        {"unknown": {"a": [1]}},
        {"tenant": ""},
    ],
    ids=[
        "one of several audiences",
        "expired within the leeway",
        "issued within the leeway",
        "unknown claim",
        "no tenant",
    ],
)
def test_what_is_tolerated(key_file: Path, claims: dict[str, Any]) -> None:
    assert trust(key_file).check(bearer(token(**claims)), AUDIENCE) == Caller(ISSUER)


def ours(reason: str) -> str:
    """The reason as the log has it where the token names a listed issuer."""
    return f"{reason}; issuer {ISSUER}"


CLAIMS: list[tuple[str, dict[str, Any], str]] = [
    ("expired", {"expires_in": -60, "issued_ago": 120}, ours("the token has expired")),
    ("issued in the future", {"issued_ago": -120}, ours("the token is from the future")),
    ("not yet valid", {"nbf": 4_000_000_000}, ours("the token is from the future")),
    (
        "for another address",
        {"aud": f"{AUDIENCE}/feedback"},
        ours("the token is for another address (aud)"),
    ),
    (
        "for the host alone",
        {"aud": "https://cds.example.org"},
        ours("the token is for another address (aud)"),
    ),
    ("audience is no text", {"aud": 7}, ours("the token is for another address (aud)")),
    ("without audience", {"aud": KEPT_OUT}, ours("a required claim is missing")),
    ("without issue time", {"iat": KEPT_OUT}, ours("a required claim is missing")),
    ("without expiry", {"exp": KEPT_OUT}, ours("a required claim is missing")),
    ("without jti", {"jti": KEPT_OUT}, ours("a required claim is missing")),
    ("empty jti", {"jti": ""}, ours("jti is no text")),
    ("without issuer", {"iss": KEPT_OUT}, "the issuer is not listed"),
    ("unlisted issuer", {"iss": "https://stranger.example.org"}, "the issuer is not listed"),
    ("issuer is no text", {"iss": [ISSUER]}, "the issuer is not listed"),
    ("lives for days", {"expires_in": 86_400}, ours("the token lives longer than 3600 seconds")),
    ("lived for days", {"issued_ago": 7000}, ours("the token lives longer than 3600 seconds")),
    ("expiry is no number", {"exp": "soon"}, ours("the token cannot be read")),
    ("expiry is endless", {"exp": float("inf")}, ours("the token cannot be read")),
]


@proves("AUTH-03", "AUTH-07", "AUTH-08", "AUTH-10")
@pytest.mark.parametrize(("claims", "reason"), [case[1:] for case in CLAIMS], ids=[case[0] for case in CLAIMS])
def test_a_token_with_wrong_claims_is_refused(key_file: Path, claims: dict[str, Any], reason: str) -> None:
    assert refusal(key_file, bearer(token(**claims))) == reason


HEADERS: list[tuple[str, dict[str, Any], str]] = [
    ("typ is another", {"typ": "at+jwt"}, "typ is not JWT, or the header demands an extension (crit)"),
    ("without typ", {"typ": None}, "typ is not JWT, or the header demands an extension (crit)"),
    ("without kid", {"kid": KEPT_OUT}, "the header has no kid"),
    ("unknown kid", {"kid": "other"}, ours("there is no key for this kid and algorithm")),
    ("jku that nobody listed", {"jku": "https://evil.example.org/jwks"}, ours("jku is not listed")),
]


@proves("AUTH-03", "AUTH-04", "AUTH-11")
@pytest.mark.parametrize(("header", "reason"), [case[1:] for case in HEADERS], ids=[case[0] for case in HEADERS])
def test_a_token_with_a_wrong_header_is_refused(key_file: Path, header: dict[str, Any], reason: str) -> None:
    assert refusal(key_file, bearer(token(header=header))) == reason


def _unsigned(**claims: Any) -> str:
    claims = jwt.decode(token(**claims), options={"verify_signature": False})
    return jwt.encode(claims, None, algorithm="none", headers={"kid": "ec"})


def _symmetric() -> str:
    """The public key misused as the secret of a symmetric signature."""
    claims = jwt.decode(token(), options={"verify_signature": False})
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT","kid":"ec"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{base64.urlsafe_b64encode(b'x' * 32).rstrip(b'=').decode()}"


def _forged() -> str:
    head, body, signature = token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))) | {"tenant": "other"}
    return ".".join((head, base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode(), signature))


@proves("AUTH-04", "AUTH-06")
@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (_unsigned, "the algorithm is not accepted"),
        (_symmetric, "the algorithm is not accepted"),
        (lambda: token("rsa", algorithm="RS256"), "the algorithm is not accepted"),
        (_forged, ours("the signature is wrong")),
        (lambda: token("ec2", header={"kid": "ec"}), ours("the signature is wrong")),
        (lambda: token("ec2", header={"kid": "ec"}, iss="https://stranger.example.org"), "the issuer is not listed"),
        (lambda: token("rsa", algorithm="RS384", header={"kid": "ec"}), "there is no key"),
        (lambda: token("small", algorithm="RS384"), "there is no key"),
        (lambda: "not.a.token", "the token cannot be read"),
        (lambda: "x", "the token cannot be read"),
        (lambda: "x" * 8193, "the token is too long"),
    ],
    ids=[
        "none",
        "symmetric",
        "other",
        "changed",
        "another's key",
        "a stranger's",
        "wrong type",
        "short",
        "junk",
        "x",
        "long",
    ],
)
def test_a_token_that_is_not_signed_as_demanded_is_refused(key_file: Path, made: Any, reason: str) -> None:
    assert refusal(key_file, bearer(made())).startswith(reason)


@pytest.mark.parametrize(
    "headers",
    [
        Headers(),
        Headers({"Authorization": ""}),
        Headers({"Authorization": "Bearer"}),
        Headers({"Authorization": "Basic dXNlcjpwYXNz"}),
        Headers([("Authorization", "Bearer a"), ("Authorization", "Bearer b")]),
    ],
)
def test_a_call_without_one_bearer_token_is_refused(key_file: Path, headers: Headers) -> None:
    assert refusal(key_file, headers)


@proves("AUTH-09")
def test_a_token_is_good_once(key_file: Path) -> None:
    trusting, sent = trust(key_file), bearer(token())
    trusting.check(sent, AUDIENCE)
    with pytest.raises(CallerNotTrusted, match="used before"):
        trusting.check(sent, AUDIENCE)


def test_a_token_is_remembered_until_it_would_be_refused_as_expired(key_file: Path) -> None:
    memory, sent = Once(), token()
    trust(key_file, memory).check(bearer(sent), AUDIENCE)
    assert memory.until is not None
    assert memory.until.timestamp() == jwt.decode(sent, options={"verify_signature": False})["exp"] + 30


def test_a_token_that_is_refused_is_not_used_up(key_file: Path) -> None:
    trusting, sent = trust(key_file, tenants=["north"]), bearer(token(tenant="north", jti="same"))
    with pytest.raises(CallerNotTrusted):
        trusting.check(bearer(token(tenant="south", jti="same")), AUDIENCE)
    with pytest.raises(CallerNotTrusted):
        trusting.check(bearer(token("ec2", header={"kid": "ec"}, jti="same")), AUDIENCE)
    assert trusting.check(sent, AUDIENCE).tenant == "north"


@pytest.mark.parametrize("tenant", ["x" * 201, "north\nsouth", "a\0b"])
def test_a_tenant_that_cannot_stand_in_a_log_is_refused(key_file: Path, tenant: str) -> None:
    assert refusal(key_file, bearer(token(tenant=tenant))).startswith("the tenant is too long or not printable")


@proves("AUTH-13")
@pytest.mark.parametrize("tenant", ["south", KEPT_OUT, ["north"]])
def test_where_tenants_are_listed_another_or_none_is_refused(key_file: Path, tenant: object) -> None:
    assert refusal(key_file, bearer(token(tenant=tenant)), tenants=["north"]).startswith("the tenant is not listed")


def test_other_algorithms_only_where_the_operator_lists_them(key_file: Path) -> None:
    sent = bearer(token("p256", algorithm="ES256"))
    assert refusal(key_file, sent) == "the algorithm is not accepted"
    assert trust(key_file, algorithms=["ES256"]).check(sent, AUDIENCE).issuer == ISSUER


def test_a_memory_that_does_not_answer_is_no_permission(key_file: Path) -> None:
    class Away:
        def first_use(self, *_: object) -> bool:
            raise StoreUnavailable("away")

    with pytest.raises(StoreUnavailable):
        trust(key_file, Away()).check(bearer(token()), AUDIENCE)


def test_a_reason_repeats_nothing_of_a_token(key_file: Path) -> None:
    canary = "CANARY-Zyxwell"
    for claims in ({"iss": canary}, {"aud": canary}, {"tenant": canary, "expires_in": 90_000}):
        assert canary not in refusal(key_file, bearer(token(**claims)))
    for header in ({"kid": canary}, {"jku": canary}, {"typ": canary}):
        assert canary not in refusal(key_file, bearer(token(header=header)))


def test_a_private_key_in_the_file_does_no_harm(tmp_path: Path) -> None:
    from jwt.algorithms import ECAlgorithm

    private = {**json.loads(ECAlgorithm.to_jwk(key("ec"))), "kid": "ec"}  # type: ignore[arg-type]
    assert "d" in private
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [private]}))
    keys = ListedKeys([], tmp_path / "jwks.json")
    assert not hasattr(keys.key(ISSUER, "ec", "ES384", None).key, "private_bytes")
