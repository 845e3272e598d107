"""What people want to know of another system: what it offers, or what a call comes to. A worker asks, not the page."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actors import CLOCK, WORKER, Actor, person
from audit.clock_time import now
from audit.models import User
from audit.moves import begin, move
from audit.ticks import tick
from orchestration import queue
from orchestration.catalog import asked
from orchestration.catalog.beside import Beside
from orchestration.catalog.changing import CannotChange, refuse_others
from orchestration.catalog.offered import take_up
from orchestration.models import Connection, Inquiry, Tool
from orchestration.states import ConnectionStatus, ModelTestStatus, Repeatability, ToolEffect, ToolKind, ToolStatus
from orchestration.tools import AnsweredLater, Paused, ToolFailed
from orchestration.tools.declared import reach_of, tool_of
from orchestration.tools.mcp import calling
from orchestration.tools.mcp.calling import Listed

LOST = timedelta(seconds=180)
LONGEST = 20_000  # characters of a result that are kept


@dataclass(frozen=True, slots=True)
class Came:
    """What an inquiry came to."""

    error: str = ""
    result: str = ""
    milliseconds: int | None = None
    listed: Listed | None = None


def ask_offers(connection: Connection, *, by: User) -> Inquiry:
    """Ask what the server behind a connection offers. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    if told := why_unlisted(connection):
        raise CannotChange([("", told)])
    return _ask(Inquiry(connection=connection, asked_by=by))


def ask_call(tool: Tool, arguments: dict[str, Any], *, by: User) -> Inquiry:
    """Ask for one call of a tool that only reads. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    if told := why_untried(tool):
        raise CannotChange([("", told)])
    if found := tool_of(tool).problems(arguments):
        raise CannotChange([("arguments", f"{field}: {words}" if field else words) for field, words in found[:3]])
    assert tool.connection is not None
    return _ask(Inquiry(connection=tool.connection, tool=tool, arguments=arguments, asked_by=by))


def why_unlisted(connection: Connection) -> str:
    """Why a connection cannot be asked what it offers; "" where it can."""
    if connection.kind != ToolKind.MCP:
        return _("Only MCP servers say what they offer.")
    if connection.status != ConnectionStatus.APPROVED:
        return _("Nothing is sent over it before a second person has signed it.")
    return ""


def why_untried(tool: Tool) -> str:
    """Why a tool cannot be called for a test; "" where it can."""
    if tool.connection is None:
        return _("What lives in this process is tried in a workflow's test cases.")
    if tool.status != ToolStatus.APPROVED or tool.connection.status != ConnectionStatus.APPROVED:
        return _("It is called once a second person has signed it.")
    if tool.effect != ToolEffect.READ or tool.repeatability != Repeatability.SAFE:
        return _("Only a tool that reads, and may be called again freely, is called for a test.")
    return ""


def _ask(inquiry: Inquiry) -> Inquiry:
    try:
        with transaction.atomic():
            begin(inquiry, actor=person(inquiry.asked_by))
            queue.ring_for_test(inquiry.pk)
    except IntegrityError as error:
        raise CannotChange(
            [("", _("Something is asked over this connection now. Wait until that has ended."))]
        ) from error
    return inquiry


class Inquiries(Beside[Inquiry, Came]):
    """Those that one worker makes beside its steps."""

    def taken(self) -> Inquiry | None:
        """The next that nobody makes yet."""
        return asked.take(Inquiry.objects.select_related("connection", "tool__connection", "tool__undo"))

    def begun(self, row: Inquiry) -> Callable[[], Came] | None:
        """The call, unless it may not be made any more."""
        told = why_unlisted(row.connection) if row.tool is None else why_untried(row.tool)
        if told:
            _end_once(row, Came(told))
            return None
        if row.tool is None:
            return partial(_list, row)
        return partial(_call, row)

    def ended(self, row: Inquiry, came: Came | None, broken: BaseException | None) -> None:
        """Write what it came to; what a server offers goes into the catalog."""
        _end_once(row, came or Came(f"{type(broken).__name__} in Handrail itself."))


def _list(row: Inquiry) -> Came:
    began = time.monotonic()
    try:
        listed = calling.listed(reach_of(row.connection))
    except ToolFailed as error:
        return Came(str(error))
    return Came(result=str(len(listed.offered)), milliseconds=_since(began), listed=listed)


def _call(row: Inquiry) -> Came:
    assert row.tool is not None
    began = time.monotonic()
    try:
        value = tool_of(row.tool).call(row.arguments, f"test-{row.pk}")
    except (ToolFailed, Paused, AnsweredLater) as error:
        return Came(_without_answer(error))
    return Came(result=text_of(value), milliseconds=_since(began))


def _without_answer(error: ToolFailed | Paused | AnsweredLater) -> str:
    """Why a call gave no result."""
    match error:
        case Paused():
            return _("It asks a person: %(what)s. In a run the step waits for the answer.") % {"what": str(error)[:500]}
        case AnsweredLater():
            return _("It was sent. The answer comes later, and a test waits for none.")
    return str(error)


def text_of(value: Mapping[str, Any]) -> str:
    """A result as text, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n…"


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


@transaction.atomic
def end(inquiry: Inquiry, came: Came, *, actor: Actor = WORKER) -> None:
    """Write what an inquiry came to, once."""
    result, told = came.result, ""
    if came.listed is not None:
        taken = take_up(came.listed, actor=actor)
        result = _("%(all)s tools, %(new)d of them new, %(changed)d changed, %(gone)d gone, %(refused)d refused.") % {
            "all": came.result,
            "new": len(taken.new),
            "changed": len(taken.changed),
            "gone": len(taken.gone),
            "refused": len(taken.refused),
        }
    elif came.error and inquiry.tool_id is None:
        told = came.error
        Connection.objects.filter(pk=inquiry.connection_id).update(looked_at=now(), trouble=told)
    to = ModelTestStatus.FAILED if came.error else ModelTestStatus.DONE
    fields: dict[str, Any] = {
        "ended_at": now(),
        "error": came.error,
        "result": result,
        "milliseconds": came.milliseconds,
    }
    body = {"milliseconds": came.milliseconds, "error": came.error}
    move(inquiry, to, actor=actor, told={"body": body, "wake": True}, **fields)


def _end_once(inquiry: Inquiry, came: Came, *, actor: Actor = WORKER) -> None:
    asked.end_once(lambda: end(inquiry, came, actor=actor))


@tick("inquiries", every=5)
def sweep() -> int:
    """What the clock does about inquiries. Returns how many it gave up."""
    rows = Inquiry.objects.select_related("connection", "tool")
    return asked.sweep(
        rows,
        lambda row, told: _end_once(row, Came(told), actor=CLOCK),
        lost=LOST,
        told="The worker that asked was lost.",
    )
