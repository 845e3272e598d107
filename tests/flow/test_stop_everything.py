"""The stop button: while the brake is pulled nothing begins anywhere, and the record says who pulled it and why."""

import pytest

from audit.actors import WORKER, person
from audit.models import Event, Personal
from audit.moves import IllegalMove
from orchestration import claims, control, recovery, waking
from orchestration.models import Run, StepRun
from tests.cast import Cast
from tests.clock import jump
from tests.flow.drawn import begin, carry_on, publish, start, statuses, step
from tests.flow.hands import settle, take, take_one


def stop(cast: Cast, why: str = "Something is wrong.") -> None:
    control.stop_everything(actor=person(cast.adam), by=cast.adam, why=why)


def let_go(cast: Cast) -> None:
    control.let_go(actor=person(cast.mina), by=cast.mina, why="It was nothing.")


def test_it_lets_what_runs_end_and_nothing_begin(cast: Cast) -> None:
    run = start(cast, step("first"), step("second"))
    held = take_one()
    stop(cast)
    begin(cast, run.workflow)
    assert (settle(held, room=10), take()) == ([], {})
    let_go(cast)
    carry_on(run)
    assert set(Run.objects.values_list("status", flat=True)) == {"done"}


def test_it_records_who_and_why(cast: Cast) -> None:
    stop(cast)
    let_go(cast)
    pulled, released = Event.objects.filter(kind__startswith="brake.").order_by("id")
    assert (pulled.kind, pulled.actor_id) == ("brake.pulled", str(cast.adam.pk))
    assert (released.kind, released.actor_id) == ("brake.released", str(cast.mina.pk))
    assert "Something is wrong." in Personal.objects.get(event=pulled).data
    assert "It was nothing." in Personal.objects.get(event=released).data
    assert (control.brake().status, control.brake().by) == ("released", cast.mina)


def test_it_begins_no_run_that_another_waits_for(cast: Cast) -> None:
    publish(cast, step("answer"), slug="child")
    start(cast, step("call", "workflow", workflow="child", input={}))
    held = take_one()
    stop(cast)
    assert settle(held, room=10) == []
    assert StepRun.objects.get(step__key="answer").status == "ready"


def test_it_begins_no_item_of_a_map(cast: Cast) -> None:
    run = start(cast, step("each", "map", over="[1, 2, 3]", steps=[step("one")]))
    held = take_one()
    stop(cast)
    assert settle(held, room=10) == []
    assert set(StepRun.objects.filter(run=run, step__key="one").values_list("status", flat=True)) == {"ready"}


def test_it_tries_no_suspect(cast: Cast) -> None:
    start(cast, step("first"))
    StepRun.objects.update(deaths=2)
    stop(cast)
    assert (claims.claim_suspect("w1"), claims.suspects_wait()) == ([], False)
    let_go(cast)
    assert claims.suspects_wait()
    assert len(claims.claim_suspect("w1")) == 1


def test_it_holds_what_wakes(cast: Cast) -> None:
    run = carry_on(start(cast, step("pause", "wait", for_seconds=60)))
    stop(cast)
    jump(seconds=61)
    recovery.wake_due()
    assert (statuses(run), take()) == ({"pause": "ready"}, {})


def test_it_is_pulled_once(cast: Cast) -> None:
    with pytest.raises(IllegalMove):
        let_go(cast)
    stop(cast)
    with pytest.raises(IllegalMove):
        stop(cast)


def test_it_hears_events_meanwhile(cast: Cast) -> None:
    run = carry_on(start(cast, step("paid", "wait", event="payment", seconds=3600)))
    stop(cast)
    assert waking.tell("payment", {}, actor=WORKER) == 1
    let_go(cast)
    assert carry_on(run).status == "done"
