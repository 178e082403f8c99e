"""The public keys of CDS clients: a file of the operator's, and addresses (``jku``) that the operator has listed.

A key set is kept for a while and asked for again when it is old, or when a token names a ``kid`` that it does not hold:
clients rotate their keys. Nothing is ever fetched from an address that is not listed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import jwt
import orjson

from cds_service.errors import CallerNotTrusted, SettingsInvalid
from cds_service.record.client import Access, Answer, FhirClient
from cds_service.record.deadline import Deadline

FRESH_S = 600  # a set is not asked for again
STALE_S = 3600  # a set is still good while its address does not answer
PAUSE_S = 10  # between two attempts at one address, so that made-up kids cannot make us hammer it
LIMIT_S = 3.0  # for one fetch
MAX_BYTES = 256 * 1024
MEDIA_TYPES = ("application/jwk-set+json", "application/json")
_LEAST_RSA_BITS = 2048
_KINDS = {"ES": "EC", "RS": "RSA", "PS": "RSA", "Ed": "OKP"}  # by how the name of an algorithm begins
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}
_PUBLIC = {"EC": ("crv", "x", "y"), "RSA": ("n", "e"), "OKP": ("crv", "x")}  # no private part is kept in memory

Jwk = Mapping[str, object]
KeySet = Mapping[str, tuple[Jwk, ...]]  # by kid


class Keys(Protocol):
    """Where the keys of callers are."""

    def key(self, issuer: str, kid: str, algorithm: str, jku: str | None) -> jwt.PyJWK:
        """The key. Raises: CallerNotTrusted when there is none on record."""

    def problem(self) -> str | None:
        """Why no call can be verified at the moment; None when some can."""


class ListedKeys:
    """The keys that the operator has put on record. One for the process; safe to share between threads."""

    def __init__(self, addresses: Iterable[str], file: Path | None, client: FhirClient | None = None) -> None:
        """``addresses``: each a URL, or an issuer and a URL. Raises: SettingsInvalid for a file without keys."""
        self._addresses = {entry.split()[-1]: entry.split()[0] if " " in entry else None for entry in addresses}
        self._file = _KeyFile(file) if file else None
        client = client or FhirClient(max_response_bytes=MAX_BYTES, media_types=MEDIA_TYPES)
        self._fetched = {url: _FetchedSet(url, client) for url in self._addresses}

    def key(self, issuer: str, kid: str, algorithm: str, jku: str | None) -> jwt.PyJWK:
        """The key of that ``kid``: from ``jku`` where the token names one, else from the file."""
        if jku is None:
            found = self._file.keys(kid) if self._file else ()
        elif jku not in self._addresses:
            raise CallerNotTrusted(f"jku is not listed; issuer {issuer}")
        elif self._addresses[jku] not in (None, issuer):
            raise CallerNotTrusted(f"jku is listed for another issuer than {issuer}")
        else:
            found = self._fetched[jku].keys(kid)
        for jwk in found:
            if (key := _fitting(jwk, algorithm)) is not None:
                return key
        raise CallerNotTrusted(f"there is no key for this kid and algorithm; issuer {issuer}")

    def problem(self) -> str | None:
        """Why no call can be verified at the moment; None when some can. Asks each address that is due."""
        if self._file:
            return None
        wanting = [keys.note for keys in self._fetched.values() if not keys.current()]
        return wanting[0] if len(wanting) == len(self._fetched) else None


class _KeyFile:
    """The keys in a file, read again when the file changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._changed()
        self._keys = self._read()
        if not self._keys:
            raise SettingsInvalid(
                "CDS_JWKS_FILE holds no public signing key.", hint='It is a JWK Set: {"keys": [...]}, each with a kid.'
            )

    def keys(self, kid: str) -> tuple[Jwk, ...]:
        stamp = self._changed()
        if stamp is not None and stamp != self._stamp:
            # An unreadable new file leaves the old keys in place: half a file must not lock everybody out.
            self._keys, self._stamp = self._read() or self._keys, stamp
        return self._keys.get(kid, ())

    def _changed(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _read(self) -> KeySet:
        try:
            return read_key_set(orjson.loads(self._path.read_bytes()))
        except (OSError, orjson.JSONDecodeError):
            return {}


@dataclass(slots=True)
class _Held:
    keys: KeySet
    fetched: float
    tried: float


class _FetchedSet:
    """The keys at one address."""

    def __init__(self, url: str, client: FhirClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._held = _Held({}, -STALE_S, -STALE_S)
        self.note: str | None = None  # why the last attempt failed

    def keys(self, kid: str) -> tuple[Jwk, ...]:
        return self.current(kid).get(kid, ())

    def current(self, kid: str | None = None) -> KeySet:
        """The set: fetched anew when it is old or does not hold ``kid``; empty when none can be had."""
        with self._lock:  # one thread asks, the others wait for what it brings
            held, now = self._held, self._clock()
            due = now - held.fetched > FRESH_S or (kid is not None and kid not in held.keys)
            if due and now - held.tried > PAUSE_S:
                held.tried = now
                self._take(self._client.get(self._url, Access(self._url), Deadline(LIMIT_S)), now)
            return held.keys if now - held.fetched <= STALE_S else {}

    def _take(self, answer: Answer, now: float) -> None:
        found = read_key_set(answer.document) if answer.good else {}
        if answer.good:
            self.note = None if found else "the address of a key set holds no public signing key"
        else:
            self.note = f"the address of a key set answers {answer.status or 'nothing'}"
        if found:
            self._held.keys, self._held.fetched = found, now


def read_key_set(document: object) -> KeySet:
    """The public signing keys of a JWK Set by ``kid``; anything else is passed over, as a set may hold any keys."""
    listed = document.get("keys") if isinstance(document, dict) else None
    found: dict[str, tuple[Jwk, ...]] = {}
    for item in listed if isinstance(listed, list) else ():
        if not isinstance(item, dict) or not isinstance(item.get("kid"), str) or item.get("use", "sig") != "sig":
            continue
        if item.get("kty") not in _PUBLIC:  # a symmetric key is never one for signed calls
            continue
        public = {name: value for name, value in item.items() if name in ("kty", "kid", "alg", *_PUBLIC[item["kty"]])}
        found[item["kid"]] = (*found.get(item["kid"], ()), public)
    return found


def _fitting(jwk: Jwk, algorithm: str) -> jwt.PyJWK | None:
    """The key, if it can verify that algorithm. An ``alg`` in the JWK is binding; so are the curve and the size."""
    kind, curve = _KINDS[algorithm[:2]], _CURVES.get(algorithm)
    if jwk.get("kty") != kind or jwk.get("crv") != curve or jwk.get("alg", algorithm) != algorithm:
        return None
    try:
        key = jwt.PyJWK(dict(jwk), algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    return None if kind == "RSA" and key.key.key_size < _LEAST_RSA_BITS else key
