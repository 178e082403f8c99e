"""Prometheus metrics: counts and durations, right with several workers.

Every label's value comes from a closed set of ours: a route's pattern, a step, a rule, a topic, a state. Nothing that
a caller wrote becomes one, so nothing of a patient can, and the number of series is bounded.

Several workers share a folder, one file each (``sharing``). It must be named in the environment before the
client library is loaded, which is therefore loaded here and not at the top.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from cds_service import __version__
from cds_service.hooks.decide import Decision
from cds_service.knowledge import Knowledge
from cds_service.monitoring.log import Call
from cds_service.oncology.report.assessment import Assessment, Result

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The client library's own variable; set by the server's start, never by the operator."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """What is counted. One for a process and those forked from it; safe to share between threads."""

    def __init__(self, knowledge: Knowledge) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics  # noqa: PLC0415 - see above

        disable_created_metrics()  # type: ignore[no-untyped-call]  # times of creation would double the series
        self._registry = registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> _Labelled:
            return _Labelled(Counter(name, text, labels, registry=registry))

        def seconds(name: str, text: str, *labels: str) -> _Labelled:
            return _Labelled(Histogram(name, text, labels, registry=registry, buckets=_SECONDS))

        self._requests = counter("cds_requests", "Calls answered.", "route", "status", "code")
        self._duration = seconds("cds_request_duration_seconds", "From the first byte read to the answer.", "route")
        self._steps = seconds("cds_step_duration_seconds", "One step of answering a call.", "step")
        self._decisions = counter("cds_decisions", "Decisions sent.", "hook", "population", "outcome")
        self._criteria = counter("cds_criteria", "Criteria judged in patients with the disease.", "criterion", "known")
        self._unknown = counter("cds_unknown_reasons", "Times that a rule was left open by missing data.", "rule")
        self._sources = counter("cds_sources", "Prefetch keys by their state.", "key", "state")
        self._cards = counter("cds_cards", "Cards sent.", "hook", "topic", "indicator")
        self._withheld = counter("cds_cards_withheld", "Cards not shown again to who set them aside.", "topic")
        self._feedback = counter("cds_feedback", "Entries of feedback acknowledged, repeats included.", "outcome")
        self._waiting = _Labelled(
            Gauge(
                "cds_store_waiting",
                "Rows that wait for the database.",
                ("what",),
                registry=registry,
                multiprocess_mode="livesum",
            )
        )
        self._lost = counter("cds_store_lost", "Rows given up, as the database was away for too long.", "what")
        for what in ("card", "decision"):  # from 0 on, so that the first loss is seen as a rise
            self._lost.of(what)
        about = Gauge(
            "cds_build_info",
            "1, with the version of the service and of the clinical content.",
            ("version", "knowledge", "knowledge_hash"),
            registry=registry,
            multiprocess_mode="max",
        )
        about.labels(__version__, knowledge.version, knowledge.hash).set(1)

    def call(self, call: Call, status: int, seconds: float) -> None:
        """Count one call when it is answered."""
        route = call.route or "none"
        self._requests.of(route, str(status), call.code or "none").inc()
        self._duration.of(route).observe(seconds)
        for step, milliseconds in call.milliseconds.items():
            self._steps.of(step).observe(milliseconds / 1000)
        for key, state in call.sources.items():
            self._sources.of(key, state).inc()
        for outcome, number in call.feedback.items():
            self._feedback.of(outcome).inc(number)
        if call.sent and call.decision is not None:
            self._decided(call.decision, call.outcome(status) or "none")

    def _decided(self, decision: Decision, outcome: str) -> None:
        assessment = decision.assessment
        self._decisions.of(assessment.hook, assessment.population, outcome).inc()
        for card in decision.cards:
            topic = card.source.topic.code if card.source.topic else "none"
            self._cards.of(assessment.hook, topic, card.indicator).inc()
        for item in decision.repetition.withheld:
            self._withheld.of(item.topic).inc()
        if assessment.population == "in":
            for criterion, known in _criteria(assessment):
                self._criteria.of(criterion, "yes" if known else "no").inc()
            for rule in _open_rules(assessment):
                self._unknown.of(rule).inc()

    def waiting(self, what: str, number: int) -> None:
        """How many rows of a kind wait for the database in this process."""
        self._waiting.of(what).set(number)

    def lost(self, what: str, number: int) -> None:
        """Rows of a kind that were given up."""
        self._lost.of(what).inc(number)

    def exposition(self) -> bytes:
        """All series of all workers, in Prometheus' text format."""
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - see above
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

        registry = self._registry
        if FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


class _Labelled:
    """A metric whose series are looked up once; the library's own look-up is slower than its counting."""

    def __init__(self, metric: Any) -> None:
        self._metric = metric
        self._series: dict[tuple[str, ...], Any] = {}

    def of(self, *labels: str) -> Any:
        series = self._series.get(labels)
        if series is None:
            series = self._series[labels] = self._metric.labels(*labels)
        return series


def _criteria(assessment: Assessment) -> Iterator[tuple[str, bool]]:
    """The axes of the classification, the therapies and the laboratory values, and whether each is known."""
    axes = assessment.classification
    for axis in axes.__struct_fields__:
        if axis != "certainty":  # says of a disease how sure it is, and is never unknown
            yield axis, str(getattr(axes, axis).value) != "unknown"
    for modality in ("surgery", "sbrt", "ablation"):
        if (therapy := assessment.therapies.get(modality)) is not None:
            yield modality, therapy.result is not Result.UNKNOWN
    yield "cea", assessment.cea.latest is not None
    for marker in ("ras", "braf", "msi"):
        yield marker, getattr(assessment.molecular, marker) != "unknown"


def _open_rules(assessment: Assessment) -> set[str]:
    return {
        reason.rule
        for therapy in assessment.therapies.values()
        for reason in therapy.reasons
        if reason.result is Result.UNKNOWN
    }


@contextmanager
def sharing() -> Iterator[None]:
    """A fresh folder in which the workers of one start share what they count; gone when the server has ended."""
    folder, owner = Path(mkdtemp(prefix="cds-metrics-")), os.getpid()
    os.environ[FOLDER] = str(folder)
    try:
        yield
    finally:
        if os.getpid() == owner:  # a forked worker leaves through here too
            os.environ.pop(FOLDER, None)
            rmtree(folder, ignore_errors=True)


def forget_worker(process: int) -> None:
    """Take away what a worker that has ended said of the moment; what it counted stays."""
    if FOLDER in os.environ:
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - see above

        mark_process_dead(process)  # type: ignore[no-untyped-call]
