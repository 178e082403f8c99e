"""Signed calls: a JSON Web Token of the client's in the Authorization header (CDS Hooks, Trusting CDS Clients).

What is looked at, in this order, the cheap before the dear, and nothing fetched for a stranger:

1. the header: one bearer token, an accepted algorithm, ``typ`` JWT, a ``kid``; ``jku`` only if it is listed;
2. the issuer: listed, and allowed to use that ``jku``;
3. the signature, with the key of that ``kid``; then ``aud`` (the very URL that was called), ``exp``, ``iat``, ``nbf``;
4. the lifetime (a token that lives for days is no token for one call) and the tenant;
5. ``jti``: seen for the first time. Last, so that only the true client can use one up.

A refusal is a bare 401. Its reason is for the log, and repeats nothing of the token but a listed issuer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import jwt
from werkzeug.datastructures import Headers

from cds_service.errors import CallerNotTrusted
from cds_service.trust.keys import Keys
from cds_service.trust.trust import Caller

LONGEST_TOKEN = 8192  # characters
LONGEST_TENANT = 200
_REQUIRED = ["iss", "aud", "exp", "iat", "jti"]
_UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (jwt.ExpiredSignatureError, "the token has expired"),
    (jwt.ImmatureSignatureError, "the token is from the future"),
    (jwt.InvalidAudienceError, "the token is for another address (aud)"),
    (jwt.InvalidIssuerError, "the issuer is not listed"),
    (jwt.MissingRequiredClaimError, "a required claim is missing"),
    (jwt.InvalidSignatureError, "the signature is wrong"),
)


class ReplayMemory(Protocol):
    """Remembers which tokens were used, for all workers."""

    def first_use(self, issuer: str, jti: str, until: datetime) -> bool:
        """Is this token used for the first time? Raises: StoreUnavailable (503)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtRules:
    """What the operator demands of a token. Times in seconds. ``tenants``: empty where any tenant, or none, will do."""

    issuers: Collection[str]
    tenants: Collection[str] = ()
    algorithms: Collection[str] = ("ES384", "RS384")
    leeway: int = 30
    max_lifetime: int = 3600


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a token says of itself."""

    issuer: str
    algorithm: str
    kid: str
    jku: str | None


class JwtTrust:
    """Trusts callers that sign each call with a key that is on record for them."""

    def __init__(
        self,
        rules: JwtRules,
        keys: Keys,
        replay: ReplayMemory,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rules = rules
        self._keys = keys
        self._replay = replay
        self._now = now

    def check(self, headers: Headers, url: str) -> Caller:
        """The issuer and tenant of the call. Raises: CallerNotTrusted (401), StoreUnavailable (503)."""
        token = _bearer(headers)
        try:
            claim = self._claimed(token)
        except _UNREADABLE as fault:
            raise CallerNotTrusted(_reason(fault)) from None
        try:
            return self._verified(token, claim, url)
        except _UNREADABLE as fault:
            raise CallerNotTrusted(f"{_reason(fault)}; issuer {claim.issuer}") from None

    def problem(self) -> str | None:
        """Why no call can be verified at the moment: no key of any caller can be had."""
        return self._keys.problem()

    def _claimed(self, token: str) -> _Claim:
        """Who the token says has signed it, and how. Nothing is proven yet but that the issuer is a listed one."""
        read = jwt.decode_complete(token, options={"verify_signature": False})
        algorithm, kid, jku = self._header(read["header"])
        issuer = read["payload"].get("iss")
        if not isinstance(issuer, str) or issuer not in self._rules.issuers:
            raise CallerNotTrusted("the issuer is not listed")
        return _Claim(issuer, algorithm, kid, jku)

    def _verified(self, token: str, claim: _Claim, url: str) -> Caller:
        issuer, algorithm = claim.issuer, claim.algorithm
        claims = jwt.decode(
            token,
            self._keys.key(issuer, claim.kid, algorithm, claim.jku),
            algorithms=[algorithm],
            audience=url,
            issuer=issuer,
            leeway=self._rules.leeway,
            options={"require": _REQUIRED},
        )
        expires = self._lifetime(claims, issuer)
        tenant = self._tenant(claims, issuer)
        jti = claims["jti"]
        if not isinstance(jti, str) or not jti:
            raise CallerNotTrusted(f"jti is no text; issuer {issuer}")
        if not self._replay.first_use(issuer, jti, expires):
            raise CallerNotTrusted(f"the token was used before (jti); issuer {issuer}")
        return Caller(issuer, tenant)

    def _header(self, header: dict[str, Any]) -> tuple[str, str, str | None]:
        algorithm, kid, jku = header.get("alg"), header.get("kid"), header.get("jku")
        if algorithm not in self._rules.algorithms:
            raise CallerNotTrusted("the algorithm is not accepted")
        if str(header.get("typ")).upper() != "JWT" or "crit" in header:
            raise CallerNotTrusted("typ is not JWT, or the header demands an extension (crit)")
        if not isinstance(kid, str) or not kid:
            raise CallerNotTrusted("the header has no kid")
        if jku is not None and not isinstance(jku, str):
            raise CallerNotTrusted("jku is no text")
        return str(algorithm), kid, jku

    def _lifetime(self, claims: dict[str, Any], issuer: str) -> datetime:
        """The moment until which the token must be remembered. A remote one would fill the memory."""
        issued, expires = int(claims["iat"]), int(claims["exp"])
        now = int(self._now().timestamp())
        if expires - issued > self._rules.max_lifetime or expires - now > self._rules.max_lifetime + self._rules.leeway:
            raise CallerNotTrusted(f"the token lives longer than {self._rules.max_lifetime} seconds; issuer {issuer}")
        return datetime.fromtimestamp(expires + self._rules.leeway, UTC)

    def _tenant(self, claims: dict[str, Any], issuer: str) -> str | None:
        tenant = claims.get("tenant")
        if isinstance(tenant, str) and not (len(tenant) <= LONGEST_TENANT and tenant.isprintable()):
            raise CallerNotTrusted(f"the tenant is too long or not printable; issuer {issuer}")
        known = isinstance(tenant, str) and tenant in self._rules.tenants
        if self._rules.tenants and not known:
            raise CallerNotTrusted(f"the tenant is not listed; issuer {issuer}")
        return tenant if isinstance(tenant, str) and tenant else None


def _bearer(headers: Headers) -> str:
    """The one bearer token of the call."""
    sent = headers.getlist("Authorization")
    if len(sent) != 1:
        raise CallerNotTrusted("there is no Authorization header" if not sent else "there are several of them")
    scheme, _, token = sent[0].partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise CallerNotTrusted("the Authorization header holds no bearer token")
    if len(token) > LONGEST_TOKEN:
        raise CallerNotTrusted("the token is too long")
    return token


def _reason(fault: Exception) -> str:
    return next((said for kind, said in _REASONS if isinstance(fault, kind)), "the token cannot be read")
