"""The floor: the least that any service must do. It parses the same body with orjson and answers a constant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

ANSWER = b'{"cards":[]}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))]


def app(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Read the body, parse it, answer. A GET (asked while the server starts) has no body to parse."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length:
        orjson.loads(environ["wsgi.input"].read(length))
    start_response("200 OK", HEADERS)
    return [ANSWER]
