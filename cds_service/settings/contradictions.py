"""What the settings must not say together, and what production does without."""

from __future__ import annotations

import os
from importlib.util import find_spec
from urllib.parse import urlsplit

from cds_service.protocol.origins import is_loopback
from cds_service.settings.model import Mode, Settings, TrustMode

_EXAMPLE_HOSTS = ("example", "example.com", "example.net", "example.org", "invalid", "test")
"""Names that nobody can own (RFC 2606)."""
_EXPORT_TO = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def contradictions(settings: Settings) -> list[str]:
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
    if settings.audit_days and settings.audit_key_file is None:
        faults.append("CDS_AUDIT_DAYS needs CDS_AUDIT_KEY_FILE: what is kept of a patient is kept encrypted")
    if settings.tracing:
        faults += _not_for_tracing()
    if settings.mode is Mode.PRODUCTION:
        faults += _not_for_production(settings, chosen_trust)
    return faults


def _not_for_tracing() -> list[str]:
    faults = []
    if find_spec("opentelemetry") is None:
        faults.append("CDS_TRACING=on needs the extra 'otel' (pip install 'crc-lung-metastasis-cds[otel]')")
    if not any(os.environ.get(name) for name in _EXPORT_TO):
        faults.append(f"CDS_TRACING=on needs {_EXPORT_TO[0]}: where the traces go")
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
    if settings.canonical_base is None or _is_example(settings.canonical_base):
        faults.append("CDS_CANONICAL_BASE must be an address of your own in production: the packaged one is an example")
    if any(urlsplit(server).scheme != "https" for server in settings.fhir_servers):
        faults.append("CDS_FHIR_SERVERS must be https addresses in production")
    if any(urlsplit(entry.split()[-1]).scheme != "https" for entry in settings.trusted_jkus):
        faults.append("CDS_TRUSTED_JKUS must be https addresses in production")
    return faults


def _is_example(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".")
    return any(host == name or host.endswith(f".{name}") for name in _EXAMPLE_HOSTS)
