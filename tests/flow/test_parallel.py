"""Steps of kind parallel: every join, and what becomes of the other branches."""

from typing import Any

import pytest

from orchestration import waking
from tests import tools
from tests.cast import Cast
from tests.clock import jump
from tests.flow.drawn import carry_on, output, start, statuses, step


def both(join: Any = "all", *, others: str = "cancel", count: int = 3) -> dict[str, Any]:
    branches = [{"name": f"b{n}", "steps": [step(f"s{n}")]} for n in range(count)]
    return step("both", "parallel", join=join, others=others, branches=branches)


def test_it_goes_on_when_all_branches_are_done(cast: Cast) -> None:
    run = carry_on(start(cast, both(), step("end", input={"word": "steps.s0.word + steps.s2.word"})))
    assert run.status == "done"
    assert output(run, "both") == {"branches": {"b0": "done", "b1": "done", "b2": "done"}}
    assert output(run, "end") == {"word": "s0s2"}


def test_it_fails_when_all_are_wanted_and_one_fails(cast: Cast) -> None:
    tools.failures["s1"] = 1
    run = carry_on(start(cast, both(), step("end")))
    assert run.status == "failed"
    assert statuses(run)["both"] == "failed"


def test_it_goes_on_with_any(cast: Cast) -> None:
    tools.failures.update(s0=1, s1=1)
    run = carry_on(start(cast, both("any"), step("end")))
    assert run.status == "done"
    assert output(run, "both")["branches"] == {"b0": "failed", "b1": "failed", "b2": "done"}


@pytest.mark.parametrize(("failing", "status"), [(1, "done"), (2, "failed")])
def test_it_wants_a_quorum(cast: Cast, failing: int, status: str) -> None:
    tools.failures.update({f"s{n}": 1 for n in range(failing)})
    assert carry_on(start(cast, both({"quorum": 2}), step("end"))).status == status


def waits(others: str) -> list[dict[str, Any]]:
    slow = step("slow", "wait", for_seconds=60)
    branches = [{"name": "quick", "steps": [step("quick")]}, {"name": "slow", "steps": [slow, step("late")]}]
    return [step("both", "parallel", join="any", others=others, branches=branches), step("end")]


def test_it_cancels_the_others_once_it_has_enough(cast: Cast) -> None:
    run = carry_on(start(cast, *waits("cancel")))
    assert run.status == "done"
    assert statuses(run) == {"both": "done", "quick": "done", "slow": "cancelled", "end": "done"}


def test_it_lets_the_others_finish_and_the_run_ends_with_them(cast: Cast) -> None:
    run = carry_on(start(cast, *waits("finish")))
    assert (run.status, statuses(run)["end"]) == ("running", "done")
    jump(seconds=61)
    waking.wake_due()
    run = carry_on(run)
    assert (run.status, statuses(run)["slow"]) == ("done", "done")


def test_it_joins_inside_an_item_of_a_map(cast: Cast) -> None:
    each = step("each", "map", over="[1, 2]", steps=[both(count=2), step("sum")])
    run = carry_on(start(cast, each))
    assert run.status == "done"
    assert output(run, "each")["done"] == 2
