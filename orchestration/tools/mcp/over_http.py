"""Streamable HTTP, by the one way out: a request that fails is told as that request's failure, and ends no session."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
from mcp.client.streamable_http import streamable_http_client

from orchestration.tools import outgoing

LARGEST = 8 * 1024 * 1024  # bytes of one answer, whatever a tool may have
LONGEST = 3600.0  # seconds of one request: each call has a limit of its own
CONNECT = 10.0  # seconds until there is a connection
# Codes of ours: nothing was sent; nothing may be sent; it was sent, and no answer came.
UNSENT, REFUSED, BROKEN = -32090, -32091, -32092
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


@asynccontextmanager
async def transport(
    address: str, headers: Mapping[str, str], told: dict[str, str], *, private: bool
) -> AsyncIterator[Any]:
    """The two streams of a session with the server at this address, and with no other; `told` says what was wrong."""
    inner = outgoing.client([urlsplit(address).netloc], private=private, seconds=LONGEST, largest=LARGEST)
    times = httpx2.Timeout(LONGEST, connect=CONNECT)
    async with (
        inner,
        httpx2.AsyncClient(transport=_Told(inner, told), headers=dict(headers), timeout=times) as outer,
        streamable_http_client(address, http_client=outer, max_sse_event_size=LARGEST) as streams,
    ):
        yield streams


class _Told(httpx2.AsyncBaseTransport):
    """Answers in the stead of a server that could not be asked: with the reason, as an error of MCP."""

    def __init__(self, inner: httpx2.AsyncClient, told: dict[str, str]) -> None:
        self._inner, self._told = inner, told

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it, or say why it could not be sent."""
        try:
            found = await self._inner.send(request, stream=True, follow_redirects=False)
        except httpx2.TransportError as error:
            return _failed(error)
        if found.is_redirect:
            await found.aclose()
            return _failed(outgoing.Refused("It answers with a redirect, and none is followed."))
        assert isinstance(found.stream, httpx2.AsyncByteStream)
        told = self._told if request.method == "POST" else {}  # what else is read is no answer to a call
        return httpx2.Response(found.status_code, headers=found.headers.raw, stream=_Stream(found, told))


class _Stream(httpx2.AsyncByteStream):
    """The rest of an answer. One that breaks off is an answer that cannot be read, not the end of the session."""

    def __init__(self, found: httpx2.Response, told: dict[str, str]) -> None:
        self._found, self._told = found, told

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Its bytes, as they come."""
        assert isinstance(self._found.stream, httpx2.AsyncByteStream)
        try:
            async for part in self._found.stream:
                yield part
        except httpx2.TransportError as error:
            self._told["why"] = _words(error)
            raise httpx2.StreamError(_words(error)) from error

    async def aclose(self) -> None:
        """Be done with it."""
        await self._found.aclose()


def _failed(error: httpx2.TransportError) -> httpx2.Response:
    code = REFUSED if isinstance(error, outgoing.Refused) else UNSENT if isinstance(error, NOT_SENT) else BROKEN
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": _words(error)}}
    return httpx2.Response(503, headers={"content-type": "application/json"}, content=json.dumps(body).encode())


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
