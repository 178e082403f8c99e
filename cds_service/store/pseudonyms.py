"""Patients, clinicians and facts under names that only this site's key leads back to.

A keyed hash (HMAC-SHA-256): without the key nobody can try out record numbers or values against what is kept.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from cds_service.errors import StoreUnusable

LEAST_KEY_BYTES = 32
_CHARACTERS = 32


class Pseudonyms:
    """Names things under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: str, *parts: str) -> str:
        """The name of something, such as ``of("patient", caller, id)``; 32 hexadecimal digits."""
        text = "\0".join((kind, *parts))
        return hmac.digest(self._key, text.encode(), "sha256").hex()[:_CHARACTERS]


def load_pseudonyms(file: Path | None, folder: Path) -> Pseudonyms:
    """The key in ``file``; without one, a key of this machine's own in ``folder``, made at the first start.

    Raises: StoreUnusable for a key of less than 32 bytes, or where none can be read or made.
    """
    path = file or folder / "pseudonym.key"
    try:
        if file is None:
            _make(path)
        key = path.read_bytes().strip()
    except OSError:
        raise StoreUnusable(
            "The key for pseudonyms cannot be read or made.",
            hint="Set CDS_STORE_KEY_FILE, or XDG_STATE_HOME to a folder that the service may write to.",
        ) from None
    if len(key) < LEAST_KEY_BYTES:
        raise StoreUnusable(
            f"The key for pseudonyms is shorter than {LEAST_KEY_BYTES} bytes.",
            hint="Put a longer random key into the file that CDS_STORE_KEY_FILE names.",
        )
    return Pseudonyms(key)


def _make(path: Path) -> None:
    """A random key, for the owner's eyes only. Of two processes that make one at once, the first wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as made:
        made.write(secrets.token_hex(LEAST_KEY_BYTES).encode())
    try:
        os.link(draft, path)  # fails where it exists, and is never seen half-written
    except FileExistsError:
        pass
    finally:
        draft.unlink()
