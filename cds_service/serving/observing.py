"""What is observed of each call besides its line in the log, and who may ask for it."""

from __future__ import annotations

from flask import Flask, Response, g, request

from cds_service.errors import PathUnknown
from cds_service.monitoring import log
from cds_service.monitoring.metrics import Metrics
from cds_service.monitoring.tracing import Tracing
from cds_service.protocol.origins import is_loopback
from cds_service.settings import MetricsFor

_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_THROUGH_A_PROXY = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def observe(call: log.Call, status: int, seconds: float, metrics: Metrics, tracing: Tracing | None) -> None:
    """Count and trace a call that was answered. A fault here is a defect in the log and fails no answer."""
    try:
        metrics.call(call, status, seconds)
        if tracing is not None:
            tracing.call(call, status, seconds)
    except Exception as defect:
        log.log_defect(defect, request_id=call.request_id)


def add_metrics(app: Flask, metrics: Metrics, allowed: MetricsFor) -> None:
    """The route ``/metrics``. Whoever may not ask is told that nothing is there."""

    @app.get("/metrics")
    def exposition() -> Response:
        if not _may_ask(allowed):
            g.call.reason = "CDS_METRICS"
            raise PathUnknown("Nothing is served at this path.", hint="GET /cds-services lists the services.")
        return Response(metrics.exposition(), content_type=_TEXT, headers={"Cache-Control": "no-store"})


def _may_ask(allowed: MetricsFor) -> bool:
    """A proxy on this machine calls from loopback for everyone, so that what came through one does not count."""
    if allowed is not MetricsFor.LOOPBACK:
        return allowed is MetricsFor.ON
    return is_loopback(request.remote_addr or "") and not any(name in request.headers for name in _THROUGH_A_PROXY)
