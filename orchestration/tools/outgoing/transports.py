"""The transports of httpx: each request is checked, bounded and sent over a judged connection."""

import ssl
import time
from functools import cache, partial

import httpcore2
import httpx2

from orchestration.tools.outgoing import answers, network
from orchestration.tools.outgoing.refusing import PORTS, Policy


class Guarded(httpx2.BaseTransport):
    """For `outgoing.session`."""

    def __init__(self, policy: Policy, seconds: float, largest: int) -> None:
        self._policy, self._seconds, self._largest = policy, seconds, largest
        self._ways = {scheme: _Way(policy, openly=scheme == "http") for scheme in PORTS}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._policy.check(request)
        moment = time.monotonic() + self._seconds
        with network.until(moment):
            response = self._ways[request.url.scheme].handle_request(_bounded(request, self._seconds))
        try:
            answers.check(response)
            unpacking = answers.Unpacking(response, self._largest)
        except BaseException:
            response.close()
            raise
        assert isinstance(response.stream, httpx2.SyncByteStream)
        headers, extensions = answers.outside(response)
        body = answers.Body(response.stream, unpacking, moment)
        return httpx2.Response(response.status_code, headers=headers, stream=body, extensions=extensions)

    def close(self) -> None:
        for way in self._ways.values():
            way.close()


class AsyncGuarded(httpx2.AsyncBaseTransport):
    """For `outgoing.client`."""

    def __init__(self, policy: Policy, seconds: float, largest: int) -> None:
        self._policy, self._seconds, self._largest = policy, seconds, largest
        self._ways = {scheme: _AsyncWay(policy, openly=scheme == "http") for scheme in PORTS}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._policy.check(request)
        moment = time.monotonic() + self._seconds
        with network.until(moment):
            response = await self._ways[request.url.scheme].handle_async_request(_bounded(request, self._seconds))
        try:
            answers.check(response)
            unpacking = answers.Unpacking(response, self._largest)
        except BaseException:
            await response.aclose()
            raise
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        headers, extensions = answers.outside(response)
        body = answers.AsyncBody(response.stream, unpacking, moment)
        return httpx2.Response(response.status_code, headers=headers, stream=body, extensions=extensions)

    async def aclose(self) -> None:
        for way in self._ways.values():
            await way.aclose()


class _Way(httpx2.HTTPTransport):
    """httpx's own transport over our connections."""

    _pool: httpcore2.ConnectionPool

    def __init__(self, policy: Policy, *, openly: bool) -> None:
        super().__init__(verify=_trust(), trust_env=False)
        assert isinstance(self._pool, httpcore2.ConnectionPool)
        backend = network.Backend(partial(policy.judge, openly=openly))
        self._pool = httpcore2.ConnectionPool(ssl_context=_trust(), network_backend=backend)


class _AsyncWay(httpx2.AsyncHTTPTransport):
    _pool: httpcore2.AsyncConnectionPool

    def __init__(self, policy: Policy, *, openly: bool) -> None:
        super().__init__(verify=_trust(), trust_env=False)
        assert isinstance(self._pool, httpcore2.AsyncConnectionPool)
        backend = network.AsyncBackend(partial(policy.judge, openly=openly))
        self._pool = httpcore2.AsyncConnectionPool(ssl_context=_trust(), network_backend=backend)


@cache
def _trust() -> ssl.SSLContext:
    """Whom this host trusts. Made once: it takes milliseconds."""
    return httpx2.create_ssl_context(trust_env=False)


def _bounded(request: httpx2.Request, seconds: float) -> httpx2.Request:
    """The request as it is sent: of what a caller may ask of the library, its times alone are kept."""
    asked = request.extensions.get("timeout", {})
    times = {name: min(asked.get(name) or seconds, seconds) for name in ("connect", "read", "write", "pool")}
    headers = request.headers.copy()
    headers["Accept-Encoding"] = "gzip"
    return httpx2.Request(
        request.method, request.url, headers=headers, stream=request.stream, extensions={"timeout": times}
    )
