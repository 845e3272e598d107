"""A step that ends its worker each time: it is tried alone, given up, shown; and everything else goes on."""

import pytest

from audit.models import Event
from orchestration.claims import CERTAIN, POISON
from orchestration.models import Attempt, Run, StepRun
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew
from tests.flow.drawn import publish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]


@pytest.mark.fault("poison")
def test_it_gives_up_a_step_that_ends_its_workers(live_cast: Cast, fault: Fault) -> None:
    poisonous, others = fault.load(1, 5), fault.load(30, 500)
    poison = publish(live_cast, work.saying("poison"), work.saying("never"), slug="poisonous")
    with clock(), crew(2, "poison", HANDRAIL_CALLS=10):
        work.start(live_cast, work.quick(live_cast, 2), others // 2)
        given_up = work.start(live_cast, poison, poisonous)
        work.start(live_cast, work.quick(live_cast, 2), others // 2)
        fault.tell("done_after", work.wait_until_ended(60 * poisonous), "s")
    fault.tell("given_up", poisonous, "steps")
    for step_run in StepRun.objects.filter(run__in=given_up):
        assert (step_run.status, step_run.broken) == ("failed", True)
        assert POISON <= step_run.deaths_alone <= (POISON if poisonous == 1 else CERTAIN)  # several excuse one another
        assert step_run.error.startswith(
            f"It ended its worker {step_run.deaths_alone} times while nothing else was in flight"
        )
        assert set(Attempt.objects.filter(step_run=step_run).values_list("result", flat=True)) == {"lost"}
    assert set(Run.objects.filter(pk__in=given_up).values_list("status", flat=True)) == {"failed"}
    assert set(Run.objects.exclude(pk__in=given_up).values_list("status", flat=True)) == {"done"}
    alone = [event.data["alone"] for event in Event.objects.filter(kind="steprun.failed")]
    assert alone == [True] * poisonous
    fault.tell("most_tries", max(StepRun.objects.filter(run__in=given_up).values_list("fence", flat=True)), "tries")
    check(fault)
