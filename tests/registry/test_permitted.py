"""Who may use a tool that is not for everybody: the workflow or the agent, and whoever started the run. Both."""

import pytest
from django.contrib.auth.models import Group

from audit.actors import person
from audit.grants import grant
from audit.models import User
from orchestration import catalog, dry, queue, rates
from orchestration.models import StepRun, Tool, ToolUse, Workflow
from orchestration.tools import permitted
from tests import tools
from tests.cast import Cast
from tests.flow.drawn import carry_on, source, start, step

pytestmark = pytest.mark.django_db

NAME = "test.say"


@pytest.fixture
def closed(cast: Cast) -> Tool:
    """A tool that nobody may use."""
    Tool.objects.filter(name=NAME).update(for_all=False)
    catalog.forget()
    return Tool.objects.get(name=NAME)


def refusal(who: User, workflow: Workflow, agent: str = "") -> str:
    """Why they may not, asked of the database now."""
    permitted.forget()
    return permitted.refusal(NAME, who.pk, workflow.pk, agent)


def test_what_is_for_everybody_is_refused_to_nobody(cast: Cast) -> None:
    assert refusal(cast.noah, cast.workflow) == ""


def test_the_workflow_alone_is_not_enough(cast: Cast, closed: Tool) -> None:
    ToolUse.objects.create(tool=closed, workflow=cast.workflow)
    assert refusal(cast.adam, cast.workflow) == "Whoever started this run may not use the tool test.say."


def test_nor_is_the_person_alone(cast: Cast, closed: Tool) -> None:
    grant("use_tool", cast.adam, closed, actor=person(cast.mina))
    assert refusal(cast.adam, cast.workflow) == "This workflow may not use the tool test.say."


def test_both_are_let_by_group_too(cast: Cast, closed: Tool) -> None:
    ToolUse.objects.create(tool=closed, workflow=cast.workflow)
    grant("use_tool", Group.objects.get(name="manager"), closed, actor=person(cast.adam))
    assert refusal(cast.mina, cast.workflow) == ""
    assert refusal(cast.rita, cast.workflow) != ""


def test_an_agent_needs_its_own_leave(cast: Cast, closed: Tool) -> None:
    ToolUse.objects.create(tool=closed, workflow=cast.workflow)
    grant("use_tool", cast.adam, closed, actor=person(cast.mina))
    assert refusal(cast.adam, cast.workflow, "desk") == "The agent desk may not use the tool test.say."
    ToolUse.objects.create(tool=closed, agent="desk")
    assert refusal(cast.adam, cast.workflow, "desk") == ""


def test_who_has_left_may_use_nothing(cast: Cast, closed: Tool) -> None:
    ToolUse.objects.create(tool=closed, workflow=cast.workflow)
    grant("use_tool", cast.adam, closed, actor=person(cast.mina))
    User.objects.filter(pk=cast.adam.pk).update(is_active=False)
    assert refusal(cast.adam, cast.workflow) != ""


def test_a_step_says_so_and_calls_nothing(cast: Cast, closed: Tool) -> None:
    run = carry_on(start(cast, step("say", "tool", tool=NAME, input={})))
    assert run.status == "failed"
    assert StepRun.objects.get(run=run, step__key="say").error == "This workflow may not use the tool test.say."


def test_a_tool_is_called_no_more_often_in_a_minute_than_it_may() -> None:
    assert rates.take("a.tool", None) == 0
    assert [rates.take("a.tool", 2) for _ in range(2)] == [0, 0]
    assert 55 < rates.take("a.tool", 2) <= 60


def test_a_call_too_many_in_a_minute_waits_and_is_no_try(cast: Cast) -> None:
    Tool.objects.filter(name=NAME).update(per_minute=1)
    catalog.forget()
    once = {"tries": 1}
    run = carry_on(start(cast, step("one", tool=NAME), step("two", tool=NAME, retry=once)))
    second = StepRun.objects.get(run=run, step__key="two")
    assert (run.status, second.status, second.tries) == ("running", "ready", 0)
    assert "1 times in a minute" in second.error
    tools.forget()
    assert dry.run(source(step("one", tool=NAME)), {}, starter=cast.adam).status == "done"  # it takes none of them
    queue.bells().connection.delete(f"{rates.MINUTE}{NAME}")
    assert carry_on(run, jumps=1).status == "done"
