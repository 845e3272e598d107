"""What comes back: no redirect, so much and no more, in its time, and nothing of the environment."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from orchestration.tools import outgoing
from tests.outgoing.watching import Listener, connections, dripping, packed, say

type Asking = Callable[..., httpx2.Response]
METADATA = "http://169.254.169.254/latest/meta-data/"


def _in_a_thread(listener: Listener, path: str = "/", seconds: float = 2, largest: int = 1000, **more: Any) -> Any:
    with outgoing.session([f"127.0.0.1:{listener.port}"], private=True, seconds=seconds, largest=largest) as session:
        return session.request(more.pop("method", "GET"), f"http://127.0.0.1:{listener.port}{path}", **more)


def _on_a_loop(listener: Listener, path: str = "/", seconds: float = 2, largest: int = 1000, **more: Any) -> Any:
    async def asked() -> httpx2.Response:
        hosts = [f"127.0.0.1:{listener.port}"]
        async with outgoing.client(hosts, private=True, seconds=seconds, largest=largest) as client:
            return await client.request(more.pop("method", "GET"), f"http://127.0.0.1:{listener.port}{path}", **more)

    return asyncio.run(asked())


@pytest.fixture(params=[_in_a_thread, _on_a_loop], ids=["session", "client"])
def ask(request: pytest.FixtureRequest) -> Asking:
    """The two ways of asking, which answer alike."""
    way: Asking = request.param
    return way


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", [METADATA, "/elsewhere", "//127.0.0.2:{port}/", "https://listed.example/", "file:///x"])
@pytest.mark.parametrize("follow", [False, True])
def test_no_redirect_is_followed(status: int, to: str, follow: bool, ask: Asking, listener: Listener) -> None:
    listener.answers["/"] = say(status, b"", Location=to.format(port=listener.port))
    with connections() as tried, pytest.raises(outgoing.Refused):
        ask(listener, follow_redirects=follow)
    assert (len(tried), listener.came, len(listener.heard)) == (1, 1, 1)


def test_an_answer_is_unpacked(ask: Asking, listener: Listener) -> None:
    listener.answers["/"] = packed(b"so it says" * 50)
    assert ask(listener).text == "so it says" * 50
    assert listener.heard[0][2]["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize(
    "answer",
    [
        say(200, b"x" * 1001),
        packed(b"x" * 1001),
        packed(b"x" * 300_000_000),
        say(500, b"x" * 1001),
        say(200, b"x" * 10, Content_Encoding="br"),
        say(200, b"x" * 10, Content_Encoding="gzip, gzip"),
        say(200, b"x" * 10, Content_Encoding="gzip"),
    ],
    ids=["long", "packed", "a bomb", "an error", "packed otherwise", "packed twice", "not packed"],
)
def test_what_is_too_large_or_cannot_be_read_is_refused(answer: Any, ask: Asking, listener: Listener) -> None:
    listener.answers["/"] = answer
    began = time.monotonic()
    with pytest.raises(outgoing.Refused):
        ask(listener, seconds=5)
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("headers", [True, False])
def test_an_answer_that_drips_ends_with_its_time(headers: bool, ask: Asking, listener: Listener) -> None:
    listener.answers["/"] = dripping(headers=headers)
    began = time.monotonic()
    with pytest.raises(httpx2.TimeoutException):
        ask(listener, seconds=0.5)
    assert 0.3 < time.monotonic() - began < 1.5


def test_a_host_that_says_nothing_ends_with_its_time(ask: Asking, listener: Listener) -> None:
    listener.answers["/"] = lambda handler: time.sleep(3)
    began = time.monotonic()
    with pytest.raises(httpx2.TimeoutException):
        ask(listener, seconds=0.5, timeout=60)
    assert time.monotonic() - began < 1.5


def test_no_proxy_of_the_environment_is_used(ask: Asking, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert ask(listener).text == "hello"


@pytest.mark.parametrize(
    "more",
    [
        {"headers": {"Host": "admin.example.org"}},
        {"headers": [("Host", "127.0.0.1"), ("Host", "admin.example.org")]},
        {"method": "CONNECT"},
    ],
)
def test_a_request_goes_to_the_host_that_it_names(more: dict[str, Any], ask: Asking, listener: Listener) -> None:
    with pytest.raises((outgoing.Refused, httpx2.TransportError)):
        ask(listener, **more)
    assert listener.came == 0


def test_what_a_caller_asks_of_the_library_changes_no_target(ask: Asking, listener: Listener) -> None:
    ask(listener, extensions={"target": b"http://169.254.169.254/", "sni_hostname": "admin.example.org"})
    assert listener.heard[0][1] == "/"
