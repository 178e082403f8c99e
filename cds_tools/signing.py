"""Proving who calls: the signed token that a CDS client sends with each call.

CDS Hooks 3.0, Trusting CDS Clients and JWT Signing Algorithm: the header holds ``alg``, ``kid``, ``typ`` and perhaps
``jku``; the claims are ``iss``, ``aud`` (the very URL that is called), ``exp``, ``iat``, ``jti`` (fresh for each call)
and perhaps ``tenant``. The private key stays in this process; neither it nor a token is ever printed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from cds_service.errors import SigningKeyNotUsable

ALGORITHMS = ("ES384", "RS384")
LIFETIME_S = 300
"""How long a token is valid: the five minutes that the specification's own example gives."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
_MIN_RSA_BITS = 2048
_THUMBPRINT_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}  # RFC 7638
_HINT = "Give a private key as PEM or as one JWK: EC on P-384 (ES384), or RSA of 2048 bits or more (RS384)."


@dataclass(frozen=True, slots=True)
class Signer:
    """One CDS client's identity. ``kid`` names the key at the service, directly or in the key set at ``jku``."""

    key: PrivateKey = field(repr=False)
    algorithm: str
    issuer: str
    kid: str
    jku: str | None = None
    tenant: str | None = None

    @classmethod
    def from_file(
        cls,
        path: Path | str,
        *,
        issuer: str,
        kid: str | None = None,
        jku: str | None = None,
        tenant: str | None = None,
        algorithm: str | None = None,
    ) -> Signer:
        """The client whose private key is in a file: PEM without passphrase, or one private JWK.

        ``kid``: the JWK's own, else the key's RFC 7638 thumbprint, when not given. ``algorithm``: ES384 for an EC key
        on P-384, RS384 for an RSA key, when not given.
        Raises: SigningKeyNotUsable (CLM-3003), which never repeats what the file holds.
        """
        try:
            text = Path(path).read_bytes()
        except OSError as fault:
            reason = fault.strerror or "it cannot be read"
            raise SigningKeyNotUsable(f"The signing key {path} cannot be used: {reason}.", hint=_HINT) from None
        key, named = _read_key(text, str(path))
        found = _algorithm_of(key, str(path))
        if algorithm is not None and algorithm != found:
            raise SigningKeyNotUsable(f"The signing key {path} is for {found}, not for {algorithm}.", hint=_HINT)
        return cls(key, found, issuer, kid or named or thumbprint(key.public_key()), jku, tenant)

    def claims(self, audience: str) -> dict[str, Any]:
        """The claims of one call to the URL ``audience``, made now."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": audience,
            "iat": now,
            "exp": now + LIFETIME_S,
            "jti": str(uuid.uuid4()),
        }
        return claims | ({"tenant": self.tenant} if self.tenant else {})

    def header(self) -> dict[str, Any]:
        """The header, without ``alg``, which signing adds."""
        return {"kid": self.kid, "typ": "JWT"} | ({"jku": self.jku} if self.jku else {})

    def token(self, audience: str) -> str:
        """A fresh token for one call to the URL ``audience``."""
        return self.sign(self.claims(audience), self.header())

    def sign(self, claims: Mapping[str, Any], header: Mapping[str, Any]) -> str:
        """A token with these very claims and this header: for a call that must be refused, too."""
        return jwt.encode(dict(claims), self.key, algorithm=self.algorithm, headers=dict(header))

    def impostor(self) -> Signer:
        """Somebody who claims to be this client, and has another key."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return replace(self, key=rsa.generate_private_key(public_exponent=65_537, key_size=_MIN_RSA_BITS))
        return replace(self, key=ec.generate_private_key(ec.SECP384R1()))

    def public_jwk(self) -> dict[str, Any]:
        """The public key as the service must know it."""
        return public_members(self.key.public_key()) | {"kid": self.kid, "alg": self.algorithm, "use": "sig"}


def thumbprint(key: PublicKey) -> str:
    """The RFC 7638 thumbprint of a public key: SHA-256 in base64url without padding."""
    members = public_members(key)
    needed = {name: members[name] for name in _THUMBPRINT_MEMBERS[members["kty"]]}
    digest = hashlib.sha256(json.dumps(needed, separators=(",", ":"), sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def public_members(key: PublicKey) -> dict[str, Any]:
    """What identifies a public key, as JWK members."""
    if isinstance(key, rsa.RSAPublicKey):
        members = RSAAlgorithm.to_jwk(key, as_dict=True)
    else:
        members = ECAlgorithm.to_jwk(key, as_dict=True)
    return {name: members[name] for name in _THUMBPRINT_MEMBERS[members["kty"]]}


def _read_key(text: bytes, name: str) -> tuple[PrivateKey, str | None]:
    """The private key, and the ``kid`` that a JWK brings along."""
    kid = None
    try:
        if text.lstrip().startswith(b"{"):
            document = json.loads(text)
            kid = document.get("kid")
            key = jwt.PyJWK(document, _algorithm_by_type(document)).key
        else:
            key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, KeyError, jwt.PyJWTError):
        raise SigningKeyNotUsable(
            f"The signing key {name} cannot be used: it is neither PEM nor a JWK.", hint=_HINT
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise SigningKeyNotUsable(f"The signing key {name} is no private EC or RSA key.", hint=_HINT)
    return key, kid if isinstance(kid, str) and kid else None


def _algorithm_by_type(document: Mapping[str, Any]) -> str:
    return {"EC": "ES384", "RSA": "RS384"}[document["kty"]]


def _algorithm_of(key: PrivateKey, name: str) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < _MIN_RSA_BITS:
            raise SigningKeyNotUsable(f"The signing key {name} has fewer than {_MIN_RSA_BITS} bits.", hint=_HINT)
        return "RS384"
    if not isinstance(key.curve, ec.SECP384R1):
        raise SigningKeyNotUsable(f"The signing key {name} is on another curve than P-384.", hint=_HINT)
    return "ES384"
