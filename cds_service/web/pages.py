"""The governance pages: rules, numbers, sources, and all of them as one document, each with a JSON twin.

Cards link here, so every rule id is an anchor of /rules and a page of its own, and so is every source. What is shown is
what the running service decides with; a site's own numbers stand beside the packaged ones. ``?format=json`` gives the
twin; ``?version=`` asks for one version of the content, and another than the loaded one is not found.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, render_template, request

from cds_service.errors import PathUnknown
from cds_service.knowledge import CERTAINTY_TAGS, Knowledge
from cds_service.web import content as shown
from cds_service.web.content import plain
from cds_service.web.policy import secure


def blueprint(knowledge: Knowledge) -> Blueprint:
    """The pages of one running service."""
    pages = secure(
        Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
    )
    common = {"knowledge": knowledge, "tags": CERTAINTY_TAGS}

    @pages.before_request
    def this_version() -> Response | None:
        """An address that names a version of the content is answered by that version only."""
        asked = request.args.get("version")
        if asked in (None, knowledge.version, knowledge.hash) or request.endpoint == "pages.static":
            return None
        return _not_found("That version of the clinical content is not loaded here.", "/rules", common)

    @pages.get("/rules")
    def rules() -> Response:
        groups = shown.rule_groups(knowledge)
        return _answer("rules.html", list(knowledge.rules.values()), groups=groups, **common)

    @pages.get("/rules/<rule_id>")
    def rule(rule_id: str) -> Response:
        found = shown.rule_page(knowledge, rule_id)
        if found is None:
            return _not_found("There is no rule of that id.", "/rules", common)
        return _answer("rule.html", found, **common)

    @pages.get("/parameters")
    def parameters() -> Response:
        return _answer("parameters.html", list(knowledge.parameters.values()), **common)

    @pages.get("/evidence")
    def evidence() -> Response:
        return _answer("evidence.html", list(knowledge.evidence.values()), **common)

    @pages.get("/evidence/<evidence_id>")
    def source(evidence_id: str) -> Response:
        found = shown.source_page(knowledge, evidence_id)
        if found is None:
            return _not_found("There is no source of that id.", "/evidence", common)
        return _answer("source.html", found, **common)

    @pages.get("/governance")
    def governance() -> Response:
        return _answer("governance.html", shown.document(knowledge), **common)

    return pages


def _answer(template: str, content: Any, **context: Any) -> Response:
    """The page, or the same content as JSON when ``?format=json`` or the Accept header asks for it."""
    if _wants_json():
        knowledge: Knowledge = context["knowledge"]
        body = {"knowledge": {"version": knowledge.version, "hash": knowledge.hash}, "content": plain(content)}
        return Response(orjson.dumps(body, option=orjson.OPT_INDENT_2), mimetype="application/json")
    return Response(render_template(template, content=content, **context), mimetype="text/html")


def _not_found(message: str, listed_at: str, context: dict[str, Any]) -> Response:
    """404 as a page for a browser. Raises: PathUnknown for a program, which is answered with an OperationOutcome."""
    knowledge: Knowledge = context["knowledge"]
    if _wants_page():
        page = render_template("not_found.html", message=message, listed_at=listed_at, **context)
        return Response(page, status=PathUnknown.status, mimetype="text/html")
    raise PathUnknown(
        message, hint=f"GET {listed_at} lists what there is; loaded: {knowledge.version} ({knowledge.hash})."
    )


def _wants_json() -> bool:
    return request.args.get("format") == "json" or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def _wants_page() -> bool:
    """Is this a browser? A program that takes anything gets the OperationOutcome."""
    return request.args.get("format") != "json" and "text/html" in request.accept_mimetypes.values()
