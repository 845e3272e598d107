"""Dry runs and test cases know whether anybody is asked, and what the clock makes of it where nobody answers."""

from typing import Any

import pytest

from orchestration import dry
from orchestration.dry.course import Course
from tests.cast import Cast
from tests.flow.drawn import source, step
from tests.when.timed import section


def tried(cast: Cast, case: Any = None, **review: Any) -> Course:
    """A dry run of one step with such a review."""
    return dry.run(source(step("say", review=section(**review))), {}, starter=cast.adam, script=dry.of_case(case or {}))


def test_nobody_is_asked_where_no_condition_holds(cast: Cast) -> None:
    course = tried(cast, only={"if": "act.arguments.word == 'other'", "sample": 1})  # nor picked at random
    assert course.steps[0].asked == []
    assert course.steps[0].gives["verdict"] == "not_asked"
    asked = tried(cast, only={"if": "act.arguments.word == 'say'"})
    assert (asked.steps[0].asked[0].verdict, asked.steps[0].gives["verdict"]) == ("approved", "approved")


@pytest.mark.parametrize(("outcome", "verdict"), [("reject", "rejected"), ("go_on", "lapsed")])
def test_the_clock_ends_it(cast: Cast, outcome: str, verdict: str) -> None:
    course = tried(cast, {"decisions": {"say": "lapsed"}}, default={"after": 0, "outcome": outcome})
    assert course.status == "done"
    assert course.steps[0].gives["verdict"] == verdict


def test_where_nothing_ends_it_the_dry_run_stops(cast: Cast) -> None:
    course = tried(cast, {"decisions": {"say": "lapsed"}}, default={"after": 0, "outcome": "stay"})
    assert course.status == "stopped"
