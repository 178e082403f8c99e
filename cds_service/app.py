"""The one place where the parts meet: routes, and the six steps of one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from types import TracebackType
from typing import Any

import orjson
from flask import Flask, Response, g, request

from cds_service import __version__, telemetry
from cds_service.errors import HookMismatch, ServiceUnknown
from cds_service.hooks import services as all_services
from cds_service.hooks.decision import Decision, Site, decide
from cds_service.protocol.card import check_response
from cds_service.protocol.request import read_request
from cds_service.protocol.service import Service
from cds_service.record import AllowList, Fetcher, FhirClient, FhirFetcher, complete
from cds_service.serving.answers import ResponseInvalid, defect_response, install_error_answers, json_response
from cds_service.serving.body import read_json
from cds_service.serving.cors import install_cors
from cds_service.serving.self_check import self_check
from cds_service.settings import ServiceIds, Settings, load_settings, unknown_variables
from cds_service.site import load_site
from cds_service.trust import OpenTrust, Trust
from cds_service.web import pages

INTENDED_USE = (
    "Decision support for clinicians who care for adults with colorectal cancer and known or suspected lung "
    "metastases: options to discuss in the multidisciplinary team, never an order. Not released for clinical use."
)
_HEALTH = "/health/"


@dataclass(frozen=True, slots=True)
class Parts:
    """What was loaded at start, and what every request uses."""

    settings: Settings
    trust: Trust
    services: Mapping[tuple[str, str], Service]  # by (id, hook)
    site: Site
    fetcher: Fetcher

    def today(self) -> date:
        """The evaluation date: the fixed one, or today at the facility."""
        return self.settings.evaluation_date or datetime.now(self.settings.zone).date()

    def public_url(self) -> str:
        """The address under which the caller reached us, as a signed call must name it."""
        base = self.settings.public_base_url
        return base + request.path if base else request.base_url

    def hooks_of(self, service_id: str) -> list[str]:
        """The hooks that a service id listens to. Raises: ServiceUnknown (404)."""
        hooks = [hook for known, hook in self.services if known == service_id]
        if not hooks:
            raise ServiceUnknown("There is no service of that id.", hint="GET /cds-services lists the services.")
        return hooks


def decide_call(parts: Parts, service_id: str) -> tuple[Decision, dict[str, Any]]:
    """One request, six steps. Each may fail in its own way; none fails as an empty list of cards."""
    call: telemetry.Call = g.call
    with call.step("trust"):  # 1 Is this caller trusted?
        parts.trust.check(request.headers, parts.public_url())
    with call.step("read"):  # 2 Read the hook request.
        service, hook_request = _read(parts, service_id)
    with call.step("record"):  # 3 Complete the data.
        sources, problems = complete(hook_request, service, parts.fetcher)
        call.sources = {key: source.state.value for key, source in sources.items()}
    with call.step("decide"):  # 4, 5, 6 What do we know, which options, what should the clinician see? One pure call.
        decision = decide(service, hook_request, sources, problems, site=parts.site, on=parts.today())
    with call.step("check"):  # What breaks the rules of CDS Hooks does not leave.
        response = decision.response()
        if breaches := check_response(response):
            raise ResponseInvalid(breaches)
    call.cards = len(decision.cards)
    return decision, response


def _read(parts: Parts, service_id: str) -> tuple[Service, Any]:
    call: telemetry.Call = g.call
    hooks = parts.hooks_of(service_id)
    call.service = service_id
    hook_request = read_request(read_json(request, parts.settings.max_body_bytes))
    call.hook, call.hook_instance = hook_request.hook, hook_request.hook_instance
    if hook_request.hook not in hooks:
        raise HookMismatch(
            "This service does not listen to the hook that the request names.",
            hint=f"It listens to {', '.join(sorted(hooks))}.",
            expression=["hook"],
        )
    return parts.services[service_id, hook_request.hook], hook_request


def create_app(settings: Settings | None = None, *, trust: Trust | None = None) -> Flask:
    """The application. ``settings``: from the environment when not given. ``trust``: open when not given.

    Raises: StartRefused (SettingsInvalid, KnowledgeInvalid, TerminologyInvalid).
    """
    settings = settings or load_settings()
    telemetry.configure()
    parts = _load(settings, trust or OpenTrust())
    app = _Application("cds_service", static_folder=None)
    app.url_map.strict_slashes = False  # a redirect would break a browser's preflight
    app.url_map.merge_slashes = False
    _install_call_log(app, parts.site.knowledge.version)
    install_error_answers(app)
    install_cors(app, settings.allowed_origins)
    _add_service_routes(app, parts)
    _add_health_routes(app, parts)
    _add_pages(app, parts.site)
    self_check(parts.services.values(), parts.site, parts.today())
    _say_start(parts)
    return app


class _Application(Flask):
    def log_exception(self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
        """Flask would log the exception's message, which may hold patient data."""
        if exc_info[1] is not None:
            telemetry.log_defect(exc_info[1])


def _load(settings: Settings, trust: Trust) -> Parts:
    site = load_site(settings, fixed_date=settings.evaluation_date is not None)
    services = all_services(site.terminology, shared_id=settings.service_ids is ServiceIds.SHARED)
    return Parts(
        settings=settings,
        trust=trust,
        services={(service.id, service.hook): service for service in services},
        site=site,
        fetcher=FhirFetcher(
            FhirClient(),
            AllowList(settings.fhir_servers, loopback=settings.allows_loopback_fhir),
            settings.fhir_budget_ms,
        ),
    )


def _install_call_log(app: Flask, knowledge: str) -> None:
    @app.before_request
    def begin() -> None:
        g.call = telemetry.Call(telemetry.request_id(request.headers.get("X-Request-Id")), method=request.method)
        g.call.route = request.url_rule.rule if request.url_rule else ""  # never the path as it was called

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.call.request_id
        if not g.call.route.startswith(_HEALTH) or not response.status.startswith("2"):
            g.call.finish(response.status_code, knowledge)
        return response


def _add_service_routes(app: Flask, parts: Parts) -> None:
    discovery = orjson.dumps({"services": [service.descriptor() for service in parts.services.values()]})
    etag = sha256(discovery).hexdigest()[:32]

    @app.get("/cds-services")
    def discover() -> Response:
        parts.trust.check(request.headers, parts.public_url())
        response = Response(discovery, mimetype="application/json")
        response.set_etag(etag)
        response.headers["Cache-Control"] = "no-cache"  # keep it, but ask whether it has changed
        response.make_conditional(request)
        return response

    @app.post("/cds-services/<service_id>")
    def cards(service_id: str) -> Response:
        _, response = decide_call(parts, service_id)
        return json_response(response)

    @app.post("/explain/<service_id>")
    def explain(service_id: str) -> Response:
        decision, _ = decide_call(parts, service_id)
        return json_response(decision.explanation())


def _add_health_routes(app: Flask, parts: Parts) -> None:
    @app.get("/health/live")
    def live() -> Response:
        return json_response({"status": "pass"})

    @app.get("/health/ready")
    def ready() -> Response:
        """Decides about nobody, so that it passes only when the service can decide."""
        try:
            self_check(parts.services.values(), parts.site, parts.today())
        except Exception as defect:
            telemetry.log_defect(defect, request_id=g.call.request_id)
            return defect_response(503)
        return json_response({"status": "pass", "version": __version__, **_content(parts)})


def _content(parts: Parts) -> dict[str, Any]:
    """Which clinical content decides, and on which date."""
    knowledge = parts.site.knowledge
    return {
        "knowledge": {"version": knowledge.version, "hash": knowledge.hash, "status": knowledge.status},
        "terminology": {
            "canonicalBase": parts.site.terminology.canonical_base,
            "valueSets": len(parts.site.terminology.value_sets),
        },
        "evaluationDate": {"value": parts.today().isoformat(), "fixed": parts.site.fixed_date},
    }


def _add_pages(app: Flask, site: Site) -> None:
    """What people see. Blueprints of ``cds_service.web`` are registered here."""
    app.register_blueprint(pages.blueprint(site.knowledge))

    @app.get("/")
    def front() -> Response:
        return json_response(
            {
                "service": "crc-lung-metastasis-cds",
                "version": __version__,
                "intendedUse": INTENDED_USE,
                "discovery": "/cds-services",
                "ready": "/health/ready",
                "pages": ["/rules", "/parameters", "/evidence", "/governance"],
            }
        )


def _say_start(parts: Parts) -> None:
    telemetry.log_event("started", version=__version__, mode=parts.settings.mode, **_content(parts))
    if isinstance(parts.trust, OpenTrust):
        telemetry.log_warning("open trust", text="Every caller that can reach the port is answered (CDS_TRUST=open).")
    if parts.site.fixed_date:
        telemetry.log_warning("fixed evaluation date", text="Decisions are as of CDS_EVALUATION_DATE, not of today.")
    if unknown := unknown_variables():
        telemetry.log_warning("unknown variables", text="Not a setting; no effect.", variables=unknown)
