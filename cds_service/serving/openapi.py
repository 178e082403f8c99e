"""``/openapi.json``: the description of every route, written by hand in the file beside this one."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import orjson
from flask import Flask, Response

from cds_service import __version__


def description(base_url: str | None = None) -> dict[str, Any]:
    """The OpenAPI 3.1 document. ``base_url``: where callers reach the service, when the operator has said so."""
    document: dict[str, Any] = orjson.loads((files(__package__) / "openapi.json").read_bytes())
    document["info"]["version"] = __version__
    if base_url:
        document["servers"] = [{"url": base_url}]
    return document


def add_description(app: Flask, base_url: str | None) -> None:
    """Serve the document; it says nothing about anybody, so everybody may read it."""
    body = orjson.dumps(description(base_url))

    @app.get("/openapi.json")
    def openapi() -> Response:
        return Response(body, mimetype="application/json")
