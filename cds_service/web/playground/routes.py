"""The routes of the playground: the page by address or by form, and the chosen request as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
from flask import Blueprint, Response, g, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from cds_service.errors import BodyNotJson, BodyTooLarge, CdsError, operation_outcome
from cds_service.hooks.decide import Site
from cds_service.hooks.services import HOOKS
from cds_service.protocol.service import Service
from cds_service.web.json_html import json_html
from cds_service.web.picture import patient_picture
from cds_service.web.playground import client, faults, view
from cds_service.web.playground.changes import CHANGES
from cds_service.web.playground.chart_edits import Request
from cds_service.web.playground.choice import Choice
from cds_service.web.playground.deciding import Answer, read_text
from cds_service.web.playground.difference import classes, differences
from cds_service.web.playground.hooks import ORDERS
from cds_service.web.playground.playground import Playground
from cds_service.web.policy import secure, wants_json
from cds_service.web.templates_folder import TEMPLATES
from cds_service.web.what_if import what_if_panel

_FORM_FRAME = 65_536
"""Bytes of a form around the pasted text: the other fields, and the boundaries between them."""


def blueprint(
    services: Mapping[str, Service],
    site: Site,
    today: Callable[[], date],
    max_bytes: int,
    front: Mapping[str, Any],
) -> Blueprint:
    """The playground of one running service.

    ``services``: by hook. ``max_bytes``: the largest request. ``front``: what a JSON client gets at ``/``.
    """
    pages = secure(Blueprint("playground", __name__, template_folder=TEMPLATES), script=True)
    playground = Playground(services, site, today, max_bytes)

    @pages.get("/")
    def by_address() -> Response:
        if wants_json() or "Accept" not in request.headers:
            return Response(orjson.dumps(front), mimetype="application/json")
        if request.args.get("from") == "text":
            return _page(playground, Choice(pasted=""), None)
        choice = playground.read(request.args)
        return _page(playground, choice, playground.cases[choice.case].request)

    @pages.post("/")
    def by_form() -> Response:
        request.max_form_memory_size = max_bytes + _FORM_FRAME
        request.max_content_length = max_bytes + _FORM_FRAME
        try:
            form = request.form
        except RequestEntityTooLarge:
            return _refused(
                playground, Choice(pasted=""), BodyTooLarge(f"The request is larger than {max_bytes} bytes.")
            )
        choice = playground.read(form, pasted=form.get("request", ""))
        try:
            original = read_text(choice.pasted or "", max_bytes)
        except CdsError as error:
            return _refused(playground, choice, error)
        return _page(playground, choice, original)

    @pages.get("/playground/request.json")
    def request_file() -> Response:
        choice = playground.read(request.args)
        made = playground.chosen(playground.cases[choice.case].request, choice)
        return Response(orjson.dumps(made, option=orjson.OPT_INDENT_2), mimetype="application/json")

    return pages


def _page(playground: Playground, choice: Choice, original: Request | None) -> Response:
    """The page for a request; without one, only the controls."""
    if original is None:
        return _rendered(playground, choice, original, None)
    answer = playground.ask(playground.chosen(original, choice), choice)
    before = playground.ask(original, replace(choice, on=None)) if choice.alters else None
    return _rendered(playground, choice, original, answer, before=before)


def _refused(playground: Playground, choice: Choice, error: CdsError) -> Response:
    return _rendered(playground, choice, None, Answer(None, None, error=error))


def _rendered(
    playground: Playground,
    choice: Choice,
    original: Request | None,
    answer: Answer | None,
    *,
    before: Answer | None = None,
) -> Response:
    context: dict[str, Any] = {
        "knowledge": playground.site.knowledge,
        "cases": playground.cases.values(),
        "case": playground.cases[choice.case] if choice.pasted is None else None,
        "choice": choice,
        "day": playground.day_of(choice),
        "hooks": HOOKS.values(),
        "orders": ORDERS,
        "changes": CHANGES,
        "keys": _keys(playground, original),
        "original_hook": str(original.get("hook", "")) if original else "",
        "answer": answer,
    }
    if answer and answer.explanation:
        context |= _reasons(playground, choice, answer)
    if answer and answer.error:
        context |= _fault(choice, answer.error)
    if before and answer:
        context["differences"] = differences(before, answer, playground.site.knowledge)
    if answer and answer.request is not None:
        context |= _call(playground, choice, answer)
    status = answer.error.status if answer and answer.error else 200
    response = Response(render_template("playground.html", **context), status=status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _keys(playground: Playground, original: Request | None) -> list[tuple[str, bool]]:
    """The prefetch keys that can be dropped: those that the service asks for, and whether the request has them."""
    prefetch = original.get("prefetch") if original else None
    sent = prefetch if isinstance(prefetch, dict) else {}
    asked = next(iter(playground.services.values())).prefetch
    return [(key, key in sent) for key in asked]


def _reasons(playground: Playground, choice: Choice, answer: Answer) -> dict[str, Any]:
    explanation, on, knowledge = answer.explanation or {}, playground.day_of(choice), playground.site.knowledge
    rewrite = view.known_addresses(knowledge, playground.base_url())
    return {
        "explanation": explanation,
        "picture": patient_picture(explanation, knowledge),
        "what_if": what_if_panel(answer.what_if, knowledge) if answer.what_if else None,
        "cards_shown": view.shown_cards(explanation, rewrite, on),
        "options": view.options(explanation, knowledge),
        "classification": classes(explanation, knowledge),
        "sources": view.sources(explanation, knowledge),
    }


def _fault(choice: Choice, error: CdsError) -> dict[str, Any]:
    """The OperationOutcome, and where in a pasted text the fault is."""
    g.call.code, g.call.reason = error.code, error.message
    outcome = operation_outcome(
        code=error.code,
        issue_type=error.issue_type,
        message=error.message,
        hint=error.hint,
        expression=error.expression,
        request_id=g.call.request_id,
    )
    return {"error": error, "outcome": json_html(outcome, open_levels=3), "places": _places(choice, error)}


def _places(choice: Choice, error: CdsError) -> list[dict[str, Any]]:
    text = choice.pasted
    if text is None or choice.alters:  # the text is not what was asked
        return []
    if isinstance(error, BodyNotJson):
        line, column = error.place or (1, 1)
        return [_place("", line, column, True, text)] if error.place else []
    return [_place(path, *faults.place_of(text, path), text) for path in error.expression]


def _place(path: str, line: int, column: int, found: bool, text: str) -> dict[str, Any]:
    return {
        "path": path,
        "line": line,
        "column": column,
        "found": found,
        "excerpt": faults.excerpt(text, line, column),
    }


def _call(playground: Playground, choice: Choice, answer: Answer) -> dict[str, Any]:
    """The call as JSON, as a command, and at the public sandbox."""
    made, base_url = answer.request or {}, playground.base_url()
    hook = str(made.get("hook", ""))
    service = answer.service or next(iter(playground.services.values())).id
    if choice.pasted is None:
        curl = client.curl_of_case(base_url, service, choice.query())
    else:
        curl = client.curl_of_text(base_url, service, made)
    return {
        "request_json": json_html(made, open_levels=2),
        "response_json": json_html(answer.response, open_levels=3) if answer.explanation else None,
        "curl": curl,
        "sandbox": client.sandbox_link(base_url, hook),
        "service_id": service,
        "query": choice.query(),
        "same_day": playground.day_of(choice) == playground.today(),
    }
