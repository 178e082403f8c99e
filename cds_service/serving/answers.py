"""Answers: JSON by orjson, and the one place where an error becomes an HTTP status and an OperationOutcome."""

from __future__ import annotations

import re
from collections.abc import Sequence

import orjson
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from cds_service import errors
from cds_service.errors import (
    DEFECT_CODE,
    CallerNotTrusted,
    CallRejected,
    CdsError,
    PathUnknown,
    operation_outcome,
)
from cds_service.monitoring import log

JSON = "application/json"
_DEFECT = 500
_DEFECT_TEXT = "The service failed. Nothing was decided; this is not an empty answer."


class ResponseInvalid(Exception):
    """A response of ours breaks the rules of CDS Hooks. A defect: it is answered with 500, never sent."""

    def __init__(self, breaches: Sequence[str]) -> None:
        super().__init__("the response breaks the card rules")
        self.breaches = tuple(breaches)


def json_response(document: object, status: int = 200) -> Response:
    """A JSON response. What is about a patient is kept by no cache."""
    response = Response(orjson.dumps(document), status=status, mimetype=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def install_error_answers(app: Flask) -> None:
    """Every error, whatever raised it, leaves as an OperationOutcome."""

    @app.errorhandler(CdsError)
    def refused(error: CdsError) -> Response:
        if error.status == _DEFECT:
            log.log_defect(error, request_id=g.call.request_id)
        return _answer(error)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        translated = _translated(error)
        if translated is None:
            return defect(error)
        response = _answer(translated)
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response

    @app.errorhandler(Exception)
    def defect(error: Exception) -> Response:
        breaches = list(error.breaches) if isinstance(error, ResponseInvalid) else None
        log.log_defect(error, request_id=g.call.request_id, breaches=breaches)
        return defect_response(_DEFECT)


def defect_response(status: int) -> Response:
    """The generic answer to a defect."""
    g.call.code = DEFECT_CODE
    outcome = operation_outcome(
        code=DEFECT_CODE,
        issue_type="exception",
        message=_DEFECT_TEXT,
        hint="Report it to the operator of the service, with the request id.",
        expression=(),
        request_id=g.call.request_id,
    )
    return json_response(outcome, status)


def _answer(error: CdsError) -> Response:
    g.call.code, g.call.reason = error.code, error.message
    message, hint = error.message, error.hint
    if isinstance(error, CallerNotTrusted):  # the log says why, the body does not
        message, hint = "The caller is not trusted.", None
    outcome = operation_outcome(
        code=error.code,
        issue_type=error.issue_type,
        message=message,
        hint=hint,
        expression=error.expression,
        request_id=g.call.request_id,
    )
    response = json_response(outcome, error.status)
    if isinstance(error, CallerNotTrusted):
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _translated(error: HTTPException) -> CdsError | None:
    """The web framework's own refusals in our words; None when it is not the caller's fault."""
    if isinstance(error, NotFound):
        return PathUnknown("Nothing is served at this path.", hint="GET /cds-services lists the services.")
    if isinstance(error, MethodNotAllowed):
        return errors.MethodNotAllowed("This path does not answer that method.", hint="See the Allow header.")
    if error.code is None or not _DEFECT > error.code >= 400:
        return None
    return CallRejected(f"The call was refused ({_words(error.name)}).")


def _words(name: str) -> str:
    return re.sub(r"[^A-Za-z ]", "", name)
