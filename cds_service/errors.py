"""Every error that the service can answer with, and what each means.

CdsError                       anything the caller or the operator can act on
├── CallRejected               CLM-1xxx  the call itself
│   ├── CallerNotTrusted       CLM-1000  401  bare: no reason in the body
│   ├── BodyNotJson            CLM-1001  400
│   ├── EnvelopeInvalid        CLM-1002  400  names the path of the fault
│   ├── ContextUnusable        CLM-1003  422  well-formed, but the hook's context cannot be used
│   ├── ServiceUnknown         CLM-1004  404
│   ├── HookMismatch           CLM-1005  400  this service does not listen to that hook
│   ├── MethodNotAllowed       CLM-1006  405
│   ├── BodyTooLarge           CLM-1007  413
│   ├── MediaTypeUnsupported   CLM-1008  415
│   ├── PathUnknown            CLM-1009  404
│   ├── RateLimited            CLM-1010  429  says when to come back
│   ├── FeedbackInvalid        CLM-1011  400  names the path of the fault; nothing of the batch is kept
│   └── QueryNotUnderstood     CLM-1012  400  a search of /fhir/ with a parameter that is not understood
├── RecordIncomplete           CLM-2xxx  the patient's data
│   └── PrefetchMissing        CLM-2001  412  names the keys
├── NotReadable                CLM-3xxx  a file or resource given to the command line
│   ├── InputNotReadable       CLM-3001  422
│   ├── UnitNotUnderstood      CLM-3002  422
│   └── SigningKeyNotUsable    CLM-3003  422  the private key that a command signs calls with
├── StartRefused               CLM-4xxx  the operator's settings, knowledge, terminology or database
│   ├── SettingsInvalid        CLM-4001  500
│   ├── KnowledgeInvalid       CLM-4002  500
│   ├── TerminologyInvalid     CLM-4003  500
│   ├── StoreUnusable          CLM-4004  500
│   └── ServiceInvalid         CLM-4005  500
├── NotNow                     CLM-6xxx  what the service rests on is out of reach for now
│   ├── StoreUnavailable       CLM-6001  503  the database does not answer; nothing was kept
│   ├── NotReady               CLM-6002  503  at /health/ready: what is out of reach
│   └── ServiceBusy            CLM-6003  503  more calls than can be answered now
└── SandboxStopped             CLM-7xxx  another server failed the command `sandbox`: cds_tools/sandbox/errors.py

Defect                         CLM-5000  500  anything else is a bug: generic text, request id, trace in the log only
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar


class CdsError(Exception):
    """An error with a stable code, an HTTP status, a FHIR issue type and a hint. Never holds patient data."""

    code: ClassVar[str] = "CLM-0000"
    status: ClassVar[int] = 500
    issue_type: ClassVar[str] = "exception"
    retry_after: int | None = None
    """Seconds after which the same call may go well; None where waiting does not help."""

    def __init__(self, message: str, *, hint: str | None = None, expression: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.expression = tuple(expression)


class CallRejected(CdsError):
    """The call itself is at fault."""

    code, status, issue_type = "CLM-1999", 400, "invalid"


class CallerNotTrusted(CallRejected):
    """The caller is not trusted. The reason goes to the log, never into the body."""

    code, status, issue_type = "CLM-1000", 401, "login"


class BodyNotJson(CallRejected):
    """The body is not one JSON document. ``place``: the line and the column where reading stopped, from 1."""

    code, status, issue_type = "CLM-1001", 400, "structure"

    def __init__(self, message: str, *, hint: str | None = None, place: tuple[int, int] | None = None) -> None:
        super().__init__(message, hint=hint)
        self.place = place


class EnvelopeInvalid(CallRejected):
    """A field of the request is missing or of the wrong type."""

    code, status, issue_type = "CLM-1002", 400, "structure"


class ContextUnusable(CallRejected):
    """The request is well-formed, but its context cannot be used."""

    code, status, issue_type = "CLM-1003", 422, "invalid"


class ServiceUnknown(CallRejected):
    """There is no service of that id."""

    code, status, issue_type = "CLM-1004", 404, "not-found"


class HookMismatch(CallRejected):
    """The service does not listen to the hook that the request names."""

    code, status, issue_type = "CLM-1005", 400, "invalid"


class MethodNotAllowed(CallRejected):
    """The path exists, but not for this method."""

    code, status, issue_type = "CLM-1006", 405, "not-supported"


class BodyTooLarge(CallRejected):
    """The body is over the limit of ``CDS_MAX_BODY_BYTES``."""

    code, status, issue_type = "CLM-1007", 413, "too-long"


class MediaTypeUnsupported(CallRejected):
    """The body is not declared as JSON."""

    code, status, issue_type = "CLM-1008", 415, "not-supported"


class PathUnknown(CallRejected):
    """Nothing is served at that path."""

    code, status, issue_type = "CLM-1009", 404, "not-found"


class RateLimited(CallRejected):
    """The caller calls more often than ``CDS_RATE_LIMIT_PER_MINUTE`` allows."""

    code, status, issue_type = "CLM-1010", 429, "throttled"

    def __init__(self, message: str, *, hint: str | None = None, retry_after: int) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class FeedbackInvalid(CallRejected):
    """A feedback body is not of the standard's shape. Nothing of the batch was kept, so all of it may be sent again."""

    code, status, issue_type = "CLM-1011", 400, "structure"


class QueryNotUnderstood(CallRejected):
    """A search parameter that is not understood; ignoring it would answer another question."""

    code, status, issue_type = "CLM-1012", 400, "not-supported"


class RecordIncomplete(CdsError):
    """The patient's data are not enough to decide, and cannot be had."""

    code, status, issue_type = "CLM-2999", 412, "required"


class PrefetchMissing(RecordIncomplete):
    """Prefetch keys that the decision cannot do without were neither sent nor retrievable."""

    code, status, issue_type = "CLM-2001", 412, "required"

    def __init__(self, notes: Mapping[str, str | None]) -> None:
        """``notes``: for each missing key, why it could not be had (never patient data)."""
        keys = ", ".join(f"'{key}'" + (f" ({note})" if note else "") for key, note in sorted(notes.items()))
        super().__init__(
            f"No data for prefetch key {keys}.",
            hint="Send the key in prefetch, or send fhirServer (and fhirAuthorization) so that it can be fetched.",
            expression=[f"prefetch.{key}" for key in sorted(notes)],
        )


class NotReadable(CdsError):
    """Something given to be read could not be read."""

    code, status, issue_type = "CLM-3999", 422, "processing"


class InputNotReadable(NotReadable):
    """A file is neither a hook request, nor a FHIR Bundle, nor a folder of resources."""

    code, status, issue_type = "CLM-3001", 422, "structure"


class UnitNotUnderstood(NotReadable):
    """A quantity's unit is absent or cannot be converted; a value is never assumed to be in the expected unit."""

    code, status, issue_type = "CLM-3002", 422, "value"


class SigningKeyNotUsable(NotReadable):
    """The private key that a command was given to sign calls with cannot be used. Never says what is in the file."""

    code, status, issue_type = "CLM-3003", 422, "security"


class StartRefused(CdsError):
    """The service does not start with these settings or this content."""

    code, status, issue_type = "CLM-4999", 500, "exception"


class SettingsInvalid(StartRefused):
    """One or more environment variables are wrong; all of them are named."""

    code, status, issue_type = "CLM-4001", 500, "exception"


class KnowledgeInvalid(StartRefused):
    """The clinical content is inconsistent: a number without source, a rule without number, a text too long."""

    code, status, issue_type = "CLM-4002", 500, "exception"


class TerminologyInvalid(StartRefused):
    """A value set or concept map cannot be read or contradicts itself."""

    code, status, issue_type = "CLM-4003", 500, "exception"


class StoreUnusable(StartRefused):
    """The database cannot be opened, or its tables cannot be brought to this version."""

    code, status, issue_type = "CLM-4004", 500, "exception"


class ServiceInvalid(StartRefused):
    """What discovery would say breaks the standard: a prefetch template that not every client can answer, say."""

    code, status, issue_type = "CLM-4005", 500, "exception"


class NotNow(CdsError):
    """Something that the service rests on is out of reach; the same call may go well later."""

    code, status, issue_type = "CLM-6999", 503, "transient"
    retry_after = 5


class StoreUnavailable(NotNow):
    """The database does not answer. Nothing was kept, and nothing was acknowledged."""

    code, status, issue_type = "CLM-6001", 503, "transient"


class NotReady(NotNow):
    """The service runs, but something that it needs is out of reach."""

    code, status, issue_type = "CLM-6002", 503, "transient"


class ServiceBusy(NotNow):
    """More is asked of the service than it can do now. Nothing was decided; the same call may be sent again."""

    code, status, issue_type = "CLM-6003", 503, "throttled"
    retry_after = 1

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="Send the call again after the seconds of the Retry-After header.")


DEFECT_CODE = "CLM-5000"


def operation_outcome(
    *, code: str, issue_type: str, message: str, hint: str | None, expression: Iterable[str], request_id: str | None
) -> dict[str, Any]:
    """The FHIR OperationOutcome of one error.

    ``details.coding.code`` is the stable error code, ``details.text`` the sentence, ``diagnostics`` the hint and the
    request id, ``expression`` the path of the fault where there is one.
    """
    notes = [hint] if hint else []
    if request_id:
        notes.append(f"Request id: {request_id}")
    issue: dict[str, Any] = {
        "severity": "error",
        "code": issue_type,
        "details": {"coding": [{"system": "urn:crc-lung-metastasis:error", "code": code}], "text": message},
    }
    if notes:
        issue["diagnostics"] = " ".join(notes)
    if paths := list(expression):
        issue["expression"] = paths
    return {"resourceType": "OperationOutcome", "issue": [issue]}
