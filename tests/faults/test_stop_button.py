"""The stop button at a house at work, pressed over HTTP: what had begun ends, and nothing begins until it is let go."""

import time

import pytest
from django.db.models import Max

from audit import people
from audit.actors import COMMAND
from audit.clock_time import now
from audit.models import Event
from audit.reading import told
from orchestration.models import Attempt, Run
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.door import TAKEN, at_the_door
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, web
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800), pytest.mark.fault("stop button")]

STEPS = 20  # of a run
ENOUGH = 50  # tries that have ended before it is pressed
QUIET = 1.5  # seconds for which many sweeps and bells find nothing to begin


def test_nothing_begins_between_the_stop_and_the_way_back(live_cast: Cast, fault: Fault) -> None:
    people.join(live_cast.ravi, live_cast.groups["admin"], actor=COMMAND)
    runs, workflow = fault.load(60, 600), work.quick(live_cast, STEPS)
    with web() as (address, _), clock("hurry"), crew(2):
        adam, ravi = at_the_door(address, live_cast.adam), at_the_door(address, live_cast.ravi)
        form = adam.form("/engine/", "/engine/stop/")
        work.start(live_cast, workflow, runs)
        until(lambda: Attempt.objects.count() > ENOUGH, "steps to be done")
        sent = now()
        answer = adam.post(form.action, data={**form.fields, "why": "Letters go out twice."})
        answered = now()
        until(lambda: not work.in_flight(), "what had begun to end")
        ended, tries = now(), Attempt.objects.count()
        (late,) = work.start(live_cast, workflow, 1)
        time.sleep(QUIET)
        last = Attempt.objects.aggregate(last=Max("started_at"))["last"]
        assert (answer.status_code, Attempt.objects.count(), Run.objects.get(pk=late).status) == (
            TAKEN,
            tries,
            "accepted",
        )
        assert work.in_flight() == 0 < Run.objects.live().count()
        assert last <= answered
        assert ravi.send_form("/engine/", "/engine/go-on/", why="The mail server is mended.").status_code == TAKEN
        work.wait_until_ended()
    fault.tell("stop_everything", max((last - sent).total_seconds(), 0), "s")
    fault.tell("stop_answered", (answered - sent).total_seconds(), "s")
    fault.tell("stop_nothing_in_flight", (ended - sent).total_seconds(), "s")
    assert Attempt.objects.filter(result="done").count() == (runs + 1) * STEPS
    brake = Event.objects.filter(kind__startswith="brake.").select_related("personal").order_by("id")
    assert [told.plain(event) for event in brake] == [
        "Adam Novak stopped everything: Letters go out twice.",
        "Ravi Menon let everything go on: The mail server is mended.",
    ]
    check(fault)
