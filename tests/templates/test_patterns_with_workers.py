"""Each pattern from its template, end to end: published, started, and carried out by real workers with a fake provider;
and once more with the worker killed in the middle.
"""

import os
import signal

import pytest

from audit.actors import person
from orchestration import templates, workflows
from orchestration.models import Run, StepRun
from reviews.models import Review
from tests.agents.conftest import said as said
from tests.cast import Cast
from tests.clock import jump
from tests.flow.drawn import begin
from tests.flow.hands import approve
from tests.loopback import Provider
from tests.pages.test_calls_drawn import PATTERNS
from tests.processes import children, manage, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]


def started(cast: Cast, key: str) -> Run:
    """A run of a template with the models of the tests."""
    source = templates.get(key).source.replace("handrail/unplugged", "openai/agent")
    source = source.replace("model: any", "model: openai/draft")
    workflow = workflows.publish(source, actor=person(cast.adam), by=cast.adam).workflow
    return begin(cast, workflow, PATTERNS[key][0])


def ended(cast: Cast, run: Run) -> Run:
    """The run at its end; whoever is asked on the way approves."""

    def is_over() -> bool:
        for review in Review.objects.filter(run=run, status="open"):
            approve(cast, review)
        return Run.objects.filter(pk=run.pk, status__in=("done", "failed", "cancelled")).exists()

    until(is_over, f"{run} to end", seconds=120)
    return Run.objects.get(pk=run.pk)


def test_each_is_carried_out_by_real_workers(live_cast: Cast, said: Provider) -> None:
    patient = {"HANDRAIL_LEASE_SECONDS": "120"}  # a call made twice would take the answer of the next
    with manage("worker", "--number", "2", **said.environment, **patient) as crew:
        until(lambda: len(children(crew.pid)) == 2, "the workers", seconds=120)
        for key, (_, says, _) in PATTERNS.items():
            said.says = list(says)
            run = ended(live_cast, started(live_cast, key))
            errors = list(StepRun.objects.filter(run=run, status="failed").values_list("step__key", "error"))
            assert (key, run.status, errors, said.says) == (key, "done", [], [])


def test_a_worker_killed_between_rounds_loses_none(live_cast: Cast, said: Provider) -> None:
    said.says, said.delay = list(PATTERNS["debate"][1]), 0.4
    with manage("worker", "--number", "1", **said.environment) as crew:
        until(lambda: len(children(crew.pid)) == 1, "a worker", seconds=120)
        run = started(live_cast, "debate")
        rounds = StepRun.objects.filter(run=run, step__key="pro", status="done")
        until(lambda: len(said.heard) == 2, "the second to be asked")
        (worker,) = children(crew.pid)
        os.kill(worker, signal.SIGKILL)
        said.says.insert(0, PATTERNS["debate"][1][1])  # the call that it died in is made again
        jump(seconds=20)  # its lease is over
        run = ended(live_cast, run)
    errors = list(StepRun.objects.filter(run=run, status="failed").values_list("step__key", "error"))
    assert (run.status, errors) == ("done", [])
    around = StepRun.objects.get(run=run, step__key="debate")
    assert rounds.count() == around.parts == around.parts_done
    assert (around.output or {})["rounds"] == around.parts
