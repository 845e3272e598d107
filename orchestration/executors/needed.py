"""What a call of a model needs, by its step and by what it will send: tokens, capabilities, and the data class."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from orchestration.executors.task import Act, Task
from orchestration.plans import plan_of
from orchestration.references import names_read, steps_read
from orchestration.routing import classes, reserving
from orchestration.routing.asked import Asked, Classed
from orchestration.routing.policy import OUTPUT, Policy
from orchestration.scopes import CLASSES

READING = ("input", "over")  # parts of a step that read what others wrote
LOWERED = "lowered"  # in an answer: the data class that a person lets it fall to


def needed(task: Task, act: Act) -> Asked:
    """What the call needs."""
    policy = Policy.of(task.step.spec)
    return Asked(
        policy,
        data=classed(task, act),
        risk=str(plan_of(task.held.run.version).version.document.get("risk", "high")),
        tokens_in=reserving.tokens(task.messages(act)),
        output=policy.output or OUTPUT,
        needs=frozenset({"tools"} if act.get("tools") else ()),
        today=datetime.now(UTC).date(),
    )


def classed(task: Task, act: Act) -> Classed:
    """The data class of the call, with its sources."""
    lowered = str((task.held.answer or {}).get(LOWERED, ""))
    return classes.classed(task.step.spec.get("data", ""), _carried(task), task.messages(act), lowered=lowered)


def standing_class(task: Task) -> str:
    """The data class of a step that asks no model: what it declares and what it reads carry; "" where none is said.

    A call of an agent reads what the agent has read.
    """
    of_agent = task.held.data_class if task.held.given is not None else ""
    said = [*_carried(task).values(), *filter(None, [task.step.spec.get("data"), of_agent])]
    return classes.highest(said) if said else ""


def _carried(task: Task) -> Mapping[str, str]:
    """The classes of the steps that it reads; of all where it reads an item or a last round, from anywhere."""
    known: Mapping[str, str] = task.scope.get(CLASSES, {})
    if not known:
        return known
    read = _read(tuple(text for name in READING for text in _texts(task.step.spec.get(name))))
    return known if read is None else {key: known[key] for key in read if key in known}


def _texts(said: Any) -> Iterable[str]:
    return said.values() if isinstance(said, dict) else [said] if isinstance(said, str) else ()


@lru_cache(maxsize=4096)
def _read(texts: tuple[str, ...]) -> frozenset[str] | None:
    """The steps whose outputs are read; None where that cannot be told."""
    if any(names_read(text) & {"item", "last"} for text in texts):
        return None
    return frozenset(key for text in texts for key in steps_read(text))
