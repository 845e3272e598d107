"""Whether passkeys can work here: browsers bind them to a name, and want https for it, or this very machine."""

import ipaddress

from django.http import HttpRequest
from django.http.request import split_domain_port


def work(request: HttpRequest) -> bool:
    """No passkey belongs to a bare address such as 127.0.0.1; `localhost` is a name."""
    host, _port = split_domain_port(request.get_host())
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure() or host == "localhost" or host.endswith(".localhost")
    return False
