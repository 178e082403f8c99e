"""A client's keys and the tokens that it signs, good and bad, for tests of trust."""

from __future__ import annotations

import json
import threading
import time
import warnings
from functools import cache
from typing import Any
from uuid import uuid4

import jwt
import jwt.warnings
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://ehr.example.org"
AUDIENCE = "https://cds.example.org/cds-services/x"
KEPT_OUT = object()
"""A header or claim with this value is left out of the token."""

Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


_MAKING = threading.Lock()


def key(name: str) -> Private:
    """A private key, the same all through a run: ``ec...`` on P-384, ``p256...`` on P-256, ``rsa...``, ``small``."""
    with _MAKING:  # two threads that ask for a new one at once would each sign with their own
        return _key(name)


@cache
def _key(name: str) -> Private:
    if name.startswith("ec"):
        return ec.generate_private_key(ec.SECP384R1())
    if name.startswith("p256"):
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if name.startswith("small") else 2048)


def jwk(name: str, **more: Any) -> dict[str, Any]:
    """The public key as a JWK whose ``kid`` is its name."""
    public = key(name).public_key()
    made = ECAlgorithm.to_jwk(public) if isinstance(public, ec.EllipticCurvePublicKey) else RSAAlgorithm.to_jwk(public)
    return {**json.loads(made), "kid": name, **more}


def key_set(*names: str, **more: Any) -> dict[str, Any]:
    """A JWK Set of these keys."""
    return {"keys": [jwk(name, **more) for name in names]}


def token(
    signed_with: str = "ec", *, algorithm: str = "ES384", header: dict[str, Any] | None = None, **claims: Any
) -> str:
    """A good token, with changes to its header and claims. ``expires_in``, ``issued_ago``: seconds from now."""
    now = int(time.time())
    issued, expires = now - claims.pop("issued_ago", 0), now + claims.pop("expires_in", 300)
    said = {"iss": ISSUER, "aud": AUDIENCE, "iat": issued, "exp": expires, "jti": str(uuid4())} | claims
    head = {"kid": signed_with, "typ": "JWT"} | (header or {})
    left = {name: value for name, value in said.items() if value is not KEPT_OUT}
    return sign(left, signed_with, algorithm, {name: value for name, value in head.items() if value is not KEPT_OUT})


def sign(claims: object, signed_with: str, algorithm: str, header: dict[str, Any]) -> str:
    """A signed text of any claims at all; the library's own doubts about them and about a short key are not asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", jwt.warnings.InsecureKeyLengthWarning)
        signer = jwt.PyJWS()
        return signer.encode(json.dumps(claims).encode(), key(signed_with), algorithm=algorithm, headers=header)
