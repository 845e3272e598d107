"""Tools of kind http: what is sent, what comes back, and what a failure says of whether it happened."""

import json
import zlib
from typing import Any

import pytest

from orchestration.tools.kinds import http
from orchestration.tools.kinds.shapes import AskedToWait
from orchestration.tools.tool import ToolFailed
from tests.outgoing.conftest import Names
from tests.outgoing.declared import Declared, tool
from tests.outgoing.watching import Listener, connections, dripping, say

ZIPPED = zlib.compress(b"x").decode("utf-8", "replace").replace("\x00", "\ufffd")
CANARY = "sk-canary-5f1e9c"
NOTE = {
    "method": "POST",
    "path": "/customers/{id}/notes",
    "places": {
        "id": {"in": "path"},
        "tags": {"in": "query", "name": "tag"},
        "trace": {"in": "header", "name": "X-Trace"},
        "text": {"in": "body"},
        "urgent": {"in": "body", "name": "is_urgent"},
    },
}
ARGUMENTS: dict[str, Any] = {
    "id": "C 7/ä"[:3] + "ä", "tags": ["a&b", "c=d"], "trace": "t-1", "text": "Two\nlines", "urgent": True,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_KEY", CANARY)


def note(listener: Listener, **more: Any) -> Declared:
    return tool(more.pop("own", NOTE), address=f"http://127.0.0.1:{listener.port}/api/v2/", **more)


def test_each_argument_goes_where_the_declaration_says(listener: Listener) -> None:
    listener.answers["/api/v2/customers/C%207%C3%A4/notes"] = say(
        201, json.dumps({"note": 1}).encode(), Content_Type="application/json; charset=utf-8"
    )
    found = http.call(note(listener, secret="env:CRM_KEY"), ARGUMENTS, "run-1-2")
    assert found == {"status": 201, "body": {"note": 1}}
    ((method, path, headers, body),) = listener.heard
    assert (method, path) == ("POST", "/api/v2/customers/C%207%C3%A4/notes?tag=a%26b&tag=c%3Dd")
    assert (headers["X-Trace"], headers["Idempotency-Key"], headers["Authorization"]) == (
        "t-1", "run-1-2", f"Bearer {CANARY}",
    )  # fmt: skip
    assert json.loads(body) == {"text": "Two\nlines", "is_urgent": True}


@pytest.mark.parametrize(
    ("more", "sent"),
    [
        ({"secret": "env:CRM_KEY", "options": {"auth": "header:X-Api-Key"}}, {"X-Api-Key": CANARY}),
        (
            {"headers": (("X-Tenant", "seven", ""), ("X-Key", "", "env:CRM_KEY"))},
            {"X-Tenant": "seven", "X-Key": CANARY},
        ),
        ({"headers": (("x-trace", "of the connection", ""),)}, {"x-trace": "of the connection"}),
    ],
)
def test_keys_go_as_the_connection_says(more: dict[str, Any], sent: dict[str, str], listener: Listener) -> None:
    http.call(note(listener, **more), ARGUMENTS, "run-1-2")
    headers = listener.heard[0][2]
    assert {name: headers[name] for name in sent} == sent
    assert [name.lower() for name in headers].count("x-trace") == 1


def test_reads_send_no_key_of_the_call_and_give_text(listener: Listener) -> None:
    own = {"method": "GET", "path": "/customers", "places": {}}
    assert http.call(note(listener, own=own), {}, "run-1-2") == {"status": 200, "text": "hello"}
    assert "Idempotency-Key" not in listener.heard[0][2]


@pytest.mark.parametrize(
    ("answer", "comes"),
    [
        (say(204, b""), {"status": 204}),
        (say(200, b"\x00\xff", Content_Type="image/png"), {"status": 200, "left_out": "image/png", "bytes": 2}),
        (say(200, b"[1,", Content_Type="application/json"), {"status": 200, "text": "[1,"}),
        (say(200, b"\xe4", Content_Type="text/plain; charset=ISO-8859-1"), {"status": 200, "text": "ä"}),
        (say(200, zlib.compress(b"x"), Content_Type="text/plain; charset=zip"), {"status": 200, "text": ZIPPED}),
        (say(200, b"[NaN]", Content_Type="application/json"), {"status": 200, "text": "[NaN]"}),
        (say(200, b"[" * 100_000, Content_Type="application/json"), {"status": 200, "text": "[" * 100_000}),
        (
            say(200, json.dumps({"you": f"sent {CANARY}", CANARY: 1}).encode(), Content_Type="application/json"),
            {"status": 200, "body": {"you": "sent [key]", "[key]": 1}},
        ),
    ],
    ids=["nothing", "bytes", "broken", "latin", "zipped", "not a number", "deep", "the key"],
)
def test_what_an_answer_comes_to(answer: Any, comes: dict[str, Any], listener: Listener) -> None:
    listener.answers["/api/v2/customers"] = answer
    own = {"method": "GET", "path": "/customers"}
    assert http.call(note(listener, own=own, secret="env:CRM_KEY"), {}, "run-1-2") == comes


@pytest.mark.parametrize(
    ("status", "retry", "unknown"),
    [
        (400, False, False), (401, False, False), (404, False, False), (409, False, False), (422, False, False),
        (429, True, False), (500, True, True), (502, True, True), (503, True, False), (504, True, True),
        (302, False, True),
    ],
)  # fmt: skip
def test_what_an_answer_that_says_no_means(status: int, retry: bool, unknown: bool, listener: Listener) -> None:
    listener.answers["/api/v2/customers/7/notes"] = say(
        status, f"No: {CANARY}\x00\nnot so".encode(), Retry_After="17", Location="http://169.254.169.254/"
    )
    with pytest.raises(ToolFailed) as failed:
        http.call(note(listener, secret="env:CRM_KEY"), {"id": 7, "text": "x"}, "run-1-2")
    assert (failed.value.retry, failed.value.unknown, len(listener.heard)) == (retry, unknown, 1)
    assert CANARY not in str(failed.value)
    if retry:
        assert isinstance(failed.value, AskedToWait)
        assert failed.value.after == 17


def test_what_was_never_sent_is_known_not_to_have_happened(listener: Listener, names: Names) -> None:
    names["nobody.example"] = [["127.0.0.1"]]
    for address, private, retry in (
        ("http://127.0.0.1:9/", True, True),
        (f"https://nobody.example:{listener.port}/", False, False),
        (f"http://user:word@127.0.0.1:{listener.port}/", True, False),
        ("ftp://127.0.0.1/", True, False),
        ("http://[::1/", True, False),
        ("", True, False),
    ):
        with pytest.raises(ToolFailed) as failed:
            http.call(tool(NOTE, address=address, private=private), {"id": 7, "text": "x"}, "run-1-2")
        assert (address, failed.value.retry, failed.value.unknown) == (address, retry, False)
    assert listener.came == 0


def test_an_answer_that_does_not_come_leaves_open_what_happened(listener: Listener) -> None:
    listener.answers["/api/v2/customers/7/notes"] = dripping(headers=False)
    with pytest.raises(ToolFailed, match="whole or in time") as failed:
        http.call(note(listener, seconds=0.5), {"id": 7, "text": "x"}, "run-1-2")
    assert (failed.value.retry, failed.value.unknown) == (True, True)
    listener.answers["/api/v2/customers/7/notes"] = say(200, b"x" * 5000)
    with pytest.raises(ToolFailed, match="larger") as failed:
        http.call(note(listener, result_bytes=1000), {"id": 7, "text": "x"}, "run-1-2")
    assert (failed.value.retry, failed.value.unknown) == (False, True)


@pytest.mark.parametrize("missing", ["env:NOT_THERE_AT_ALL", "file:/etc/passwd", "nonsense"])
def test_a_key_that_is_not_there_stops_the_call(missing: str, listener: Listener) -> None:
    with connections() as tried, pytest.raises(ToolFailed) as failed:
        http.call(note(listener, secret=missing), ARGUMENTS, "run-1-2")
    assert (tried, failed.value.retry) == ([], False)


def test_only_the_methods_of_the_connection_are_used(listener: Listener) -> None:
    with connections() as tried, pytest.raises(ToolFailed, match="may not be asked with POST"):
        http.call(note(listener, methods=("GET",)), ARGUMENTS, "run-1-2")
    assert tried == []


def test_a_call_is_told_in_words(listener: Listener) -> None:
    (told,) = http.effects(note(listener), {"id": 7, "text": "x"})
    assert told == f"It sends POST to http://127.0.0.1:{listener.port}/api/v2/customers/7/notes."
    (told,) = http.effects(note(listener), {"id": "..", "text": "x"})
    assert "lead to another address" in told


@pytest.mark.parametrize(
    "own",
    [
        {}, {"method": "CONNECT", "path": "/"}, {"method": "GET", "path": "customers"},
        {"method": "GET", "path": "//evil/"},
        {"method": "GET", "path": "/../x"}, {"method": "GET", "path": "/a/..;x/b"}, {"method": "GET", "path": "/a?b=c"},
        {"method": "GET", "path": "/a#b"}, {"method": "GET", "path": "/a%2f..%2fb"}, {"method": "GET", "path": "/a\\b"},
        {"method": "GET", "path": "/{id}"}, {"method": "GET", "path": "/a", "places": {"id": {"in": "path"}}},
        {"method": "GET", "path": "/a\r\nHost: x"}, {"method": "GET", "path": "/a", "places": {"x": {"in": "body"}}},
        {"method": "POST", "path": "/a", "places": {"x": {"in": "header", "name": "Host"}}},
        {"method": "POST", "path": "/a", "places": {"x": {"in": "header", "name": "X-Forwarded-For"}}},
        {"method": "POST", "path": "/a", "places": {"x": {"in": "header", "name": "a\r\nb"}}},
        {"method": "POST", "path": "/a", "places": {"x": {"in": "whole"}, "y": {"in": "body"}}},
        {"method": "POST", "path": "/a", "places": {"x": {"in": "cookie"}}},
        {"method": "POST", "path": "/a", "places": {"x": {"in": "body"}, "y": {"in": "body", "name": "X"}}},
        {"method": "POST", "path": "/a", "places": ["x"]},
    ],
)  # fmt: skip
def test_a_declaration_that_cannot_be_carried_out_is_told(own: dict[str, Any], listener: Listener) -> None:
    assert http.problems(own, {"properties": {}})
    with connections() as tried, pytest.raises(ToolFailed):
        http.call(note(listener, own=own), {}, "run-1-2")
    assert tried == []
