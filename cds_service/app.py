"""The one place where the parts meet: routes, and the six steps of one request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from types import TracebackType
from typing import Any

import orjson
from flask import Flask, Response, g, request

from cds_service import __version__
from cds_service.errors import CallerNotTrusted, HookMismatch, NotReady
from cds_service.hooks.decide import Decision, decide
from cds_service.monitoring import log
from cds_service.protocol.card import check_response
from cds_service.protocol.feedback import read_feedback
from cds_service.protocol.request import read_request
from cds_service.protocol.service import Service
from cds_service.record import complete
from cds_service.runtime import Parts, load_parts
from cds_service.serving.answers import ResponseInvalid, defect_response, install_error_answers, json_response
from cds_service.serving.body import parse, read_body
from cds_service.serving.cors import install_cors
from cds_service.serving.definitions import install_definitions
from cds_service.serving.headers import install_security_headers
from cds_service.serving.observing import add_metrics, observe
from cds_service.serving.openapi import add_description, description
from cds_service.serving.self_check import self_check
from cds_service.settings import Mode, Settings, TrustMode, load_settings, unknown_variables
from cds_service.trust import Caller, OpenTrust, Trust
from cds_service.web import api_page, documentation, feedback_page, pages, playground

INTENDED_USE = (
    "Decision support for clinicians who care for adults with colorectal cancer and known or suspected lung "
    "metastases: options to discuss in the multidisciplinary team, never an order. Not released for clinical use."
)
_UNTOLD = ("/health/", "/metrics")  # asked every few seconds by machines; told where they fail


def trusted(parts: Parts) -> Caller:
    """Step 1: is this caller trusted, and not calling too often?

    Raises: CallerNotTrusted (401), RateLimited (429), StoreUnavailable (503).
    """
    call: log.Call = g.call
    with call.step("trust"):
        address = request.remote_addr or ""
        try:
            caller = parts.trust.check(request.headers, _called_url(parts.settings))
        except CallerNotTrusted:
            parts.limit.count(address)  # trying out tokens is limited too
            raise
        call.issuer, call.tenant = caller.issuer, caller.tenant
        parts.limit.count(caller.name or address)
    return caller


def _called_url(settings: Settings) -> str:
    """The address under which the caller reached us, as a signed call must name it."""
    base = settings.public_base_url
    return base + request.path if base else request.base_url


def decide_call(parts: Parts, service_id: str, *, sent: bool) -> tuple[Decision, dict[str, Any]]:
    """One request, six steps. Each may fail in its own way; none fails as an empty list of cards.

    ``sent``: the cards go out to a clinician, and are remembered.
    """
    call: log.Call = g.call
    caller = trusted(parts)  # 1 Is this caller trusted?
    with call.step("receive"):
        parts.hooks_of(service_id)
        call.service = service_id
        body = read_body(request, parts.settings.max_body_bytes)
    with parts.capacity.slot(len(body)):
        return _decided(parts, service_id, caller, body, sent=sent)


def _decided(
    parts: Parts, service_id: str, caller: Caller, body: bytes, *, sent: bool
) -> tuple[Decision, dict[str, Any]]:
    call: log.Call = g.call
    with call.step("read"):  # 2 Read the hook request.
        service, hook_request = _read(parts, service_id, body)
    with call.step("record"):  # 3 Complete the data.
        read = sources, problems = complete(hook_request, service, parts.fetcher)
        call.sources = {key: source.state.value for key, source in sources.items()}
    with call.step("decide"):  # 4, 5, 6 What do we know, which options, what should the clinician see? One pure call.
        decided = decide(service, hook_request, sources, problems, site=parts.site, on=parts.today())
    with call.step("remember"):  # What this clinician has set aside for the same facts is not shown again.
        decision = parts.remembering.recall(decided, service, hook_request, caller, sent=sent)
    with call.step("check"):  # What breaks the rules of CDS Hooks does not leave.
        response = decision.response()
        if breaches := check_response(response):
            raise ResponseInvalid(breaches)
    call.decision, call.sent = decision, sent
    if sent:
        parts.keep(decided, call, service, hook_request, read)
    return decision, response


def _read(parts: Parts, service_id: str, body: bytes) -> tuple[Service, Any]:
    call: log.Call = g.call
    hooks = parts.hooks_of(service_id)
    hook_request = read_request(parse(body))
    call.hook, call.hook_instance = hook_request.hook, hook_request.hook_instance
    if hook_request.hook not in hooks:
        raise HookMismatch(
            "This service does not listen to the hook that the request names.",
            hint=f"It listens to {', '.join(sorted(hooks))}.",
            expression=["hook"],
        )
    return parts.services[service_id, hook_request.hook], hook_request


def create_app(settings: Settings | None = None, *, trust: Trust | None = None) -> Flask:
    """The application. ``settings``: from the environment when not given. ``trust``: as the settings say.

    Raises: StartRefused (SettingsInvalid, KnowledgeInvalid, TerminologyInvalid, StoreUnusable).
    """
    settings = settings or load_settings()
    log.configure()
    parts = load_parts(settings, trust)
    app = _Application("cds_service", static_folder=None)
    app.extensions["parts"] = parts
    app.url_map.strict_slashes = False  # a redirect would break a browser's preflight
    app.url_map.merge_slashes = False
    _install_call_log(app, parts)
    install_error_answers(app)
    install_cors(app, settings.allowed_origins)
    install_security_headers(app, https=settings.mode is Mode.PRODUCTION)
    _add_service_routes(app, parts)
    _add_health_routes(app, parts)
    add_metrics(app, parts.metrics, settings.metrics)
    add_description(app, settings.public_base_url)
    _add_pages(app, parts)
    install_definitions(
        app,
        parts.site.terminology.resources(),
        parts.services.values(),
        canonical_base=parts.site.terminology.canonical_base,
        public_base_url=settings.public_base_url,
        intended_use=INTENDED_USE,
    )
    first_hook = tuple(parts.services.values())[:1]
    self_check(first_hook, parts.site, parts.today())  # the other hooks: each worker, beside its first calls
    _say_start(parts)
    return app


class _Application(Flask):
    def log_exception(self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
        """Flask would log the exception's message, which may hold patient data."""
        if exc_info[1] is not None:
            log.log_defect(exc_info[1])


def _install_call_log(app: Flask, parts: Parts) -> None:
    knowledge = parts.site.knowledge.version

    @app.before_request
    def begin() -> None:
        g.call = log.Call(log.request_id(request.headers.get("X-Request-Id")), method=request.method)
        g.call.traceparent = request.headers.get("traceparent")
        g.call.route = request.url_rule.rule if request.url_rule else ""  # never the path as it was called

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.call.request_id
        if not g.call.route.startswith(_UNTOLD) or not response.status.startswith("2"):
            seconds = g.call.finish(response.status_code, knowledge)
            observe(g.call, response.status_code, seconds, parts.metrics, parts.tracing)
        return response


def _add_service_routes(app: Flask, parts: Parts) -> None:
    discovery = orjson.dumps({"services": [service.descriptor() for service in parts.services.values()]})
    etag = sha256(discovery).hexdigest()[:32]

    @app.get("/cds-services")
    def discover() -> Response:
        if not parts.settings.public_discovery:
            trusted(parts)
        response = Response(discovery, mimetype="application/json")
        response.set_etag(etag)
        response.headers["Cache-Control"] = "no-cache"  # keep it, but ask whether it has changed
        response.make_conditional(request)
        return response

    @app.post("/cds-services/<service_id>")
    def cards(service_id: str) -> Response:
        _, response = decide_call(parts, service_id, sent=True)
        return json_response(response)

    @app.post("/explain/<service_id>")
    def explain(service_id: str) -> Response:
        decision, _ = decide_call(parts, service_id, sent=False)
        return json_response(decision.explanation())

    @app.post("/cds-services/<service_id>/feedback")
    def feedback(service_id: str) -> Response:
        """Answered only when every entry is on the disk."""
        caller = trusted(parts)
        parts.hooks_of(service_id)
        g.call.service = service_id
        entries = read_feedback(parse(read_body(request, parts.settings.max_body_bytes)))
        new = parts.feedback.keep(caller.name, service_id, entries)
        g.call.feedback = Counter(entry.outcome for entry in entries)
        return json_response({"kept": new, "repeated": len(entries) - new})


def _add_health_routes(app: Flask, parts: Parts) -> None:
    @app.get("/health/live")
    def live() -> Response:
        return json_response({"status": "pass"})

    @app.get("/health/ready")
    def ready() -> Response:
        """Decides about nobody at each hook: it passes only when the service can decide, keep, and know its callers."""
        try:
            self_check(parts.services.values(), parts.site, parts.today())
        except Exception as defect:
            log.log_defect(defect, request_id=g.call.request_id)
            return defect_response(503)
        if problems := parts.problems():
            raise NotReady(" ".join(problems), hint="It is tried again at every call.")
        return json_response({"status": "pass", "version": __version__, **_content(parts)})


def _content(parts: Parts) -> dict[str, Any]:
    """Which clinical content decides, and on which date."""
    knowledge = parts.site.knowledge
    return {
        "knowledge": {"version": knowledge.version, "hash": knowledge.hash, "status": knowledge.status},
        "terminology": {
            "canonicalBase": parts.site.terminology.canonical_base,
            "hash": parts.site.terminology.hash,
            "siteFiles": parts.site.terminology.of_the_site.files,
            "valueSets": len(parts.site.terminology.value_sets),
        },
        "evaluationDate": {"value": parts.today().isoformat(), "fixed": parts.site.fixed_date},
    }


def _add_pages(app: Flask, parts: Parts) -> None:
    """What people see. Blueprints of ``cds_service.web`` are registered here."""
    settings, site = parts.settings, parts.site
    places = [("/rules", "Rules"), ("/parameters", "Numbers"), ("/evidence", "Sources")]
    places += [
        ("/governance", "Governance"),
        ("/feedback", "Feedback"),
        ("/api", "Interface"),
        ("/docs", "Documentation"),
    ]
    app.register_blueprint(pages.blueprint(site.knowledge))
    app.register_blueprint(documentation.blueprint(site.knowledge))
    app.register_blueprint(api_page.blueprint(description(settings.public_base_url), site.knowledge))
    app.register_blueprint(feedback_page.blueprint(parts.database, site.knowledge, site.zone, lambda: trusted(parts)))
    if settings.shows_playground:
        places.insert(0, ("/", "Playground"))
        by_hook = {service.hook: service for service in parts.services.values()}
        app.register_blueprint(
            playground.blueprint(by_hook, site, parts.today, settings.max_body_bytes, _front(places))
        )
    else:
        app.add_url_rule("/", "front", lambda: json_response(_front(places)))
    app.jinja_env.globals["navigation"] = places


def _front(places: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What this is, and where to go on."""
    return {
        "service": "crc-lung-metastasis-cds",
        "version": __version__,
        "intendedUse": INTENDED_USE,
        "discovery": "/cds-services",
        "ready": "/health/ready",
        "fhir": "/fhir/metadata",
        "pages": [path for path, _ in places],
    }


def _say_start(parts: Parts) -> None:
    log.log_event("started", version=__version__, mode=parts.settings.mode, **_content(parts))
    if isinstance(parts.trust, OpenTrust):
        log.log_warning("open trust", text="Every caller that can reach the port is answered (CDS_TRUST=open).")
    shared = [entry for entry in parts.settings.trusted_jkus if " " not in entry]
    if parts.settings.trust is TrustMode.JWT and shared and len(parts.settings.trusted_issuers) > 1:
        log.log_warning("keys without issuer", text="CDS_TRUSTED_JKUS names no issuer: any listed one may use them.")
    if parts.site.fixed_date:
        log.log_warning("fixed evaluation date", text="Decisions are as of CDS_EVALUATION_DATE, not of today.")
    if unknown := unknown_variables():
        log.log_warning("unknown variables", text="Not a setting; no effect.", variables=unknown)
