"""OpenTelemetry traces: one span a call, one a step. Off unless ``CDS_TRACING=on``; needs the extra ``otel``.

Spans are made when a call has been answered, from the times that were measured for the log anyway, so that tracing
stands in no step's way. They say no more than the log: no patient data, no token, no URL as it was called. Where they
go is said by the standard ``OTEL_`` variables.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from cds_service import __version__
from cds_service.monitoring.log import Call

SERVICE_NAME = "crc-lung-metastasis-cds"


class Tracing:
    """Makes spans of calls. One for a process and those forked from it."""

    def __init__(self, provider: Any) -> None:
        self._tracer = provider.get_tracer("cds_service", __version__)

    def call(self, call: Call, status: int, seconds: float) -> None:
        """The spans of one call, as a part of the caller's trace where it sent a ``traceparent``."""
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context  # noqa: PLC0415 - an extra
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        ended = time.time_ns()
        offset = ended - int((call.started + seconds) * 1e9)  # from the clock of the steps to the time of day
        parent = TraceContextTextMapPropagator().extract({"traceparent": call.traceparent or ""})
        span = self._tracer.start_span(
            f"{call.method} {call.route}".strip(),
            context=parent,
            kind=SpanKind.SERVER,
            start_time=offset + int(call.started * 1e9),
            attributes=_attributes(call, status),
        )
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        within = set_span_in_context(span)
        for step, begun in call.begun.items():
            start = offset + int(begun * 1e9)
            child = self._tracer.start_span(step, context=within, start_time=start)
            child.end(start + int(call.milliseconds[step] * 1e6))
        span.end(ended)


def _attributes(call: Call, status: int) -> Mapping[str, Any]:
    values = {
        "http.request.method": call.method,
        "http.route": call.route,
        "http.response.status_code": status,
        "cds.request_id": call.request_id,
        "cds.service": call.service,
        "cds.hook": call.hook,
        "cds.hook_instance": call.hook_instance,
        "cds.outcome": call.outcome(status),
        "cds.error_code": call.code,
        "cds.cards": len(call.decision.cards) if call.decision else None,
        "cds.assessment": call.decision.hash if call.decision else None,
    }
    return {name: value for name, value in values.items() if value not in (None, "")}


def load_tracing() -> Tracing:
    """Tracing as the ``OTEL_`` variables say. The settings have checked that the extra is there."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    named = Resource.create({"service.name": SERVICE_NAME, "service.version": __version__})
    provider = TracerProvider(resource=named.merge(OTELResourceDetector().detect()))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)
