"""Sessions with MCP servers: one for each connection, kept open, and opened anew when it is gone.

A session lives in a task of its own, on the loop of this process. What the server declares is looked at when it is
opened, when the server says that it has changed, and otherwise every `LOOK` seconds before a call.
"""

import asyncio
import atexit
import contextlib
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from mcp import Client, MCPError
from mcp_types import ElicitRequestParams, ElicitResult, Implementation, ToolListChangedNotification

from orchestration import credentials
from orchestration.tools.declared import Reach
from orchestration.tools.mcp import declaring, loop, over_http, over_stdio
from orchestration.tools.mcp.pauses import Calls

LOOK = 30.0  # seconds that a look at what is declared is good for
CONNECTING = 20.0  # seconds to open a session
PAGES = 50
IDLE = 300.0  # seconds without a call after which a session is closed


class NoSession(Exception):
    """The server could not be reached, or speaks no MCP: a sentence. Nothing was called.

    `lasting`: it is refused here, so that another try comes to the same.
    """

    def __init__(self, told: str, *, lasting: bool = False) -> None:
        super().__init__(told)
        self.lasting = lasting


@dataclass(slots=True)
class Session:
    """A session with one server. `offered` is what it declares, by name; `calls` those that are under way."""

    reach: Reach
    client: Client
    told: dict[str, str] = field(default_factory=dict)
    offered: dict[str, dict[str, Any]] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    looked: float = float("-inf")
    used: float = 0.0
    calls: Calls = field(default_factory=Calls)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None

    @property
    def lives(self) -> bool:
        """Whether it can be used."""
        return self.task is not None and not self.task.done() and not self.over.is_set() and "ended" not in self.told

    async def look(self, *, afresh: bool = False) -> None:
        """See what the server declares, unless that was seen a moment ago."""
        if not afresh and time.monotonic() - self.looked < LOOK:
            return
        found, doubled, cursor = dict[str, dict[str, Any]](), list[str](), None
        for _ in range(PAGES):
            page = await self.client.list_tools(cursor=cursor, cache_mode="bypass")
            for tool in page.tools:
                said = declaring.declaration(tool)
                if said["name"] in found:
                    doubled.append(said["name"])
                else:
                    found[said["name"]] = said
            cursor = page.next_cursor
            if cursor is None or len(found) > declaring.MOST:
                break
        self.offered, self.doubled, self.looked = found, doubled, time.monotonic()


_sessions: dict[tuple[int, int], Session] = {}  # by process and connection
_opening: dict[tuple[int, int], asyncio.Lock] = {}


async def session(reach: Reach) -> Session:
    """The session with a connection's server, opened where there is none. Raises `NoSession`, `KeyMissing`."""
    place = (os.getpid(), reach.pk)
    await _close_idle()
    async with _opening.setdefault(place, asyncio.Lock()):
        known = _sessions.get(place)
        if known is not None and known.lives and known.reach.mark == reach.mark:
            known.used = time.monotonic()
            return known
        if known is not None:
            known.over.set()
        made = await _opened(reach)
        _sessions[place] = made
        return made


def drop(one: Session) -> None:
    """Use a session no more: the next call opens another."""
    one.over.set()
    if _sessions.get((os.getpid(), one.reach.pk)) is one:
        del _sessions[os.getpid(), one.reach.pk]


async def _opened(reach: Reach) -> Session:
    ready: asyncio.Future[Session] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(_live(reach, ready))
    try:
        async with asyncio.timeout(CONNECTING):
            made = await asyncio.shield(ready)
    except TimeoutError:
        task.cancel()
        raise NoSession(f"It did not answer in {CONNECTING:.0f} seconds.") from None
    except BaseException:
        task.cancel()
        raise
    made.task, made.used = task, time.monotonic()
    return made


async def _live(reach: Reach, ready: "asyncio.Future[Session]") -> None:
    """The life of one session: whatever it is entered with is left in the same task."""
    try:
        async with _client(reach) as made:
            ready.set_result(made)
            await made.over.wait()
    except BaseException as error:
        if not ready.done():
            ready.set_exception(_reason(error))
        if isinstance(error, asyncio.CancelledError):
            raise


@asynccontextmanager
async def _client(reach: Reach) -> AsyncIterator[Session]:
    told: dict[str, str] = {}
    secret = credentials.value(reach.secret)
    if reach.command:
        streams: Any = over_stdio.transport(over_stdio.named(reach.command, secret), told)
    else:
        streams = over_http.transport(reach.address, _headers(reach, secret), told, private=reach.private)
    made: list[Session] = []

    async def asked(context: Any, params: ElicitRequestParams) -> ElicitResult:
        return await made[0].calls.answer(params) if made else ElicitResult(action="cancel")

    async def heard(message: Any) -> None:
        if isinstance(message, ToolListChangedNotification):
            for one in made:
                one.looked = float("-inf")

    client = Client(
        streams,
        elicitation_callback=asked,
        message_handler=heard,
        client_info=Implementation(name="handrail", version="1"),
        cache=None,
    )
    async with client:
        made.append(Session(reach, client, told))
        try:
            yield made[0]
        finally:
            made[0].over.set()


def _headers(reach: Reach, secret: str) -> dict[str, str]:
    headers = {name: value or credentials.value(reference) for name, value, reference in reach.headers}
    return {**({"Authorization": f"Bearer {secret}"} if secret else {}), **headers}


def _reason(error: BaseException) -> Exception:
    """The one sentence that an error is, however deep it lies."""
    if isinstance(error, BaseExceptionGroup):
        return _reason(error.exceptions[0])
    if isinstance(error, credentials.KeyMissing):
        return error
    if isinstance(error, over_stdio.NoSuchCommand):
        return NoSession(str(error), lasting=True)
    if isinstance(error, MCPError):
        return NoSession(str(error), lasting=error.code == over_http.REFUSED)
    if isinstance(error, OSError):
        return NoSession(f"It could not be started or reached: {error.strerror or type(error).__name__}.")
    return NoSession(f"It could not be reached: {str(error)[:300] or type(error).__name__}")


async def _close_idle() -> None:
    moment = time.monotonic()
    for one in [one for one in _sessions.values() if moment - one.used > IDLE]:
        drop(one)


async def _close_all() -> None:
    mine = [one for (pid, _), one in _sessions.items() if pid == os.getpid()]
    for one in mine:
        drop(one)
    await asyncio.gather(*(one.task for one in mine if one.task is not None), return_exceptions=True)


def close() -> None:
    """Close every session of this process, and end the processes that they are with."""
    if any(pid == os.getpid() for pid, _ in _sessions):
        with contextlib.suppress(TimeoutError):
            loop.wait_for(_close_all(), 3 * over_stdio.PATIENCE)


atexit.register(close)
