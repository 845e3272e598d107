"""Where each argument of an HTTP call goes. Whatever the arguments are, the host and the path's fixed parts stay.

A declaration's `own` is

    {"method": "POST", "path": "/customers/{id}/notes",
     "places": {"id": {"in": "path"}, "trace": {"in": "header", "name": "X-Trace"}, "text": {"in": "body"}}}

with `in` one of path, query, header, body (a field of it) and whole (all of the body).
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.utils.translation import gettext as _

from orchestration.tools.kinds.shapes import Misdeclared
from orchestration.tools.tool import ToolFailed

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
PATH, QUERY, HEADER, BODY, WHOLE = "path", "query", "header", "body", "whole"
LONGEST = 500  # characters of an argument in the path or in a header
LONGEST_QUERY = 4000
NAMED = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.-]{0,99})\}")
TEMPLATE = re.compile(r"(/([A-Za-z0-9._~!$&'()*+,;=:@-]|\{[A-Za-z_][A-Za-z0-9_.-]{0,99}\})*)+")
PREFIX = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@-]+)*")
FIELD = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
# Headers that say where a request goes, how it travels or who sends it: no argument is one of them.
NO_ARGUMENT = re.compile(
    r"host|content-.*|transfer-.*|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*|authorization|cookie|"
    r"idempotency-key|accept-encoding|forwarded|x-forwarded-.*|x-http-method.*|x-original-url|x-rewrite-url|range",
    re.IGNORECASE,
)
DOTS = re.compile(r"\.+(;.*)?")
ENCODED = re.compile(r"%[0-9a-fA-F]{2}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One way of asking, as it is declared."""

    method: str
    path: str
    places: Mapping[str, tuple[str, str]]

    @property
    def segments(self) -> list[str]:
        """The parts of the path."""
        return self.path.split("/")


@dataclass(frozen=True, slots=True)
class Placed:
    """One call, ready to be sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None


def operation_of(own: Mapping[str, Any]) -> Operation:
    """What a declaration says. Raises `Misdeclared`."""
    method, path, places = str(own.get("method", "")).upper(), own.get("path"), own.get("places") or {}
    if method not in METHODS:
        raise Misdeclared(_("It names no method that may be used."))
    if not isinstance(path, str) or not TEMPLATE.fullmatch(path) or _climbs(path):
        raise Misdeclared(_("Its path must be one such as /customers/{id}, without a question mark or two dots."))
    if not isinstance(places, Mapping):
        raise Misdeclared(_("It does not say where its arguments go."))
    operation = Operation(method, path, {str(name): _place(str(name), one) for name, one in places.items()})
    found = {name for name, (where, _called) in operation.places.items() if where == PATH}
    if found != set(NAMED.findall(path)):
        raise Misdeclared(_("The arguments of its path are not those that it says go there."))
    where = [place for place, _called in operation.places.values()]
    if len({(place, called.lower()) for place, called in operation.places.values()}) < len(operation.places):
        raise Misdeclared(_("Two of its arguments go to one place."))
    if method in {"GET", "HEAD"} and {BODY, WHOLE} & set(where):
        raise Misdeclared(_("What is read has no body."))
    if where.count(WHOLE) > 1 or (WHOLE in where and BODY in where):
        raise Misdeclared(_("One argument is the whole body, or several are its fields."))
    return operation


def place(operation: Operation, address: str, arguments: Mapping[str, Any]) -> Placed:
    """The call with these arguments, under the connection's address. Raises `ToolFailed`."""
    if unknown := set(arguments) - set(operation.places):
        raise _refused(sorted(unknown)[0], _("it does not say where this goes"))
    prefix = _prefix(address)
    path = "/".join(_segment(operation, part, arguments) for part in operation.segments)
    query = _query(operation, arguments)
    headers = {called: _header(name, value) for name, called, value in _of(operation, HEADER, arguments)}
    body = _body(operation, arguments)
    if body is not None:
        headers["Content-Type"] = "application/json"
    return Placed(operation.method, f"{prefix}{path}{query}", headers, body)


def _prefix(address: str) -> str:
    """The connection's address without a slash at its end."""
    told = _("The address of this connection is none that can be called.")
    try:
        parts = urlsplit(address)
    except ValueError:
        raise ToolFailed(told, retry=False) from None
    path = parts.path.rstrip("/")
    if not PREFIX.fullmatch(path) or _climbs(path) or parts.query or parts.fragment or "@" in parts.netloc:
        raise ToolFailed(told, retry=False)
    return f"{parts.scheme}://{parts.netloc}{path}"


def _climbs(path: str) -> bool:
    """Whether a part of a path is dots alone, or a part within it is empty."""
    return any(DOTS.fullmatch(part) for part in path.split("/")) or "//" in path


def _place(name: str, told: Any) -> tuple[str, str]:
    where = told.get("in") if isinstance(told, Mapping) else None
    called = str(told.get("name") or name) if isinstance(told, Mapping) else name
    if where not in {PATH, QUERY, HEADER, BODY, WHOLE}:
        raise Misdeclared(_("It does not say where %(name)s goes.") % {"name": name})
    if where == HEADER and (not FIELD.fullmatch(called) or NO_ARGUMENT.fullmatch(called)):
        raise Misdeclared(_("No argument can be the header %(name)s.") % {"name": called})
    return where, name if where == PATH else called


def _of(operation: Operation, where: str, arguments: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """The arguments that go somewhere: their name, what they are called there, and their value."""
    for name, (place, called) in operation.places.items():
        if place == where and arguments.get(name) is not None:
            yield name, called, arguments[name]


def _segment(operation: Operation, part: str, arguments: Mapping[str, Any]) -> str:
    """A part of the path with its arguments, of which none leads out of it."""
    names = NAMED.findall(part)
    for name in names:
        if arguments.get(name) is None:
            raise _refused(name, _("it is missing, and the address needs it"))
    built = NAMED.sub(lambda found: _plain(found[1], arguments[found[1]]), part)
    if names and any(DOTS.fullmatch(one) for one in (built, unicodedata.normalize("NFKC", built))):
        raise _refused(names[0], _("it would lead to another address"))
    return NAMED.sub(lambda found: quote(_plain(found[1], arguments[found[1]]), safe=""), part)


def _plain(name: str, value: Any) -> str:
    """An argument of the path as text: of one part, with nothing that stands for another character."""
    text = _text(name, value)
    alike = unicodedata.normalize("NFKC", text)
    if not text or len(text) > LONGEST:
        raise _refused(name, _("it has 1 to %(most)d characters") % {"most": LONGEST})
    if any(sign in alike for sign in "/\\?#") or ENCODED.search(alike) or DOTS.fullmatch(alike):
        raise _refused(name, _("it would lead to another address"))
    return text


def _query(operation: Operation, arguments: Mapping[str, Any]) -> str:
    pairs = []
    for name, called, value in _of(operation, QUERY, arguments):
        pairs += [(called, _text(name, one)) for one in (value if isinstance(value, list) else [value])]
    told = urlencode(pairs, quote_via=quote)
    if len(told) > LONGEST_QUERY:
        raise ToolFailed(_("The arguments are too long for an address."), retry=False)
    return f"?{told}" if told else ""


def _header(name: str, value: Any) -> str:
    text = _text(name, value)
    if not text.isascii() or len(text) > LONGEST or text != text.strip():
        raise _refused(name, _("it has plain letters, digits and signs, and at most %(most)d") % {"most": LONGEST})
    return text


def _body(operation: Operation, arguments: Mapping[str, Any]) -> bytes | None:
    fields = {called: value for _name, called, value in _of(operation, BODY, arguments)}
    whole = [value for _name, _called, value in _of(operation, WHOLE, arguments)]
    if not whole and not any(where == BODY for where, _called in operation.places.values()):
        return None
    try:
        return json.dumps(whole[0] if whole else fields, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise ToolFailed(_("The arguments cannot be written as JSON."), retry=False) from None


def _text(name: str, value: Any) -> str:
    """A single value as it is written in an address or a header: one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise _refused(name, _("it is one text or number"))
    text = str(value)
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in text):
        raise _refused(name, _("it is one line of signs that can be shown"))
    return text


def _refused(name: str, why: str) -> ToolFailed:
    return ToolFailed(_("The argument %(name)s is refused: %(why)s.") % {"name": name, "why": why}, retry=False)
