"""The body of a call: one JSON document, declared as such, within the size limit."""

from __future__ import annotations

from codecs import BOM_UTF8

import orjson
from flask import Request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from cds_service.errors import BodyNotJson, BodyTooLarge, MediaTypeUnsupported


def read_body(request: Request, limit: int) -> bytes:
    """The body, of at most ``limit`` bytes.

    Raises: MediaTypeUnsupported (415), BodyTooLarge (413), BodyNotJson (400) when there is none or it ends early.
    """
    media_type = request.mimetype
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        raise MediaTypeUnsupported("The body is not declared as JSON.", hint="Send Content-Type: application/json.")
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise MediaTypeUnsupported("A compressed body is not read.", hint="Send the body without Content-Encoding.")
    body = _read(request, limit).removeprefix(BOM_UTF8)  # a reader may pass over it (RFC 8259, 8.1)
    if not body:
        raise BodyNotJson("The body is empty.", hint="Send the hook request as JSON.")
    return body


def parse(body: bytes) -> object:
    """The document in the body.

    Raises: BodyNotJson (400) for anything that is not JSON as RFC 8259 defines it: NaN, comments, another encoding than
    UTF-8; and for JSON that is nested deeper than any FHIR resource.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        place = (fault.lineno, fault.colno)
        said = "The body is nested too deeply." if "depth" in fault.msg else "The body is not JSON."
        raise BodyNotJson(said, hint=f"Reading stopped at line {place[0]}, column {place[1]}.", place=place) from None


def _read(request: Request, limit: int) -> bytes:
    # A chunked body has no announced length: the framework would cut it at its limit without a word. One byte more than
    # we accept tells the two cases apart.
    request.max_content_length = limit + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise _too_large(limit) from None
    except (ClientDisconnected, OSError):
        raise BodyNotJson("The body ended early.") from None
    except ParseException:
        raise BodyNotJson("The body is not chunked as HTTP defines it.") from None
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than {limit} bytes.", hint="Send less, or raise CDS_MAX_BODY_BYTES.")
