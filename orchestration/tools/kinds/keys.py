"""The secrets of a connection: put into the request by their reference, and taken out of whatever comes back."""

import base64
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from orchestration import credentials
from orchestration.tools.kinds.shapes import Reach
from orchestration.tools.tool import ToolFailed

BEARER, BASIC, HEADER = "bearer", "basic", "header:"  # how the connection's `auth` says that its secret goes along
SHORTEST = 4  # characters of what is looked for in an answer
HIDDEN = "[key]"


@dataclass(frozen=True, slots=True)
class Keys:
    """The headers that go with a call, and the secrets that are in them."""

    headers: dict[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    def hide(self, value: Any) -> Any:
        """The value without the secrets, wherever in it they stand."""
        if isinstance(value, str):
            for secret in self.secrets:
                value = value.replace(secret, HIDDEN)
            return value
        if isinstance(value, dict):
            return {self.hide(key): self.hide(one) for key, one in value.items()}
        return [self.hide(one) for one in value] if isinstance(value, list) else value


def secret(reach: Reach) -> str:
    """The connection's secret; "" where it has none. Raises `ToolFailed`."""
    return _value(reach, reach.secret)


def of(reach: Reach) -> Keys:
    """All that goes with a call over this connection. Raises `ToolFailed`."""
    headers, secrets = dict[str, str](), list[str]()
    for name, value, reference in reach.headers:
        headers[name] = value or _value(reach, reference)
        secrets += [] if value else [headers[name]]
    if key := secret(reach):
        name, value = _authorisation(str(reach.options.get("auth") or BEARER), key)
        headers[name] = value
        secrets += [value.rpartition(" ")[2], key, key.partition(":")[2] if value.startswith("Basic ") else ""]
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise ToolFailed(_("The header %(name)s of this connection cannot be sent.") % {"name": name}, retry=False)
    known = {one for one in secrets if len(one) >= SHORTEST}
    return Keys(headers, tuple(sorted(known, key=len, reverse=True)))


def _authorisation(how: str, key: str) -> tuple[str, str]:
    if how.startswith(HEADER):
        return how.removeprefix(HEADER), key
    if how == BASIC:
        return "Authorization", "Basic " + base64.b64encode(key.encode()).decode()
    if how != BEARER:
        raise ToolFailed(_("This connection does not say how its key goes along."), retry=False)
    return "Authorization", f"Bearer {key}"


def _value(reach: Reach, reference: str) -> str:
    try:
        return credentials.value(reference)
    except credentials.KeyMissing as error:
        raise ToolFailed(f"{reach.name}: {error}", retry=False) from None
