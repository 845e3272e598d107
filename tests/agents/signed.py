"""Agents that have a name: drawn up by one admin, signed by another, and used by a step."""

from typing import Any

import yaml

from audit import proposals
from audit.models import User
from orchestration.agents import keeping, signing
from orchestration.models import Agent, AgentVersion
from tests.agents.drawn import DESK
from tests.cast import Cast
from tests.flow.drawn import Spec, step

DOCUMENT: Spec = {
    "model": "openai/agent",
    "prompt": "Find out.",
    "tools": ["test.say", "test.keyed"],
    "call_review": DESK,
    "limits": {"turns": 6, "calls": 10},
    "output": {"type": "object", "required": ["found"]},
}


def drawn_up(cast: Cast, name: str = "helper", **more: Any) -> Agent:
    """An agent that Adam drew up."""
    said = {"title": name.capitalize(), "purpose": "It helps.", "source": text(**more)}
    return keeping.add(name, said, by=cast.adam)


def text(**more: Any) -> str:
    """What it says."""
    return yaml.safe_dump({**DOCUMENT, **more}, sort_keys=False)


def signed(row: Agent, *, by: User, second: User) -> AgentVersion:
    """One proposes its text, the other signs it. The version that it becomes."""
    proposal = signing.propose(row.pk, by=by)
    proposals.countersign(proposal.pk, by=second, shown_hash=proposal.content_hash)
    row.refresh_from_db()
    assert row.current is not None
    return row.current


def anew(row: Agent, *, by: User, second: User, **more: Any) -> AgentVersion:
    """Its text is changed and signed again."""
    row.refresh_from_db()
    keeping.change(row.pk, {"source": text(**more)}, by=by, seen=keeping.state_of(row))
    return signed(row, by=by, second=second)


def used(name: str = "helper", **more: Any) -> Spec:
    """A step that it does."""
    plain: Spec = {"agent": name, "input": {"question": "'Where is my card?'"}, "retry": {"tries": 1}}
    return step("ask", "agent", **plain | more)
