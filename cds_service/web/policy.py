"""How our pages are sent: what a browser may do with them, and who gets their JSON twin."""

from __future__ import annotations

from flask import Blueprint, Response, request

_READ = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_WITH_SCRIPT = f"{_READ}; script-src 'self'; connect-src 'self'"


def secure(pages: Blueprint, *, script: bool = False) -> Blueprint:
    """What these pages may load, with each of their answers: our stylesheet and pictures; with ``script``, our script.

    No inline script or style can run. The headers that every answer carries are those of ``serving.headers``.
    """

    @pages.after_request
    def say_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _WITH_SCRIPT if script else _READ
        return response

    return pages


def wants_json() -> bool:
    """Does this call ask for the JSON twin of a page, by ``?format=json`` or by its Accept header?"""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.args.get("format") == "json" or best == "application/json"
