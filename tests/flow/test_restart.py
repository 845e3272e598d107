"""A run begins again at one of its steps, as a new run that shares what came before."""

from typing import Any

import pytest

from audit.actors import person
from audit.models import Event
from audit.reading.told import plain
from orchestration import control
from orchestration.contents import is_reference
from orchestration.models import Run, StepRun
from orchestration.starts import BadInput
from reviews.models import Review
from tests import tools
from tests.cast import Cast
from tests.flow.drawn import begin, carry_on, output, publish, start, statuses, step
from tests.flow.hands import approve, take
from tests.orchestration.machine.courses import asks

FAILED = step("second", input={"word": "steps.first.word + input.name"})


def failed(cast: Cast, name: str = "Ada", *more: dict[str, Any]) -> Run:
    """A run whose first step is done and whose second failed."""
    tools.failures[f"first{name}"] = 1
    return carry_on(start(cast, step("first"), FAILED, *more, given={"name": name}))


def again(cast: Cast, run: Run, key: str, **more: Any) -> Run:
    return control.restart(run, key, actor=person(cast.mina), started_by=cast.mina, **more)


def test_it_shares_what_came_before(cast: Cast) -> None:
    run = failed(cast)
    new = carry_on(again(cast, run, "second"))
    assert (new.status, new.restarted_from, new.input) == ("done", run, run.input)
    assert [arguments["word"] for _, arguments, _ in tools.calls] == ["first", "firstAda", "firstAda"]
    shared = new.step_runs.get(step__key="first")
    assert (shared.shared_from, shared.output) == (run.step_runs.get(step__key="first"), {"word": "first"})


def test_it_leaves_the_old_run_as_it_was(cast: Cast) -> None:
    run = failed(cast)
    carry_on(again(cast, run, "second"))
    assert (Run.objects.get(pk=run.pk).status, statuses(run)) == ("failed", {"first": "done", "second": "failed"})


def test_it_takes_an_edited_input(cast: Cast) -> None:
    new = carry_on(again(cast, failed(cast), "second", given={"name": "Ben"}))
    assert (new.input, output(new, "second")) == ({"name": "Ben"}, {"word": "firstBen"})
    assert new.started_by == cast.mina


def test_it_refuses_an_input_that_does_not_fit(cast: Cast) -> None:
    wants = {"type": "object", "properties": {"name": {"type": "string"}}}
    run = carry_on(start(cast, step("first"), given={"name": "Ada"}, input=wants))
    with pytest.raises(BadInput):
        again(cast, run, "first", given={"name": 7})


def test_it_is_told_in_the_record(cast: Cast) -> None:
    run = failed(cast)
    new = again(cast, run, "second")
    told = Event.objects.get(kind="run.accepted", run_id=new.pk)
    assert (told.data["restarted_from"], told.actor_id) == (run.pk, str(cast.mina.pk))
    assert Event.objects.get(kind="steprun.done", run_id=new.pk).data["shared_from"]


def test_it_begins_again_with_everything(cast: Cast) -> None:
    new = carry_on(again(cast, failed(cast), "first"))
    assert not new.step_runs.filter(shared_from__isnull=False).exists()
    assert new.status == "done"


def test_it_shares_the_branch_that_was_taken(cast: Cast) -> None:
    fork = step("fork", "decision", branches=[{"name": "yes", "steps": [step("inner")]}])
    run = carry_on(start(cast, fork, step("end", input={"word": "steps.inner.word"})))
    new = carry_on(again(cast, run, "end"))
    assert (statuses(new), output(new, "end")) == ({"fork": "done", "inner": "done", "end": "done"}, {"word": "inner"})


def test_it_shares_what_a_map_came_to(cast: Cast) -> None:
    each = step("each", "map", over="[1, 2]", steps=[step("one", input={"word": "string(item)"})])
    run = carry_on(start(cast, each, step("end", input={"word": "steps.each.items[1].word"})))
    new = carry_on(again(cast, run, "end"))
    assert (new.status, output(new, "end"), new.step_runs.count()) == ("done", {"word": "2"}, 2)


@pytest.mark.parametrize("around", ["map", "parallel"])
def test_it_refuses_to_begin_inside_another_step(cast: Cast, around: str) -> None:
    inside = {"over": "[1]", "steps": [step("one")]} if around == "map" else {"branches": [_branch()]}
    run = carry_on(start(cast, step("around", around, **inside)))
    with pytest.raises(control.CannotControl, match="not at one inside"):
        again(cast, run, "one")


def _branch() -> dict[str, Any]:
    return {"name": "only", "steps": [step("one")]}


def test_it_refuses_a_step_that_the_run_never_came_to(cast: Cast) -> None:
    run = failed(cast, "Ada", step("third"))
    for key in ("third", "nonsense"):
        with pytest.raises(control.CannotControl, match="never came to"):
            again(cast, run, key)


def test_it_refuses_to_share_what_was_undone(cast: Cast) -> None:
    tools.failures["second"] = 1
    run = carry_on(start(cast, step("first", compensate=step("undo")), step("second")))
    assert statuses(run) == {"first": "done", "undo": "done", "second": "failed"}
    with pytest.raises(control.CannotControl, match="First was undone"):
        again(cast, run, "second")
    assert statuses(carry_on(again(cast, run, "first"))) == {"first": "done", "second": "done"}


def test_it_undoes_nothing_that_it_only_shares(cast: Cast) -> None:
    run = carry_on(start(cast, step("first", compensate=step("undo")), step("second")))
    tools.failures["second"] = 1
    new = carry_on(again(cast, run, "second"))
    assert (new.status, statuses(new)) == ("failed", {"first": "done", "second": "failed"})


def test_it_waits_for_its_turn(cast: Cast) -> None:
    workflow = publish(cast, step("first"), asks("ask"), limits={"runs": 1})
    run = carry_on(begin(cast, workflow))
    control.cancel_run(run, actor=person(cast.adam))
    begin(cast, workflow)
    new = again(cast, Run.objects.get(pk=run.pk), "ask")
    assert (new.waits_turn, StepRun.objects.get(run=new, step__key="ask").status) == (True, "held")
    assert list(take()) == ["first"]


def test_it_gives_the_step_an_input_of_its_own(cast: Cast) -> None:
    new = carry_on(again(cast, failed(cast), "second", reads={"word": "by hand"}))
    assert (new.status, output(new, "second"), new.input) == ("done", {"word": "by hand"}, {"name": "Ada"})


def test_only_that_step_reads_it(cast: Cast) -> None:
    run = failed(cast, "Ada", step("third", input={"word": "steps.second.word + input.name"}))
    new = carry_on(again(cast, run, "second", reads={"word": "x"}))
    assert (output(new, "first"), output(new, "third")) == ({"word": "first"}, {"word": "xAda"})


def test_it_reads_it_again_when_it_is_restarted_there(cast: Cast) -> None:
    new = carry_on(again(cast, failed(cast), "second", reads={"word": "by hand"}))
    assert output(carry_on(again(cast, new, "second")), "second") == {"word": "by hand"}
    assert output(carry_on(again(cast, new, "first")), "second") == {"word": "firstAda"}


def test_a_large_one_is_kept_beside_the_run(cast: Cast) -> None:
    new = carry_on(again(cast, failed(cast), "second", reads={"word": "x" * 70_000}))
    assert (new.status, is_reference(new.edited and new.edited["input"])) == ("done", True)


@pytest.mark.parametrize(
    ("reads", "told"),
    [
        ({"word": 7}, "word: 7 is not of type 'string'"),
        ({}, "word: is missing"),
        ({"word": "a", "other": 1}, "other: is nothing that this step reads"),
        ({"word": "\x00"}, "characters that cannot be kept"),
        (["word"], "is an object"),
    ],
)
def test_it_names_what_does_not_fit_the_step(cast: Cast, reads: Any, told: str) -> None:
    wants = {"type": "object", "properties": {"word": {"type": "string"}}}
    run = carry_on(start(cast, step("first", input_schema=wants)))
    with pytest.raises(BadInput, match=told):
        again(cast, run, "first", reads=reads)
    assert Run.objects.get() == run


def test_the_record_says_that_its_input_was_edited(cast: Cast) -> None:
    new = again(cast, failed(cast), "second", reads={"word": "by hand"})
    event = Event.objects.get(kind="run.accepted", run_id=new.pk)
    assert (event.data["edited"], event.actor_id) == ("second", str(cast.mina.pk))
    assert "with another input for Second" in plain(event)


def test_a_gate_refuses_an_input_that_it_did_not_release(cast: Cast) -> None:
    run = carry_on(start(cast, asks("gate", releases=["tell"]), step("tell")))
    approve(cast, Review.objects.get())
    carry_on(run)
    new = carry_on(again(cast, run, "tell", reads={"word": "something else"}))
    assert (new.status, len(tools.calls)) == ("failed", 1)
