"""A small CDS service that keeps every rule, and can be broken in one place at a time.

``says`` holds what it answers in each situation; ``checks`` what it looks at in a token. A test changes one of them.
"""

from __future__ import annotations

import uuid
from typing import Any

import jwt
import orjson
import requests
from werkzeug.wrappers import Request, Response

from cds_tools.signing import Signer

ISSUER = "https://ehr.example.org"
TRUST = ("alg", "kid", "iss", "jku", "signature", "aud", "exp", "claims", "jti")
SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
TEMPLATES = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "medications": "MedicationRequest?patient={{context.patientId}}",
}


def entry(hook: str, **changes: Any) -> dict[str, Any]:
    made = {"hook": hook, "id": f"model-{hook}", "title": "Model", "description": "Keeps every rule.", "version": "2.0"}
    return made | {"prefetch": dict(TEMPLATES)} | changes


def outcome(text: str) -> dict[str, Any]:
    issue = {"severity": "error", "code": "invalid", "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


class Model:
    """The service as a WSGI application."""

    def __init__(self, signer: Signer | None = None) -> None:
        self.signer = signer
        self.seconds = 0.001
        self.entries: Any = [entry("order-sign"), entry("order-dispatch")]
        self.discovery: Any = None  # in place of the usual document
        self.card: dict[str, Any] = {
            "summary": "Hold this order until platelets are 50 or more",
            "indicator": "warning",
            "detail": "Platelets are **49**.",
            "source": {
                "label": "Guideline",
                "url": "https://example.org",
                "topic": {"system": "https://example.org/topics", "code": "platelets"},
            },
            "overrideReasons": [{"code": "patient-refuses", "system": SYSTEM, "display": "Patient refuses"}],
            "links": [{"label": "Guideline", "url": "https://example.org/guideline", "type": "absolute"}],
            "selectionBehavior": "any",
            "extension": {"org.example.rule": "A-04"},
        }
        self.more: dict[str, Any] = {}  # further members of a response
        self.says: dict[str, tuple[int, Any]] = {
            "not-json": (400, outcome("not JSON")),
            "envelope": (400, outcome("a part of the envelope is missing")),
            "hook": (400, outcome("not our hook")),
            "context": (422, outcome("the context cannot be used")),
            "media-type": (415, outcome("send JSON")),
            "size": (413, outcome("too large")),
            "unknown": (404, outcome("no such service")),
            "method": (405, outcome("POST only")),
            "missing": (412, outcome("no data for patient, conditions")),
            "denied": (412, outcome("no data for patient, conditions")),
            "feedback": (200, {}),
            "feedback-shape": (400, outcome("not the standard's shape")),
            "untrusted": (401, outcome("The caller is not trusted.")),
        }
        self.refuses: dict[str, int] = {}  # a situation that is none, and the status that it is answered with
        self.checks = set(TRUST)
        self.trusts_discovery = True
        self.sends_token = True
        self.leaks = False
        self.kept: dict[str, Any] | None = None  # prefetch of an earlier call
        self.keeps = False
        self.cors = {"Access-Control-Allow-Origin": "*"}
        self.preflight = {
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Allow-Methods": "GET, POST",
        }
        self.preflight_status = 204
        self.cors_on = {"GET", "POST", "error", "OPTIONS"}
        self.etag: str | None = '"1"'
        self.media_type = "application/json"
        self.error_type = "application/json"
        self.slash_status = 200
        self._seen: set[str] = set()

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        status, document = self._answer(request)
        return self._response(request, status, document)(environ, start)

    # -- routes

    def _answer(self, request: Request) -> tuple[int, Any]:
        path = request.path.rstrip("/")
        if request.path.endswith("/") and self.slash_status != 200:
            return self.slash_status, {}
        if request.method == "OPTIONS":
            return self.preflight_status, None
        parts = path.removeprefix("/cds-services").strip("/").split("/")
        is_discovery = parts == [""]
        if not self._trusted(request, is_discovery):
            return self.says["untrusted"]
        if is_discovery:
            return self._discover(request)
        known = {listed["id"]: listed for listed in self._listed()}
        if parts[0] not in known:
            return self.says["unknown"]
        if request.method != "POST":
            return self.says["method"]
        if len(parts) > 1:
            return self._feedback(request)
        return self._cards(request, known[parts[0]])

    def _listed(self) -> list[dict[str, Any]]:
        found = self.entries if isinstance(self.entries, list) else []
        return [one for one in found if isinstance(one, dict) and isinstance(one.get("id"), str)]

    def _discover(self, request: Request) -> tuple[int, Any]:
        if self.etag and request.headers.get("If-None-Match") == self.etag:
            return self.refuses.get("again", 304), None
        if "discovery" in self.refuses:
            return self.refuses["discovery"], outcome("no")
        return 200, {"services": self.entries} if self.discovery is None else self.discovery

    def _cards(self, request: Request, listed: dict[str, Any]) -> tuple[int, Any]:
        body = request.get_data()
        if request.mimetype != "application/json":
            return self.says["media-type"]
        if len(body) > 10_000_000:
            return self.says["size"]
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError:
            return self.says["not-json"]
        if not _is_envelope(document):
            return self.says["envelope"]
        if document["hookInstance"] == "7":
            return self.says.get("uuid", self.says["envelope"])
        if document["hook"] != listed["hook"]:
            return self.says["hook"]
        return self._decide(document, listed)

    def _decide(self, document: dict[str, Any], listed: dict[str, Any]) -> tuple[int, Any]:
        context = document["context"]
        required = {"order-sign": ("userId", "patientId", "draftOrders"), "order-dispatch": ("patientId",)}[
            listed["hook"]
        ]
        if any(name not in context for name in required) or not (
            "draftOrders" in context or "order" in context or context.get("dispatchedOrders")
        ):
            return self.says["context"]
        for situation, found in _situations(document).items():
            if found and situation in self.refuses:
                return self.refuses[situation], outcome("refused")
        prefetch = document.get("prefetch") or (self.kept if self.keeps else None) or {}
        self.kept = prefetch or self.kept
        missing = [key for key in ("patient", "conditions") if key not in prefetch]
        if missing and "fhirServer" in document:
            if not self._fetch(document, listed):
                return self.says["denied"]
        elif missing:
            return self.says["missing"]
        return 200, {"cards": [self._card(context)]} | self.more

    def _card(self, context: dict[str, Any]) -> dict[str, Any]:
        made = {"uuid": str(uuid.uuid4())} | self.card
        if "suggestions" in made or "draftOrders" not in context:
            return {name: value for name, value in made.items() if value is not None}
        draft = context["draftOrders"]["entry"][0]["resource"]
        hold = {"type": "delete", "description": "Take it back", "resourceId": f"{draft['resourceType']}/{draft['id']}"}
        made["suggestions"] = [{"label": "Hold the order", "uuid": str(uuid.uuid4()), "actions": [hold]}]
        return {name: value for name, value in made.items() if value is not None}

    def _fetch(self, document: dict[str, Any], listed: dict[str, Any]) -> bool:
        token = document["fhirAuthorization"]["access_token"]
        headers = {"Authorization": f"Bearer {token}"} if self.sends_token else {}
        patient = document["context"]["patientId"]
        queries = [template.replace("{{context.patientId}}", patient) for template in listed["prefetch"].values()]
        answers = [requests.get(f"{document['fhirServer']}/{query}", headers=headers) for query in queries]
        return all(answer.status_code == 200 for answer in answers) or not self.sends_token

    def _feedback(self, request: Request) -> tuple[int, Any]:
        try:
            document = orjson.loads(request.get_data())
        except orjson.JSONDecodeError:
            return self.says["feedback-shape"]
        entries = document.get("feedback") if isinstance(document, dict) else None
        if not isinstance(entries, list) or not all(_is_feedback(one) for one in entries):
            return self.says["feedback-shape"]
        for situation, found in _feedback_situations(entries).items():
            if found and situation in self.refuses:
                return self.refuses[situation], outcome("refused")
        return self.says["feedback"]

    # -- trust

    def _trusted(self, request: Request, is_discovery: bool) -> bool:
        if self.signer is None or (is_discovery and not self.trusts_discovery):
            return True
        if "feedback" in self.refuses and request.path.endswith("feedback"):
            return True
        token = request.headers.get("Authorization", "").removeprefix("Bearer").strip()
        if not token:
            return "unsigned" in self.refuses
        try:
            return self._verified(token, request.base_url)
        except jwt.PyJWTError:
            return False

    def _verified(self, token: str, url: str) -> bool:
        assert self.signer is not None
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
        if "jku" not in self.checks and "jku" in header:
            requests.get(header["jku"])
        elif "jku" in header:
            return False
        required = {"iss", "aud", "exp", "iat", "jti"} if "claims" in self.checks else set()
        if not required <= set(claims) or ("kid" in self.checks and header.get("kid") != self.signer.kid):
            return False
        if "iss" in self.checks and claims.get("iss", ISSUER) != ISSUER:
            return False
        audience = claims.get("aud", url)
        if "aud" in self.checks and url not in (audience if isinstance(audience, list) else [audience]):
            return False
        if isinstance(audience, list) and "array" in self.refuses:
            return False
        if "jti" in self.checks and claims.get("jti") in self._seen:
            return False
        if "signature" in self.checks and not ("alg" not in self.checks and header["alg"] in ("none", "HS256")):
            options = {"verify_aud": False, "verify_exp": "exp" in self.checks}
            jwt.decode(token, self.signer.key.public_key(), algorithms=["ES384"], options=options)
        self._seen.add(str(claims.get("jti")))
        return True

    # -- the answer

    def _response(self, request: Request, status: int, document: Any) -> Response:
        body = document if isinstance(document, bytes) else b"" if document is None else orjson.dumps(document)
        if self.leaks and status >= 400:
            body += b" canary"
        media_type = self.error_type if status >= 400 else self.media_type
        response = Response(body, status=status, content_type=media_type if body else None)
        if self.etag and request.method == "GET" and status == 200:
            response.headers["ETag"] = self.etag
        kind = "error" if status >= 400 else request.method
        if kind in self.cors_on:
            response.headers.update(self.cors)
        if request.method == "OPTIONS":
            response.headers.update(self.preflight)
        return response


def _is_envelope(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and isinstance(document.get("hook"), str)
        and isinstance(document.get("hookInstance"), str)
        and isinstance(document.get("context"), dict)
        and isinstance(document.get("prefetch", {}), dict)
        and ("fhirAuthorization" not in document or "fhirServer" in document)
    )


def _situations(document: dict[str, Any]) -> dict[str, bool]:
    """What is unusual about a request that is in order."""
    values = list(document.get("prefetch", {}).values())
    bundles = [value for value in values if isinstance(value, dict) and value.get("resourceType") == "Bundle"]
    orders = [one["resource"] for one in document["context"].get("draftOrders", {}).get("entry", [])]
    return {
        "any": True,
        "extension": bool(document.get("extension")) or "newField" in document["context"],
        "null": None in values,
        "empty": any("entry" not in bundle for bundle in bundles),
        "outcome": any(isinstance(value, dict) and value["resourceType"] == "OperationOutcome" for value in values),
        "page": any("link" in bundle for bundle in bundles),
        "not-asked": "org.example.not-asked" in document.get("prefetch", {}),
        "no-prefetch": "prefetch" not in document and "fhirServer" not in document,
        "partial": 0 < len(values) < len(TEMPLATES),
        "other-orders": any(order["resourceType"] == "VisionPrescription" for order in orders),
        "bare-orders": bool(orders) and all("code" not in order for order in orders),
        "signed-again": any(order.get("status") == "active" for order in orders),
        "older-dispatch": "order" in document["context"],
        "some-patients": document["context"]["patientId"].endswith("1"),
        "fetching": "fhirServer" in document,
    }


def _is_feedback(one: Any) -> bool:
    accepted = isinstance(one, dict) and (one.get("outcome") != "accepted" or bool(one.get("acceptedSuggestions")))
    needed = ("card", "outcome", "outcomeTimestamp")
    return accepted and all(name in one for name in needed) and one["outcome"] in ("accepted", "overridden")


def _feedback_situations(entries: list[Any]) -> dict[str, bool]:
    reasons = [one["overrideReason"] for one in entries if "overrideReason" in one]
    codings = [reason["reason"] for reason in reasons if "reason" in reason]
    return {
        "one-entry": len(entries) == 1 and not reasons,
        "comment": any("userComment" in reason for reason in reasons),
        "batch": len(entries) > 1,
        "own-reason": any("display" not in coding for coding in codings),
    }
