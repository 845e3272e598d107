"""An agent with a name: signed twice, changed since, used by a workflow, and what it did of late."""

from decimal import Decimal
from typing import Any

from audit.actors import person
from audit.clock_time import now
from audit.models import User
from audit.moves import move
from orchestration.agents import keeping, text
from orchestration.documents import fingerprint
from orchestration.models import Agent, AgentVersion, Attempt, Run, StepRun
from tests.cast import Cast
from tests.flow import drawn

NAME = "help-desk"
TEXT = """\
model: openai/large
prompt: |
  Help the customer with lost cards. {more}
  Say what you did in one sentence.
tools: [test.say, test.keyed]
call_review:
  when: before
  group: reviewer
  title: "'A card again'"
  why: [{{rule: always, sentence: Somebody looks before a card is sent., priority: 1, due_minutes: 60}}]
asks: {{group: reviewer, due_minutes: 30}}
limits: {{turns: 12, calls: 30, tokens: 200000, cost: "2.00", minutes: 10}}
ceiling: personal
output: {{type: object, required: [said]}}
"""


def draw(cast: Cast) -> Agent:
    """The agent; made once."""
    found = Agent.objects.filter(name=NAME).first()
    if found is not None:
        return found
    said = {"title": "Help desk", "purpose": "It answers customers who lost a card.", "source": TEXT.format(more="")}
    row = keeping.add(NAME, said, by=cast.adam)
    _sign(row, cast.adam, cast.mina)
    step = drawn.step("serve", "agent", name="Card service", agent=NAME, input={"question": "'Where is my card?'"})
    version = drawn.publish(cast, step, slug="returns", name="Lost cards", title="'Where is my card?'").current
    assert version is not None
    run = Run.objects.create(
        workflow=version.workflow,
        version=version,
        started_by=cast.adam,
        title="Where is my card?",
        status="done",
        input={},
    )
    whose: dict[str, Any] = {"run": run, "workflow": run.workflow, "priority": 1, "ready_at": now(), "ended_at": now()}
    held = StepRun.objects.create(step=version.steps.get(key="serve"), status="done", fence=1, **whose)
    told: dict[str, Any] = {"worker": "worker-1", "result": "done", "started_at": now(), "ended_at": now()}
    Attempt.objects.create(step_run=held, fence=1, model="openai/large", cost=Decimal("0.041"), **told)
    _change(row, cast.adam, "Ask where it was sent.")
    _sign(row, cast.adam, cast.mina)
    _change(row, cast.adam, "Ask where it was sent, and when.")
    Agent.objects.filter(pk=row.pk).update(owner=cast.mina)
    return row


def _change(row: Agent, by: User, more: str) -> None:
    row.refresh_from_db()
    keeping.change(row.pk, {"source": TEXT.format(more=more)}, by=by, seen=keeping.state_of(row))
    row.refresh_from_db()


def _sign(row: Agent, by: User, second: User) -> None:
    said = text.read(row.source)
    number = row.versions.count() + 1
    made: dict[str, Any] = {"source": row.source, "document": said, "hash": fingerprint(said), "proposed_by": by}
    current = AgentVersion.objects.create(agent=row, number=number, signed_by=second, **made)
    if row.status == "proposed":
        move(row, "approved", actor=person(second), current=current)
    else:
        Agent.objects.filter(pk=row.pk).update(current=current)
    row.refresh_from_db()
