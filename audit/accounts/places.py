"""Where a request comes from, in one way for the record, the rate limits and the lock."""

from allauth.core.internal.httpkit import get_client_ip
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104  (behind a socket of the host itself nobody says it)


def address(request: HttpRequest) -> str:
    """The address of whoever asks: through one trusted proxy where the host says that there is one."""
    return str(get_client_ip(request) or UNKNOWN)
