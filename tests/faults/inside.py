"""Faults that are put inside a process before it begins: it dies, stops or errs at one chosen point.

A step whose key is the name of a point has its worker die there, once for each step run. `MARKS` is the folder where
that is remembered, and where the tools leave a line for every call that they get.
"""

import os
import signal
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connections
from django.utils import timezone

from audit import ticks
from orchestration import claims, crew, drain, engine, settling
from orchestration.batches import pieces
from orchestration.executors.task import Act, Task
from orchestration.executors.tool import ToolExecutor
from orchestration.models import StepRun
from orchestration.outcomes import Outcome
from orchestration.settling import Tried

type Marks = dict[str, str]

MARKS = "HANDRAIL_TEST_MARKS"
CALLS = "calls"
POINTS = ("after_claim", "in_call", "after_call", "before_commit", "in_commit", "after_commit")
HOUR = 3600.0


def marks() -> Path:
    """The folder of the marks."""
    return Path(os.environ[MARKS])


def note_calls() -> None:
    """Every call of a tool leaves its key in a file, as the world outside would remember it."""
    real = ToolExecutor.act

    def act(self: ToolExecutor, task: Task, act: Act) -> Outcome:
        with (marks() / CALLS).open("a") as file:
            file.write(f"{task.key}\n")
        _die_once(task.held, "in_call")
        return real(self, task, act)

    ToolExecutor.act = act  # type: ignore[method-assign]


def die_at_points() -> None:
    """Die after a claim, after a call, before, in and after the commit of what came of it; and see `note_calls`."""
    note_calls()
    real_claim, real_settle = claims.claim, settling.settle

    def claim(worker: str, room: int) -> list[StepRun]:
        held = real_claim(worker, room)
        for one in held:
            _die_once(one, "after_claim")
        return held

    def settle(tried: Sequence[Tried], **given: Any) -> list[StepRun]:
        for one in tried:
            _die_once(one.held, "after_call")
        if any(_is_first(one.held, "before_commit") for one in tried):
            connections["default"].commit = _die  # type: ignore[method-assign]
        if any(_is_first(one.held, "in_commit") for one in tried):
            connections["default"].commit = _send_commit_and_die  # type: ignore[method-assign]
        taken = real_settle(tried, **given)
        for one in tried:
            _die_once(one.held, "after_commit")
        for held in taken:
            _die_once(held, "after_claim")
        return taken

    claims.claim, drain.settle = claim, settle  # type: ignore[attr-defined]


def _send_commit() -> None:
    """The server commits, and nobody hears of it."""
    connection: Any = connections["default"].connection
    connection.pgconn.send_query(b"COMMIT")
    while connection.pgconn.flush():
        pass


def _send_commit_and_die() -> None:
    _send_commit()
    _die()


def stop_in_call() -> None:
    """Stop, as by SIGSTOP, while the tool is called. Once for each step run."""
    real = ToolExecutor.act

    def act(self: ToolExecutor, task: Task, act: Act) -> Outcome:
        if _is_first(task.held, "stop_in_call"):
            os.kill(os.getpid(), signal.SIGSTOP)
        return real(self, task, act)

    ToolExecutor.act = act  # type: ignore[method-assign]


def stop_in_commit() -> None:
    """Stop, as by SIGSTOP, with everything written and locked and nothing committed. Once."""
    real_settle = settling.settle

    def settle(tried: Sequence[Tried], **given: Any) -> list[StepRun]:
        if any(_is_first(one.held, "stop_in_commit") for one in tried):
            connections["default"].commit = _stop  # type: ignore[method-assign]
        return real_settle(tried, **given)

    drain.settle = settle  # type: ignore[attr-defined]


def _stop() -> None:
    del connections["default"].commit
    os.kill(os.getpid(), signal.SIGSTOP)
    connections["default"].commit()


def lose_connection_in_commit() -> None:
    """The connection breaks with everything written, before or just after `COMMIT` is sent. Once for each step run."""
    real_settle = settling.settle

    def settle(tried: Sequence[Tried], **given: Any) -> list[StepRun]:
        if _are_first(tried, "lose_connection"):
            connections["default"].commit = _lose_connection  # type: ignore[method-assign]
        elif _are_first(tried, "lose_answer"):
            connections["default"].commit = _lose_answer  # type: ignore[method-assign]
        return real_settle(tried, **given)

    drain.settle = settle  # type: ignore[attr-defined]


def _are_first(tried: Sequence[Tried], point: str) -> bool:
    """Whether there is one among them that comes to the point for the first time; all of them have come to it now."""
    return any([_is_first(one.held, point) for one in tried])  # noqa: C419  (each leaves its mark)


def _lose_connection() -> None:
    wrapper: Any = connections["default"]
    del wrapper.commit
    wrapper.connection.pgconn.finish()
    wrapper.commit()


def _lose_answer() -> None:
    _send_commit()
    _lose_connection()


def poison() -> None:
    """A step called `poison` ends its worker whenever it is carried out."""
    real = ToolExecutor.act

    def act(self: ToolExecutor, task: Task, act: Act) -> Outcome:
        if task.step.key == "poison":
            _die()
        return real(self, task, act)

    ToolExecutor.act = act  # type: ignore[method-assign]


def die_at_a_commit() -> None:
    """A clock that dies at its next commit but so many: one more each time that one begins."""
    number = len(list(marks().glob("clock-*")))
    (marks() / f"clock-{number}").touch()
    left = number // 2 + 1

    def die_at_last() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            _die() if number % 2 else _send_commit_and_die()
        type(connections["default"]).commit(connections["default"])

    connections["default"].commit = die_at_last  # type: ignore[method-assign]


def die_in_a_piece() -> None:
    """A clock that dies when the second piece of an upload is to be committed: before that, or just after, in turn."""
    number, real = len(list(marks().glob("piece-*"))), engine.start_many
    (marks() / f"piece-{number}").touch()
    left = 2

    def start_many(*given: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            connections["default"].commit = _send_commit_and_die if number % 2 else _die  # type: ignore[method-assign]
        return real(*given, **named)

    engine.start_many = start_many


def small_pieces() -> None:
    """A clock that takes few rows at a time, so that a short upload takes long enough to be disturbed."""
    pieces.STARTED, pieces.BUDGET = 10, 0.02


def never_linger() -> None:
    """A worker that goes back to its queue as soon as there is nothing to do, and so hears every bell."""
    crew.LINGER = 0.0  # type: ignore[attr-defined]


def impatient() -> None:
    """A worker that waits half a second for its calls when it is told to stop."""
    drain.PATIENCE = 0.5


def hurry() -> None:
    """A clock that sweeps every second, so that a test need not wait for it."""
    ticks._ticks[:] = [tick._replace(every=min(tick.every, 1.0)) for tick in ticks._ticks]


def an_hour_ahead() -> None:
    """A machine whose clock is an hour ahead."""
    _shift(HOUR)


def an_hour_behind() -> None:
    """A machine whose clock is an hour behind."""
    _shift(-HOUR)


def _shift(seconds: float) -> None:
    real_time, real_now = time.time, timezone.now
    time.time = lambda: real_time() + seconds
    timezone.now = lambda: real_now() + timedelta(seconds=seconds)


def _die_once(held: StepRun, point: str) -> None:
    if _is_first(held, point):
        _die()


def _is_first(held: StepRun, point: str) -> bool:
    if held.step.key != point:
        return False
    try:
        (marks() / f"{point}-{held.pk}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
