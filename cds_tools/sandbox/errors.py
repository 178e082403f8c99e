"""The errors of the command `sandbox`: another server did not do what was asked of it.

SandboxStopped             CLM-7xxx  shown in the terminal, never over HTTP
├── ServerUnreachable      CLM-7001  502
├── NotFhirR4              CLM-7002  502  no FHIR server is there, or one of another version
├── AccessRefused          CLM-7003  502  it answers 401 or 403
├── ServerRefused          CLM-7004  502  it refused in another way
├── PatientNotThere        CLM-7005  404
├── LoadBrokenOff          CLM-7006  502  says what was put and how to take it away
└── ServiceNotUsable       CLM-7007  502  no CDS service is there, or none of that hook
"""

from __future__ import annotations

from cds_service.errors import CdsError


class SandboxStopped(CdsError):
    """Another server did not do what a command asked of it. Its own words are repeated, in the terminal alone."""

    code, status, issue_type = "CLM-7999", 502, "exception"


class ServerUnreachable(SandboxStopped):
    """No answer came: no such host, nothing listens, no valid certificate, too slow."""

    code, status, issue_type = "CLM-7001", 502, "transient"


class NotFhirR4(SandboxStopped):
    """What answers is no FHIR server, or speaks another version than R4."""

    code, status, issue_type = "CLM-7002", 502, "not-supported"


class AccessRefused(SandboxStopped):
    """The server answers 401 or 403."""

    code, status, issue_type = "CLM-7003", 502, "security"


class ServerRefused(SandboxStopped):
    """The server refused in another way."""

    code, status, issue_type = "CLM-7004", 502, "processing"

    def __init__(self, message: str, *, hint: str | None = None, answered: int | None = None) -> None:
        """``answered``: the status that the server answered with."""
        super().__init__(message, hint=hint)
        self.answered = answered


class PatientNotThere(SandboxStopped):
    """The FHIR server holds no patient of that id."""

    code, status, issue_type = "CLM-7005", 404, "not-found"


class LoadBrokenOff(SandboxStopped):
    """Loading stopped on the way; the message says what was put."""

    code, status, issue_type = "CLM-7006", 502, "incomplete"


class ServiceNotUsable(SandboxStopped):
    """What answers is no CDS service, or it has no service of that hook."""

    code, status, issue_type = "CLM-7007", 502, "not-found"
