"""A tool of another system: connected, listed, signed, called by a step and an agent, switched off, changed."""

from pathlib import Path
from typing import Any

import pytest

from audit.actors import person
from audit.models import Event, User
from orchestration import catalog
from orchestration.models import Connection, StepRun, Tool
from orchestration.states import ToolStatus
from orchestration.tools.mcp.declaring import fingerprint
from tests.agents.drawn import ANSWER, asks, told
from tests.agents.drawn import work as work_of_agent
from tests.airline.server import Airline
from tests.cast import Cast
from tests.flow.drawn import carry_on, start, step
from tests.loopback import Provider
from tests.registry.conftest import READS, WRITES, connected, let_in, listed
from tests.registry.test_wild import over_http

pytestmark = pytest.mark.django_db

MIA = {"user_id": "mia_li_3668"}
LOOK_UP = "airline.get_user_details"


def looks_up(**more: Any) -> dict[str, Any]:
    """A step that calls the tool."""
    return step("look", "tool", tool=LOOK_UP, input={"user_id": "'mia_li_3668'"}, **more)


def test_what_a_server_offers_is_proposed_and_nothing_of_it_is_on(cast: Cast, airline: Connection) -> None:
    asked = listed(airline, cast.adam)
    assert (asked.status, asked.error) == ("done", "")
    rows = list(airline.tools.order_by("name"))
    assert len(rows) == 14
    assert {row.status for row in rows} == {"proposed"}
    assert {(row.effect, row.leaves_house, row.repeatability) for row in rows} == {("destructive", True, "unsafe")}
    assert rows[0].owner == cast.adam


def test_a_step_calls_it_once_two_have_let_it_in(cast: Cast, ada: User, airline: Connection, standing: Airline) -> None:
    listed(airline, cast.adam)
    let_in(LOOK_UP, cast.adam, ada)
    before = standing.counted()
    run = carry_on(start(cast, looks_up()))
    assert run.status == "done"
    output = StepRun.objects.get(run=run, step__key="look").output
    assert output is not None
    assert "Mia" in output["text"]
    assert standing.counted()[str(run.pk)]["calls"] == 1
    assert str(run.pk) not in before


def test_an_agent_calls_it(cast: Cast, ada: User, airline: Connection, said: Provider) -> None:
    listed(airline, cast.adam)
    let_in(LOOK_UP, cast.adam, ada)
    said.says = [asks(("airline_get_user_details", MIA)), ANSWER]
    run = work_of_agent(cast, tools=[LOOK_UP])
    assert run.status == "done"
    assert "Mia" in told(said)[0]["text"]


def test_switched_off_it_is_called_no_more(cast: Cast, ada: User, airline: Connection, standing: Airline) -> None:
    listed(airline, cast.adam)
    row = let_in(LOOK_UP, cast.adam, ada)
    run = start(cast, looks_up())
    catalog.switch(row, ToolStatus.OFF, actor=person(cast.adam))
    run = carry_on(run)
    assert run.status == "failed"
    assert StepRun.objects.get(run=run, step__key="look").error == f"The tool {LOOK_UP} is switched off here."
    assert str(run.pk) not in standing.counted()


def test_declared_otherwise_it_is_stopped_and_its_owner_asked(
    cast: Cast, ada: User, airline: Connection, standing: Airline
) -> None:
    listed(airline, cast.adam)
    row = let_in(LOOK_UP, cast.adam, ada)
    signed = {**row.declaration, "description": "Get the details of an user."}
    Tool.objects.filter(pk=row.pk).update(declaration=signed, fingerprint=fingerprint(signed))
    catalog.forget()
    run = carry_on(start(cast, looks_up()))
    assert run.status == "failed"
    assert "is declared otherwise now than it was approved" in StepRun.objects.get(run=run, step__key="look").error
    row.refresh_from_db()
    assert row.status == "changed"
    assert row.offered is not None
    assert row.offered["description"] == "Get the details of an user, including their reservations."
    assert Event.objects.filter(object_type="tool", object_id=str(row.pk), kind="tool.changed").exists()
    assert str(run.pk) not in standing.counted()
    again = carry_on(start(cast, looks_up()))
    told = f"The tool {LOOK_UP} is declared otherwise than it was approved, so it is not called here."
    assert StepRun.objects.get(run=again, step__key="look").error.startswith(told[:60])


def test_an_unsafe_call_that_hangs_is_asked_about_and_never_made_again(cast: Cast, ada: User, tmp_path: Path) -> None:
    with over_http(tmp_path / "told.json") as wild:
        row = connected("wild", cast.adam, ada, address=wild.reach.address, private=True)
        listed(row, cast.adam)
        let_in("wild.hang", cast.adam, ada, **{**WRITES, "repeatability": "unsafe", "seconds": 1})
        run = carry_on(start(cast, step("look", "tool", tool="wild.hang", input={})))
        held = StepRun.objects.get(run=run, step__key="look")
        assert (held.status, held.awaits) == ("waiting", "outcome")
        assert held.question is not None
        assert held.question["unknown"] == "wild.hang did not answer in 1 seconds."
        assert len(wild.calls) == 1


def test_a_safe_call_that_hangs_is_tried_again(cast: Cast, ada: User, tmp_path: Path) -> None:
    with over_http(tmp_path / "told.json") as wild:
        row = connected("wild", cast.adam, ada, address=wild.reach.address, private=True)
        listed(row, cast.adam)
        let_in("wild.hang", cast.adam, ada, **{**READS, "seconds": 1})
        tries = {"tries": 2, "first_seconds": 0, "jitter": 0}
        run = carry_on(start(cast, step("look", "tool", tool="wild.hang", input={}, retry=tries)))
        assert run.status == "failed"
        assert len(wild.calls) == 2
