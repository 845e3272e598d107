"""Calls of another system over HTTP. The connection says where to, the declaration how, the arguments only what."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2
from django.utils.translation import gettext as _

from audit.canonical import clean
from orchestration import failures
from orchestration.tools import outgoing
from orchestration.tools.kinds import keys, placing
from orchestration.tools.kinds.keys import Keys
from orchestration.tools.kinds.placing import Operation, Placed
from orchestration.tools.kinds.shapes import AskedToWait, Declared, Misdeclared, own_of
from orchestration.tools.tool import ToolFailed

KEY = "Idempotency-Key"
READS = {"GET", "HEAD"}
UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
DONE_BY_NOBODY = {429, 503}  # by their meaning: the request was not carried out
CHARSETS = {
    "utf-8",
    "utf-16",
    "us-ascii",
    "iso-8859-1",
    "iso-8859-15",
    "windows-1252",
    "shift_jis",
    "euc-jp",
    "gb18030",
}
SAID = 300  # characters of an answer that says no


def call(declared: Declared, arguments: dict[str, Any], key: str) -> dict[str, Any]:
    """Ask, once. Raises `ToolFailed`."""
    operation = _operation(declared)
    return send(declared, placing.place(operation, declared.reach.address, arguments), key)


def effects(declared: Declared, arguments: dict[str, Any]) -> list[str]:
    """What a call does, for the person who approves it."""
    try:
        placed = placing.place(_operation(declared), declared.reach.address, arguments)
    except ToolFailed as error:
        return [str(error)]
    told = {"method": placed.method, "url": placed.url}
    if placed.method in READS:
        return [_("It reads %(url)s.") % told]
    return [_("It sends %(method)s to %(url)s.") % told]


def problems(own: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Why a declaration cannot be carried out, in sentences."""
    try:
        operation = placing.operation_of(own)
    except Misdeclared as error:
        return [str(error)]
    nowhere = set(schema.get("properties") or {}) ^ set(operation.places)
    told = _("It does not say where %(name)s goes, or knows no argument of that name.")
    return [told % {"name": name} for name in sorted(nowhere)]


def send(declared: Declared, placed: Placed, key: str) -> dict[str, Any]:
    """Send a call that is ready, and read its answer. Raises `ToolFailed`."""
    reach = declared.reach
    held = keys.of(reach)
    headers = httpx2.Headers({"Accept": "application/json, text/*;q=0.5", **placed.headers})
    headers.update(held.headers)  # what the connection says wins, however an argument writes its name
    if placed.method not in READS:
        headers[KEY] = key
    hosts, largest = [urlsplit(placed.url).netloc], min(declared.result_bytes, outgoing.LARGEST)
    try:
        with outgoing.session(hosts, private=reach.private, seconds=declared.seconds, largest=largest) as session:
            answer = session.request(placed.method, placed.url, headers=headers, content=placed.body)
    except outgoing.Refused as error:
        raise ToolFailed(f"{declared.name}: {error}", retry=False, unknown=error.sent) from None
    except UNSENT:
        told = _("%(name)s could not be reached, so nothing was sent.")
        raise ToolFailed(told % {"name": declared.name}, retry=True) from None
    except (httpx2.TransportError, httpx2.DecodingError):
        told = _("%(name)s was asked, and the answer did not come whole or in time.")
        raise ToolFailed(told % {"name": declared.name}, retry=True, unknown=True) from None
    except (httpx2.InvalidURL, ValueError):
        raise ToolFailed(
            _("%(name)s has no address that can be called.") % {"name": declared.name}, retry=False
        ) from None
    return _read(declared, answer, held)


def _operation(declared: Declared) -> Operation:
    try:
        operation = placing.operation_of(own_of(declared))
    except Misdeclared as error:
        raise ToolFailed(f"{declared.name}: {error}", retry=False) from None
    if declared.reach.methods and operation.method not in declared.reach.methods:
        told = _("%(connection)s may not be asked with %(method)s.")
        raise ToolFailed(told % {"connection": declared.reach.name, "method": operation.method}, retry=False)
    return operation


def _read(declared: Declared, answer: httpx2.Response, held: Keys) -> dict[str, Any]:
    """What an answer comes to. Raises `ToolFailed` for one that says no."""
    status = answer.status_code
    if 200 <= status < 300:
        value: dict[str, Any] = {"status": status, **_content(answer)}
        return dict(clean(held.hide(value))[0])
    text = " ".join(str(clean(held.hide(_text(answer)[: SAID * 4]))[0]).split())[:SAID]
    told = _("%(name)s answered %(status)d: %(text)s") % {"name": declared.name, "status": status, "text": text}
    if status == 429 or status >= 500:
        after = failures.retry_after(answer.headers.get("retry-after", ""), answer.headers.get("date", ""))
        raise AskedToWait(told, after=after, unknown=status not in DONE_BY_NOBODY)
    raise ToolFailed(told, retry=False)


def _content(answer: httpx2.Response) -> dict[str, Any]:
    """The body of an answer: JSON as its values, else text; nothing of one that has none, or is neither."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not answer.content:
        return {}
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return {"body": json.loads(answer.content, parse_constant=_no_number)}
        except (ValueError, RecursionError):
            return {"text": _text(answer)}
    if kind.startswith("text/") or kind in {"", "application/xml"}:
        return {"text": _text(answer)}
    return {"left_out": kind[:100], "bytes": len(answer.content)}


def _text(answer: httpx2.Response) -> str:
    """The body as text. An answer may not choose just any way of decoding: some unpack, and none is bounded."""
    said = (answer.charset_encoding or "utf-8").lower()
    return answer.content.decode(said if said in CHARSETS else "utf-8", "replace")


def _no_number(name: str) -> None:
    raise ValueError(name)
