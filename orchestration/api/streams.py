"""A run's state as it changes, as server-sent events: the rows are asked again and again, for a bounded time."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from django.http import StreamingHttpResponse

from orchestration.api.problems import Problem
from orchestration.api.reading import state_of, unveiled
from orchestration.models import ApiToken, Run
from orchestration.states import RUN_LIVE
from orchestration.triggers import tokens

EVERY = 1.0  # seconds between two looks
LONGEST = 300.0  # seconds; then the program connects again
AT_ONCE = 50  # streams of one process
OF_ONE_TOKEN = 5
QUIET = 15.0  # seconds without a word, after which a comment keeps the line open

_open: dict[int, int] = {}  # token -> how many streams it holds in this process


def stream(token: ApiToken, run: Run) -> StreamingHttpResponse:
    """The stream, or `Problem` when too many are open."""
    if sum(_open.values()) >= AT_ONCE or _open.get(token.pk, 0) >= OF_ONE_TOKEN:
        raise Problem(429, "too-many-streams", "Too many streams are open. Ask for the state instead, or try later.")
    response = StreamingHttpResponse(_events(token, run.pk), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(token: ApiToken, run_id: int) -> AsyncIterator[bytes]:
    _open[token.pk] = _open.get(token.pk, 0) + 1
    try:
        async for event in _looks(token, run_id):
            yield event
    finally:
        _open[token.pk] -= 1
        if not _open[token.pk]:
            del _open[token.pk]


async def _looks(token: ApiToken, run_id: int) -> AsyncIterator[bytes]:
    """Each state that differs from the one before. It ends with the run, with the token's rights, or with the time."""
    until, said, spoken = time.monotonic() + LONGEST, "", time.monotonic()
    while time.monotonic() < until:
        state = await sync_to_async(_look)(token.pk, run_id)
        if state is None:
            yield b'event: end\ndata: {"why":"not-allowed"}\n\n'
            return
        text = json.dumps(state, separators=(",", ":"), sort_keys=True)
        if text != said:
            said, spoken = text, time.monotonic()
            yield f"event: state\ndata: {text}\n\n".encode()
        elif time.monotonic() - spoken > QUIET:
            spoken = time.monotonic()
            yield b": still here\n\n"
        if state["state"] not in RUN_LIVE:
            yield b'event: end\ndata: {"why":"ended"}\n\n'
            return
        await asyncio.sleep(EVERY)
    yield b'event: end\ndata: {"why":"time"}\n\n'


def _look(token_id: int, run_id: int) -> dict[str, object] | None:
    """The state now, if the token still may read it; between two looks the connection goes back to the pool."""
    try:
        token = tokens.still(token_id)
        if token is None:
            return None
        run = unveiled(token).select_related("workflow").defer("input", "result").filter(pk=run_id).first()
        if run is None or not tokens.may(token, tokens.READ, run.workflow):
            return None
        return state_of(run)
    finally:
        if not connection.in_atomic_block:
            close_old_connections()
