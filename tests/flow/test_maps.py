"""Steps of kind map: the same steps for each element, so many at once, and what a failure of one means."""

from typing import Any

from orchestration import claims
from orchestration.models import StepRun
from tests import tools
from tests.cast import Cast
from tests.flow.drawn import carry_on, output, start, step


def each(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return step("each", "map", over="input.rows", steps=list(steps) or [SAY], **more)


SAY = step("one", input={"word": "item.word", "place": "index"})
ROWS = {"rows": [{"word": word} for word in "abc"]}


def test_it_hands_on_the_outputs_in_order(cast: Cast) -> None:
    run = carry_on(start(cast, each(), step("end", input={"word": "steps.each.items[2].word"}), given=ROWS))
    assert run.status == "done"
    items = [{"word": word, "place": place} for place, word in enumerate("abc")]
    assert output(run, "each") == {"items": items, "done": 3, "failed": 0, "failures": []}
    assert output(run, "end") == {"word": "c"}


def test_it_carries_out_several_steps_for_each_item(cast: Cast) -> None:
    second = step("two", input={"word": "steps.one.word + item.word"})
    run = carry_on(start(cast, each(SAY, second), given=ROWS))
    assert [item["word"] for item in output(run, "each")["items"]] == ["aa", "bb", "cc"]


def test_it_goes_on_with_an_empty_list(cast: Cast) -> None:
    run = carry_on(start(cast, each(), step("end"), given={"rows": []}))
    assert (run.status, output(run, "each")["items"]) == ("done", [])


def test_it_begins_no_more_than_so_many_at_once(cast: Cast) -> None:
    run = start(cast, each(step("held", tool="test.hold", input={}), at_once=2), given={"rows": [1, 2, 3, 4, 5]})
    from orchestration import jobs

    held = [one.step.key for one in claims.claim("w1", 10)]
    assert held == ["each"]
    StepRun.objects.filter(run=run).update(status="ready", fence=0)
    tools.gone_on.set()
    jobs.advance()
    assert output(run, "each")["done"] == 5


def test_it_fails_with_the_first_item_that_fails(cast: Cast) -> None:
    tools.failures["b"] = 1
    run = carry_on(start(cast, each(at_once=1), step("end"), given=ROWS))
    assert run.status == "failed"
    assert StepRun.objects.filter(run=run, step__key="one").count() == 2


def test_it_goes_on_with_what_succeeded(cast: Cast) -> None:
    tools.failures["b"] = 1
    run = carry_on(start(cast, each(on_failure="continue"), step("end"), given=ROWS))
    assert run.status == "done"
    told = output(run, "each")
    assert (told["done"], told["failed"], told["items"][1]) == (2, 1, None)
    assert told["failures"] == [{"index": 1, "error": "b failed."}]


def test_it_fails_when_more_fail_than_may(cast: Cast) -> None:
    tools.failures.update(a=1, b=1)
    run = carry_on(start(cast, each(on_failure="continue", most_failures=1), given=ROWS))
    assert run.status == "failed"


def test_it_keeps_a_large_list_beside_the_row(cast: Cast) -> None:
    rows = [{"word": "w" * 2000} for _ in range(60)]
    run = carry_on(start(cast, each(), step("end", input={"word": "steps.each.items[59].word"}), given={"rows": rows}))
    assert run.status == "done"
    kept = StepRun.objects.get(run=run, step__key="each")
    assert set(kept.output or {}) == {"$content", "size", "media_type"}
    assert output(run, "end") == {"word": "w" * 2000}


def test_it_counts_while_it_goes(cast: Cast) -> None:
    tools.failures["b"] = 1
    run = carry_on(start(cast, each(on_failure="continue"), given=ROWS))
    whole = StepRun.objects.get(run=run, step__key="each")
    assert (whole.parts, whole.parts_begun, whole.parts_done, whole.parts_failed) == (3, 3, 2, 1)


def test_it_maps_inside_a_map(cast: Cast) -> None:
    inner = step("inner", "map", over="item", steps=[step("one", input={"word": "string(item)"})])
    run = carry_on(start(cast, each(inner), given={"rows": [[1, 2], [3]]}))
    assert [[one["word"] for one in item["items"]] for item in output(run, "each")["items"]] == [["1", "2"], ["3"]]
