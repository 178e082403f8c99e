"""What the value of a setting may look like. A message never repeats the value, which may be a secret."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA")
"""What a signed call may be signed with: asymmetric algorithms only (CDS Hooks, JWT Signing Algorithm)."""


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError("is not a time zone, such as Europe/Zurich") from None
    return name


def _address(url: str) -> str:
    parts = urlsplit(url)
    _ = parts.port
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("is not an absolute http(s) URL without user, query and fragment")
    return url.rstrip("/")


def _origin(text: str) -> str:
    if text != "*" and urlsplit(_address(text)).path:
        raise ValueError("is not an origin, such as https://ehr.example.org, nor '*'")
    return text.rstrip("/").lower()


def _file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("is not a readable file")
    return path


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError("is not a folder")
    return path


def _issuer(name: str) -> str:
    if not urlsplit(name).scheme or any(character.isspace() for character in name):
        raise ValueError("is not a URI, such as https://ehr.example.org, as the iss claim of a token has it")
    return name


def _key_address(entry: str) -> str:
    """``URL``, or ``issuer URL``: an address whose keys are good for one issuer alone."""
    *issuer, url = entry.split()
    if len(issuer) > 1:
        raise ValueError("is neither the URL of a JWK Set nor an issuer and a URL, separated by a space")
    return " ".join([*map(_issuer, issuer), _address(url)])


def _algorithm(name: str) -> str:
    if name not in ALGORITHMS:
        raise ValueError(f"is not one of {', '.join(ALGORITHMS)}; symmetric ones and 'none' are never accepted")
    return name


def _database(url: SecretStr) -> SecretStr:
    if not re.fullmatch(r"(sqlite|postgresql)(\+\w+)?://\S+", url.get_secret_value()):
        raise ValueError("is neither sqlite:///path/to/file nor postgresql://user:password@host/name")
    return url


Url = Annotated[str, AfterValidator(_address)]
Texts = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], NoDecode, BeforeValidator(_split)]
Issuers = Annotated[tuple[Annotated[str, AfterValidator(_issuer)], ...], NoDecode, BeforeValidator(_split)]
KeyAddresses = Annotated[tuple[Annotated[str, AfterValidator(_key_address)], ...], NoDecode, BeforeValidator(_split)]
Algorithms = Annotated[
    tuple[Annotated[str, AfterValidator(_algorithm)], ...],
    NoDecode,
    BeforeValidator(_split),
    Field(min_length=1),
]
Urls = Annotated[tuple[Url, ...], NoDecode, BeforeValidator(_split)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(_split)]
File = Annotated[Path, AfterValidator(_file)]
Folder = Annotated[Path, AfterValidator(_folder)]
Zone = Annotated[str, AfterValidator(_known_zone)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]
