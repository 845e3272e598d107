"""Steps of kind decision: a branch is taken, the others are not, and the run goes on behind them."""

import pytest

from tests.cast import Cast
from tests.flow.drawn import carry_on, start, statuses, step

FORK = step(
    "fork",
    "decision",
    branches=[
        {"name": "large", "if": "input.amount > 100", "steps": [step("ask")]},
        {"name": "medium", "if": "input.amount > 10", "steps": []},
        {"name": "small", "steps": [step("note"), step("file")]},
    ],
)


@pytest.mark.parametrize(
    ("amount", "done"),
    [(500, ["fork", "ask", "end"]), (50, ["fork", "end"]), (5, ["fork", "note", "file", "end"])],
)
def test_it_takes_the_first_branch_whose_condition_holds(cast: Cast, amount: int, done: list[str]) -> None:
    run = carry_on(start(cast, FORK, step("end"), given={"amount": amount}))
    assert run.status == "done"
    assert statuses(run) == dict.fromkeys(done, "done")


def test_it_ends_the_run_with_the_branch_when_nothing_stands_behind_it(cast: Cast) -> None:
    run = carry_on(start(cast, FORK, given={"amount": 500}))
    assert (run.status, run.result) == ("done", {"word": "ask"})


def test_it_fails_when_a_condition_cannot_be_worked_out(cast: Cast) -> None:
    run = carry_on(start(cast, FORK, given={"amount": "many"}))
    assert run.status == "failed"
    assert "cannot be worked out" in run.step_runs.get().error


def test_it_takes_branches_inside_branches(cast: Cast) -> None:
    inner = step("inner", "decision", branches=[{"name": "yes", "steps": [step("deep")]}])
    outer = step("outer", "decision", branches=[{"name": "yes", "steps": [inner]}])
    run = carry_on(start(cast, outer, step("end")))
    assert list(statuses(run)) == ["outer", "inner", "deep", "end"]
