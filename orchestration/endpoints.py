"""Addresses of models' own servers: what may stand in a row, and whether one lies inside the house.

Whoever names an address decides what this host sends there. One that comes to a private or loopback address is asked
only where an admin has said so, and a second person has signed it. A call judges the address that it connects to
(`orchestration.connecting`); what is said here is said when a row is written.
"""

from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from orchestration import addresses

LONGEST = 300


def problem(url: str, *, private: bool) -> str:
    """Why this address cannot stand in a row, in a sentence; "" where it can. It may take some seconds."""
    if told := _shape(url):
        return told
    parts = urlsplit(url)
    if private:
        return ""
    if parts.scheme != "https":
        return _("Only https goes outside the house: a key would be readable on its way.")
    try:
        found = addresses.look_up(parts.hostname or "", _port(parts))
    except addresses.Unknown:
        return _("Nobody here knows this address. If it lies inside the house, say so below.")
    if any(map(addresses.is_inside, found)):
        return _("This address lies inside the house. If it shall be asked, say so below.")
    return ""


async def lies_inside(url: str) -> bool:
    """Whether an address comes to a private or loopback one now; also where nobody knows it.

    For the providers that litellm reaches over clients of its own: those over ours judge as they connect.
    """
    parts = urlsplit(url)
    try:
        found = await addresses.alook_up(parts.hostname or "", _port(parts))
    except (addresses.Unknown, ValueError):
        return True
    return any(map(addresses.is_inside, found))


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


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
