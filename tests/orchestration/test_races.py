"""Two at the same rows at the same moment, each in a connection of its own."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError, connection

from audit import moves
from audit.actors import person
from orchestration import claims, control, settling
from orchestration.models import Run, StepRun
from orchestration.outcomes import Failed, Stopped
from tests.cast import Cast
from tests.flow.drawn import start, statuses, step
from tests.flow.hands import settle, take, take_one


class Beside:
    """Something done in another thread, with its own connection; what it raised is raised again in `join`."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.raised: BaseException | None = None
        self.thread = Thread(target=self._do, args=[work])
        self.thread.start()

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            self.raised = error
        finally:
            connection.close()

    def join(self) -> None:
        self.thread.join(20)
        if self.raised is not None:
            raise self.raised


def stops_after(patch: pytest.MonkeyPatch, module: Any, name: str) -> tuple[Event, Event]:
    """Let a function wait after its work: (it has come so far, it may go on)."""
    came, go_on, real = Event(), Event(), getattr(module, name)

    def slow(*given: Any, **more: Any) -> Any:
        result = real(*given, **more)
        came.set()
        go_on.wait(5)
        return result

    patch.setattr(module, name, slow)
    return came, go_on


def test_it_settles_again_what_the_database_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(batch: moves.Batch) -> None:
        raise OperationalError

    run = start(cast, step("first", retry={"tries": 2}), step("end"))
    held = take_one()
    with monkeypatch.context() as patch:
        patch.setattr(moves.Batch, "write", away)
        with pytest.raises(OperationalError):
            settle(held, Failed("Busy.", retry=True))
    settle(held, Failed("Busy.", retry=True))
    assert (statuses(run), StepRun.objects.get().tries) == ({"first": "ready"}, 1)


def test_a_claim_and_a_pause_do_not_wait_for_each_other(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(live_cast, step("first"))
    came, go_on = stops_after(monkeypatch, control, "attach")
    pausing = Beside(lambda: control.pause_run(run, actor=person(live_cast.adam)))
    came.wait(5)
    claiming = Beside(lambda: claims.claim("w1", 10))
    claiming.thread.join(0.3)
    go_on.set()
    pausing.join()
    claiming.join()
    assert (Run.objects.get().status, statuses(run)) == ("paused", {"first": "held"})


def test_the_second_of_two_ends_the_run(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ends one of its last two steps, and does not see the other's."""
    branches = [{"name": key, "steps": [step(key)]} for key in ("quick", "slow")]
    both = step("race", "parallel", join="any", others="finish", branches=branches)
    run = start(live_cast, both, step("end"))
    settle(take_one())
    held = take()
    settle(held["quick"])
    settle(take_one())
    held |= take()
    came, go_on = stops_after(monkeypatch, settling, "_settle")
    first = Beside(lambda: settle(held["end"]))
    came.wait(5)
    second = Beside(lambda: settle(held["slow"]))
    second.thread.join(0.3)
    go_on.set()
    first.join()
    second.join()
    assert Run.objects.get(pk=run.pk).status == "done"


def test_a_claim_leaves_a_run_that_somebody_cancels(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    branches = [{"name": key, "steps": [step(key)]} for key in ("left", "right")]
    run = start(live_cast, step("both", "parallel", branches=branches))
    settle(take_one())
    (left,) = claims.claim("w1", 1)
    came, go_on = stops_after(monkeypatch, claims, "_runs_of")
    claiming = Beside(lambda: claims.claim("w2", 1))
    came.wait(5)
    cancelling = Beside(lambda: control.cancel_run(run, actor=person(live_cast.adam)))
    cancelling.thread.join(0.3)
    go_on.set()
    claiming.join()
    cancelling.join()
    settle(left, Stopped("It was told to stop."))
    assert (Run.objects.get().status, StepRun.objects.live().count()) == ("cancelled", 0)
