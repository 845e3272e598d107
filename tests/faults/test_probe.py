import time
import pytest
from collections import Counter
from orchestration import queue
from orchestration.models import Attempt, Run, StepRun
from tests.faults import work
from tests.faults.forked import clock, crew, workers
from tests.flow.drawn import publish
import os, signal
pytestmark = pytest.mark.django_db(transaction=True)
def test_knock(live_cast):
    workflow = work.quick(live_cast, 1)
    with clock(), crew(1, "an_hour_ahead") as ahead:
        work.start(live_cast, workflow, 1)
        work.wait_until_ended()
        c = queue.bells().connection
        print(c.zrange(queue.LINGERING, 0, -1, withscores=True), time.time(), workers(ahead))
        os.kill(workers(ahead)[0], signal.SIGKILL)
        time.sleep(1)
        print(c.zrange(queue.LINGERING, 0, -1, withscores=True), time.time(), workers(ahead))
        work.start(live_cast, workflow, 1)
        work.wait_until_ended()
        print(c.zrange(queue.LINGERING, 0, -1, withscores=True), time.time(), workers(ahead))
    print(*Attempt.objects.values_list("worker","result"))
def test_poison(live_cast):
    poison = publish(live_cast, work.saying("poison"), work.saying("never"), slug="poisonous")
    with clock(), crew(2, "poison", HANDRAIL_CALLS=10) as c:
        work.start(live_cast, work.quick(live_cast, 2), 15)
        given_up = work.start(live_cast, poison, 1)
        work.start(live_cast, work.quick(live_cast, 2), 15)
        for _ in range(14):
            time.sleep(1)
            print(Counter(StepRun.objects.values_list("status", "step__key", "deaths", "deaths_alone", "alone", "worker")), workers(c))
