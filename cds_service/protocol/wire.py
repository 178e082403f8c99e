"""Reading a JSON document of a client with Pydantic; a refusal names paths and rules, never a value of the document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from cds_service.errors import CdsError

FHIR_ID = r"^[A-Za-z0-9\-.]{1,64}$"
UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
HINT = "See CDS Hooks, HTTP Request, and the hook's context."
UNUSABLE = "unusable"
"""The type of a fault of a field that has the right form but does not name what it should."""

_MAX_FAULTS = 20

Model = TypeVar("Model", bound=BaseModel)


class WireModel(BaseModel):
    """Unknown fields are ignored; numbers are not read as texts, nor texts as objects."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


_SAID = {
    "missing": "is missing",
    "string_type": "must be a string",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "list_type": "must be an array",
    "tuple_type": "must be an array",
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


def validated(model: type[Model], document: dict[str, Any]) -> tuple[Model | None, list[ErrorDetails]]:
    """The document as ``model``, or None and its faults."""
    try:
        return model.model_validate(document), []
    except ValidationError as invalid:
        return None, invalid.errors(include_url=False, include_input=False)


def read_model(model: type[Model], document: dict[str, Any], error: type[CdsError]) -> Model:
    """The document as ``model``. Raises: ``error`` with the path and the rule of every fault."""
    read, faults = validated(model, document)
    if read is None:
        raise refusal(error, faults)
    return read


def refusal(error: type[CdsError], faults: Sequence[ErrorDetails]) -> CdsError:
    """The error that names the path and the rule of each fault, up to a fixed number of them."""
    said = {_path(fault): _rule(fault) for fault in faults[:_MAX_FAULTS]}
    text = "; ".join(f"{path} {rule}" for path, rule in said.items())
    hint = faults[0].get("ctx", {}).get("hint", HINT) if faults[0]["type"] == UNUSABLE else HINT
    return error(f"{text}.", hint=hint, expression=said)


def unusable(path: str, rule: str, hint: str) -> PydanticCustomError:
    """A fault of type UNUSABLE for a validator to raise. ``rule``: what follows the path in the message."""
    return PydanticCustomError("unusable", rule, {"path": path, "hint": hint})


def _path(fault: ErrorDetails) -> str:
    if fault["type"] == UNUSABLE:
        return str(fault["ctx"]["path"])
    path = ""
    for part in fault["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _rule(fault: ErrorDetails) -> str:
    kind, location = fault["type"], fault["loc"]
    if kind == UNUSABLE:
        return fault["msg"]
    if kind == "missing":
        return _SAID[kind]
    return _SAID_OF.get(str(location[-1])) or _SAID.get(kind, "is not valid")
