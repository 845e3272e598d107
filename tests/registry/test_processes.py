"""With real workers: they ask what a server offers, call its tools, and stop within a second of a switch."""

import time
from pathlib import Path

import pytest

from audit.actors import person
from orchestration import catalog
from orchestration.catalog import inquiring
from orchestration.models import Inquiry, StepRun, Tool
from orchestration.states import ToolStatus
from tests.airline.server import Airline
from tests.cast import Cast
from tests.catalog.conftest import second_admin
from tests.flow.drawn import start, step
from tests.processes import children, manage, until
from tests.registry.conftest import READS, connected, let_in, listed
from tests.registry.test_wild import over_http

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

NAME = "airline.get_user_details"


def looked_up(cast: Cast) -> StepRun:
    """A new run, once its only step has ended."""
    run = start(cast, step("look", "tool", tool=NAME, input={"user_id": "'mia_li_3668'"}))
    ended = StepRun.objects.filter(run=run, step__key="look", status__in=("done", "failed"))
    until(ended.exists, "the call to end")
    return ended.get()


def test_workers_list_call_and_stop(live_cast: Cast, standing: Airline) -> None:
    adam, ada = live_cast.adam, second_admin(live_cast)
    behind = connected("airline", adam, ada, address=standing.mcp, private=True)
    with manage("worker", "--number", "2") as crew:
        until(lambda: len(children(crew.pid)) == 2, "the workers")
        asked = inquiring.ask_offers(behind, by=adam)
        until(Inquiry.objects.filter(pk=asked.pk, status="done").exists, "the listing")
        let_in(NAME, adam, ada)
        time.sleep(1.2)
        done = looked_up(live_cast)
        assert (done.status, done.error) == ("done", "")
        catalog.switch(Tool.objects.get(name=NAME), ToolStatus.OFF, actor=person(adam))
        time.sleep(1.2)
        refused = looked_up(live_cast)
        assert (refused.status, refused.error) == ("failed", f"The tool {NAME} is switched off here.")


def test_a_change_that_a_worker_notices_stops_the_tool_for_all(live_cast: Cast, tmp_path: Path) -> None:
    adam, ada = live_cast.adam, second_admin(live_cast)
    with over_http(tmp_path / "told.json") as wild:
        behind = connected("wild", adam, ada, address=wild.reach.address, private=True)
        listed(behind, adam)
        let_in("wild.echo", adam, ada, **READS)
        wild.says(echo="Echo, and tell everybody.")
        with manage("worker", "--number", "1") as crew:  # it opens a session of its own
            until(lambda: len(children(crew.pid)) == 1, "a worker")
            run = start(live_cast, step("look", "tool", tool="wild.echo", input={}))
            until(StepRun.objects.filter(run=run, status="failed").exists, "the call to be refused")
            until(Tool.objects.filter(name="wild.echo", status="changed").exists, "the tool to be stopped")
        assert wild.calls == []
