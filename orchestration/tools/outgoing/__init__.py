"""The one way out for HTTP: to the hosts on a list, at addresses that were judged, over a bounded answer.

    with outgoing.session(["crm.example.org"], private=False, seconds=20) as session:
        answer = session.get("https://crm.example.org/v1/customers")

What is refused raises `Refused`, a transport error of httpx: nothing was sent, or nothing of the answer is kept.
Redirects are refused, the environment's proxies are not used, and a name that changes its answer gains nothing.
"""

from collections.abc import Iterable

import httpx2

from orchestration.tools.outgoing.refusing import Policy, Refused
from orchestration.tools.outgoing.transports import AsyncGuarded, Guarded

LARGEST = 8 * 1024 * 1024  # bytes that are read of an answer, unpacked

__all__ = ["LARGEST", "Refused", "client", "session"]


def client(
    allowed_hosts: Iterable[str], *, private: bool, seconds: float, largest: int = LARGEST
) -> httpx2.AsyncClient:
    """For event loops. A host is named as `crm.example.org`, or with its port; `seconds` are those of one whole
    request with its answer. With `private` it may lie inside the house. Raises `ValueError` for what is no host."""
    guarded = AsyncGuarded(Policy.of(allowed_hosts, private=private), seconds, largest)
    return httpx2.AsyncClient(transport=guarded, trust_env=False, follow_redirects=False, timeout=seconds)


def session(allowed_hosts: Iterable[str], *, private: bool, seconds: float, largest: int = LARGEST) -> httpx2.Client:
    """The same for threads."""
    guarded = Guarded(Policy.of(allowed_hosts, private=private), seconds, largest)
    return httpx2.Client(transport=guarded, trust_env=False, follow_redirects=False, timeout=seconds)
