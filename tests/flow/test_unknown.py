"""A call that cannot be repeated was begun, and nobody saw how it ended: a person says what happened."""

from typing import Any

import pytest

from audit.actors import person
from audit.models import Event
from audit.reading import told
from orchestration import claims, control, jobs, unsettled
from orchestration.models import Run, StepRun
from orchestration.starts import BadInput
from reviews.models import Review
from tests import tools
from tests.cast import Cast
from tests.flow.drawn import REVIEW, carry_on, output, start, statuses, step
from tests.flow.hands import approve, settle, take_one

WANTED = {"type": "object", "required": ["word"], "properties": {"word": {"type": "string"}}}
THEN = step("then", input={"word": "steps.send.word"})


def send(**more: Any) -> dict[str, Any]:
    return step("send", tool="test.unsafe", output=WANTED, **more)


def die_in_the_call() -> StepRun:
    """A worker takes the step, begins its call, and is gone."""
    held = take_one()
    StepRun.objects.filter(pk=held.pk).update(acting=True)
    claims.bury("w1")
    jobs.advance()
    return StepRun.objects.get(pk=held.pk)


def unknown(cast: Cast, **more: Any) -> StepRun:
    start(cast, send(**more), THEN)
    return die_in_the_call()


def say(cast: Cast, held: StepRun, said: str, **more: Any) -> Run:
    unsettled.settle(held.pk, said, by=cast.adam, **more)
    return carry_on(held.run)


def test_it_waits_for_somebody_who_knows(cast: Cast) -> None:
    held = unknown(cast)
    assert (held.status, held.awaits, held.run.status, tools.calls) == ("waiting", "outcome", "running", [])
    assert [list(unsettled.told_to(user)) for user in (cast.adam, cast.rita)] == [[held], []]


def test_what_happened_counts_as_done(cast: Cast) -> None:
    run = say(cast, unknown(cast), "happened", output={"word": "sent"}, why="It is in the mailbox.")
    assert (run.status, output(run, "send"), output(run, "then")) == ("done", {"word": "sent"}, {"word": "sent"})
    assert [name for name, _, _ in tools.calls] == ["say"]  # that of the step behind it
    assert not unsettled.told_to(cast.adam)


def test_what_did_not_happen_is_tried_again_under_the_same_key(cast: Cast) -> None:
    held = unknown(cast)
    run = say(cast, held, "did_not")
    assert run.status == "done"
    assert next(key for _, _, key in tools.calls) == f"run-{run.pk}-step-send"


def test_a_second_death_is_asked_about_again(cast: Cast) -> None:
    held = unknown(cast)
    unsettled.settle(held.pk, "did_not", by=cast.adam)
    die_in_the_call()
    (suspect,) = claims.claim_suspect("w2")
    settle(suspect)
    again = StepRun.objects.get(pk=held.pk)
    assert (again.status, again.awaits, tools.calls) == ("waiting", "outcome", [])


def test_what_is_given_up_fails(cast: Cast) -> None:
    held = unknown(cast, fallback=step("instead"))
    run = say(cast, held, "given_up")
    assert statuses(run) == {"send": "failed", "instead": "done", "then": "done"}
    assert StepRun.objects.get(pk=held.pk).error.startswith("Outcome unknown")


@pytest.mark.parametrize("wrong", [{"word": 7}, {}, ["word"], {"word": "\x00"}])
def test_an_output_that_does_not_fit_changes_nothing(cast: Cast, wrong: Any) -> None:
    held = unknown(cast)
    with pytest.raises(BadInput):
        say(cast, held, "happened", output=wrong)
    assert StepRun.objects.unsettled().get() == held
    assert not Event.objects.filter(kind="steprun.settled").exists()


def test_it_is_said_once(cast: Cast) -> None:
    held = unknown(cast)
    unsettled.settle(held.pk, "did_not", by=cast.adam)
    with pytest.raises(control.CannotControl, match="said already"):
        unsettled.settle(held.pk, "given_up", by=cast.mina)


def test_the_record_says_who_said_what_and_why(cast: Cast) -> None:
    say(cast, unknown(cast), "happened", output={"word": "sent"}, why="It is in the mailbox.")
    event = Event.objects.get(kind="steprun.settled")
    assert (event.actor_id, event.data["said"]) == (str(cast.adam.pk), "happened")
    assert told.plain(event).endswith("happened: It is in the mailbox.")


def test_an_approval_stands(cast: Cast) -> None:
    start(cast, send(review={**REVIEW, "undo_seconds": 0}), THEN)
    jobs.advance()
    approve(cast, Review.objects.get())
    held = die_in_the_call()
    assert held.awaits == "outcome"
    run = say(cast, held, "did_not")
    assert (run.status, output(run, "send")["verdict"], Review.objects.count()) == ("done", "approved", 1)


def test_what_broke_in_the_call_is_not_repeated_either(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(*_: object) -> None:
        tools.calls.append(("burst", {}, ""))
        raise RuntimeError

    from orchestration.tools import TOOLS

    monkeypatch.setattr(type(TOOLS["test.unsafe"]), "call", burst, raising=False)
    run = carry_on(start(cast, send(retry={"tries": 3, "first_seconds": 1})), jumps=2)
    assert (run.status, len(tools.calls)) == ("running", 1)
    assert StepRun.objects.get(run=run).awaits == "outcome"


def test_what_takes_too_long_may_still_happen(cast: Cast) -> None:
    slow = send(limits={"seconds": 0.1}, input={"word": "'slow'", "seconds": "0.6"})
    run = carry_on(start(cast, slow))
    assert (run.status, StepRun.objects.get(run=run).awaits, len(tools.calls)) == ("running", "outcome", 1)


def test_whoever_cancels_the_run_need_not_know(cast: Cast) -> None:
    held = unknown(cast)
    control.cancel_run(held.run, actor=person(cast.adam))
    assert Run.objects.get(pk=held.run_id).status == "cancelled"
