"""How our pages are sent: what a browser may do with them, and who gets their JSON twin."""

from __future__ import annotations

from flask import Blueprint, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def secure(pages: Blueprint) -> Blueprint:
    """Send the policy with every answer of these pages. No inline script or style can run."""

    @pages.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return pages


def wants_json() -> bool:
    """Does this call ask for the JSON twin of a page, by ``?format=json`` or by its Accept header?"""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.args.get("format") == "json" or best == "application/json"
