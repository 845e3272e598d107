"""Connections to models' own servers: only to addresses that were judged, at the moment that they are opened.

It is the same judgement as that of `orchestration.tools.outgoing`, for aiohttp, over which litellm calls.
"""

import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from orchestration import addresses
from orchestration.addresses import Address
from orchestration.failures import Inside


def session(*, public_only: bool, trust: Any) -> aiohttp.ClientSession:
    """A session whose connections go to public addresses, or with `public_only` off to a house's as well."""
    judge = Judge(public_only)
    connector = aiohttp.TCPConnector(
        resolver=judge, socket_factory=judge.opened, ssl=trust, limit=1000, keepalive_timeout=120, ttl_dns_cache=30
    )
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)


class Judge(AbstractResolver):
    """Looks names up, and opens no connection to an address that may not be asked."""

    def __init__(self, public_only: bool) -> None:
        self._public_only = public_only

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        try:
            found = await addresses.alook_up(host, port)
        except addresses.Unknown:
            raise OSError(f"Nobody here knows {host}.") from None
        for address in found:
            self._check(address)
        return [_told(host, address, port) for address in found]

    def opened(self, where: Any) -> socket.socket:
        """A socket for an address, which aiohttp is about to connect to."""
        family, kind, proto, _name, place = where
        self._check(addresses.plain(str(place[0]).partition("%")[0]))
        made = socket.socket(family, kind, proto)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # a model thinks for minutes without a word
        return made

    async def close(self) -> None:
        """Nothing stays open."""

    def _check(self, address: Address | None) -> None:
        if address is None:
            raise Inside
        if addresses.is_inside(address) and (self._public_only or not addresses.is_of_house(address)):
            raise Inside


def _told(host: str, address: Address, port: int) -> ResolveResult:
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=str(address), port=port, family=family, proto=0, flags=numeric)
