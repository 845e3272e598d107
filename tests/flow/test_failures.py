"""When things go wrong: tries, time limits, fallbacks, failed apart from broken, and steps run backwards."""

import pytest

from orchestration.models import Attempt, StepRun
from tests import tools
from tests.cast import Cast
from tests.flow.drawn import carry_on, output, start, statuses, step

AGAIN = {"word": "'fragile'", "retry": "true"}
TOOL = {"on": ["tool"], "tries": 3, "first_seconds": 1}


def test_it_tries_again_as_often_as_the_step_says(cast: Cast) -> None:
    tools.failures["fragile"] = 2
    run = carry_on(start(cast, step("fragile", input=AGAIN, retry=TOOL)), jumps=3)
    assert run.status == "done"
    assert list(Attempt.objects.values_list("result", flat=True)) == ["failed", "failed", "done"]


def test_it_fails_for_good_after_that(cast: Cast) -> None:
    tools.failures["fragile"] = 3
    run = carry_on(start(cast, step("fragile", input=AGAIN, retry=TOOL)), jumps=3)
    assert (run.status, StepRun.objects.get().error) == ("failed", "fragile failed.")


def test_it_carries_the_same_key_over_all_tries(cast: Cast) -> None:
    tools.failures["fragile"] = 2
    carry_on(start(cast, step("fragile", input=AGAIN, retry=TOOL)), jumps=3)
    assert len({key for _, _, key in tools.calls}) == 1


def test_it_falls_back(cast: Cast) -> None:
    tools.failures["main"] = 1
    main = step("main", fallback=step("other"))
    run = carry_on(start(cast, main, step("end", input={"word": "steps.main.word"})))
    assert statuses(run) == {"main": "failed", "other": "done", "end": "done"}
    assert output(run, "end") == {"word": "other"}


def test_it_does_not_fall_back_without_need(cast: Cast) -> None:
    run = carry_on(start(cast, step("main", fallback=step("other")), step("end")))
    assert statuses(run) == {"main": "done", "end": "done"}


def test_it_fails_when_the_fallback_fails(cast: Cast) -> None:
    tools.failures.update(main=1, other=1)
    assert carry_on(start(cast, step("main", fallback=step("other")), step("end"))).status == "failed"


def test_it_undoes_backwards_what_was_done(cast: Cast) -> None:
    tools.failures["third"] = 1
    first = step("first", compensate=step("undo_first"))
    second = step("second", compensate=step("undo_second", input={"word": "'undo ' + steps.second.word"}))
    run = carry_on(start(cast, first, second, step("third")))
    assert run.status == "failed"
    assert [arguments["word"] for _, arguments, _ in tools.calls[3:]] == ["undo second", "undo_first"]
    assert statuses(run)["undo_first"] == "done"


def test_it_goes_on_undoing_when_one_cannot_be_undone(cast: Cast) -> None:
    tools.failures.update(third=1, undo_second=1)
    steps = [step(key, compensate=step(f"undo_{key}")) for key in ("first", "second")]
    run = carry_on(start(cast, *steps, step("third")))
    assert run.status == "failed"
    assert (statuses(run)["undo_second"], statuses(run)["undo_first"]) == ("failed", "done")


def test_it_undoes_what_was_done_inside_a_map(cast: Cast) -> None:
    tools.failures["end"] = 1
    one = step("one", input={"word": "item"}, compensate=step("undo", input={"word": "'undo ' + item"}))
    run = carry_on(start(cast, step("each", "map", over="['a', 'b']", steps=[one]), step("end")))
    assert run.status == "failed"
    assert [arguments["word"] for _, arguments, _ in tools.calls[3:]] == ["undo b", "undo a"]


def test_it_gives_up_a_try_that_takes_too_long(cast: Cast) -> None:
    slow = step("slow", input={"word": "'slow'", "seconds": "0.6"}, limits={"seconds": 0.1}, retry={"tries": 1})
    run = carry_on(start(cast, slow))
    assert (run.status, StepRun.objects.get().error) == ("failed", "It took longer than its time limit.")


def test_it_checks_the_input_before_and_the_output_after(cast: Cast) -> None:
    wants = {"type": "object", "properties": {"word": {"type": "integer"}}}
    run = carry_on(start(cast, step("first", input_schema=wants)))
    assert StepRun.objects.get(run=run).error.startswith("The input does not fit: word")
    run = carry_on(start(cast, step("second", output=wants)))
    assert StepRun.objects.get(run=run).error.startswith("The output does not fit: word")


def test_it_tells_what_failed_from_what_broke(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(arguments: object, key: str) -> None:
        raise RuntimeError

    from orchestration.tools import TOOLS

    monkeypatch.setattr(type(TOOLS["test.say"]), "call", burst, raising=False)
    run = carry_on(start(cast, step("first", retry={"tries": 1})))
    broken = StepRun.objects.get(run=run)
    assert (broken.broken, "Handrail broke" in broken.error) == (True, True)
