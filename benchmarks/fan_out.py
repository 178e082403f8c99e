"""Fetching every key of a call from a FHIR server on loopback that takes a set time for each answer."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from benchmarks.patient import PATIENT, record
from cds_service.hooks.services import services
from cds_service.protocol.request import read_request
from cds_service.record import AllowList, FhirClient, FhirFetcher, complete
from cds_service.settings import load_settings
from cds_service.site import load_site

LATENCY_S = 0.020
BUDGET_MS = 5000
TYPES = ("Condition", "Observation", "Procedure", "DiagnosticReport", "ImagingStudy", "BodyStructure")
TYPES += ("ServiceRequest", "MedicationRequest")


def round_trips(rounds: int) -> list[float]:
    """How many times the latency it takes to fetch all keys, once each round; connections are kept alive."""
    site = load_site(load_settings(), fixed_date=True)
    service = next(found for found in services(site.terminology) if found.hook == "patient-view")
    with _server() as base:
        fetcher = FhirFetcher(FhirClient(), AllowList((), loopback=True), BUDGET_MS)
        document = {
            "hook": "patient-view",
            "hookInstance": "3b1f1f52-6f3c-4c79-9d9b-1d2f3c4b5a69",
            "context": {"userId": "Practitioner/example", "patientId": PATIENT},
            "fhirServer": base,
        }
        request = read_request(document)
        took = []
        for _ in range(rounds + 1):  # the first opens the connections
            started = time.perf_counter()
            sources, _ = complete(request, service, fetcher)
            took.append((time.perf_counter() - started) / LATENCY_S)
            if not all(source.complete for source in sources.values()):
                raise RuntimeError("a key was not fetched")
        return took[1:]


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The answer lies ready and leaves in one piece after the latency: what this server computes does not count."""
        time.sleep(LATENCY_S)
        kind = self.path.partition("/fhir/")[2].partition("?")[0].partition("/")[0]
        self.wfile.write(_READY[kind])

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


def _answers() -> dict[str, bytes]:
    """The whole HTTP answer for each type of resource."""
    found: dict[str, list[Any]] = {kind: [] for kind in TYPES}
    for resource in (item for resources in record().values() for item in resources):
        found[resource["resourceType"]].append({"resource": resource})
    documents: dict[str, Any] = {"Patient": {"resourceType": "Patient", "id": PATIENT, "birthDate": "1960-03-14"}}
    documents |= {kind: {"resourceType": "Bundle", "type": "searchset", "entry": found[kind]} for kind in found}
    return {kind: _whole(orjson.dumps(document)) for kind, document in documents.items()}


def _whole(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@contextmanager
def _server() -> Iterator[str]:
    """The FHIR server, in a process of its own, so that it takes nothing from the one that fetches."""
    with subprocess.Popen([sys.executable, "-m", __name__], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/fhir" if process.stdout else ""
        finally:
            process.terminate()


if __name__ == "__main__":
    _READY = _answers()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()
