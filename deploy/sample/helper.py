"""An agent with a name in the sample workspace: drawn up, and waiting for somebody to propose and to sign it."""

from audit.models import User
from orchestration.agents import keeping
from orchestration.models import Agent

NAME = "card-desk"
TEXT = """\
# What this agent is. Steps that use it may only narrow it.
model: any
prompt: |
  A customer writes about a card. Find out what they need, ask the reviewers where you are not sure,
  and answer in one short e-mail. Promise nothing that you do not know.
tools: [email.send]
call_review:
  when: before
  group: reviewer
  title: "'An e-mail about a card'"
  why:
    - {rule: always, sentence: Somebody reads every e-mail before it is sent., priority: 1, due_minutes: 60}
asks: {group: reviewer, due_minutes: 60}
limits: {turns: 8, calls: 12, fan_out: 2, tokens: 60000, cost: "0.50", minutes: 5, depth: 0}
ceiling: personal
output:
  type: object
  required: [answered]
  properties: {answered: {type: boolean}}
"""


def draw_up(owner: User) -> None:
    """Draw it up, once."""
    if not Agent.objects.filter(name=NAME).exists():
        purpose = "It answers customers who write about a card, and asks where it is not sure."
        keeping.add(NAME, {"title": "Card desk", "purpose": purpose, "source": TEXT}, by=owner)
