"""With real workers: a test is made by one of them, and a suspended model is asked by none of them a second later."""

import os
import time
from typing import Any

import pytest

from audit.actors import person
from audit.models import Event
from orchestration import catalog
from orchestration.catalog import keeping, testing
from orchestration.models import Model, ModelTest, StepRun
from tests import cast as people
from tests.cast import Cast
from tests.catalog.conftest import second_admin, signed
from tests.loopback import provider
from tests.processes import children, manage, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
CANARY = "canary-key-0123456789abcdef"


def triage(cast: Cast) -> StepRun:
    """A new run, once its first step has ended or waits for a person."""
    run = cast.start()
    ended = StepRun.objects.filter(run=run, step__key="triage", status__in=("done", "failed", "waiting"))
    until(ended.exists, "the first step to end, or to ask")
    return ended.get()


def test_workers_make_tests_and_hear_that_a_model_is_suspended(live_cast: Cast) -> None:
    ada = second_admin(live_cast)
    with provider() as farm:
        people.with_models(live_cast, triage="openai/triage", draft="openai/draft")
        wanted: dict[str, Any] = {"ceiling": "personal", "tiers": ["minimal", "limited", "high"]}
        Model.objects.filter(name="openai/triage").delete()
        asked = catalog.add("openai/triage", wanted, by=live_cast.adam)
        keeping.keep("gateway", CANARY, by=live_cast.adam)
        near = {"endpoint": f"http://127.0.0.1:{farm.port}/v1", "private_endpoint": True, "secret": "kept:gateway"}
        large = catalog.add("house/large", {**wanted, **near, "route": "openai/triage"}, by=live_cast.adam)
        for row in (asked, large):
            signed(row, by=live_cast.adam, second=ada)
        with manage("worker", "--number", "1", HANDRAIL_LOG_LEVEL="DEBUG", **farm.environment) as crew:
            until(lambda: len(children(crew.pid)) == 1, "a worker")
            test = testing.ask(large, by=live_cast.adam)
            until(ModelTest.objects.filter(pk=test.pk, status="done").exists, "the test")
            assert farm.keys == [f"Bearer {CANARY}"]
            assert triage(live_cast).status == "done"
            catalog.suspend(Model.objects.get(pk=asked.pk), actor=person(live_cast.adam))
            time.sleep(1.2)
            before = len(farm.asked)
            refused = triage(live_cast)
            assert (refused.status, refused.awaits) == ("waiting", "outcome")
            told = "No model may do this. openai/triage: nobody has approved it."
            assert (refused.question or {})["unknown"] == told
            assert len(farm.asked) == before
            catalog.resume(Model.objects.get(pk=asked.pk), actor=person(live_cast.adam))
            time.sleep(1.2)
            assert triage(live_cast).status == "done"
    with open(f"{os.environ['HANDRAIL_HOME']}/worker.log") as log:
        assert CANARY not in log.read()
    assert not [event for event in Event.objects.all() if CANARY in event.body]
