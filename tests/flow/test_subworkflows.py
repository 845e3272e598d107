"""Steps of kind workflow: another run, of a pinned version; each sees the other."""

from typing import Any

from audit.actors import person
from orchestration import control, jobs, recovery, waking
from orchestration.models import Run, StepRun
from tests import tools
from tests.cast import Cast
from tests.flow.drawn import begin, carry_on, output, publish, start, statuses, step


def calls(slug: str = "child", **more: Any) -> dict[str, Any]:
    return step("call", "workflow", workflow=slug, input={"word": "'hello'"}, **more)


def child_of(cast: Cast, *steps: dict[str, Any], **more: Any) -> None:
    publish(cast, *(steps or [step("answer", input={"word": "input.word + '!'"})]), slug="child", **more)


def test_it_starts_a_run_and_hands_its_result_on(cast: Cast) -> None:
    child_of(cast, result={"said": "steps.answer.word"})
    run = carry_on(start(cast, calls(), step("end", input={"word": "steps.call.said"})))
    child = Run.objects.get(parent__run=run)
    assert output(run, "call") == {"run": child.pk, "said": "hello!"}
    assert (run.status, output(run, "end"), child.depth) == ("done", {"word": "hello!"}, 1)


def test_it_keeps_to_the_version_that_it_was_published_with(cast: Cast) -> None:
    child_of(cast, result={"said": "'old'"})
    workflow = publish(cast, calls())
    child_of(cast, result={"said": "'new'"})
    run = carry_on(begin(cast, workflow))
    assert output(run, "call")["said"] == "old"


def test_it_fails_when_the_other_run_fails(cast: Cast) -> None:
    tools.failures["hello!"] = 1
    child_of(cast)
    run = carry_on(start(cast, calls()))
    assert run.status == "failed"


def test_it_fails_when_the_other_cannot_start_with_that(cast: Cast) -> None:
    child_of(cast, input={"type": "object", "properties": {"word": {"type": "integer"}}})
    run = carry_on(start(cast, calls()))
    assert "cannot start with this" in StepRun.objects.get(run=run).error


def test_it_cancels_the_other_run_with_its_own(cast: Cast) -> None:
    child_of(cast, step("wait", "wait", for_seconds=600))
    run = carry_on(start(cast, calls()))
    control.cancel_run(run, actor=person(cast.adam), why="No longer wanted.")
    assert set(Run.objects.values_list("status", flat=True)) == {"cancelled"}


def test_it_goes_on_even_if_nobody_told_it_of_the_end(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(waking, "child_ended", lambda run: 0)
    child_of(cast)
    run = carry_on(start(cast, calls()))
    assert statuses(run) == {"call": "waiting"}
    monkeypatch.undo()
    recovery.sweep()
    jobs.advance()
    assert statuses(run) == {"call": "done"}
