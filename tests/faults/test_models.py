"""R10: a provider that errs in every way, while a worker dies: the retry policy holds, and so does its budget."""

import os
import signal
from itertools import pairwise

import pytest

from audit.models import Event
from orchestration.models import Run, StepRun, Workflow
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, workers
from tests.faults.provider import AFTER, CODES, FAULTS, Provider, erring
from tests.flow.drawn import publish, step
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800), pytest.mark.fault("R10")]

TRIES = 3
ALWAYS = 1000


def asking(cast: Cast) -> Workflow:
    """One call of a model, which may be tried three times."""
    call = step(
        "call",
        "model",
        model="openai/erring",
        prompt="Err.",
        input={"run": "run.id", "fault": "input.fault", "times": "input.times"},
        output={"type": "object", "required": ["ok"]},
        limits={"seconds": 2},
        retry={"tries": TRIES, "first_seconds": 0.1, "factor": 1},
    )
    return publish(cast, call, slug="asking-a-model")


def check_policy(provider: Provider, fault: str, runs: list[int], ends: str) -> int:
    """Every run ended so, after as many calls as the policy allows. Returns the calls over the budget."""
    over = 0
    found = StepRun.objects.filter(run__in=runs)
    for run in found:
        lost = run.attempts.filter(result="lost").count()
        calls = provider.asked[run.run_id]
        assert run.status == ends, (fault, run.error)
        assert len(calls) <= TRIES + lost <= TRIES + 1, (fault, "more calls than tries and deaths")
        assert len(calls) >= (TRIES if ends == "failed" else 2), fault
        if fault == "busy":
            assert all(later - earlier >= AFTER for earlier, later in pairwise(calls)) or lost
        over = max(over, len(calls) - TRIES)
    told = Event.objects.filter(object_type="steprun", run_id__in=runs, kind__in=("steprun.ready", "steprun.failed"))
    codes = {event.data["code"] for event in told if "code" in event.data}
    assert codes <= {CODES[fault], "timeout"}, "a slow machine may come too late to err otherwise"
    assert CODES[fault] in codes or ends == "done", fault
    return over


def test_it_keeps_to_its_tries_whatever_the_provider_does(live_cast: Cast, fault: Fault) -> None:
    each, over = fault.load(3, 30), 0
    workflow = asking(live_cast)
    with erring() as provider, clock(), crew(2, environment=provider.environment) as fleet:
        failing = {name: work.start(live_cast, workflow, each, fault=name, times=ALWAYS) for name in FAULTS}
        passing = {name: work.start(live_cast, workflow, each, fault=name, times=1) for name in FAULTS}
        until(lambda: len(provider.asked) > each * len(FAULTS), "most runs to have asked")
        os.kill(workers(fleet)[0], signal.SIGKILL)
        fault.tell("done_after", work.wait_until_ended(120), "s")
    for name in FAULTS:
        over = max(over, check_policy(provider, name, failing[name], "failed"))
        check_policy(provider, name, passing[name], "done")
    fault.tell("runs", Run.objects.count(), "runs")
    fault.tell("calls", sum(map(len, provider.asked.values())), "calls")
    fault.tell("most_calls_over_the_budget", over, "calls")
    check(fault)
