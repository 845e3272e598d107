"""Claims, fences and leases: one holder at a time, and only the newest may write."""

import pytest

from audit.actors import WORKER
from audit.models import Event
from audit.moves import IllegalMove, LostRace, move
from orchestration import engine, jobs, recovery
from orchestration.models import Attempt, Run, StepRun
from orchestration.outcomes import Done, Failed
from tests.cast import Cast
from tests.clock import jump

TRIAGED = Done({"label": "age_limit", "confidence": 0.9})


def claimed(worker: str = "w1") -> StepRun:
    held = engine.claim(worker)
    assert held is not None
    return held


def test_it_gives_a_step_to_one_worker_only(cast: Cast) -> None:
    cast.start()
    claimed()
    assert engine.claim("w2") is None


def test_it_takes_the_run_that_the_bell_named(cast: Cast) -> None:
    cast.start()
    second = cast.start()
    held = engine.claim("w1", second.pk)
    assert held is not None
    assert held.run_id == second.pk


def test_it_takes_a_step_again_when_its_lease_has_ended(cast: Cast) -> None:
    cast.start()
    first = claimed()
    jump(seconds=7)
    assert recovery.sweep() == 1
    again = claimed("w2")
    assert (again.pk, again.fence) == (first.pk, first.fence + 1)


def test_it_keeps_a_step_whose_worker_is_alive(cast: Cast) -> None:
    cast.start()
    held = claimed()
    jump(seconds=4)
    assert engine.beat(held)
    jump(seconds=4)
    assert recovery.sweep() == 0


def test_it_refuses_and_records_what_comes_too_late(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.start()
    late = claimed()
    jump(seconds=7)
    recovery.sweep()
    claimed("w2")
    monkeypatch.setattr(jobs, "carry_out", lambda held: TRIAGED)
    jobs.work(late)
    assert StepRun.objects.get().status == "running"
    assert Event.objects.filter(kind="steprun.late_refused").count() == 1
    assert Attempt.objects.get(fence=1).result == "lost"


def test_it_raises_rather_than_write_with_an_old_fence(cast: Cast) -> None:
    cast.start()
    late = claimed()
    jump(seconds=7)
    recovery.sweep()
    with pytest.raises(LostRace):
        engine.settle(late, TRIAGED)


def test_it_tries_again_after_a_wait(cast: Cast) -> None:
    cast.start()
    engine.settle(claimed(), Failed("The provider is busy.", retry=True))
    assert engine.claim("w1") is None
    jump(seconds=2)
    assert claimed().fence == 2


def test_it_fails_the_run_when_no_try_is_left(cast: Cast) -> None:
    cast.start()
    for _ in range(3):
        jump(seconds=90)
        engine.settle(claimed(), Failed("The provider is busy.", retry=True))
    run = Run.objects.get()
    assert run.status == "failed"
    assert StepRun.objects.get().error == "The provider is busy."


def test_it_does_not_try_again_what_cannot_help(cast: Cast) -> None:
    cast.start()
    engine.settle(claimed(), Failed("The provider refused the key."))
    assert Run.objects.get().status == "failed"


def test_it_refuses_an_illegal_move(cast: Cast) -> None:
    run = cast.start()
    with pytest.raises(IllegalMove):
        move(run, "done", actor=WORKER)
