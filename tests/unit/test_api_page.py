"""The description of the interface as a page: every operation, parameter, status and shape, whatever the document."""

from __future__ import annotations

import pytest
from flask import Flask

from cds_service.knowledge import load_knowledge
from cds_service.web import api_page, pages
from cds_service.web.api_page import operations, shapes, type_words

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "An <interface>", "version": "1.2.3"},
    "tags": [{"name": "hooks", "description": "Calls."}],
    "paths": {
        "/things/{id}": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "post": {
                "operationId": "call",
                "tags": ["hooks"],
                "summary": "One call.",
                "security": [{}, {"token": []}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Call"}}}},
                "responses": {
                    "200": {
                        "description": "The answer.",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                    "400": {"$ref": "#/components/responses/Bad"},
                },
            },
            "get": {"responses": {"204": {"description": "Nothing."}}},
        }
    },
    "components": {
        "parameters": {
            "Id": {"name": "id", "in": "path", "required": True, "description": "Which.", "schema": {"type": "string"}}
        },
        "responses": {"Bad": {"description": "<script>alert(1)</script>"}},
        "schemas": {
            "Call": {
                "allOf": [{"$ref": "#/components/schemas/Base"}],
                "required": ["kind"],
                "properties": {"kind": {"enum": ["a", "b"]}, "items": {"type": "array", "items": {"type": "integer"}}},
            },
            "Base": {"type": "object", "properties": {"when": {"type": "string", "format": "date"}}},
        },
    },
}


def test_every_operation_has_its_parameters_body_and_answers():
    listed = {one.id: one for one in operations(DOCUMENT)}
    call = listed["call"]
    assert (call.method, call.path, call.trusted) == ("POST", "/things/{id}", True)
    assert [(field.name, field.place, field.required) for field in call.fields] == [("id", "path", True)]
    assert '<a href="#shape-Call">Call</a>' in call.body
    assert [answer.status for answer in call.answers] == ["200", "400"]
    assert not listed["get/things/{id}"].trusted


def test_a_shape_has_the_fields_of_what_it_is_made_of():
    (call, base) = shapes(DOCUMENT)
    assert [(field.name, field.required) for field in call.fields] == [
        ("when", False),
        ("kind", True),
        ("items", False),
    ]
    assert [field.name for field in base.fields] == ["when"]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "format": "date"}, "string (date)"),
        ({"type": ["string", "null"]}, "string or null"),
        ({"type": "array", "items": {"$ref": "#/x/Card"}}, 'list of <a href="#shape-Card">Card</a>'),
        ({"oneOf": [{"type": "string"}, {"const": 5}]}, "string or <code>5</code>"),
        ({"enum": ["<b>"]}, "<code>&lt;b&gt;</code>"),
        (True, "anything"),
        ({}, "anything"),
    ],
)
def test_a_schema_in_words(schema, words):
    assert type_words(schema) == words


def test_the_page_escapes_what_the_document_says():
    app = Flask("pages")
    app.register_blueprint(pages.blueprint(load_knowledge()))
    app.register_blueprint(api_page.blueprint(DOCUMENT, load_knowledge()))
    page = app.test_client().get("/api").text
    assert "An &lt;interface&gt;" in page
    assert "<script" not in page
    assert 'id="call"' in page
