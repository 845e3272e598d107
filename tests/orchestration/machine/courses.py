"""Workflows that hold every kind of step, every join and every way to fail, small enough to be searched."""

from copy import deepcopy
from typing import Any

from orchestration.models import Workflow
from tests.cast import Cast
from tests.flow.drawn import REVIEW, Spec, publish, step

AGAIN = {"tries": 2, "first_seconds": 1}


def asks(key: str, **more: Any) -> Spec:
    """A person's step."""
    return step(key, "person", review=deepcopy(REVIEW), **more)


def acts(key: str, **more: Any) -> Spec:
    """A tool's step that can be undone."""
    return step(key, compensate=step(f"undo_{key}"), retry=dict(AGAIN), **more)


def checked(key: str) -> Spec:
    """A tool's step that somebody approves first, and may take back for a minute."""
    return acts(key, review={**deepcopy(REVIEW), "undo_seconds": 60})


def waits(key: str, seconds: int = 60) -> Spec:
    """A pause."""
    return step(key, "wait", for_seconds=seconds)


def hears(key: str, **more: Any) -> Spec:
    """A wait for the one event of the search."""
    return step(key, "wait", event="news", seconds=120, **more)


def side(key: str, join: Any, *branches: list[Spec], **more: Any) -> Spec:
    """Branches side by side."""
    named = [{"name": f"b{number}", "steps": steps} for number, steps in enumerate(branches)]
    return step(key, "parallel", join=join, branches=named, **more)


def publish_all(cast: Cast) -> list[Workflow]:
    """Publish them; the first is what others start, too."""
    return [
        publish(cast, asks("answer", fallback=step("guess")), acts("note"), slug="child", limits={"runs": 1}),
        publish(cast, checked("send"), asks("look", fallback=step("other")), acts("file"), slug="line"),
        publish(cast, acts("first"), _fork(), acts("last"), slug="fork", priority=0),
        publish(cast, _many(), acts("sum"), slug="many", limits={"steps": 2}),
        publish(cast, step("only"), slug="single", priority=2),
        publish(cast, acts("book"), _nested(), step("end"), slug="nested", limits={"key": "input.who", "per_key": 1}),
    ]


def _fork() -> Spec:
    fast = side("fast", "any", [acts("quick")], [acts("slow")], [hears("late"), acts("later")], others="cancel")
    loose = side("loose", "any", [acts("here")], [waits("rest"), acts("there")], others="finish")
    every = side("every", "all", [acts("left")], [asks("right")], fallback=step("instead"))
    branches = [("a", "input.size == 0", fast), ("b", "input.size == 1", loose)]
    conditional = [{"name": name, "if": text, "steps": [inner]} for name, text, inner in branches]
    return step("fork", "decision", branches=[*conditional, {"name": "c", "steps": [every]}])


def _many() -> Spec:
    inside = [acts("one"), step("which", "decision", branches=_which())]
    return step("many", "map", over="[0, 1, 2]", at_once=2, on_failure="continue", most_failures=1, steps=inside)


def _which() -> list[dict[str, Any]]:
    return [{"name": "odd", "if": "item == 1", "steps": [asks("odd")]}, {"name": "even", "steps": []}]


def _nested() -> Spec:
    call = step("call", "workflow", workflow="child", input={})
    quorum = {"quorum": 2}
    return side("race", quorum, [call], [hears("heard", on_timeout="go_on"), acts("told")], [waits("brief", 5)])
