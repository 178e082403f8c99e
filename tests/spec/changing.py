"""Changing a test patient's request: a resource added, or put in the place of another."""

from __future__ import annotations

from typing import Any

from tests.spec.core import explain
from tests.spec.resources import Resource, bundle

Request = dict[str, Any]


def resources(request: Request, key: str) -> list[Resource]:
    return [entry["resource"] for entry in request["prefetch"][key].get("entry", [])]


def replace(request: Request, key: str, id_: str, *instead: Resource) -> Request:
    """The request with other resources in place of one."""
    kept = [resource for resource in resources(request, key) if resource["id"] != id_]
    request["prefetch"][key] = bundle([*kept, *instead])
    return request


def add(request: Request, key: str, *more: Resource) -> Request:
    return replace(request, key, "", *more)


def classification(request: Request) -> dict[str, Any]:
    axes: dict[str, Any] = explain(request)["classification"]
    return axes
