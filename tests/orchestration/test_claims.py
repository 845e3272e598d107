"""Claims, fences and leases: one holder at a time, and only the newest may write."""

from datetime import timedelta

import pytest
from django.conf import settings

from audit.actors import WORKER, person
from audit.models import Event
from audit.moves import IllegalMove, move
from orchestration import claims, control, recovery
from orchestration.models import Attempt, Run, StepRun
from orchestration.outcomes import Done, Failed, HandedBack
from tests.cast import Cast
from tests.clock import jump
from tests.flow.drawn import begin, carry_on, publish, start, statuses, step
from tests.flow.hands import done, settle, take, take_one

BUSY = Failed("The provider is busy.", retry=True, code="busy")


def expire() -> int:
    jump(seconds=settings.HANDRAIL_LEASE.total_seconds() + 1)
    return claims.take_again(StepRun.objects.expired().values_list("pk", flat=True), expired=True)


def test_it_gives_a_step_to_one_worker_only(cast: Cast) -> None:
    start(cast, step("only"))
    assert (list(take("w1")), take("w2")) == (["only"], {})


def test_it_takes_no_more_than_there_is_room_for(cast: Cast) -> None:
    workflow = publish(cast, step("only"))
    for _ in range(3):
        begin(cast, workflow)
    assert [len(claims.claim("w1", 2)), len(claims.claim("w2", 2))] == [2, 1]


def test_it_says_who_holds_a_step_and_until_when(cast: Cast) -> None:
    start(cast, step("only"))
    held = take_one("w7")
    row = StepRun.objects.get()
    assert (row.worker, row.fence, row.status) == ("w7", 1, "running")
    assert held.claimed_at is not None
    assert row.lease_until == held.claimed_at + settings.HANDRAIL_LEASE
    assert Run.objects.get().status == "running"


def test_it_takes_a_step_again_when_its_lease_has_ended(cast: Cast) -> None:
    start(cast, step("only"))
    first = take_one()
    assert expire() == 1
    again = take_one("w2")
    assert (again.pk, again.fence, Attempt.objects.get().result) == (first.pk, 2, "lost")


def test_it_keeps_a_step_whose_worker_is_alive(cast: Cast) -> None:
    start(cast, step("only"))
    held = take_one()
    jump(seconds=4)
    assert claims.beat([held]) == {held.pk}
    jump(seconds=4)
    assert recovery.sweep() == 0


def test_it_lengthens_no_lease_of_an_older_fence(cast: Cast) -> None:
    start(cast, step("only"))
    held = take_one()
    expire()
    take_one("w2")
    assert claims.beat([held]) == set()


@pytest.mark.parametrize("came_to", [Done({}), BUSY, HandedBack()])
def test_it_refuses_and_records_what_comes_too_late(cast: Cast, came_to: Done | Failed | HandedBack) -> None:
    run = start(cast, step("only"))
    late = take_one()
    expire()
    take_one("w2")
    assert settle(late, came_to, room=5) == []
    assert statuses(run) == {"only": "running"}
    assert list(Attempt.objects.values_list("fence", "result").order_by("result")) == [(1, "late"), (1, "lost")]
    told = Event.objects.get(kind="steprun.late_refused").data
    assert (told["fence"], told["came_to"]) == (1, came_to.result)


def test_it_refuses_the_second_of_two_results(cast: Cast) -> None:
    start(cast, step("only"))
    held = take_one()
    done(held, word="first")
    done(held, word="second")
    assert StepRun.objects.get().output == {"word": "first"}
    assert sorted(Attempt.objects.values_list("result", flat=True)) == ["done", "late"]


def test_it_tries_again_after_a_wait(cast: Cast) -> None:
    start(cast, step("only"))
    settle(take_one(), BUSY)
    assert take() == {}
    jump(seconds=2)
    assert take_one().fence == 2


def test_it_fails_the_run_when_no_try_is_left(cast: Cast) -> None:
    start(cast, step("only"))
    for _ in range(3):
        jump(seconds=90)
        settle(take_one(), BUSY)
    assert (Run.objects.get().status, StepRun.objects.get().error) == ("failed", "The provider is busy.")


def test_it_does_not_try_again_what_cannot_help(cast: Cast) -> None:
    start(cast, step("only"))
    settle(take_one(), Failed("The provider refused the key."))
    assert Run.objects.get().status == "failed"


def test_it_counts_no_try_that_is_handed_back(cast: Cast) -> None:
    start(cast, step("only", retry={"tries": 1}))
    settle(take_one(), HandedBack())
    settle(take_one("w2"), Done({}))
    assert (Run.objects.get().status, StepRun.objects.get().tries) == ("done", 1)


def test_it_buries_what_a_dead_worker_held_and_nothing_else(cast: Cast) -> None:
    workflow = publish(cast, step("only"))
    first, second = begin(cast, workflow), begin(cast, workflow)
    claims.claim("w1", 1)
    claims.claim("w2", 1)
    assert claims.bury("w1") == 1
    assert (statuses(first), statuses(second)) == ({"only": "ready"}, {"only": "running"})


def test_it_tries_alone_what_was_in_flight_at_two_deaths(cast: Cast) -> None:
    run = start(cast, step("poison"))
    for _ in range(claims.SUSPECT):
        take_one()
        claims.bury("w1")
    begin(cast, run.workflow)
    assert [held.run_id for held in claims.claim("w1", 10)] != [run.pk]
    assert claims.suspects_wait()
    (held,) = claims.claim_suspect("w2")
    assert (held.run_id, held.alone, claims.suspects_wait()) == (run.pk, True, False)


def test_it_gives_up_what_ends_its_worker_alone(cast: Cast) -> None:
    run = start(cast, step("poison", fallback=step("other")))
    StepRun.objects.update(deaths=claims.SUSPECT)
    for _ in range(claims.POISON):
        assert len(claims.claim_suspect("w1")) == 1
        claims.bury("w1")
    given_up = StepRun.objects.get(step__key="poison")
    assert (given_up.status, given_up.broken) == ("failed", True)
    assert given_up.error.startswith("It ended its worker 2 times")
    assert carry_on(run).status == "done"


def test_it_does_not_blame_a_step_while_workers_that_never_had_it_die_too(cast: Cast) -> None:
    start(cast, step("suspect"))
    suspect = StepRun.objects.get()
    StepRun.objects.update(deaths=claims.SUSPECT)
    start(cast, step("innocent"))
    for number in range(1, claims.CERTAIN + 1):
        StepRun.objects.exclude(pk=suspect.pk).update(deaths=0)
        claims.claim("killed from outside", 1)
        claims.bury("killed from outside")
        assert len(claims.claim_suspect(f"w{number}")) == 1
        claims.bury(f"w{number}")
        suspect.refresh_from_db()
        assert (suspect.deaths_alone, suspect.status == "failed") == (number, number == claims.CERTAIN)


def test_it_blames_a_step_again_once_the_others_live(cast: Cast) -> None:
    start(cast, step("suspect"))
    suspect = StepRun.objects.get()
    StepRun.objects.update(deaths=claims.SUSPECT)
    start(cast, step("innocent"))
    claims.claim("killed from outside", 1)
    claims.bury("killed from outside")
    for _ in range(claims.POISON):
        jump(seconds=claims.LATELY.total_seconds() + 1)
        assert len(claims.claim_suspect("w1")) == 1
        claims.bury("w1")
    suspect.refresh_from_db()
    assert (suspect.status, suspect.broken) == ("failed", True)


def test_it_trusts_a_suspect_again_once_it_is_done(cast: Cast) -> None:
    start(cast, step("slow"))
    StepRun.objects.update(deaths=claims.SUSPECT)
    settle(claims.claim_suspect("w1")[0], Done({}))
    assert StepRun.objects.get().deaths == 0


def test_it_hears_which_steps_were_told_to_stop(cast: Cast) -> None:
    run = start(cast, step("slow"))
    other = begin(cast, run.workflow)
    held = claims.claim("w1", 10)
    control.cancel_run(run, actor=person(cast.adam))
    assert claims.told_to_stop(held) == {one.pk for one in held if one.run_id != other.pk}


def test_it_takes_the_urgent_first_and_then_the_older(cast: Cast) -> None:
    workflow = publish(cast, step("only"))
    later = [begin(cast, workflow).pk for _ in range(2)]
    publish(cast, step("only"), priority=0)
    workflow.refresh_from_db()
    urgent = begin(cast, workflow).pk
    assert [claims.claim("w1", 1)[0].run_id for _ in range(3)] == [urgent, *later]


def test_it_takes_nothing_that_is_held_back(cast: Cast) -> None:
    control.pause_run(start(cast, step("only")), actor=person(cast.adam))
    assert (take(), StepRun.objects.get().status) == ({}, "held")


def test_it_takes_nothing_before_its_time(cast: Cast) -> None:
    start(cast, step("only"))
    held = take_one()
    settle(held, Failed("Busy.", retry=True, code="busy", after=30))
    jump(seconds=29)
    assert take() == {}
    jump(seconds=timedelta(seconds=10).total_seconds())
    assert list(take()) == ["only"]


def test_it_refuses_an_illegal_move(cast: Cast) -> None:
    with pytest.raises(IllegalMove):
        move(start(cast, step("only")), "done", actor=WORKER)
