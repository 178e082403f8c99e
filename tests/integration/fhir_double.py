"""A FHIR server whose faults are switched on one by one, and a record that is completed from it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import requests
import responses

from cds_service.errors import PrefetchMissing
from cds_service.fhir.source import Source
from cds_service.protocol.request import HookRequest, read_request
from cds_service.protocol.service import Service
from cds_service.record import AllowList, FhirClient, FhirFetcher, complete

BASE = "https://ehr.example.org/fhir"
TOKEN = "the-token"
PATIENT = {"resourceType": "Patient", "id": "p1"}
SERVICE = Service(
    id="s",
    hook="patient-view",
    title="t",
    description="d",
    prefetch={
        "patient": "Patient/{{context.patientId}}",
        "conditions": "Condition?patient={{context.patientId}}",
        "observations": "Observation?patient={{context.patientId}}&code=http://loinc.org|2039-6",
        "procedures": "Procedure?patient={{context.patientId}}",
    },
    needs=("patient", "conditions"),
)
CONDITION = {"resourceType": "Condition", "id": "c1"}


def bundle(*resources: Any, following: str | None = None, **more: Any) -> dict[str, Any]:
    link = {"link": [{"relation": "next", "url": following}]} if following else {}
    entry = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entry, **link, **more}


def request(prefetch: dict[str, object] | None = None, **changes: Any) -> HookRequest:
    asked = read_request(
        {
            "hook": "patient-view",
            "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "context": {"patientId": "p1", "userId": "Practitioner/u"},
            "prefetch": prefetch or {},
            "fhirServer": BASE,
            "fhirAuthorization": {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300},
        }
    )
    return asked.model_copy(update=changes)


def fetcher(budget_ms: int = 30_000, *, max_bytes: int = 10_000, allowed: tuple[str, ...] = (BASE,)) -> FhirFetcher:
    return FhirFetcher(FhirClient(max_response_bytes=max_bytes), AllowList(allowed, loopback=False), budget_ms)


class Ehr:
    """A FHIR server: what it answers to each path, and what it was asked."""

    def __init__(self, mocked: responses.RequestsMock) -> None:
        self.mocked = mocked
        self.asked: list[requests.PreparedRequest] = []
        self.lock = threading.Lock()
        self.on("/fhir/Patient/p1", PATIENT)
        self.on("/fhir/Condition", bundle(CONDITION))
        self.on("/fhir/Observation", bundle())
        self.on("/fhir/Procedure", bundle())

    def on(self, path: str, document: object = None, status: int = 200, **headers: str) -> None:
        """Answer ``document`` at the path from now on; a list of (status, document) is answered one after the other."""
        answers = list(document) if isinstance(document, tuple) else [(status, document)]

        def answer(asked: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
            with self.lock:
                self.asked.append(asked)
                code, body = answers.pop(0) if len(answers) > 1 else answers[0]
            if callable(body):
                code, body = body(asked)
            raw = body if isinstance(body, bytes) else orjson.dumps(body)
            return code, {"Content-Type": "application/fhir+json;charset=utf-8"} | headers, raw

        self.register(path, answer)

    def register(self, path: str, answer: Callable[..., Any]) -> None:
        url = BASE.removesuffix("/fhir") + path
        self.mocked.remove(responses.GET, url)
        self.mocked.add_callback(responses.GET, url, answer, content_type=None)

    def queries(self, resource: str) -> list[dict[str, list[str]]]:
        parts = [urlsplit(str(asked.url)) for asked in self.asked]
        return [parse_qs(part.query) for part in parts if part.path.endswith(f"/{resource}")]


def sources(asked: HookRequest, source_of: FhirFetcher | None = None) -> dict[str, Source]:
    return complete(asked, SERVICE, source_of or fetcher())[0]


def states(found: dict[str, Source]) -> dict[str, str]:
    return {key: source.state.value for key, source in found.items()}


def missing(asked: HookRequest, source_of: FhirFetcher | None = None) -> PrefetchMissing:
    with pytest.raises(PrefetchMissing) as refused:
        complete(asked, SERVICE, source_of or fetcher())
    return refused.value
