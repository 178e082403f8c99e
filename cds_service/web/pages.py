"""The governance pages: /rules, /parameters, /evidence and /evidence/{id}, each with a JSON twin (``?format=json``).

Cards link here, so every rule id is an anchor of /rules and every evidence id a page of its own. What is shown is what
the running service decides with, site overrides included and marked.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from flask import Blueprint, Response, render_template, request

from cds_service.errors import PathUnknown
from cds_service.knowledge import CERTAINTY_TAGS, Knowledge

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def blueprint(knowledge: Knowledge) -> Blueprint:
    """The pages of one running service."""
    pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
    common = {"knowledge": knowledge, "tags": CERTAINTY_TAGS}

    @pages.after_request
    def secure(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @pages.get("/rules")
    def rules() -> Response:
        return _answer("rules.html", list(knowledge.rules.values()), **common)

    @pages.get("/parameters")
    def parameters() -> Response:
        return _answer("parameters.html", list(knowledge.parameters.values()), **common)

    @pages.get("/evidence")
    def evidence() -> Response:
        return _answer("evidence.html", list(knowledge.evidence.values()), **common)

    @pages.get("/evidence/<evidence_id>")
    def source(evidence_id: str) -> Response:
        found = knowledge.evidence.get(evidence_id)
        if found is None:
            raise PathUnknown("There is no source of that id.", hint="GET /evidence lists every source.")
        cited_by = [rule for rule in knowledge.rules.values() if found.id in rule.evidence]
        numbers = [item for item in knowledge.parameters.values() if found.id in item.sources]
        return _answer("source.html", found, cited_by=cited_by, numbers=numbers, **common)

    return pages


def _answer(template: str, content: Any, **context: Any) -> Response:
    """The page, or the same content as JSON when ``?format=json`` or the Accept header asks for it."""
    wants_json = request.args.get("format") == "json" or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )
    if wants_json:
        knowledge: Knowledge = context["knowledge"]
        body = {"knowledge": {"version": knowledge.version, "hash": knowledge.hash}, "content": _plain(content)}
        return Response(orjson.dumps(body, option=orjson.OPT_INDENT_2), mimetype="application/json")
    return Response(render_template(template, content=content, **context), mimetype="text/html")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return _plain(asdict(value)) if hasattr(value, "__dataclass_fields__") else value
