"""Tools that people write down, and those of an OpenAPI document: proposals, all of them, until two have signed."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import User
from orchestration.catalog import CannotChange, declaring
from orchestration.models import Connection, Tool
from orchestration.states import ToolStatus
from tests.cast import Cast
from tests.registry.conftest import connected, let_in

pytestmark = pytest.mark.django_db

FIND: dict[str, Any] = {
    "name": "find",
    "description": "Finds a customer.",
    "arguments": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
    "own": {"method": "GET", "path": "/customers/{id}", "places": {"id": {"in": "path"}}},
}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/orders/{id}": {
            "get": {
                "operationId": "order",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            },
            "delete": {
                "operationId": "cancel",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            },
        }
    },
}


@pytest.fixture
def shop(cast: Cast, ada: User) -> Connection:
    """A connection over HTTP that two have signed."""
    return connected("shop", cast.adam, ada, kind="http", address="http://127.0.0.1:9/v1", private=True)


def test_each_operation_of_a_document_is_a_draft_and_none_is_on(cast: Cast, shop: Connection) -> None:
    taken = declaring.declare(shop, json.dumps(DOCUMENT), by=cast.adam)
    assert sorted(taken.new) == ["shop.cancel", "shop.order"]
    rows = Tool.objects.filter(connection=shop)
    assert {(one.kind, one.status, one.effect, one.repeatability) for one in rows} == {
        ("http", "proposed", "destructive", "unsafe")
    }
    assert declaring.declare(shop, json.dumps(DOCUMENT), by=cast.adam).new == []


def test_one_that_was_signed_and_is_written_otherwise_is_called_no_more(
    cast: Cast, ada: User, shop: Connection
) -> None:
    declaring.declare(shop, json.dumps([FIND]), by=cast.adam)
    assert let_in("shop.find", cast.adam, ada).status == ToolStatus.APPROVED
    declaring.declare(shop, json.dumps(DOCUMENT), by=cast.adam)
    assert Tool.objects.get(name="shop.find").status == ToolStatus.APPROVED  # it is not spoken of
    otherwise = {**FIND, "own": {**FIND["own"], "path": "/people/{id}"}}
    assert declaring.declare(shop, json.dumps(otherwise), by=cast.adam).changed == ["shop.find"]
    assert Tool.objects.get(name="shop.find").status == ToolStatus.CHANGED


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{", ""),
        ("[]", "It declares no tool."),
        ("[1]", "Each tool is an object"),
        (json.dumps({**FIND, "secret": "x"}), "it says secret, which no tool does"),
        (json.dumps({**FIND, "own": None}), "own is missing"),
        (json.dumps({**FIND, "own": {"method": "GET", "path": "/x"}}), "find: "),
        (json.dumps({"swagger": "2.0"}), "Swagger 2"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_a_sentence(
    cast: Cast, shop: Connection, source: str, told: str
) -> None:
    with pytest.raises(CannotChange) as raised:
        declaring.declare(shop, source, by=cast.adam)
    assert told in str(raised.value)
    assert not Tool.objects.filter(connection=shop).exists()


def test_it_is_done_on_the_page_of_the_connection(cast: Cast, shop: Connection) -> None:
    client = Client()
    client.force_login(cast.adam)
    address = reverse("connection-declare", args=[shop.pk])
    kept = client.post(address, {"source": "[1]"})
    assert (kept.status_code, "[1]" in kept.content.decode()) == (409, True)
    assert client.post(address, {"source": json.dumps(FIND)}).status_code == 303
    assert "shop.find" in client.get(reverse("connection", args=[shop.pk])).content.decode()


def test_files_come_as_they_are_done_here(cast: Cast, ada: User, settings: Any, tmp_path: Any) -> None:
    settings.HANDRAIL_FOLDERS = {"papers": str(tmp_path)}
    papers = connected("papers", cast.adam, ada, kind="files", options={"folder": "papers"})
    assert len(declaring.declare(papers, "", by=cast.adam).new) == 6
