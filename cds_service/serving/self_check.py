"""A decision about nobody: proves that the whole core works, and loads what is loaded at first use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from cds_service.hooks.decision import Site, decide
from cds_service.protocol.card import check_response
from cds_service.protocol.request import read_request
from cds_service.protocol.service import Service
from cds_service.record import complete
from cds_service.serving.answers import ResponseInvalid

_NOBODY = "self-check"


def self_check(services: Iterable[Service], site: Site, on: date) -> None:
    """Decide on an adult with colon cancer and a lung metastasis, known by two codes alone.

    Raises: whatever a defect raises; ResponseInvalid when the cards break the rules.
    """
    for service in services:
        if service.hook != "patient-view":
            continue
        request = read_request(somebody())
        sources, problems = complete(request, service, None)
        breaches = check_response(decide(service, request, sources, problems, site=site, on=on).response())
        if breaches:
            raise ResponseInvalid(breaches)


def somebody() -> dict[str, Any]:
    """The hook request of the self-check."""
    conditions = [_condition("primary", "C18.9"), _condition("lung", "C78.00")]
    return {
        "hook": "patient-view",
        "hookInstance": "00000000-0000-4000-8000-000000000000",
        "context": {"userId": "Practitioner/self-check", "patientId": _NOBODY},
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": _NOBODY, "birthDate": "1960"},
            "conditions": {"resourceType": "Bundle", "type": "searchset", "entry": conditions},
        },
    }


def _condition(name: str, code: str) -> dict[str, Any]:
    kind = "http://terminology.hl7.org/CodeSystem/condition-"
    return {
        "resource": {
            "resourceType": "Condition",
            "id": f"{_NOBODY}-{name}",
            "clinicalStatus": {"coding": [{"system": f"{kind}clinical", "code": "active"}]},
            "verificationStatus": {"coding": [{"system": f"{kind}ver-status", "code": "confirmed"}]},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}]},
            "subject": {"reference": f"Patient/{_NOBODY}"},
        }
    }
