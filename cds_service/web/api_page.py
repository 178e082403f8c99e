"""The description of the interface (OpenAPI 3.1) as a page to read, at ``/api``: whatever document there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template
from markupsafe import Markup

from cds_service.knowledge import Knowledge
from cds_service.web.policy import secure
from cds_service.web.templates_folder import TEMPLATES

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_DEEPEST = 4

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a property of a shape."""

    name: str
    type: Markup
    required: bool
    description: str
    place: str = ""  # of a parameter: path | query | header


@dataclass(frozen=True, slots=True)
class Answer:
    """One status of an operation."""

    status: str
    description: str
    shape: Markup


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path. ``trusted``: a signed call may be needed."""

    id: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    trusted: bool
    fields: tuple[Field, ...]
    body: Markup
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A named schema: its words, and its properties where it is an object."""

    name: str
    description: str
    type: Markup
    fields: tuple[Field, ...]


def blueprint(document: Document, knowledge: Knowledge) -> Blueprint:
    """The page. ``document``: what ``/openapi.json`` answers."""
    pages = secure(Blueprint("api_page", __name__, template_folder=TEMPLATES))
    tags = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    context = {"info": document["info"], "tags": tags, "operations": operations(document), "shapes": shapes(document)}

    @pages.get("/api")
    def api() -> Response:
        return Response(render_template("api.html", knowledge=knowledge, **context), mimetype="text/html")

    return pages


def operations(document: Document) -> list[Operation]:
    """Every operation, in the order of the document."""
    return [
        _operation(document, path, item, method)
        for path, item in document.get("paths", {}).items()
        for method in _METHODS
        if method in item
    ]


def shapes(document: Document) -> list[Shape]:
    """Every named schema, in the order of the document."""
    named = document.get("components", {}).get("schemas", {})
    return [
        Shape(name, schema.get("description", ""), type_words(schema), tuple(_properties(document, schema)))
        for name, schema in named.items()
    ]


def _operation(document: Document, path: str, item: Mapping[str, Any], method: str) -> Operation:
    said = item[method]
    parameters = [resolved(document, one) for one in (*item.get("parameters", ()), *said.get("parameters", ()))]
    body = resolved(document, said.get("requestBody", {}))
    security = said.get("security", document.get("security", ()))
    return Operation(
        id=said.get("operationId", f"{method}{path}"),
        tag=next(iter(said.get("tags", ())), ""),
        method=method.upper(),
        path=path,
        summary=said.get("summary", ""),
        description=said.get("description", ""),
        trusted=any(security),
        fields=tuple(
            Field(one["name"], type_words(one.get("schema", {})), one.get("required", False), _said(one), one["in"])
            for one in parameters
        ),
        body=_content(body),
        answers=tuple(
            Answer(status, _said(answer), _content(answer))
            for status, answer in ((status, resolved(document, one)) for status, one in said["responses"].items())
        ),
    )


def resolved(document: Document, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference within the document points to. Raises: KeyError for one that points nowhere."""
    for _ in range(_DEEPEST):
        if "$ref" not in item:
            break
        found: Any = document
        for step in item["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        item = found
    return item


def type_words(schema: Any, depth: int = 0) -> Markup:
    """What a schema allows, in words; named schemas are links to their place on the page."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return Markup("anything")
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#shape-{0}">{0}</a>').format(name)
    for key, joint in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")):
        if key in schema:
            return Markup("{}").format(joint).join(type_words(one, depth + 1) for one in schema[key])
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return Markup(", ").join(Markup("<code>{}</code>").format(value) for value in values)
    kind = schema.get("type", "anything")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if words == "array" and "items" in schema:
        return Markup("list of {}").format(type_words(schema["items"], depth + 1))
    return Markup("{} ({})").format(words, schema["format"]) if "format" in schema else Markup("{}").format(words)


def _properties(document: Document, schema: Mapping[str, Any]) -> Iterator[Field]:
    """The properties of an object, those of the schemas that it is made of included."""
    for part in schema.get("allOf", ()):
        yield from _properties(document, resolved(document, part))
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        described = one.get("description", "") if isinstance(one, dict) else ""
        yield Field(name, type_words(one), name in required, described)


def _content(item: Mapping[str, Any]) -> Markup:
    """What a body holds, for each media type."""
    return Markup("; ").join(
        Markup("{} <small>{}</small>").format(type_words(content.get("schema", {})), media)
        for media, content in item.get("content", {}).items()
    )


def _said(item: Mapping[str, Any]) -> str:
    return str(item.get("description", ""))
