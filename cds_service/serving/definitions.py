"""What a FHIR server would ask of this service: its code systems, value sets and a site's concept maps, under /fhir/.

Read only. ``/fhir/metadata`` says what is here, as a CapabilityStatement. Everything is written once, at start; each
answer has an ETag. The resources' canonical URLs follow ``CDS_CANONICAL_BASE``; the addresses of a Bundle's entries are
where they were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import orjson
from flask import Flask, Response, request

from cds_service import __version__
from cds_service.errors import PathUnknown, QueryNotUnderstood
from cds_service.protocol.service import Service

PATH = "/fhir"
TYPES = ("CodeSystem", "ValueSet", "ConceptMap")
FHIR_VERSION = "4.0.1"

_FHIR_JSON = "application/fhir+json"
_DESCRIBED_ON = "2026-11-27"  # when the shape of the CapabilityStatement below last changed
_SEARCHED_BY = ("_id", "url")
_FORMATS = ("json", "application/json", _FHIR_JSON)

Resource = Mapping[str, Any]


def install_definitions(
    app: Flask,
    resources: Iterable[Resource],
    services: Iterable[Service],
    *,
    canonical_base: str,
    public_base_url: str | None,
    intended_use: str,
) -> None:
    """Add the routes. Whatever they answer, errors too, is declared as ``application/fhir+json``."""
    held: dict[str, dict[str, Resource]] = {kind: {} for kind in TYPES}
    for resource in resources:
        held[resource["resourceType"]][resource["id"]] = resource
    statement = _capability_statement(services, canonical_base=canonical_base, intended_use=intended_use)

    @app.after_request
    def declare(response: Response) -> Response:
        below = request.path == PATH or request.path.startswith(PATH + "/")
        if below and response.mimetype == "application/json":
            response.mimetype = _FHIR_JSON
        return response

    @app.get(f"{PATH}/metadata")
    def metadata() -> Response:
        _query()
        return _answer(statement)

    for kind in TYPES:
        _add_type(app, kind, held[kind], public_base_url)


def _add_type(app: Flask, kind: str, held: Mapping[str, Resource], public_base_url: str | None) -> None:
    def search() -> Response:
        wanted = _query(*_SEARCHED_BY)
        found = [item for item in held.values() if _matches(item, wanted)]
        base = (public_base_url + request.path if public_base_url else request.base_url).rstrip("/")
        query = request.query_string.decode("ascii", "replace")
        entries = [{"fullUrl": f"{base}/{item['id']}", "resource": item, "search": {"mode": "match"}} for item in found]
        link = [{"relation": "self", "url": f"{base}?{query}" if query else base}]
        bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": link}
        return _answer(bundle | ({"entry": entries} if entries else {}))

    def read(resource_id: str) -> Response:
        _query()
        if resource_id not in held:
            raise PathUnknown(f"There is no {kind} of that id.", hint=f"GET {PATH}/{kind} lists them.")
        return _answer(held[resource_id])

    app.add_url_rule(f"{PATH}/{kind}", f"search_{kind}", search)
    app.add_url_rule(f"{PATH}/{kind}/<resource_id>", f"read_{kind}", read)


def _query(*names: str) -> dict[str, list[str]]:
    """The search parameters. Raises: QueryNotUnderstood, as an ignored parameter would answer another question."""
    given = request.args.to_dict(flat=False)
    formats = given.pop("_format", [])
    unknown = sorted(name for name in given if name not in names)
    if unknown or any(form not in _FORMATS for form in formats):
        raise QueryNotUnderstood(
            "The query has a parameter that is not understood here, or asks for another format than JSON.",
            hint=f"Understood: {', '.join((*names, '_format=json'))}.",
        )
    return given


def _matches(resource: Resource, wanted: Mapping[str, list[str]]) -> bool:
    """Every parameter must match; one with commas matches when any of its values does."""
    by_name = {"_id": resource["id"], "url": resource["url"]}
    return all(by_name[name] in text.split(",") for name, texts in wanted.items() for text in texts)


def _answer(document: Resource) -> Response:
    body = orjson.dumps(document)
    response = Response(body, mimetype=_FHIR_JSON)
    response.set_etag(sha256(body).hexdigest()[:32], weak=True)  # FHIR: an ETag of a resource is weak
    response.headers["Cache-Control"] = "no-cache"  # keep it, but ask whether it has changed
    response.make_conditional(request)
    return response


def _capability_statement(services: Iterable[Service], *, canonical_base: str, intended_use: str) -> dict[str, Any]:
    offered = "; ".join(f"{service.id} ({service.hook})" for service in services)
    return {
        "resourceType": "CapabilityStatement",
        "id": "crc-lung-metastasis-cds",
        "url": f"{canonical_base}/CapabilityStatement/crc-lung-metastasis-cds",
        "version": __version__,
        "name": "ColorectalLungMetastasesCds",
        "title": "Colorectal lung metastases: decision support over CDS Hooks",
        "status": "active",
        "date": _DESCRIBED_ON,
        "kind": "capability",
        "description": intended_use,
        "software": {"name": "crc-lung-metastasis-cds", "version": __version__},
        "fhirVersion": FHIR_VERSION,
        "format": [_FHIR_JSON],
        "rest": [
            {
                "mode": "server",
                "documentation": (
                    "Publishes the terminology that the decision service reads records with. No patient's data are "
                    f"held or taken here. The decisions are asked for over CDS Hooks, at /cds-services: {offered}."
                ),
                "resource": [_capabilities(kind) for kind in TYPES],
            }
        ],
    }


def _capabilities(kind: str) -> dict[str, Any]:
    kinds = {"_id": "token", "url": "uri"}
    return {
        "type": kind,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "searchParam": [{"name": name, "type": kinds[name]} for name in _SEARCHED_BY],
    }
