"""Traces: a span a call and a span a step, within the caller's trace, and nothing of the patient."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from cds_service.monitoring.tracing import Tracing
from tests.contract.service import PATIENT_VIEW, request
from tests.spec.wire import client

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def traced(tmp_path):
    """A caller, and the spans that its calls leave."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    ehr = client(tmp_path)
    held = ehr.application.extensions["parts"]
    object.__setattr__(held, "tracing", Tracing(provider))
    return ehr, exporter


def spans(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_a_call_is_a_span_of_the_callers_trace_with_a_span_a_step(traced) -> None:
    ehr, exporter = traced
    ehr.post(PATIENT_VIEW, json=request(), headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
    found = spans(exporter)
    whole = found.pop("POST /cds-services/<service_id>")
    assert list(found) == ["trust", "receive", "read", "record", "decide", "remember", "check"]
    assert f"{whole.context.trace_id:032x}" == TRACE
    assert f"{whole.parent.span_id:016x}" == PARENT
    for step in found.values():
        assert step.parent.span_id == whole.context.span_id
        assert whole.start_time <= step.start_time <= step.end_time <= whole.end_time
    assert whole.attributes["cds.outcome"] == "cards"
    assert whole.attributes["http.response.status_code"] == 200


def test_spans_say_nothing_of_the_patient(traced) -> None:
    ehr, exporter = traced
    ehr.post(PATIENT_VIEW, json=request(), headers={"traceparent": "CANARY", "tracestate": "a=CANARY"})
    ehr.post("/cds-services/CANARY", json=request())
    told = " ".join(span.to_json() for span in exporter.get_finished_spans())
    assert len(exporter.get_finished_spans()) > 6
    assert "canary" not in told.lower()
    assert request()["context"]["patientId"] not in told


def test_a_defect_marks_its_span(traced, monkeypatch: pytest.MonkeyPatch) -> None:
    ehr, exporter = traced

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("cds_service.app.decide", fail)
    assert ehr.post(PATIENT_VIEW, json=request()).status_code == 500
    found = spans(exporter)
    assert found["POST /cds-services/<service_id>"].status.status_code is StatusCode.ERROR
    assert "decide" in found
