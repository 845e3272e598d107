"""Connections: to an address that was judged, and to no other, however often a name changes its answer.

Each read and write is bounded by what is left of the request's time, so that an answer that drips ends with it.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from ssl import SSLContext
from typing import Any

import httpcore2

from orchestration import addresses
from orchestration.addresses import Address

type Judge = Callable[[str, Sequence[Address]], None]
type Options = Iterable[httpcore2.SOCKET_OPTION] | None

PIECE = 64 * 1024
_until: ContextVar[float] = ContextVar("until", default=float("inf"))


@contextmanager
def until(moment: float) -> Iterator[None]:
    """Within: nothing on the network takes longer than until then, by the monotonic clock."""
    token = _until.set(moment)
    try:
        yield
    finally:
        _until.reset(token)


def left(asked: float | None = None) -> float:
    """The seconds that are left, and no more than are asked for. Or a timeout."""
    remaining = _until.get() - time.monotonic()
    if remaining <= 0:
        raise httpcore2.ReadTimeout("The time is up.")
    return remaining if asked is None else min(asked, remaining)


class Backend(httpcore2.NetworkBackend):
    """Opens connections for `outgoing.session`."""

    def __init__(self, judge: Judge) -> None:
        self._judge, self._inner = judge, httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore2.NetworkStream:
        try:
            found = addresses.look_up(host, port, left(timeout))
        except addresses.Unknown:
            raise httpcore2.ConnectError(f"Nobody here knows {host}.") from None
        self._judge(host, found)
        for place, address in enumerate(found):
            try:
                opened = self._inner.connect_tcp(str(address), port, _share(timeout, found, place), None, ())
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if place == len(found) - 1:
                    raise
                continue
            if _is_at(opened, address):
                return Stream(opened)
            opened.close()
        raise httpcore2.ConnectError(f"{host} could not be reached.")


class AsyncBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections for `outgoing.client`."""

    def __init__(self, judge: Judge) -> None:
        self._judge, self._inner = judge, httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            found = await addresses.alook_up(host, port, left(timeout))
        except addresses.Unknown:
            raise httpcore2.ConnectError(f"Nobody here knows {host}.") from None
        self._judge(host, found)
        for place, address in enumerate(found):
            try:
                opened = await self._inner.connect_tcp(str(address), port, _share(timeout, found, place), None, ())
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if place == len(found) - 1:
                    raise
                continue
            if _is_at(opened, address):
                return AsyncStream(opened)
            await opened.aclose()
        raise httpcore2.ConnectError(f"{host} could not be reached.")


class Stream(httpcore2.NetworkStream):
    """A connection whose every move is bounded by the time of the request that it serves."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE):
            self._inner.write(buffer[start : start + PIECE], left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return Stream(self._inner.start_tls(ssl_context, server_hostname, left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class AsyncStream(httpcore2.AsyncNetworkStream):
    """The same, on an event loop."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max_bytes, left(timeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, left(timeout))

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        return AsyncStream(await self._inner.start_tls(ssl_context, server_hostname, left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _share(timeout: float | None, found: Sequence[Address], place: int) -> float:
    """An address that does not answer leaves time for those after it."""
    return left(timeout) / (len(found) - place)


def _is_at(opened: httpcore2.NetworkStream | httpcore2.AsyncNetworkStream, address: Address) -> bool:
    """Whether the connection leads to the address that was judged."""
    told = opened.get_extra_info("server_addr")
    return told is not None and addresses.plain(str(told[0]).partition("%")[0]) == address
