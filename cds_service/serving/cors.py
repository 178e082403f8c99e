"""Calls from browsers (CDS Hooks, Cross-Origin Resource Sharing).

A preflight carries no token, so it is answered before anything else. The headers stand on error answers too.
Credentials are never allowed: the token travels in a header, not in a cookie.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, request

PATHS = ("/cds-services", "/explain", "/fhir")
_METHODS = "GET, POST, OPTIONS"
_HEADERS = "Authorization, Content-Type, If-None-Match, X-Request-Id"
_EXPOSED = "ETag, Retry-After, X-Request-Id"
_MAX_AGE_S = "600"


def install_cors(app: Flask, origins: Sequence[str]) -> None:
    """Answer preflights and add the headers for the allowed ``origins`` (``*``: any)."""
    listed = frozenset(origins)

    def allowed(origin: str | None) -> bool:
        return origin is not None and ("*" in listed or origin.lower() in listed)

    @app.before_request
    def preflight() -> Response | None:
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers or not _covered():
            return None
        answer = Response(status=204)
        del answer.headers["Content-Type"]
        return answer

    @app.after_request
    def add_headers(response: Response) -> Response:
        if not _covered():
            return response
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if allowed(origin):
            response.headers["Access-Control-Allow-Origin"] = str(origin)
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
            if request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = _METHODS
                response.headers["Access-Control-Allow-Headers"] = _HEADERS
                response.headers["Access-Control-Max-Age"] = _MAX_AGE_S
        return response


def _covered() -> bool:
    return any(request.path == path or request.path.startswith(path + "/") for path in PATHS)
