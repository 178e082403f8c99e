"""What is loaded at start and used by every request: content, trust, store, fetcher."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Thread

from cds_service.audit import Keeping, load_keeping
from cds_service.audit.minimal import Input
from cds_service.errors import ServiceInvalid, ServiceUnknown, StoreUnavailable
from cds_service.hooks.decide import Decision, Site
from cds_service.hooks.services import services as all_services
from cds_service.hooks.sources import Completed
from cds_service.monitoring.log import Call, log_defect, log_event
from cds_service.monitoring.metrics import Metrics
from cds_service.monitoring.tracing import Tracing, load_tracing
from cds_service.protocol.request import HookRequest
from cds_service.protocol.service import Service
from cds_service.protocol.templates import lint
from cds_service.record import AllowList, Fetcher, FhirClient, FhirFetcher
from cds_service.serving.limits import Capacity, RateLimit
from cds_service.serving.remembering import Remembering
from cds_service.serving.self_check import self_check
from cds_service.settings import Mode, ServiceIds, Settings, TrustMode
from cds_service.site import load_site
from cds_service.store import (
    CardMemory,
    Database,
    FeedbackStore,
    UsedTokens,
    default_folder,
    load_pseudonyms,
    open_database,
)
from cds_service.trust import OpenTrust, Trust


@dataclass(frozen=True, slots=True)
class Parts:
    """What was loaded at start, and what every request uses."""

    settings: Settings
    trust: Trust
    services: Mapping[tuple[str, str], Service]  # by (id, hook)
    site: Site
    fetcher: Fetcher
    database: Database
    limit: RateLimit
    capacity: Capacity
    remembering: Remembering
    feedback: FeedbackStore
    metrics: Metrics
    keeping: Keeping | None  # None where no input is kept for audit
    tracing: Tracing | None

    def today(self) -> date:
        """The evaluation date: the fixed one, or today at the facility."""
        return self.settings.evaluation_date or datetime.now(self.settings.zone).date()

    def problems(self) -> list[str]:
        """What the service needs and cannot reach at the moment, in words that name no address."""
        found = [problem for part in (self.database, self.trust) if (problem := part.problem())]
        if self.site.fixed_date and self.settings.mode is Mode.PRODUCTION:
            found.append("The evaluation date is fixed, in production.")
        return found

    def keep(
        self, decision: Decision, call: Call, service: Service, hook_request: HookRequest, read: Completed
    ) -> None:
        """Keep what a decision was made of, where the operator has asked for it. Never waits, never fails."""
        if self.keeping is None:
            return
        given = Input(
            service=service.id,
            request=hook_request,
            sources=read[0],
            problems=read[1],
            on=decision.assessment.evaluated_on,
            timezone=self.settings.timezone,
            public_base_url=self.site.public_base_url,
            fixed_date=self.site.fixed_date,
        )
        call.kept = self.keeping.keep(decision, given, call.request_id)

    def warm(self) -> None:
        """Do what the first calls of a worker would wait for, beside them: start is not delayed by it.

        A worker that is told to stop meanwhile waits for it. A daemon thread would be cut off in the middle of
        something, and the process might wait for ever for what it held.
        """
        Thread(target=self._warm, name="warm").start()

    def _warm(self) -> None:
        """Connect to the database, fetch the callers' keys, ask the memory, decide once at each hook."""
        try:
            self_check(self.services.values(), self.site, self.today())
            self.remembering.memory.set_aside(caller="", patient="", clinician="", since=datetime.now(UTC))
        except StoreUnavailable:
            pass  # the problems say it
        except Exception as defect:
            log_defect(defect)  # readiness fails for the same reason
        log_event("worker ready", process=os.getpid(), problems=self.problems())

    def hooks_of(self, service_id: str) -> list[str]:
        """The hooks that a service id listens to. Raises: ServiceUnknown (404)."""
        hooks = [hook for known, hook in self.services if known == service_id]
        if not hooks:
            raise ServiceUnknown("There is no service of that id.", hint="GET /cds-services lists the services.")
        return hooks


def load_parts(settings: Settings, trust: Trust | None = None) -> Parts:
    """Everything that the settings name. ``trust``: in place of the one that they name.

    Raises: StartRefused (KnowledgeInvalid, TerminologyInvalid, StoreUnusable, SettingsInvalid).
    """
    database = open_database(settings.database_url.get_secret_value() if settings.database_url else None)
    site = load_site(settings, fixed_date=settings.evaluation_date is not None)
    services = all_services(site.terminology, shared_id=settings.service_ids is ServiceIds.SHARED)
    if faults := [f"{service.hook}: {fault}" for service in services for fault in lint(service)]:
        raise ServiceInvalid("Discovery would break the standard:\n" + "\n".join(f"  - {fault}" for fault in faults))
    metrics = Metrics(site.knowledge)
    database.close_connections()  # workers are forked from here
    return Parts(
        settings=settings,
        trust=trust or _trust(settings, database),
        services={(service.id, service.hook): service for service in services},
        site=site,
        fetcher=FhirFetcher(
            FhirClient(),
            AllowList(settings.fhir_servers, loopback=settings.allows_loopback_fhir),
            settings.fhir_budget_ms,
        ),
        database=database,
        limit=RateLimit(settings.rate_limit_per_minute),
        capacity=Capacity(),
        remembering=Remembering(
            CardMemory(database, watcher=metrics),
            load_pseudonyms(settings.store_key_file, default_folder()),
            timedelta(hours=settings.repetition_hours),
            site,
        ),
        feedback=FeedbackStore(database),
        metrics=metrics,
        keeping=load_keeping(database, settings.audit_days, settings.audit_key_file, metrics),
        tracing=load_tracing() if settings.tracing else None,
    )


def _trust(settings: Settings, database: Database) -> Trust:
    if settings.trust is TrustMode.OPEN:
        return OpenTrust()
    from cds_service.trust.jwt import JwtRules, JwtTrust  # noqa: PLC0415 - only where calls are signed
    from cds_service.trust.keys import ListedKeys  # noqa: PLC0415

    rules = JwtRules(
        issuers=settings.trusted_issuers,
        tenants=settings.trusted_tenants,
        algorithms=settings.jwt_algorithms,
        leeway=settings.jwt_leeway_seconds,
        max_lifetime=settings.jwt_max_lifetime_seconds,
    )
    return JwtTrust(rules, ListedKeys(settings.trusted_jkus, settings.jwks_file), UsedTokens(database))
