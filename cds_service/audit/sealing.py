"""Encrypting what is kept: AES-256-GCM under the operator's keys, bound to the line of the table in which it stands.

What is sealed opens only with its key, and only beside the same id, hashes and versions: a line that was changed, or
put in another's place, does not open.
"""

from __future__ import annotations

import base64
import binascii
import os
import zlib
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cds_service.errors import StoreUnusable

KEY_BYTES = 32
_NONCE, _NAME = 12, 4  # bytes
_MOST = 256 * 1024 * 1024  # bytes of an opened document; what was sealed here is always smaller


class NotOpened(Exception):
    """What is sealed does not open: none of the keys is its own, or the line was changed."""


class Keys:
    """The first key seals; every key opens what it sealed. Keys are told apart by the start of their hash."""

    def __init__(self, keys: list[bytes]) -> None:
        self._ciphers = {sha256(key).digest()[:_NAME]: AESGCM(key) for key in keys}
        self._first = sha256(keys[0]).digest()[:_NAME]

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """Name of the key, nonce, and what was sealed."""
        nonce = os.urandom(_NONCE)
        return self._first + nonce + self._ciphers[self._first].encrypt(nonce, zlib.compress(plain), bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """What was sealed. Raises: NotOpened."""
        cipher = self._ciphers.get(sealed[:_NAME])
        if cipher is None:
            raise NotOpened("no key in CDS_AUDIT_KEY_FILE is the one that sealed it")
        nonce, body = sealed[_NAME : _NAME + _NONCE], sealed[_NAME + _NONCE :]
        try:
            return zlib.decompressobj().decompress(cipher.decrypt(nonce, body, bound_to), _MOST)
        except (InvalidTag, ValueError, zlib.error):
            raise NotOpened("the line was changed after it was written") from None


def load_keys(file: Path) -> Keys:
    """The keys in a file: one a line, 32 bytes in base64. Raises: StoreUnusable, which repeats nothing of the file."""
    try:
        lines = [line.strip() for line in file.read_text(encoding="ascii").splitlines() if line.strip()]
        keys = [base64.b64decode(line, validate=True) for line in lines]
    except (OSError, ValueError, binascii.Error):
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise StoreUnusable(
            f"CDS_AUDIT_KEY_FILE does not hold keys of {KEY_BYTES} bytes in base64, one a line.",
            hint="Make one with: openssl rand -base64 32",
        )
    return Keys(keys)
