"""Signing calls: what stands in the token, which keys are taken, and that nothing of a key is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import ECAlgorithm

from cds_service.errors import SigningKeyNotUsable
from cds_tools.signing import Signer, thumbprint
from tests.contract.requirements import proves

URL = "https://cds.example.org/cds-services/x"
EC_KEY = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def pem(key: Any, form: PrivateFormat = PrivateFormat.PKCS8, passphrase: bytes | None = None) -> bytes:
    protection = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return bytes(key.private_bytes(Encoding.PEM, form, protection))


def signer(folder: Path, content: bytes, **named: Any) -> Signer:
    (folder / "key").write_bytes(content)
    return Signer.from_file(folder / "key", **({"issuer": "https://ehr.example.org"} | named))


@proves("USER-11")
@pytest.mark.parametrize(
    ("content", "algorithm"),
    [
        (pem(EC_KEY), "ES384"),
        (pem(EC_KEY, PrivateFormat.TraditionalOpenSSL), "ES384"),
        (pem(RSA_KEY), "RS384"),
        (json.dumps(ECAlgorithm.to_jwk(EC_KEY, as_dict=True)).encode(), "ES384"),
    ],
    ids=["ec", "ec of openssl", "rsa", "jwk"],
)
def test_a_token_holds_what_the_specification_asks_for(tmp_path: Path, content: bytes, algorithm: str) -> None:
    client = signer(tmp_path, content, jku="https://ehr.example.org/jwks", tenant="ward-7")
    token = client.token(URL)
    key = jwt.PyJWK(client.public_jwk()).key
    claims = jwt.decode(token, key, algorithms=[algorithm], audience=URL, issuer="https://ehr.example.org")
    assert set(claims) == {"iss", "aud", "exp", "iat", "jti", "tenant"}
    assert claims["exp"] - claims["iat"] == 300
    assert jwt.get_unverified_header(token) == {
        "alg": algorithm,
        "typ": "JWT",
        "kid": client.kid,
        "jku": "https://ehr.example.org/jwks",
    }


def test_what_was_not_given_is_left_out(tmp_path: Path) -> None:
    token = signer(tmp_path, pem(EC_KEY)).token(URL)
    assert set(jwt.get_unverified_header(token)) == {"alg", "typ", "kid"}
    assert "tenant" not in jwt.decode(token, options={"verify_signature": False})


def test_every_call_has_a_jti_of_its_own(tmp_path: Path) -> None:
    client = signer(tmp_path, pem(EC_KEY))
    assert client.claims(URL)["jti"] != client.claims(URL)["jti"]


def test_a_kid_is_the_given_one_else_that_of_the_jwk_else_the_thumbprint(tmp_path: Path) -> None:
    jwk = json.dumps(ECAlgorithm.to_jwk(EC_KEY, as_dict=True) | {"kid": "of-the-jwk"}).encode()
    assert signer(tmp_path, jwk, kid="given").kid == "given"
    assert signer(tmp_path, jwk).kid == "of-the-jwk"
    assert signer(tmp_path, pem(EC_KEY)).kid == thumbprint(EC_KEY.public_key())


def test_a_thumbprint_is_that_of_rfc_7638() -> None:
    """The example of RFC 7638, section 3.1."""
    example = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV"
        "4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgd"
        "AZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
        "kEgU8awapJzKnqDKgw",
        "e": "AQAB",
    }
    assert thumbprint(jwt.PyJWK(example, "RS256").key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_an_impostor_claims_the_same_and_signs_otherwise(tmp_path: Path) -> None:
    for key in (EC_KEY, RSA_KEY):
        client = signer(tmp_path, pem(key))
        token = client.impostor().token(URL)
        assert jwt.get_unverified_header(token)["kid"] == client.kid
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(token, jwt.PyJWK(client.public_jwk()).key, algorithms=[client.algorithm], audience=URL)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "neither PEM nor a JWK"),
        (b"SECRET-TEXT", "neither PEM nor a JWK"),
        (b'{"kty": "EC"}', "neither PEM nor a JWK"),
        (b'{"kty": "oct", "k": "U0VDUkVU"}', "neither PEM nor a JWK"),
        (b"{", "neither PEM nor a JWK"),
        (pem(EC_KEY, passphrase=b"secret"), "neither PEM nor a JWK"),
        (json.dumps(ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True)).encode(), "no private EC or RSA key"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "no private EC or RSA key"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "another curve than P-384"),
        (pem(rsa.generate_private_key(public_exponent=65_537, key_size=1024)), "fewer than 2048 bits"),  # noqa: S505
    ],
    ids=["empty", "text", "half a jwk", "symmetric", "half", "passphrase", "public", "ed25519", "p-256", "small rsa"],
)
def test_a_key_that_cannot_be_used_is_refused_without_a_word_of_it(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(SigningKeyNotUsable, match=said) as refused:
        signer(tmp_path, content)
    assert "SECRET" not in refused.value.message


def test_a_key_of_the_other_kind_than_the_asked_algorithm_is_refused(tmp_path: Path) -> None:
    assert signer(tmp_path, pem(RSA_KEY), algorithm="RS384").algorithm == "RS384"
    with pytest.raises(SigningKeyNotUsable, match="is for RS384, not for ES384"):
        signer(tmp_path, pem(RSA_KEY), algorithm="ES384")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyNotUsable, match="No such file"):
        Signer.from_file(tmp_path / "none", issuer="x")


def test_a_signer_does_not_show_its_key(tmp_path: Path) -> None:
    assert "key=" not in repr(signer(tmp_path, pem(EC_KEY)))
