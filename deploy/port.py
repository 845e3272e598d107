"""The port that the pages are served on."""

import socket

from deploy.environment import Wishes
from deploy.refusals import CannotStart, PortTaken

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - only compared with


def require_free(host: str, number: int) -> None:
    """Refuse a port that somebody listens on, or one that may not be taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as error:
            raise _refusal(host, number, error) from None


def reachable(host: str) -> str:
    """Where this machine reaches what listens on `host`."""
    return EVERYWHERE.get(host, host)


def address(wishes: Wishes) -> str:
    """The URL of the pages on this machine."""
    host = reachable(wishes.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{wishes.port}/"


def _refusal(host: str, number: int, error: OSError) -> CannotStart:
    if isinstance(error, PermissionError):
        return CannotStart(f"Port {number} is kept for root. Choose another: PORT=8001 make run")
    if isinstance(error, socket.gaierror):
        return CannotStart(f"HOST is {host!r}, which is no address of this machine. Leave it out, or give 127.0.0.1.")
    other = number + 1 if number < 65535 else 8001
    return PortTaken(f"Port {number} on {host} is taken. Choose another: PORT={other} make run")
