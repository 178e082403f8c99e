"""The envelope of a hook request, checked by Pydantic; its values are never repeated in an error."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from cds_service.errors import CdsError

FHIR_ID = r"^[A-Za-z0-9\-.]{1,64}$"
UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
# What may stand in an Authorization header (RFC 6750, b64token); a line break must never get there.
_TOKEN = r"^[A-Za-z0-9\-._~+/]+=*$"  # noqa: S105 - a pattern
_MAX_FAULTS = 20

Model = TypeVar("Model", bound=BaseModel)


def _base_url(url: str) -> str:
    if not url:
        return url  # some clients send "" for "none"
    parts = urlsplit(url)  # its ValueError is reported by Pydantic
    _ = parts.port
    plain = not (parts.username or parts.password or parts.query or parts.fragment) and url.isprintable()
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or " " in url:
        raise ValueError("not a base URL")
    return url


def _title_case(value: object) -> object:
    return value.title() if isinstance(value, str) else value


class Border(BaseModel):
    """Unknown fields are ignored; numbers are not read as texts, nor texts as objects."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Authorization(Border):
    """``fhirAuthorization``. Only what is used is demanded."""

    access_token: Annotated[str, StringConstraints(pattern=_TOKEN)]
    token_type: Annotated[Literal["Bearer"], BeforeValidator(_title_case)]
    expires_in: int | None = None
    scope: str | None = None
    subject: str | None = None
    patient: str | None = None


class Envelope(Border):
    """The fields of a request that belong to every hook, under their names on the wire."""

    hook: Annotated[str, StringConstraints(min_length=1)]
    hookInstance: Annotated[str, StringConstraints(pattern=UUID)]
    context: dict[str, Any]
    prefetch: dict[str, Any] | None = None
    fhirServer: Annotated[str, AfterValidator(_base_url)] | None = None
    fhirAuthorization: Authorization | None = Field(default=None, repr=False)


_SAID = {
    "missing": "is missing",
    "string_type": "must be a string",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "list_type": "must be an array",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "too_long": "holds too many entries",
    "literal_error": "is not one of the words that the specification knows",
}
_SAID_OF = {
    "hookInstance": "must be a UUID",
    "fhirServer": "must be an absolute http(s) base URL",
    "access_token": "must be a bearer token",
    "token_type": "must be Bearer",
    "expires_in": "must be a number of seconds",
    "patientId": "must be a bare FHIR id, such as 123",
    "card": "must be the uuid of a card",
    "id": "must be the uuid of a suggestion",
    "outcomeTimestamp": "must be a time with its zone, such as 2026-01-31T12:00:00Z",
}


def read_model(model: type[Model], document: dict[str, Any], under: str, error: type[CdsError]) -> Model:
    """The document as ``model``. ``under``: the path that stands before the fields' own, such as ``context``.

    Raises: ``error`` with every fault's path and rule, never with a value.
    """
    try:
        return model.model_validate(document)
    except ValidationError as invalid:
        faults = invalid.errors(include_url=False, include_context=False, include_input=False)[:_MAX_FAULTS]
        said = {_path(under, fault["loc"]): _rule(fault["type"], fault["loc"]) for fault in faults}
        text = "; ".join(f"{path} {rule}" for path, rule in said.items())
        raise error(f"{text}.", hint="See CDS Hooks, HTTP Request, and the hook's context.", expression=said) from None


def _path(under: str, location: tuple[int | str, ...]) -> str:
    path = under
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _rule(kind: str, location: tuple[int | str, ...]) -> str:
    if kind == "missing":
        return _SAID[kind]
    return _SAID_OF.get(str(location[-1])) or _SAID.get(kind, "is not valid")
