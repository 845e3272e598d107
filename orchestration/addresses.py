"""What stands behind a name: its addresses, and which of them may be connected to.

Only what is known to be a public place, or one of a house, is one: everything else is refused. Where an address holds
another (NAT64, 6to4, Teredo and their like), what it comes to counts, or nothing does.
"""

import asyncio
import ipaddress
import os
import re
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from typing import Any

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PATIENCE = 3.0  # seconds to look a name up
MOST = 16  # addresses of one name that are looked at
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
UNICAST = ipaddress.IPv6Network("2000::/3")
ISATAP = (0x00005EFE, 0x02005EFE)
NO_PUBLIC_PLACE = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.88.99.0/24",  # relays of 6to4
            "168.63.129.16/32",  # the metadata server of a cloud, on a public address
            "2001::/23",  # Teredo, ORCHID and what else the registry keeps to itself
            "2002::/16",  # 6to4
            "2001:db8::/32",  # documentation
            "3fff::/20",  # documentation
        ),
    )
)
HOUSE = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1/128", "fc00::/7"),
    )
)
NO_HOUSE = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254", "fd20:ce::254")))  # metadata
NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?")
ODD_NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")  # such as 2130706433, 127.1 or 0x7f.1

_lookups = ThreadPoolExecutor(16, thread_name_prefix="lookup")


def _anew() -> None:
    """A fork has none of the threads of its parent, and would wait for them."""
    global _lookups
    _lookups = ThreadPoolExecutor(16, thread_name_prefix="lookup")


os.register_at_fork(after_in_child=_anew)


class Unknown(Exception):
    """Nobody here knows this name, or not in time."""


def is_inside(address: Address) -> bool:
    """Whether an address is no public one: also where it stands inside another."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        return is_inside(inner) if inner is not None else not _is_public_v6(address)
    return not address.is_global or address.is_multicast or _within(address, NO_PUBLIC_PLACE)


def is_of_house(address: Address) -> bool:
    """Whether an address may be one of a house: private or this machine, and none where clouds keep their keys."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return is_of_house(address.ipv4_mapped)
    return _within(address, HOUSE) and address not in NO_HOUSE


def is_name(host: str) -> bool:
    """Whether a host, in small letters, is a name or a plainly written address: no number that comes to one."""
    if plain(host) is not None:
        return "%" not in host
    return NAME.fullmatch(host) is not None and ODD_NUMBER.fullmatch(host) is None and ".." not in host


def plain(host: str) -> Address | None:
    """The address that a host is, plainly written; None where it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def look_up(host: str, port: int, seconds: float = PATIENCE) -> list[Address]:
    """All addresses of a host now. Or `Unknown`."""
    if (address := plain(host)) is not None:
        return [address]
    asked = _lookups.submit(_asked, host, port)
    try:
        return _addresses(asked.result(min(seconds, PATIENCE)))
    except (OSError, UnicodeError, ValueError, TooLate):
        asked.cancel()
        raise Unknown from None


async def alook_up(host: str, port: int, seconds: float = PATIENCE) -> list[Address]:
    """The same, on an event loop."""
    if (address := plain(host)) is not None:
        return [address]
    try:
        async with asyncio.timeout(min(seconds, PATIENCE)):
            return _addresses(await asyncio.wrap_future(_lookups.submit(_asked, host, port)))
    except (OSError, UnicodeError, ValueError, TimeoutError):
        raise Unknown from None


def _asked(host: str, port: int) -> list[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _addresses(found: Iterable[Any]) -> list[Address]:
    told = list(dict.fromkeys(ipaddress.ip_address(str(one[4][0])) for one in found))
    if not told:
        raise Unknown
    return told[:MOST]


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """What an address comes to that only carries another, where that way is one in use."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None


def _is_public_v6(address: ipaddress.IPv6Address) -> bool:
    carries = (int(address) >> 32) & 0xFFFFFFFF in ISATAP
    return address in UNICAST and address.is_global and not carries and not _within(address, NO_PUBLIC_PLACE)


def _within(address: Address, networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
