"""Steps of kind wait: a time, a date in the workspace's zone, an event with a match and a time limit."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from audit.actors import COMMAND
from audit.clock_time import now
from orchestration import waking
from orchestration.models import Run, StepRun
from tests.cast import Cast
from tests.clock import jump
from tests.flow.drawn import carry_on, output, start, statuses, step


def after(run: Run, seconds: float) -> Run:
    jump(seconds=seconds)
    waking.wake_due()
    return carry_on(run)


def test_it_waits_for_a_time(cast: Cast) -> None:
    run = carry_on(start(cast, step("pause", "wait", for_seconds="input.seconds"), step("end"), given={"seconds": 90}))
    assert statuses(run) == {"pause": "waiting"}
    assert statuses(after(run, 80)) == {"pause": "waiting"}
    assert statuses(after(run, 11)) == {"pause": "done", "end": "done"}


def test_it_waits_for_a_date_in_the_zone_of_the_workspace(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TIME_ZONE", "Pacific/Auckland")
    run = carry_on(start(cast, step("pause", "wait", until="'2031-01-01 09:00'")))
    wake = StepRun.objects.get(run=run).wake_at
    assert wake is not None
    assert wake.isoformat() == "2030-12-31T20:00:00+00:00"


def test_it_goes_on_at_once_when_the_date_has_passed(cast: Cast) -> None:
    run = carry_on(start(cast, step("pause", "wait", until="'2020-01-01'")))
    assert after(run, 1).status == "done"


@pytest.mark.parametrize("bad", ["'soon'", "'2031-13-01'", "input.nothing"])
def test_it_fails_on_a_date_that_is_none(cast: Cast, bad: str) -> None:
    run = carry_on(start(cast, step("pause", "wait", until=bad)))
    assert "cannot be worked out" in StepRun.objects.get(run=run).error


def paid(seconds: int = 3600, **more: Any) -> dict[str, Any]:
    return step("paid", "wait", event="payment", match="event.invoice == input.invoice", seconds=seconds, **more)


def test_it_waits_for_an_event_that_matches(cast: Cast) -> None:
    run = carry_on(start(cast, paid(), step("end"), given={"invoice": 7}))
    assert waking.tell("payment", {"invoice": 8}, actor=COMMAND) == 0
    assert waking.tell("delivery", {"invoice": 7}, actor=COMMAND) == 0
    assert waking.tell("payment", {"invoice": 7, "sum": "12.00"}, actor=COMMAND) == 1
    assert output(carry_on(run), "paid") == {"timed_out": False, "event": {"invoice": 7, "sum": "12.00"}}


@pytest.mark.parametrize(("then", "status"), [("fail", "failed"), ("go_on", "done")])
def test_it_waits_no_longer_than_it_may(cast: Cast, then: str, status: str) -> None:
    run = carry_on(start(cast, paid(seconds=60, on_timeout=then), given={"invoice": 7}))
    assert after(run, 61).status == status


def test_it_costs_nothing_and_may_last_years(cast: Cast) -> None:
    run = carry_on(start(cast, step("pause", "wait", for_seconds=3 * 365 * 86400), step("end")))
    held = StepRun.objects.get(run=run)
    assert (held.worker != "", held.status) == (True, "waiting")
    assert held.wake_at is not None
    assert held.wake_at - now() > timedelta(days=1000)
