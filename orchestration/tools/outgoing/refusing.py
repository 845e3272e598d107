"""What one way out may reach: which hosts, on which ports, over what, at which addresses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
from django.utils.translation import gettext as _

from orchestration import addresses
from orchestration.addresses import Address

PORTS = {"https": 443, "http": 80}


class Refused(httpx2.TransportError):
    """Nothing was sent, or nothing of the answer is kept: a sentence that says why, and holds no secret."""

    def __init__(self, told: str, *, sent: bool = False) -> None:
        super().__init__(told)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Policy:
    """The hosts that may be reached, each with its port (None: the scheme's own), and whether inside the house."""

    origins: frozenset[tuple[str, int | None]]
    private: bool

    @classmethod
    def of(cls, allowed_hosts: Iterable[str], *, private: bool) -> "Policy":
        """From names such as `crm.example.org` or `10.0.0.7:8443`. Or `ValueError`."""
        return cls(frozenset(map(_origin, allowed_hosts)), private)

    def check(self, request: httpx2.Request) -> None:
        """Raise `Refused` unless the request goes to a host on the list, plainly written."""
        url = request.url
        host = url.raw_host.decode("ascii", "replace").lower()
        if url.scheme not in PORTS:
            raise Refused(_("Only https leads out of here, not %(scheme)s.") % {"scheme": url.scheme or "nothing"})
        if url.userinfo:
            raise Refused(_("No name or password stands in an address. Keys are named by their reference."))
        if not addresses.is_name(host):
            raise Refused(_("This is no plainly written host."))
        if (_written(host), _port(url)) not in self.origins:
            raise Refused(_("%(host)s is not among the hosts that may be asked.") % {"host": _shown(url)})
        if url.scheme == "http" and not self.private:
            raise Refused(_("Only https goes outside the house: what is sent would be readable on its way."))
        if request.headers.get_list("host") != [url.netloc.decode("ascii")] or request.method.upper() == "CONNECT":
            raise Refused(_("A request names the host that it goes to, and no other."))

    def judge(self, host: str, found: Sequence[Address], *, openly: bool) -> None:
        """Raise `Refused` unless each address of a host may be connected to; `openly`: without encryption."""
        if all(map(addresses.is_of_house, found)) and self.private:
            return
        if any(map(addresses.is_inside, found)) or openly:
            raise Refused(self._why(host, found, openly))

    def _why(self, host: str, found: Sequence[Address], openly: bool) -> str:
        if self.private and not any(map(addresses.is_inside, found)):
            told = _("%(host)s lies outside the house, and only https goes there.")
        elif self.private:
            told = _("%(host)s comes to an address that is neither public nor one of a house.")
        else:
            told = _("%(host)s lies inside the house, where this connection may not go.")
        return told % {"host": host}


def _origin(named: str) -> tuple[str, int | None]:
    parts = urlsplit(f"//{named}") if named.count(":") < 2 or named.startswith("[") else None
    host, port = ((parts.hostname or "").lower(), parts.port) if parts else (named.lower(), None)
    if not addresses.is_name(host) or (parts and (parts.path or parts.query or parts.fragment or "@" in named)):
        raise ValueError(f"{named!r} is no host")
    return _written(host), None if port in PORTS.values() else port


def _port(url: httpx2.URL) -> int | None:
    """The port that must be named, or None for the scheme's own."""
    return None if url.port in (None, PORTS[url.scheme]) else url.port


def _written(host: str) -> str:
    """One way of writing for each address."""
    address = addresses.plain(host)
    return host if address is None else str(address)


def _shown(url: httpx2.URL) -> str:
    return url.netloc.decode("ascii", "replace")
