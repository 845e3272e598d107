"""OpenAPI documents become drafts of tools, or a sentence says why not."""

import json
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from orchestration.tools.kinds import http, openapi, placing
from tests.outgoing.declared import tool
from tests.outgoing.watching import Listener, connections

SHOP = """
openapi: 3.0.3
info: {title: The shop, version: 1.0.0}
servers: [{url: https://shop.example/api}]
paths:
  /orders/{order-id}:
    parameters:
      - {name: order-id, in: path, required: true, schema: {type: integer, maximum: 9223372036854775807}}
    get:
      operationId: getOrder
      summary: Read an order
      parameters:
        - {name: "fields[]", in: query, schema: {type: array, items: {type: string, pattern: "(a+)+$"}}}
        - {name: X-Trace, in: header, schema: {type: string}}
        - {name: session, in: cookie, schema: {type: string}}
        - {name: Authorization, in: header, required: true, schema: {type: string}}
      responses:
        200: {description: It, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
    patch:
      summary: Change an order
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}
      responses: {"204": {description: Done}}
    delete: {responses: {"204": {description: Gone}}}
  /orders:
    post:
      operationId: orders/create
      requestBody: {$ref: "#/components/requestBodies/Many"}
      responses: {default: {description: It}}
components:
  requestBodies:
    Many:
      required: true
      content:
        application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}
  schemas:
    Order:
      type: object
      required: [id, note, amount]
      properties:
        id: {type: integer, readOnly: true}
        order_id: {type: string, description: What the customer calls it.}
        note: {type: string, nullable: true, maxLength: 100}
        amount: {type: number, minimum: 0, exclusiveMinimum: true}
        card: {type: string, writeOnly: true}
"""


def test_each_operation_is_a_draft_with_a_proposed_effect() -> None:
    found = openapi.read(SHOP)
    assert (found.title, found.servers, found.left_out) == ("The shop", ["https://shop.example/api"], [])
    assert [(draft.name, draft.effect) for draft in found.drafts] == [
        ("getOrder", "read"), ("patch_orders_order-id", "write"), ("delete_orders_order-id", "destructive"),
        ("orders_create", "write"),
    ]  # fmt: skip
    read, changed, _gone, created = (draft.declaration for draft in found.drafts)
    assert read["own"] == {
        "method": "GET",
        "path": "/orders/{order_id}",
        "places": {
            "order_id": {"in": "path", "name": "order-id"},
            "fields": {"in": "query", "name": "fields[]"},
            "X_Trace": {"in": "header", "name": "X-Trace"},
        },
    }
    assert read["arguments"]["properties"]["order_id"] == {"type": "integer"}
    assert read["arguments"]["properties"]["fields"]["items"] == {"type": "string", "description": "It fits (a+)+$."}
    assert (read["arguments"]["required"], read["arguments"]["additionalProperties"]) == (["order_id"], False)
    assert set(read["result"]["properties"]["body"]["properties"]) == {"id", "order_id", "note", "amount"}
    assert changed["own"]["places"] == {
        "order_id": {"in": "path", "name": "order-id"},
        "body_order_id": {"in": "body", "name": "order_id"},
        "note": {"in": "body", "name": "note"},
        "amount": {"in": "body", "name": "amount"},
        "card": {"in": "body", "name": "card"},
    }
    assert changed["arguments"]["properties"]["note"] == {"type": ["string", "null"], "maxLength": 100}
    assert changed["arguments"]["properties"]["amount"] == {"type": "number", "exclusiveMinimum": 0}
    assert changed["arguments"]["required"] == ["order_id", "note", "amount"]
    assert created["own"]["places"] == {"body": {"in": "whole"}}
    assert all(http.problems(one["own"], one["arguments"]) == [] for one in (read, changed, created))


def test_a_draft_can_be_called_as_it_is(listener: Listener) -> None:
    changed = openapi.read(SHOP).drafts[1].declaration
    one = tool(changed["own"], address=f"http://127.0.0.1:{listener.port}")
    http.call(one, {"order_id": 7, "body_order_id": "B-1", "note": None, "amount": 2.5}, "run-1-2")
    ((method, path, _headers, body),) = listener.heard
    assert (method, path, json.loads(body)) == ("PATCH", "/orders/7", {"order_id": "B-1", "amount": 2.5})


def test_json_and_yaml_come_to_the_same() -> None:
    from orchestration.tools.kinds import sources

    assert openapi.read(json.dumps(sources.load(SHOP)).encode()) == openapi.read(SHOP)


def operation(**more: Any) -> dict[str, Any]:
    parts = {"responses": {"200": {"description": "x"}}, **more}
    return {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/x": {"post": parts}}}


def body(schema: Any, **components: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return operation(requestBody={"required": True, "content": content}) | {"components": {"schemas": components}}


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"x": schema}}
    return schema


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (
            body(
                {"$ref": "#/components/schemas/A"},
                A={"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}},
            ),
            "refers to itself",
        ),
        (
            body(
                {"$ref": "#/components/schemas/A"},
                A={"$ref": "#/components/schemas/B"},
                B={"$ref": "#/components/schemas/A"},
            ),
            "refers to itself",
        ),
        (body({"$ref": "http://169.254.169.254/schema.json"}), "outside of the document"),
        (body({"$ref": "file:///etc/passwd"}), "outside of the document"),
        (body({"$ref": "other.yaml#/A"}), "outside of the document"),
        (body({"$ref": "#/components/schemas/Nowhere"}), "not there"),
        (body({"$ref": 7}), "outside of the document"),
        (body({"type": "strange"}), "type that there is not"),
        (body({"type": ["string", 7]}), "type that there is not"),
        (body("text"), "not written as OpenAPI says"),
        (body(deep(30)), "too large or too deep"),
        (
            body({"type": "object", "properties": {f"p{i}": {"type": "string"} for i in range(2100)}}),
            "too large or too deep",
        ),
        (body({"type": "string", "enum": "no list"}), "none"),
        (
            operation(requestBody={"required": True, "content": {"multipart/form-data": {"schema": {}}}}),
            "multipart/form-data",
        ),
        (operation(requestBody={"required": True}), "no JSON"),
        (
            operation(parameters=[{"name": "x", "in": "cookie", "required": True, "schema": {}}]),
            "of a kind that is not sent",
        ),
        (
            operation(parameters=[{"name": "x", "in": "query", "required": True, "schema": {"type": "object"}}]),
            "not sent",
        ),
        (
            operation(
                parameters=[
                    {"name": "x", "in": "query", "required": True, "explode": False, "schema": {"type": "array"}}
                ]
            ),
            "is a list",
        ),
        (
            operation(parameters=[{"name": "Host", "in": "header", "required": True, "schema": {}}]),
            "no argument can be",
        ),
        (operation(parameters=[{"name": "id", "in": "path", "required": True, "schema": {}}]), "arguments of its path"),
        (operation(parameters="x"), "not written"),
        (operation(parameters=["x"]), "not written"),
        (operation(parameters=[{"$ref": "#/paths/~1x/post/parameters/0"}]), "not there"),
    ],
)
def test_an_operation_that_cannot_be_taken_over_is_left_out_with_the_reason(document: Any, told: str) -> None:
    with connections() as tried:
        found = openapi.read(json.dumps(document))
    ((where, why),) = found.left_out
    assert (found.drafts, where, tried) == ([], "POST /x", [])
    assert told in why


@pytest.mark.parametrize(
    "path", ["x", "//evil.example/x", "/../x", "/x?y=1", "/{a", "/a b", "/%2e%2e/x", "/{id}/{id2}", "/\\x"]
)
def test_a_path_that_leads_elsewhere_is_left_out(path: str) -> None:
    document = {"openapi": "3.0.0", "info": {}, "paths": {path: {"get": {}}}}
    assert [len(openapi.read(json.dumps(document)).drafts), len(openapi.read(json.dumps(document)).left_out)] == [0, 1]


EXPLODING = "openapi: 3.0.0\na: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"", "no document"),
        (b"   ", "no document"),
        (b"\xff\xfe", "UTF-8"),
        (b"\x00", "cannot be kept"),
        (b"hello", "no object"),
        (b"[]", "no object"),
        (b"{}", "version 3.0 or 3.1"),
        (b'{"swagger": "2.0"}', "Swagger 2"),
        (b'{"openapi": 3}', "version 3.0"),
        (b'{"openapi": "4.0.0", "paths": {}}', "version 3.0"),
        (b'{"openapi": "3.0.0"}', "no operations"),
        (b'{"openapi": "3.0.0", "paths": []}', "no operations"),
        (b'{"openapi": "3.0.0",', "Line 1 is no JSON"),
        (b'{"a": NaN}', "no number"),
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b"a: 1\na: 2", "stands twice"),
        (b'{"a":' * 5000, "no JSON|too deeply"),
        (b"[" * 100_000, "no JSON|too deeply"),
        (b"- " * 5000, "too deeply"),
        (b"a: [" * 3000, "no YAML|too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too long"),
        (b"a: 1e999", "too long"),
        (EXPLODING.encode(), "anchors"),
        (b"a: !!python/object/apply:os.system [id]", "tags"),
        (b"a: *b", "anchors|no YAML"),
        (b"? [a]\n: b", "a key is a text"),
        (b"a: 1\n---\nb: 2", "more than one"),
        (b"a: b: c", "Line 1 is no YAML"),
        (b"a\tb:\n\t- c", "no YAML"),
        (b" " * (9 * 1024 * 1024), "8 MB"),
        (b"[" + b"1," * 450_000 + b"1]", "values"),
    ],
)
def test_what_is_no_document_is_told_in_a_sentence(source: bytes, told: str) -> None:
    began = time.monotonic()
    with pytest.raises(openapi.BadDocument, match=told):
        openapi.read(source)
    assert time.monotonic() - began < 5


def test_odd_parts_break_nothing() -> None:
    bad = {"post": {"responses": 7, "operationId": 7, "summary": []}}
    odd: list[Any] = [None, 7, [], {"post": None}, {"post": []}, bad]
    for parts in odd:
        found = openapi.read(
            json.dumps({"openapi": "3.0.0", "info": 7, "servers": 7, "paths": {"/x": parts, "x-y": 1}})
        )
        assert len(found.drafts) + len(found.left_out) <= 1


def test_names_are_kept_apart() -> None:
    paths = {f"/{one}": {"get": {"operationId": "the same!"}} for one in "abc"}
    found = openapi.read(json.dumps({"openapi": "3.0.0", "paths": paths}))
    assert [draft.name for draft in found.drafts] == ["the_same", "the_same_2", "the_same_3"]


def test_a_document_that_nobody_here_wrote_is_read() -> None:
    """The API of litellm's own gateway, which comes with the library: hundreds of operations."""
    spec = find_spec("litellm")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "proxy" / "openapi.json"
    if not path.exists():
        pytest.skip("this release of litellm does not bring it")
    found = openapi.read(path.read_bytes())
    assert len(found.drafts) > 0
    for draft in found.drafts:
        placing.operation_of(draft.declaration["own"])
        assert http.problems(draft.declaration["own"], draft.declaration["arguments"]) == []
