"""Headers that keep a browser from doing with an answer what nobody asked for.

A page with needs of its own says its Content-Security-Policy first (``web.policy``); the rest is said here alone.
"""

from __future__ import annotations

from flask import Flask, Response

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
}
_YEAR_S = 31_536_000


def install_security_headers(app: Flask, *, https: bool) -> None:
    """``https``: callers reach the service over TLS alone, and browsers are told to keep to it."""
    headers = _ALWAYS | ({"Strict-Transport-Security": f"max-age={_YEAR_S}"} if https else {})

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response
