"""Calls of MCP servers' tools, and what each way of failing means for a second try."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from mcp import MCPError
from mcp_types import (
    CONNECTION_CLOSED,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    PARSE_ERROR,
    REQUEST_TIMEOUT,
    InputRequiredResult,
)

from orchestration.credentials import KeyMissing
from orchestration.tools.asking import NOTHING, NoForm, Paused, Told
from orchestration.tools.declared import Declared, Reach
from orchestration.tools.mcp import declaring, loop, over_http, pauses, results
from orchestration.tools.mcp.pauses import Call
from orchestration.tools.mcp.sessions import CONNECTING, NoSession, Session, drop, session
from orchestration.tools.tool import UNSAFE, ToolFailed, run_of

LISTING = 30.0  # seconds to list what a server offers, and to wait for a turn with one that asks people
LARGEST_STATE = 32_000  # characters of what a server wants back with an answer
RUN, KEY = "handrail/run", "handrail/key"
ENDED = "Session terminated"  # what the library says of a session that the server has forgotten
CUT_OFF = "SSE stream failed"  # and of an answer that is too long
UNSENT = {over_http.UNSENT, over_http.REFUSED}
UNKNOWN = {CONNECTION_CLOSED, INTERNAL_ERROR, PARSE_ERROR, REQUEST_TIMEOUT, over_http.BROKEN}


@dataclass(frozen=True, slots=True)
class Listed:
    """What a server offers: its declarations by name, and names that it gives to more than one tool."""

    reach: Reach
    offered: dict[str, dict[str, Any]]
    doubled: tuple[str, ...] = ()


noticed: "SimpleQueue[Listed]" = SimpleQueue()  # declarations that were not as they were signed, for the main thread


def listed(reach: Reach) -> Listed:
    """Ask a server what it offers, now. Raises `ToolFailed`."""
    try:
        return loop.wait_for(_listed(reach), LISTING)
    except TimeoutError:
        raise ToolFailed(f"{reach.name}: It did not answer in {LISTING:.0f} seconds.", retry=True) from None


async def _listed(reach: Reach) -> Listed:
    one = await _session(reach)
    try:
        await one.look(afresh=True)
    except MCPError as error:
        drop(one)
        raise ToolFailed(f"{reach.name}: {_words(one, error)}", retry=True) from error
    return Listed(reach, dict(one.offered), tuple(one.doubled))


def called(tool: Declared, arguments: dict[str, Any], key: str, told: Told = NOTHING) -> dict[str, Any]:
    """Call a tool once; `told` is what people have said to its questions. Raises `ToolFailed`, `Paused`."""
    try:
        return loop.wait_for(_called(tool, arguments, key, told), tool.seconds + CONNECTING + 2 * LISTING)
    except TimeoutError:
        raise _too_long(tool) from None


async def _called(tool: Declared, arguments: dict[str, Any], key: str, told: Told) -> dict[str, Any]:
    one = await _session(tool.reach)
    await _refuse_changed(one, tool)
    call = Call(told)
    value: dict[str, Any] = {}
    async with _under_way(one, tool, call):
        try:
            value = await _answered(one, tool, arguments, key, call)
        except ToolFailed:
            if not (call.asked or call.refused or call.unclear):
                raise
    if call.unclear:
        several = f"{tool.name} asked a person while others of its calls were under way, and nobody knows for which."
        raise ToolFailed(several, retry=True, unknown=True)
    if call.refused:
        raise ToolFailed(f"{tool.name} asks a person. {call.refused} The call ended there.", retry=False, unknown=True)
    if call.asked:
        raise Paused(call.asked[:1], midway=True)
    return value


@asynccontextmanager
async def _under_way(one: Session, tool: Declared, call: Call) -> AsyncIterator[None]:
    """A call among those of its session; alone where its server asks people in the middle of calls."""
    calls = one.calls
    async with AsyncExitStack() as stack:
        if calls.alone:
            try:
                async with asyncio.timeout(LISTING):
                    await stack.enter_async_context(calls.turn)
            except TimeoutError:
                raise ToolFailed(
                    f"{tool.name} was not called: its server is busy with another call.", retry=True
                ) from None
        calls.under_way.append(call)
        try:
            yield
        finally:
            calls.under_way.remove(call)


async def _answered(one: Session, tool: Declared, arguments: dict[str, Any], key: str, call: Call) -> dict[str, Any]:
    """What the call comes to; what its server asks by its answer is answered at once where somebody has said it."""
    meta: Any = {RUN: run_of(key), KEY: key}
    responses: dict[str, Any] | None = {said.place: pauses.result_of(said) for said in call.told.last} or None
    state = call.told.state
    for _ in range(pauses.ROUNDS):
        try:
            async with asyncio.timeout(tool.seconds):
                result = await one.client.session.call_tool(
                    tool.there,
                    arguments,
                    meta=meta,
                    input_responses=responses,
                    request_state=state,
                    allow_input_required=True,
                    read_timeout_seconds=tool.seconds,
                )
        except TimeoutError:
            raise _too_long(tool) from None
        except MCPError as error:
            if state is not None and error.code == INVALID_PARAMS and tool.repeatability != UNSAFE:
                responses, state = None, None  # it knows its own state no longer: it is asked from the beginning
                continue
            raise _failed(one, tool, error) from error
        except RuntimeError as error:  # an answer that does not fit what the tool declares
            raise ToolFailed(f"{tool.name}: {str(error)[:500]}", retry=False, unknown=True) from error
        one.used = time.monotonic()
        if not isinstance(result, InputRequiredResult):
            return _value(tool, result)
        responses, state = _prepared(tool, result, call), result.request_state
    raise ToolFailed(f"{tool.name} asks the same again and again, so it was given up.", retry=False)


def _prepared(tool: Declared, result: InputRequiredResult, call: Call) -> dict[str, Any]:
    """What people have said to everything that it asks; else they are to be asked."""
    try:
        wanted = pauses.returned(result.input_requests)
    except NoForm as error:
        raise ToolFailed(f"{tool.name} asks a person. {error} The call ended there.", retry=False) from error
    if len(result.request_state or "") > LARGEST_STATE:
        raise ToolFailed(f"{tool.name} asks a person, and wants too much kept until then.", retry=False)
    found = [call.prepared(one) for one in wanted]
    if any(said is None for said in found):
        raise Paused(wanted, state=result.request_state)
    return {said.place: pauses.result_of(said) for said in found if said is not None}


async def _session(reach: Reach) -> Session:
    try:
        return await session(reach)
    except KeyMissing as error:
        raise ToolFailed(f"{reach.name}: {error}", retry=False) from error
    except NoSession as error:
        raise ToolFailed(f"{reach.name} is not reached: {error}", retry=not error.lasting) from error


async def _refuse_changed(one: Session, tool: Declared) -> None:
    """No call of a tool that is declared otherwise now than it was signed."""
    try:
        async with asyncio.timeout(LISTING):
            await one.look()
    except (MCPError, TimeoutError) as error:
        drop(one)
        raise ToolFailed(f"{tool.reach.name} does not say what it offers: {_words(one, error)}", retry=True) from error
    said = one.offered.get(tool.there)
    if said is None or declaring.fingerprint(said) != tool.fingerprint:
        noticed.put(Listed(tool.reach, dict(one.offered), tuple(one.doubled)))
        how = "is declared otherwise now than it was approved" if said else "is offered no more by its server"
        raise ToolFailed(f"{tool.name} {how}, so it was not called.", retry=False)


def _value(tool: Declared, result: Any) -> dict[str, Any]:
    value = results.value_of(result)
    if result.is_error:
        raise ToolFailed(f"{tool.name} failed: {value['text'][:2000] or 'it does not say why.'}", retry=False)
    if (size := results.size_of(value)) > tool.result_bytes:
        told = f"{tool.name} answered with {size:,} bytes; {tool.result_bytes:,} is the most."
        raise ToolFailed(told, retry=False, unknown=True)
    return value


def _too_long(tool: Declared) -> ToolFailed:
    return ToolFailed(f"{tool.name} did not answer in {tool.seconds:g} seconds.", retry=True, unknown=True)


def _failed(one: Session, tool: Declared, error: MCPError) -> ToolFailed:
    """What an error says of whether it happened."""
    if error.code in UNSENT or error.message == ENDED:
        drop(one)
        return ToolFailed(f"{tool.name} was not called: {error.message}", retry=error.code != over_http.REFUSED)
    unreadable = error.code == PARSE_ERROR or "why" in one.told or error.message.startswith(CUT_OFF)
    told = _words(one, error)
    if error.code not in UNKNOWN:
        return ToolFailed(f"{tool.name} failed: {told}", retry=False)
    if error.code != REQUEST_TIMEOUT:
        drop(one)
    return ToolFailed(f"{tool.name}: {told}", retry=not unreadable, unknown=True)


def _words(one: Session, error: BaseException) -> str:
    return one.told.pop("why", "") or str(error)[:500] or "It did not answer in time."
