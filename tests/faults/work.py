"""Work for workers: workflows of a few quick steps, runs of them in numbers, and waiting until they have ended."""

import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from django.db import DatabaseError, connection

from orchestration.models import Run, StepRun, Workflow
from tests.cast import Cast
from tests.flow.drawn import REVIEW, begin, publish, step
from tests.processes import until

QUICK = 0.02  # seconds of a step
SETTLED = 60.0  # seconds after the fault has passed


def quick(cast: Cast, steps: int, *, seconds: float = QUICK, slug: str = "quick") -> Workflow:
    """A workflow of so many steps, one after another, each of which takes so long."""
    return publish(cast, *(saying(f"step_{number}", seconds) for number in range(steps)), slug=slug)


def asking(cast: Cast) -> Workflow:
    """A quick step, a person, a quick step."""
    ask = step("ask", "person", review=deepcopy(REVIEW))
    return publish(cast, saying("before"), ask, saying("after"), slug="asking")


def saying(key: str, seconds: float = QUICK, **more: Any) -> dict[str, Any]:
    """A step that may be repeated freely."""
    return step(key, input={"word": f"'{key}'", "seconds": str(float(seconds))}, **more)


def start(cast: Cast, workflow: Workflow, runs: int, **given: Any) -> list[int]:
    """So many runs; their ids."""
    return [begin(cast, workflow, given).pk for _ in range(runs)]


def all_ended() -> bool:
    """Whether no run is live."""
    return not Run.objects.live().exists()


def wait_until_ended(seconds: float = SETTLED) -> float:
    """Wait for every run to end; the seconds that took."""
    began = time.monotonic()
    try:
        until(patient(all_ended), "every run to end", seconds)
    except AssertionError as error:
        raise AssertionError(f"{error} Left: {left()}") from error
    return time.monotonic() - began


def left() -> list[tuple[object, ...]]:
    """How the steps of the runs that have not ended stand: what a test that waited in vain should say."""
    live = StepRun.objects.filter(run__in=Run.objects.live()).exclude(status="done")
    about = ("run", "run__status", "step__key", "status", "worker", "lease_until", "not_before", "deaths", "acting")
    return list(live.values_list(*about)[:5])


def in_flight() -> int:
    """How many steps are held by workers."""
    return StepRun.objects.filter(status="running").count()


def patient(true: Callable[[], object]) -> Callable[[], bool]:
    """The same question, answered with no while the database is away."""

    def asked() -> bool:
        try:
            return bool(true())
        except DatabaseError:
            connection.close()
            return False

    return asked


def insist[T](asked: Callable[[], T], seconds: float = SETTLED) -> T:
    """The answer to a question, however often the database is away."""
    until = time.monotonic() + seconds
    while True:
        try:
            return asked()
        except DatabaseError:
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
