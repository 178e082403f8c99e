"""The operator's settings: environment variables in, one frozen value out, every mistake named at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from cds_service.errors import SettingsInvalid

PREFIX = "CDS_"

ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA")
"""What a signed call may be signed with: asymmetric algorithms only (CDS Hooks, JWT Signing Algorithm)."""


class Mode(StrEnum):
    """``development``: loopback, open trust. ``production``: signed calls, https, today's date."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class TrustMode(StrEnum):
    """Who may call: everyone who can reach the port, or callers with a signed token."""

    OPEN = "open"
    JWT = "jwt"


class ServiceIds(StrEnum):
    """One service id for each hook, or one id that all hooks share."""

    PER_HOOK = "per-hook"
    SHARED = "shared"


def is_loopback(host: str) -> bool:
    """Is this host name or address only reachable from the same machine?"""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


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


class Settings(BaseSettings):
    """Every setting with its default. The environment variable is ``CDS_`` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    mode: Mode = Mode.DEVELOPMENT
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    public_base_url: Url | None = None
    trust: TrustMode = TrustMode.OPEN
    trusted_issuers: Issuers = ()
    trusted_jkus: KeyAddresses = ()
    trusted_tenants: Texts = ()
    jwks_file: Annotated[Path, AfterValidator(_file)] | None = None
    jwt_algorithms: Algorithms = ("ES384", "RS384")
    jwt_leeway_seconds: Annotated[int, Field(ge=0, le=300)] = 30
    jwt_max_lifetime_seconds: Annotated[int, Field(ge=60, le=86_400)] = 3600
    public_discovery: bool = False
    rate_limit_per_minute: Annotated[int, Field(ge=0)] = 0
    database_url: Annotated[SecretStr, AfterValidator(_database)] | None = None
    store_key_file: Annotated[Path, AfterValidator(_file)] | None = None
    repetition_hours: Annotated[int, Field(ge=0, le=24 * 365)] = 168
    fhir_servers: Urls = ()
    fhir_budget_ms: Annotated[int, Field(ge=1, le=60_000)] = 5000
    cors_origins: Origins = ()
    max_body_bytes: Annotated[int, Field(ge=1)] = 10_485_760
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    evaluation_date: date | None = None
    canonical_base: Url | None = None
    terminology_dir: Annotated[Path, AfterValidator(_folder)] | None = None
    knowledge_overrides: Annotated[Path, AfterValidator(_file)] | None = None
    service_ids: ServiceIds = ServiceIds.PER_HOOK
    playground: bool | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The facility's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def shows_playground(self) -> bool:
        """Is the playground at ``/``? As the operator says; else in development only."""
        return self.mode is Mode.DEVELOPMENT if self.playground is None else self.playground

    @property
    def page_base_url(self) -> str | None:
        """Where cards say that our pages are: the public address; in development our own, when it is known."""
        if self.public_base_url or self.mode is not Mode.DEVELOPMENT or not self.port:
            return self.public_base_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}" if is_loopback(self.host) else None

    @property
    def allows_loopback_fhir(self) -> bool:
        """May a FHIR server on this machine be called without being listed?"""
        return self.mode is Mode.DEVELOPMENT

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Browser origins that may call: those listed; in development any, unless some are listed."""
        return self.cors_origins or (("*",) if self.mode is Mode.DEVELOPMENT else ())


def load_settings(*, serving: bool = True, **given: Any) -> Settings:
    """The settings from the environment; ``given`` (from the command line, ``None`` left out) goes before it.

    ``serving``: false for a command that does not listen, so that who may call does not matter.
    Raises: SettingsInvalid (CLM-4001) with one line for each wrong variable.
    """
    faults: list[str] = []
    chosen = {name: value for name, value in given.items() if value is not None}
    settings = None
    try:
        settings = Settings(**chosen)
    except ValidationError as invalid:
        wrong = {str(fault["loc"][0]): _said(fault["type"], fault["msg"]) for fault in invalid.errors()}
        faults += [f"{PREFIX}{name.upper()} {said}" for name, said in wrong.items()]
        settings = _best_effort(chosen, wrong)
    if serving:
        faults += _contradictions(settings)
    if faults:
        raise SettingsInvalid(
            "The service does not start with these settings:\n" + "\n".join(f"  - {fault}" for fault in faults),
            hint="Every setting and its default: docs/reference/settings.md",
        )
    return settings


def unknown_variables() -> list[str]:
    """Names of ``CDS_`` variables in the environment that are no setting of this version: slips of the pen, perhaps."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)


def _best_effort(chosen: dict[str, Any], wrong: Iterable[str]) -> Settings:
    """The settings without the wrong ones, so that contradictions among the rest are named in the same message."""
    without = {name: field.get_default() for name, field in Settings.model_fields.items() if name in wrong}
    settings = Settings(**(chosen | without))
    return settings.model_copy(update=without)


def _said(kind: str, message: str) -> str:
    return message.removeprefix("Value error, ") if kind == "value_error" else f"is not valid: {message}"


def _contradictions(settings: Settings) -> list[str]:
    """What the settings must not say together."""
    faults = []
    chosen_trust = settings.trust if "trust" in settings.model_fields_set else None
    if chosen_trust is TrustMode.JWT:
        faults += _not_for_signed_calls(settings)
    if chosen_trust is None and settings.mode is Mode.DEVELOPMENT and not is_loopback(settings.host):
        faults.append(
            f"CDS_HOST={settings.host} can be reached from other machines, and CDS_TRUST is not set: "
            "set CDS_TRUST=open to answer every caller, or listen on 127.0.0.1"
        )
    if settings.mode is Mode.PRODUCTION:
        faults += _not_for_production(settings, chosen_trust)
    return faults


def _not_for_signed_calls(settings: Settings) -> list[str]:
    faults = []
    if not settings.trusted_issuers:
        faults.append("CDS_TRUST=jwt needs CDS_TRUSTED_ISSUERS: the iss claims of the callers that are trusted")
    if not settings.trusted_jkus and settings.jwks_file is None:
        faults.append("CDS_TRUST=jwt needs the callers' public keys: CDS_TRUSTED_JKUS or CDS_JWKS_FILE")
    strangers = {entry.split()[0] for entry in settings.trusted_jkus if " " in entry} - set(settings.trusted_issuers)
    faults += [f"CDS_TRUSTED_JKUS names {issuer}, which CDS_TRUSTED_ISSUERS does not" for issuer in sorted(strangers)]
    if settings.public_base_url is None and not is_loopback(settings.host):
        faults.append("CDS_TRUST=jwt needs CDS_PUBLIC_BASE_URL: a token is for the address that the caller called")
    return faults


def _not_for_production(settings: Settings, chosen_trust: TrustMode | None) -> list[str]:
    faults = []
    if chosen_trust is not TrustMode.JWT:
        faults.append("CDS_MODE=production needs CDS_TRUST=jwt: every caller signs its calls")
    if urlsplit(settings.public_base_url or "").scheme != "https":
        faults.append("CDS_PUBLIC_BASE_URL must be an https address in production")
    if settings.evaluation_date is not None:
        faults.append("CDS_EVALUATION_DATE must not be set in production")
    if any(urlsplit(server).scheme != "https" for server in settings.fhir_servers):
        faults.append("CDS_FHIR_SERVERS must be https addresses in production")
    if any(urlsplit(entry.split()[-1]).scheme != "https" for entry in settings.trusted_jkus):
        faults.append("CDS_TRUSTED_JKUS must be https addresses in production")
    return faults
