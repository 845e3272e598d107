"""Addresses of models' own servers: what may stand in a row, and whether one lies inside the house.

Whoever names an address decides what this host sends there. One that comes to a private or loopback address is asked
only where an admin has said so, and a second person has signed it.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

LONGEST = 300
PATIENCE = 3.0  # seconds to look an address up
NAT64 = ipaddress.ip_network("64:ff9b::/96")

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_lookups = ThreadPoolExecutor(4, thread_name_prefix="lookup")


def problem(url: str, *, private: bool) -> str:
    """Why this address cannot stand in a row, in a sentence; "" where it can. It may take some seconds."""
    if told := _shape(url):
        return told
    parts = urlsplit(url)
    if private:
        return ""
    if parts.scheme != "https":
        return _("Only https goes outside the house: a key would be readable on its way.")
    found = _looked_up(parts)
    if not found:
        return _("Nobody here knows this address. If it lies inside the house, say so below.")
    if any(map(is_inside, found)):
        return _("This address lies inside the house. If it shall be asked, say so below.")
    return ""


async def lies_inside(url: str) -> bool:
    """Whether an address comes to a private or loopback one now; also where nobody knows it. Asked before a call."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(PATIENCE):
            found = await asyncio.get_running_loop().getaddrinfo(
                parts.hostname or "", _port(parts), type=socket.SOCK_STREAM
            )
    except (OSError, UnicodeError, ValueError, TimeoutError):
        return True
    return not found or any(map(is_inside, _addresses(found)))


def is_inside(address: Address) -> bool:
    """Whether an address is no public one: also where it stands inside another."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_inside(inner)
    return not address.is_global or address.is_multicast


def _shape(url: str) -> str:
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        return _("Write an address such as https://models.example.org/v1.")
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError:
        return _("Write an address such as https://models.example.org/v1.")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return _("Write an address such as https://models.example.org/v1.")
    if parts.username is not None or parts.password is not None:
        return _("No name or password stands in an address. Keys are named by their reference.")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        return _("Nothing follows the path of an address: no ? and no #.")
    return ""


def _looked_up(parts: SplitResult) -> list[Address]:
    asked = _lookups.submit(socket.getaddrinfo, parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    try:
        return _addresses(asked.result(PATIENCE))
    except (OSError, UnicodeError, TooLate):
        asked.cancel()
        return []


def _addresses(found: Iterable[Any]) -> list[Address]:
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
