"""Calls that are answered later, at an address that is good for one call and guessed by nobody.

A declaration's `own` is that of kind http, with `answer_to`: where the address goes (as in `places`), and `hours`: how
long the answer is waited for. The address holds a token that is worked out of the call's key under this installation's
secret key, so that each try of a call sends the same one. No row holds it: a step waits for the token's hash.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from orchestration.tools.kinds import http, placing
from orchestration.tools.kinds.placing import Operation, Placed
from orchestration.tools.kinds.shapes import Declared, Misdeclared, own_of
from orchestration.tools.tool import AnsweredLater, ToolFailed

PURPOSE = b"handrail: addresses of answers"
PLACE = "answers"  # the first step of the addresses
ARGUMENT = "answer_to"  # what the address is called among the arguments, where it cannot clash
HOURS, MOST_HOURS = 24, 24 * 90
EVENT = "answer:"


def call(declared: Declared, arguments: dict[str, Any], key: str) -> dict[str, Any]:
    """Send it, with the address of its answer. Raises `AnsweredLater`, or `ToolFailed`."""
    operation, hours = _declared(declared)
    token = token_of(key)
    placed = _placed(declared, operation, arguments, f"{_origin(declared)}/{PLACE}/{token}/")
    sent = http.send(declared, placed, key)
    raise AnsweredLater(event_of(token), hours, _without(sent, token))


def effects(declared: Declared, arguments: dict[str, Any]) -> list[str]:
    """What a call does, for the person who approves it."""
    try:
        operation, hours = _declared(declared)
        placed = _placed(declared, operation, arguments, "https://…")
    except ToolFailed as error:
        return [str(error)]
    told = {"method": placed.method, "host": urlsplit(placed.url).netloc, "hours": f"{hours:g}"}
    return [_("It sends %(method)s to %(host)s, and waits at most %(hours)s hours for the answer.") % told]


def problems(own: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Why a declaration cannot be carried out, in sentences."""
    try:
        _read(own)
    except Misdeclared as error:
        return [str(error)]
    return http.problems({name: own[name] for name in ("method", "path", "places") if name in own}, schema)


def token_of(key: str) -> str:
    """The token of a call: the same on each try, and worked out by nobody without the secret key."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(settings.SECRET_KEY.encode())
    made = hmac.new(derived, key.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def event_of(token: str) -> str:
    """The event that a step waits for, and that comes with an answer at this token's address."""
    return EVENT + hashlib.sha256(token.encode()).hexdigest()


def _read(own: Mapping[str, Any]) -> tuple[Operation, float]:
    place, hours = own.get("answer_to"), own.get("hours", HOURS)
    if not isinstance(place, Mapping) or place.get("in") not in {placing.QUERY, placing.HEADER, placing.BODY}:
        raise Misdeclared(_("It does not say where the address of the answer goes."))
    if not isinstance(hours, int | float) or isinstance(hours, bool) or not 0 < hours <= MOST_HOURS:
        raise Misdeclared(_("An answer is waited for at most %(most)d hours.") % {"most": MOST_HOURS})
    places = own.get("places") or {}
    if not isinstance(places, Mapping) or ARGUMENT in places:
        raise Misdeclared(_("No argument of its own is called %(name)s.") % {"name": ARGUMENT})
    operation = placing.operation_of({**own, "places": {**places, ARGUMENT: {"name": ARGUMENT, **place}}})
    if operation.method in http.READS:
        raise Misdeclared(_("What is answered later is sent, and not read."))
    return operation, float(hours)


def _declared(declared: Declared) -> tuple[Operation, float]:
    try:
        operation, hours = _read(own_of(declared))
    except Misdeclared as error:
        raise ToolFailed(f"{declared.name}: {error}", retry=False) from None
    if declared.reach.methods and operation.method not in declared.reach.methods:
        told = _("%(connection)s may not be asked with %(method)s.")
        raise ToolFailed(told % {"connection": declared.reach.name, "method": operation.method}, retry=False)
    return operation, hours


def _placed(declared: Declared, operation: Operation, arguments: dict[str, Any], answer_to: str) -> Placed:
    if ARGUMENT in arguments:
        raise ToolFailed(_("The address of the answer is no argument."), retry=False)
    return placing.place(operation, declared.reach.address, {**arguments, ARGUMENT: answer_to})


def _origin(declared: Declared) -> str:
    """Where this installation is reached from outside: what the connection says, or the first of the settings."""
    said = declared.reach.options.get("answers_at") or next(iter(settings.CSRF_TRUSTED_ORIGINS), "")
    parts = urlsplit(str(said))
    if parts.scheme not in {"http", "https"} or not parts.netloc or "@" in parts.netloc or parts.path.strip("/"):
        raise ToolFailed(_("Nobody says at which address answers come in here."), retry=False)
    return f"{parts.scheme}://{parts.netloc}"


def _without(value: Any, token: str) -> Any:
    """What was said at once, without the token, should it have been repeated."""
    if isinstance(value, str):
        return value.replace(token, "[address]")
    if isinstance(value, dict):
        return {_without(name, token): _without(one, token) for name, one in value.items()}
    return [_without(one, token) for one in value] if isinstance(value, list) else value
