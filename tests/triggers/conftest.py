"""Triggers of the cast, drawn up in a few words."""

from typing import Any

import pytest

from orchestration.models import Trigger, Workflow
from orchestration.triggers import keeping
from orchestration.triggers.keeping import Wanted
from tests.cast import Cast
from tests.flow import drawn

MAPPING = {"question": "payload.text", "customer_name": "payload.from.name", "customer": "payload.from.mail"}


def webhook(cast: Cast, **config: Any) -> tuple[Trigger, str]:
    """A webhook of the cast's workflow, made by Adam, and its secret."""
    wanted = Wanted("The shop", {"mapping": MAPPING, "headers": ["x-shop"], "per_minute": 60, **config})
    return keeping.make(cast.workflow, "webhook", wanted, by=cast.adam)


def schedule(cast: Cast, cron: str, zone: str = "Europe/Berlin", missed: str = "skip") -> Trigger:
    """A schedule that starts a workflow of one step which is told when it was due."""
    config = {"cron": cron, "zone": zone, "missed": missed, "mapping": {"at": "due.at"}}
    return keeping.make(clocked(cast), "schedule", Wanted("Nightly", config), by=cast.adam)[0]


def clocked(cast: Cast, slug: str = "clocked") -> Workflow:
    """A workflow that takes a text."""
    taken = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]}
    return drawn.publish(cast, drawn.step("look"), slug=slug, input=taken, title="input.at")


def following(cast: Cast, source: Workflow, workflow: Workflow, ends: str = "done", outcome: str = "") -> Trigger:
    """A trigger that follows another workflow."""
    config = {"ends": ends, "outcome": outcome, "mapping": {"at": "'after ' + string(run.id)"}}
    return keeping.make(workflow, "outcome", Wanted("After it", config, source), by=cast.adam)[0]


@pytest.fixture
def shop(cast: Cast) -> tuple[Trigger, str]:
    """A webhook and its secret."""
    return webhook(cast)
