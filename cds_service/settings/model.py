"""Every setting: its default, its meaning, what it accepts. The page of settings and the command are made from here."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from cds_service.protocol.origins import is_loopback
from cds_service.settings.forms import (
    ALGORITHMS,
    Algorithms,
    DatabaseUrl,
    File,
    Folder,
    Issuers,
    KeyAddresses,
    Origins,
    Texts,
    Url,
    Urls,
    Zone,
)

PREFIX = "CDS_"


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


class MetricsFor(StrEnum):
    """Who may ask for the metrics: callers on this machine, everyone who can reach the port, or nobody."""

    LOOPBACK = "loopback"
    ON = "on"
    OFF = "off"


def setting(default: Any, meaning: str, *, accepts: str, secret: bool = False) -> Any:
    """A setting. ``meaning`` and ``accepts`` are the words of the page; ``accepts`` is also said when it is wrong.

    ``secret``: never shown, and it may stand in a file instead, which the variable with ``_FILE`` added names.
    """
    return Field(default, description=meaning, json_schema_extra={"accepts": accepts, "secret": secret})


class Settings(BaseSettings):
    """Every setting with its default. The environment variable is ``CDS_`` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    mode: Mode = setting(
        Mode.DEVELOPMENT,
        "For whom it runs; see below.",
        accepts="development or production",
    )
    host: Annotated[str, Field(min_length=1)] = setting(
        "127.0.0.1", "The address to listen on.", accepts="an address or host name"
    )
    port: Annotated[int, Field(ge=0, le=65535)] = setting(
        8000, "The port; 0 takes any free port.", accepts="0 to 65535"
    )
    workers: Annotated[int, Field(ge=1, le=64)] = setting(1, "Processes.", accepts="1 to 64")
    public_base_url: Url | None = setting(
        None,
        "The address under which callers reach the service, for instance behind a proxy; links are built from it. In "
        "development links go to the loopback address without it.",
        accepts="an http(s) URL without user, query and fragment",
    )
    trust: TrustMode = setting(
        TrustMode.OPEN,
        "`open`: every caller that can reach the port is answered. `jwt`: each call is signed; see "
        "[trust](../how-to/trust.md).",
        accepts="open or jwt",
    )
    trusted_issuers: Issuers = setting(
        (), "The `iss` claims of the callers that are trusted.", accepts="URIs, separated by commas"
    )
    trusted_jkus: KeyAddresses = setting(
        (),
        "Addresses of JWK Sets; nothing is fetched from any other. With an issuer before it, an address is good for "
        "that issuer alone.",
        accepts="entries of the form URL, or issuer, space, URL; separated by commas",
    )
    trusted_tenants: Texts = setting(
        (), "Where set, a token must carry one of these `tenant` claims.", accepts="words, separated by commas"
    )
    jwks_file: File | None = setting(
        None,
        "A JWK Set with the public keys of callers whose tokens name no `jku`. Read again when it changes.",
        accepts="the path of a file",
    )
    jwt_algorithms: Algorithms = setting(
        ("ES384", "RS384"),
        "What a token may be signed with: asymmetric algorithms only.",
        accepts=f"some of {', '.join(ALGORITHMS)}; separated by commas",
    )
    jwt_leeway_seconds: Annotated[int, Field(ge=0, le=300)] = setting(
        30, "How far the clocks of caller and service may be apart.", accepts="0 to 300"
    )
    jwt_max_lifetime_seconds: Annotated[int, Field(ge=60, le=86_400)] = setting(
        3600,
        "The longest time from `iat` to `exp`: each token is remembered that long, and a day more.",
        accepts="60 to 86400",
    )
    public_discovery: bool = setting(
        False, "`true`: discovery is answered without a token, also with `CDS_TRUST=jwt`.", accepts="true or false"
    )
    rate_limit_per_minute: Annotated[int, Field(ge=0)] = setting(
        0,
        "Calls of one caller in a minute, counted in each worker; more are answered 429. Callers are told apart by "
        "issuer and tenant, without these by address. 0: no limit.",
        accepts="0 or more",
    )
    database_url: DatabaseUrl | None = setting(
        None,
        "Where feedback, sent cards and used tokens are kept. Unset: a SQLite file under `$XDG_STATE_HOME` or "
        "`~/.local/state`. A secret, as it may hold a password.",
        accepts="sqlite:///path/to/file or postgresql://user:password@host/name",
        secret=True,
    )
    store_key_file: File | None = setting(
        None,
        "A file with a random key of at least 32 bytes, under which patients and clinicians are kept as hashes. Unset: "
        "a key of this machine's own, made at the first start beside the SQLite file. Several machines with one "
        "database need the same key.",
        accepts="the path of a file",
    )
    repetition_hours: Annotated[int, Field(ge=0, le=24 * 365)] = setting(
        168,
        "How long a card that its clinician has set aside stays away while the facts are the same. 0: it is shown "
        "every time. See [feedback and repetition](../explanation/feedback.md).",
        accepts="0 to 8760",
    )
    audit_days: Annotated[int, Field(ge=0, le=3650)] = setting(
        0,
        "How long the input of each decision is kept, encrypted, so that it can be decided again. 0: nothing is kept. "
        "See [audit](../how-to/audit.md).",
        accepts="0 to 3650",
    )
    audit_key_file: File | None = setting(
        None,
        "A file with the keys for the kept input, one a line, each 32 random bytes in base64: the first seals, all of "
        "them open.",
        accepts="the path of a file",
    )
    fhir_servers: Urls = setting(
        (),
        "FHIR base URLs that may be called for missing data. In development a FHIR server on the same machine may be "
        "called without being listed. A listed name that leads to a loopback address (unless the URL itself names it), "
        "or to a link-local, multicast or unspecified one, is not called.",
        accepts="http(s) URLs, separated by commas",
    )
    fhir_budget_ms: Annotated[int, Field(ge=1, le=60_000)] = setting(
        5000,
        "Time for all fetching of one call, in milliseconds. When it is spent, what has not come counts as not had.",
        accepts="1 to 60000",
    )
    cors_origins: Origins = setting(
        (),
        "Browser origins that may call. In development any, unless some are listed.",
        accepts="origins such as https://ehr.example.org, separated by commas, or *",
    )
    max_body_bytes: Annotated[int, Field(ge=1)] = setting(
        10_485_760, "The largest request body, in bytes (10 MiB).", accepts="1 or more"
    )
    timezone: Zone = setting(
        "UTC",
        "The facility's time zone: decides which day it is, and the day of a date without a zone.",
        accepts="a name of the time zone database, such as Europe/Zurich",
    )
    evaluation_date: date | None = setting(
        None,
        "Decide as of this day, for validation runs. Said at start, in `/health/ready` and in the detail of every "
        "card.",
        accepts="YYYY-MM-DD",
    )
    canonical_base: Url | None = setting(
        None,
        "The base of the canonical URLs of this project's own code systems and value sets; unset, the packaged one is "
        "used, which is an example and not for production.",
        accepts="an http(s) URL without user, query and fragment",
    )
    terminology_dir: Folder | None = setting(
        None,
        "A folder of FHIR ValueSet and ConceptMap JSON that adds the site's own codes, checked at start: "
        "[site codes](../how-to/site-codes.md).",
        accepts="the path of a folder",
    )
    knowledge_overrides: File | None = setting(
        None,
        "A TOML file with the site's own parameter values: [local policy](../how-to/local-policy.md).",
        accepts="the path of a file",
    )
    service_ids: ServiceIds = setting(
        ServiceIds.PER_HOOK,
        "`per-hook`: `crc-lung-metastasis-patient-view` and so on. `shared`: all hooks under the one id "
        "`crc-lung-metastasis`.",
        accepts="per-hook or shared",
    )
    playground: bool | None = setting(
        None,
        "`on` or `off`: the playground at `/`. Unset, it is on in development and off in production. Whoever "
        "reaches the port can use it, whatever `CDS_TRUST` says; it reads no record and keeps nothing.",
        accepts="on or off",
    )
    metrics: MetricsFor = setting(
        MetricsFor.LOOPBACK,
        "Who may ask for `/metrics`: `loopback`, callers on the same machine that came through no proxy; `on`, "
        "everyone who can reach the port; `off`, nobody. See [observing](../how-to/observe.md).",
        accepts="loopback, on or off",
    )
    tracing: bool = setting(
        False,
        "`on`: each call is a trace with a span a step, sent where the standard `OTEL_` variables say. Needs the extra "
        "`otel`. See [observing](../how-to/observe.md).",
        accepts="on or off",
    )

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


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def accepted_form(name: str) -> str:
    """What a setting accepts, in words."""
    return str(_extra(name)["accepts"])


def _extra(name: str) -> dict[str, Any]:
    extra = Settings.model_fields[name].json_schema_extra
    return extra if isinstance(extra, dict) else {}


SECRETS = tuple(name for name in Settings.model_fields if _extra(name)["secret"])
"""Settings that are never shown, and that may stand in a file."""
