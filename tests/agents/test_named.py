"""An agent with a name: drawn up, signed, pinned where it is used; it does what it and the run's starter may."""

import pytest

from audit import proposals
from audit.actors import person
from audit.grants import grant
from audit.models import Event, User
from orchestration import catalog, readiness
from orchestration.agents import keeping, signing
from orchestration.catalog import using
from orchestration.documents import BadDocument
from orchestration.models import Agent, Run, StepRun, Tool, Version
from reviews.models import Review
from tests import tools
from tests.agents.drawn import ANSWER, asker, asks, calls, stand, told
from tests.agents.signed import anew, drawn_up, signed, used
from tests.cast import Cast
from tests.catalog.conftest import second_admin
from tests.flow.drawn import Spec, begin, carry_on, publish, source, start
from tests.flow.hands import approve
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

READ = ("test_say", {"word": "card"})
WRITE = ("test_keyed", {"word": "card", "sum": 10})


@pytest.fixture
def ada(cast: Cast) -> User:
    """A second admin."""
    return second_admin(cast)


@pytest.fixture
def helper(cast: Cast, ada: User) -> Agent:
    """An agent that Adam drew up and Ada signed."""
    row = drawn_up(cast)
    signed(row, by=cast.adam, second=ada)
    return row


@pytest.fixture
def closed(cast: Cast) -> Tool:
    """A tool that nobody may use."""
    Tool.objects.filter(name="test.say").update(for_all=False)
    catalog.forget()
    return Tool.objects.get(name="test.say")


def test_who_draws_it_up_does_not_sign_it(cast: Cast, ada: User) -> None:
    row = drawn_up(cast)
    proposal = signing.propose(row.pk, by=ada)
    with pytest.raises(proposals.Barred):
        proposals.countersign(proposal.pk, by=cast.adam, shown_hash=proposal.content_hash)
    row.refresh_from_db()
    assert (row.status, row.current) == ("proposed", None)


def test_before_it_is_signed_no_step_may_use_it(cast: Cast) -> None:
    drawn_up(cast)
    with pytest.raises(BadDocument) as error:
        publish(cast, used())
    assert str(error.value) == "step 'ask' is done by the agent 'helper', of which nobody has signed a version."
    assert error.value.problems[0].line == source(used()).splitlines().index("  agent: helper") + 1


def test_a_workflow_that_uses_it_is_pinned_and_its_calls_are_its_own(cast: Cast, helper: Agent, said: Provider) -> None:
    said.says = [asks(READ, WRITE), ANSWER]
    run = carry_on(start(cast, used()))
    spec = run.version.document["steps"][0]
    assert (spec["agent"], spec["prompt"], spec["limits"]) == ("helper@1", "Find out.", {"turns": 6, "calls": 10})
    assert stand(run) == ["done", "person"]
    approve(cast, Review.objects.get())
    assert carry_on(run).status == "done"
    assert told(said)[0] == {"word": "card"}
    acted = Event.objects.filter(kind="steprun.acting").get()
    assert (acted.actor_kind, acted.actor_id) == ("agent", "helper@1")
    assert (acted.on_behalf_of_kind, acted.on_behalf_of_id) == ("person", str(cast.adam.pk))
    begun = Event.objects.filter(object_type="steprun", object_id=str(calls(run)[0].pk)).order_by("id")[0]
    assert begun.actor_id == "helper@1"


def test_who_started_the_run_may_not_though_the_agent_may(
    cast: Cast, helper: Agent, closed: Tool, said: Provider
) -> None:
    using.give(closed, "agent", "helper", by=cast.adam)
    said.says = [asks(READ), ANSWER]
    run = carry_on(start(cast, used()))
    assert calls(run)[0].error == "Whoever started this run may not use the tool test.say."
    assert tools.calls == []
    grant("use_tool", cast.adam, closed, actor=person(cast.mina))
    catalog.forget()
    said.says = [asks(READ), ANSWER]
    assert calls(carry_on(begin(cast, run.workflow)))[0].status == "done"


def test_the_agent_may_not_though_its_workflow_and_who_started_it_may(
    cast: Cast, helper: Agent, closed: Tool, said: Provider
) -> None:
    grant("use_tool", cast.adam, closed, actor=person(cast.mina))
    workflow = publish(cast, used())
    using.give(closed, "workflow", workflow.slug, by=cast.adam)
    said.says = [asks(READ), ANSWER]
    run = carry_on(begin(cast, workflow))
    assert calls(run)[0].error == "The agent helper may not use the tool test.say."
    assert tools.calls == []


def test_a_worker_may_no_more_than_the_agent_that_it_works_for(
    cast: Cast, ada: User, closed: Tool, said: Provider
) -> None:
    worker: Spec = {"key": "clerk", "name": "Clerk", "purpose": "It looks things up.", "model": "openai/agent"}
    worker |= {"prompt": "Look.", "tools": ["test.say"], "output": {"type": "object"}}
    signed(drawn_up(cast, workers=[worker], tools=[]), by=cast.adam, second=ada)
    grant("use_tool", cast.adam, closed, actor=person(cast.mina))
    said.says = [asks(("clerk", {"task": "Look."})), asks(READ), ANSWER, ANSWER]
    run = carry_on(start(cast, used()))
    call = StepRun.objects.get(run=run, step__spec__tool="test.say")
    assert call.error == "The agent helper may not use the tool test.say."


def test_switched_off_midway_neither_its_calls_nor_its_turns_begin(cast: Cast, helper: Agent, said: Provider) -> None:
    said.says = [asks(WRITE), ANSWER]
    run = carry_on(start(cast, used()))
    keeping.switch_off(helper.pk, by=cast.adam, why="It went wrong.")
    approve(cast, Review.objects.get())
    run = carry_on(run)
    assert run.status == "failed"
    assert tools.calls == []
    assert calls(run)[0].error == "The agent helper is switched off here."
    assert asker(run).error == "The agent helper is switched off here."
    assert len(said.heard) == 1
    keeping.switch_on(helper.pk, by=cast.adam)
    said.says = [ANSWER]
    assert carry_on(begin(cast, run.workflow)).status == "done"


def test_a_new_version_touches_no_published_workflow(cast: Cast, ada: User, helper: Agent, said: Provider) -> None:
    workflow = publish(cast, used())
    anew(helper, by=cast.adam, second=ada, prompt="Find out more.")
    said.says = [ANSWER]
    run = carry_on(begin(cast, workflow))
    assert "Find out.\n" in said.heard[-1]["messages"][0]["content"] + "\n"
    assert Version.objects.get(pk=run.version_id).document["steps"][0]["agent"] == "helper@1"
    newer = publish(cast, used()).versions.get(number=2)
    assert newer.document["steps"][0]["prompt"] == "Find out more."
    found = readiness.check(source(used("helper@1"))).findings
    told = [one.what for one in found if one.rule == "newest_agent"]
    assert told == ["The agent “helper” is used in version 1; version 2 is signed."]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"tools": ["test.unsafe"]}, "step 'ask' may call 'test.unsafe', which the agent 'helper' may not."),
        (
            {"limits": {"turns": 7}},
            "step 'ask' may go further than the agent 'helper': turns 7, where 6 is the most.",
        ),
        (
            {"limits": {"fan_out": 33}},
            "step 'ask' may go further than the agent 'helper': fan_out 33, where 32 is the most.",
        ),
        ({"prompt": "Do."}, "step 'ask' says another prompt than the agent 'helper', which says that itself."),
        ({"agent": "helper@7"}, "step 'ask' is done by version 7 of the agent 'helper', which was never signed."),
        ({"agent": "nobody"}, "step 'ask' is done by the agent 'nobody', and there is none of this name."),
        (
            {"call_review": {"waiver": "Nobody looks at its calls."}},
            "step 'ask' has its calls looked at otherwise than the agent 'helper' says.",
        ),
        (
            {"asks": {"group": "reviewer"}},
            "step 'ask' says another asks than the agent 'helper', which says that itself.",
        ),
    ],
)
def test_whatever_is_wider_is_told_at_its_line(cast: Cast, helper: Agent, more: Spec, sentence: str) -> None:
    with pytest.raises(BadDocument) as error:
        publish(cast, used(**more))
    assert str(error.value) == sentence
    assert error.value.problems[0].line > 1


def test_a_step_may_narrow_it(cast: Cast, helper: Agent, said: Provider) -> None:
    said.says = [asks(("test_keyed", {"word": "card"})), ANSWER]
    run = carry_on(start(cast, used(tools=["test.say"], limits={"turns": 2})))
    spec = run.version.document["steps"][0]
    assert (spec["tools"], spec["limits"]) == (["test.say"], {"turns": 2, "calls": 10})
    assert told(said) == [{"error": "There is no such tool."}]


def test_data_above_its_ceiling_is_not_given_to_it(cast: Cast, ada: User, said: Provider) -> None:
    signed(drawn_up(cast, ceiling="internal"), by=cast.adam, second=ada)
    with pytest.raises(BadDocument, match="touches personal data, and may be given internal data at the most"):
        publish(cast, used(data="personal"))
    said.says = [asks(("test_say", {"word": "ines.duarte@customer.example"})), ANSWER]
    run = carry_on(start(cast, used()))
    sentence = "This is personal data, and the agent may be given internal data at the most."
    assert calls(run)[0].error == sentence
    assert (asker(run).error, Run.objects.get(pk=run.pk).status) == (sentence, "failed")
    assert tools.calls == []


def test_it_nests_no_deeper_than_it_says(cast: Cast, ada: User) -> None:
    worker: Spec = {"key": "clerk", "name": "Clerk", "purpose": "Looks.", "model": "openai/agent", "prompt": "Look."}
    worker |= {"tools": [], "output": {"type": "object"}}
    row = drawn_up(cast, workers=[worker], limits={"depth": 0})
    with pytest.raises(catalog.CannotChange, match="agents 1 deep in one another, and its limits say that 0"):
        signing.propose(row.pk, by=cast.adam)
