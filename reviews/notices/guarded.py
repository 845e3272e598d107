"""apprise, with all its traffic over `outgoing`: its plugins find a `requests` that asks allowed hosts alone.

A plugin is loaded only for a schema on the host's list, and what it names `requests` is ours: each request is judged
by host and address, no redirect is followed, no proxy or netrc of the environment counts.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import httpx2
import requests
from django.conf import settings
from django.utils.translation import gettext as _
from requests.adapters import BaseAdapter

from orchestration.tools import outgoing

if TYPE_CHECKING:
    from apprise.plugins.base import NotifyBase

SECONDS = 15.0
LARGEST = 256 * 1024
INSIDE = "inside:"  # before a host that may lie inside the house
NOT_OURS = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding"}
HANDED_ON = {"codes", "exceptions", "RequestException", "ConnectionError", "Timeout", "HTTPError", "Response"}
_refusals: ContextVar[list[str] | None] = ContextVar("refusals", default=None)


@contextmanager
def watched() -> Iterator[list[str]]:
    """What was refused within: sentences that hold no secret."""
    told: list[str] = []
    token = _refusals.set(told)
    try:
        yield told
    finally:
        _refusals.reset(token)


def instance(address: str, schema: str) -> "NotifyBase | None":
    """The service of an address, which can reach the hosts of its schema alone; None where the address is wrong."""
    import apprise  # a third of a second, which no other process than the clock has to spend
    from apprise.manager_plugins import NotificationManager

    plugins: Any = NotificationManager()  # type: ignore[no-untyped-call]
    if schema not in plugins:
        return None
    module = sys.modules[plugins[schema].__module__]
    if not hasattr(module, "requests"):
        return None  # it would reach out in another way than we can guard
    module.requests = _Requests(settings.HANDRAIL_CHATS[schema])  # type: ignore[attr-defined]
    asset = apprise.AppriseAsset(storage_mode="memory", secure_logging=True)
    made = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    return made if type(made).__module__ == module.__name__ else None


class _Requests:
    """What a plugin may do of the library requests."""

    def __init__(self, hosts: tuple[str, ...]) -> None:
        self._hosts = hosts
        for method in ("get", "post", "put", "patch", "delete", "head"):
            setattr(self, method, partial(self.request, method.upper()))

    def request(self, method: str, url: str, **how: Any) -> requests.Response:
        """One request, without what would lead it elsewhere."""
        kept = {name: value for name, value in how.items() if name in {"params", "data", "json", "headers", "auth"}}
        with self.Session() as session:
            return session.request(method, url, allow_redirects=False, **kept)

    def Session(self) -> requests.Session:  # noqa: N802  (as the library calls it)
        """One that knows no other way out."""
        session = requests.Session()
        session.trust_env = False
        session.adapters.clear()
        for begins in ("https://", "http://"):
            session.mount(begins, _Adapter(self._hosts))
        return session

    def __getattr__(self, name: str) -> Any:
        if name not in HANDED_ON:
            raise AttributeError(name)
        return getattr(requests, name)


class _Adapter(BaseAdapter):
    def __init__(self, hosts: tuple[str, ...]) -> None:
        super().__init__()
        self._hosts = hosts

    def send(self, request: requests.PreparedRequest, *rest: Any, **more: Any) -> requests.Response:
        place = urlsplit(request.url or "").netloc.lower()
        named = next((one for one in self._hosts if fnmatchcase(place, one.removeprefix(INSIDE))), None)
        if named is None:
            _refuse(_("This host is not on the list of hosts for chats."))
        given: dict[str, Any] = dict(request.headers)
        headers = {name: str(value) for name, value in given.items() if name.lower() not in NOT_OURS}
        body: Any = request.body.encode() if isinstance(request.body, str) else request.body
        private = named.startswith(INSIDE)
        try:
            with outgoing.session([place], private=private, seconds=SECONDS, largest=LARGEST) as session:
                answer = session.request(request.method or "GET", request.url or "", headers=headers, content=body)
        except outgoing.Refused as error:
            _refuse(str(error))
        except (httpx2.HTTPError, ValueError) as error:
            raise requests.ConnectionError(type(error).__name__) from None
        return _as_response(request, answer)

    def close(self) -> None:
        """Nothing stays open."""


def _as_response(request: requests.PreparedRequest, answer: httpx2.Response) -> requests.Response:
    made = requests.Response()
    made.status_code, made.url, made.request = answer.status_code, request.url or "", request
    made.headers.update(dict(answer.headers))
    made._content = answer.content
    made.encoding = "utf-8"
    return made


def _refuse(told: str) -> NoReturn:
    held = _refusals.get()
    if held is not None:
        held.append(told)
    raise requests.ConnectionError(told)
