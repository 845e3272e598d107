"""Whether a step is tried again, and when: worked out from its document alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from orchestration import retries
from orchestration.models import Step, StepRun
from orchestration.outcomes import Failed

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def held(tries: int = 0, **spec: Any) -> StepRun:
    """A step run of which so many tries have ended, unsaved."""
    return StepRun(step=Step(spec=spec), tries=tries, ready_at=NOON)


def failed(code: str = "server", *, retry: bool = True, after: float | None = None) -> Failed:
    return Failed("No.", retry=retry, code=code, after=after)


def seconds(step_run: StepRun, failure: Failed, passed: float = 0.0) -> float | None:
    wait = retries.judge(step_run, failure, now=NOON + timedelta(seconds=passed)).wait
    return None if wait is None else wait.total_seconds()


@pytest.mark.parametrize("code", ["timeout", "busy", "connection", "server", "answer", "tool", "broken", ""])
def test_it_tries_again_what_may_pass(code: str) -> None:
    assert seconds(held(), failed(code)) is not None


@pytest.mark.parametrize("code", ["refused", "input", "unknown"])
def test_it_does_not_try_again_what_will_stay(code: str) -> None:
    assert seconds(held(), failed(code)) is None


def test_it_does_not_try_a_tool_again_unless_the_tool_says_so() -> None:
    assert seconds(held(), failed("tool", retry=False)) is None


def test_it_tries_again_only_on_what_the_step_names() -> None:
    policy = {"on": ["busy"]}
    assert seconds(held(retry=policy), failed("busy")) is not None
    assert seconds(held(retry=policy), failed("server")) is None


@pytest.mark.parametrize(
    ("spec", "tries"),
    [({}, 3), ({"limits": {"tries": 5}}, 5), ({"retry": {"tries": 2}}, 2), ({"retry": {"tries": 1}}, 1)],
)
def test_it_tries_as_often_as_the_step_says(spec: dict[str, Any], tries: int) -> None:
    goes_on = [seconds(held(made, **spec), failed()) is not None for made in range(tries)]
    assert goes_on == [True] * (tries - 1) + [False]


def test_it_waits_longer_each_time() -> None:
    policy = {"tries": 9, "first_seconds": 2, "factor": 3, "longest_seconds": 20, "jitter": 0}
    assert [seconds(held(made, retry=policy), failed()) for made in range(4)] == [2, 6, 18, 20]


def test_it_waits_as_long_as_the_provider_asks() -> None:
    wait = seconds(held(), failed("busy", after=30.0))
    assert wait is not None
    assert 30 <= wait <= 60


def test_it_gives_up_when_the_provider_asks_for_more_than_it_waits() -> None:
    verdict = retries.judge(held(), failed("busy", after=61.0), now=NOON)
    assert verdict.wait is None
    assert verdict.why == "The provider asks to wait 61 s; this step waits 60 s at the most."


def test_it_gives_up_when_its_time_in_all_is_over() -> None:
    step_run = held(limits={"total_seconds": 10}, retry={"first_seconds": 4, "jitter": 0})
    assert seconds(step_run, failed(), passed=5) == 4
    assert seconds(step_run, failed(), passed=7) is None


def test_it_says_so_when_the_provider_asks_for_more_than_is_left() -> None:
    verdict = retries.judge(held(limits={"total_seconds": 10}), failed("busy", after=30.0), now=NOON)
    assert verdict.why == "The provider asks to wait 30 s. Its time in all (10 s) would be over."


POLICIES = some.fixed_dictionaries(
    {},
    optional={
        "tries": some.integers(1, 20),
        "first_seconds": some.floats(0, 86400),
        "factor": some.floats(1, 100),
        "longest_seconds": some.floats(0, 86400),
        "jitter": some.floats(0, 1),
    },
)


@given(POLICIES, some.integers(0, 19), some.none() | some.floats(0, 3600), some.none() | some.floats(1, 1e6))
def test_a_wait_has_bounds(said: dict[str, Any], made: int, after: float | None, total: float | None) -> None:
    limits = {} if total is None else {"total_seconds": total}
    wait = seconds(held(made, retry=said, limits=limits), failed("busy", after=after), passed=1)
    if wait is None:
        return
    longest = said.get("longest_seconds", max(60.0, said.get("first_seconds", 0.0)))
    rounding = 1e-6  # a timedelta counts microseconds
    assert (after or 0.0) - rounding <= wait <= longest + rounding
    assert total is None or wait <= total - 1 + rounding
    assert made + 1 < said.get("tries", 3)


@given(POLICIES, some.integers(1, 19))
def test_jitter_takes_away_no_more_than_its_share(said: dict[str, Any], made: int) -> None:
    policy = retries.Policy.of({"retry": said})
    whole = min(policy.first * policy.factor ** (made - 1), policy.longest)
    assert whole * (1 - policy.jitter) - 1e-6 <= policy.backoff(made) <= whole
