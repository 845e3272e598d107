"""Whatever the arguments are, a call stays at its host, under its prefix, at its path, and is one request."""

import json
from typing import Any
from urllib.parse import unquote

import httpx2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.tools.kinds import placing
from orchestration.tools.tool import ToolFailed

HOST = "crm.example.org"
ADDRESS = f"https://{HOST}/api/v2"
PLACES = {
    "a": {"in": "path"}, "b": {"in": "path"}, "q": {"in": "query"}, "h": {"in": "header", "name": "X-H"},
    "t": {"in": "body"},
}  # fmt: skip
TEMPLATES = ["/x/{a}/y/{b}", "/{a}{b}", "/{a}.{b}/end", "/x/{a};v={b}", "/{a}/{b}/", "/x/@{a}:{b}"]
REFUSED = [
    "..", ".", "...", "../..", "..%2f", "%2e%2e", "%2E%2E%2F", "..%252f", "//evil.example", "/\\evil.example",
    "a/../../b", "..\\..", "?x=1", "#", "a\r\nHost: evil.example", "\r\n\r\nGET / HTTP/1.1", "\x00", "\uff0e\uff0e",
    "\uff0f", "\u2025", "\u2028", "\ud800", "..;", "..;/", "%0d%0a", "\t", "", "x" * 501, "%c0%ae", "%%32%65",
]  # fmt: skip
NASTY = [
    *REFUSED, "@evil.example", "evil.example@", ":80", ";", "%", " ", "\u3002\u3002", "\u200b", "{b}", "{a}",
    "\\1", "\\g<0>", "a+b", "ä", "🙂", "0x7f.1",
]  # fmt: skip
anything = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=30), st.text(alphabet="./\\%2eE5cfF;@:?#\r\n", max_size=8), st.integers(),
    st.booleans(), st.none(), st.floats(), st.lists(st.text(max_size=3), max_size=2),
    st.lists(st.sampled_from(NASTY), min_size=2, max_size=3).map("".join),
)  # fmt: skip


def built(template: str, arguments: dict[str, Any]) -> httpx2.Request:
    operation = placing.operation_of({"method": "POST", "path": template, "places": PLACES})
    placed = placing.place(operation, ADDRESS, arguments)
    return httpx2.Request(placed.method, placed.url, headers=dict(placed.headers), content=placed.body)


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(TEMPLATES), anything, anything, anything, anything, anything)
@example("/{a}{b}", ".", ".", None, None, None)
@example("/{a}.{b}/end", ".", "x", None, None, None)
def test_whatever_the_arguments_are_the_host_and_the_path_stay(
    template: str, a: Any, b: Any, q: Any, h: Any, t: Any
) -> None:
    try:
        request = built(template, {"a": a, "b": b, "q": q, "h": h, "t": t})
    except ToolFailed:
        return
    url = request.url
    path = url.raw_path.decode("ascii").partition("?")[0]
    parts, expected = path.split("/"), f"/api/v2{template}".split("/")
    assert (url.scheme, url.host, url.port, url.userinfo, url.fragment) == ("https", HOST, None, b"", "")
    assert path.startswith("/api/v2/")
    assert len(parts) == len(expected)
    assert all(said == meant for said, meant in zip(parts, expected, strict=True) if "{" not in meant)
    assert not any(set(unquote(unquote(part))) <= {"."} and part for part in parts)
    assert not any(sign in unquote(unquote(path[len("/api/v2") :])) for sign in ("\\", "\r", "\n", "\x00"))
    assert unquote(unquote(path)).count("/") == path.count("/")
    assert all("\r" not in value and "\n" not in value for value in request.headers.values())
    assert request.headers["host"] == HOST


@pytest.mark.parametrize("bad", REFUSED)
@pytest.mark.parametrize("where", ["a", "b"])
def test_what_leads_elsewhere_is_refused_in_the_path(bad: str, where: str) -> None:
    with pytest.raises(ToolFailed, match="is refused"):
        built("/x/{a}/y/{b}", {"a": "1", "b": "2", where: bad})


def test_an_argument_that_nobody_placed_is_not_sent() -> None:
    with pytest.raises(ToolFailed, match="does not say where"):
        built("/x/{a}/y/{b}", {"a": "1", "b": "2", "admin": True})


@pytest.mark.parametrize(
    "address",
    [
        "https://a@b.example/",
        "https://b.example/?x=1",
        "https://b.example/#x",
        "https://b.example/../x",
        "https://b.example/a//b",
    ],
)
def test_an_address_that_is_none_is_not_called(address: str) -> None:
    operation = placing.operation_of({"method": "GET", "path": "/x"})
    with pytest.raises(ToolFailed, match="none that can be called"):
        placing.place(operation, address, {})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {"x": float("nan")}])
def test_what_is_no_json_is_not_sent(value: Any) -> None:
    with pytest.raises(ToolFailed, match="JSON"):
        built("/{a}{b}", {"a": "1", "b": "2", "t": value})


def test_the_whole_body_is_one_argument() -> None:
    operation = placing.operation_of({"method": "PUT", "path": "/x", "places": {"all": {"in": "whole"}}})
    body = placing.place(operation, ADDRESS, {"all": [1, {"a": None}]}).body
    assert body is not None
    assert json.loads(body) == [1, {"a": None}]
