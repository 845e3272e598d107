"""Where people lead a run at a review: by own outcomes to a later step, and back to an earlier one."""

from collections.abc import Iterator
from typing import Any

from orchestration import tools
from orchestration.documents.outline import DECISION, MAP, PARALLEL, REPEAT, Placed, Spec
from orchestration.documents.problems import Problem
from orchestration.models.definitions import StepRole

THINKING = ("model", "agent")
OURS = ("form", "outcomes", "back")
PARTS = {MAP: "the item of", REPEAT: "the round of", PARALLEL: "the branch of"}  # what nothing is sent back out of


def problems(placed: list[Placed]) -> Iterator[Problem]:
    """What is wrong with the ways by which people lead on or back, as far as the shape of the sections can be told."""
    by_key = {step.key: step for step in placed}
    for step in placed:
        if any(name in step.spec.get("call_review", {}) for name in OURS):
            told = (
                "has a review of calls, of which only approving and rejecting can be asked: the agent reads the reason."
            )
            yield Problem(told, (*step.path, "call_review"), step.key)
        review = step.spec.get("review", {})
        outcomes = review.get("outcomes")
        for place, one in enumerate(outcomes if isinstance(outcomes, list) else []):
            if isinstance(one, dict) and "to" in one and (told := _not_on(step, str(one["to"]), by_key)):
                path = (*step.path, "review", "outcomes", place, "to")
                yield Problem(f"leads on to {one['to']!r}, {told}.", path, step.key)
        if isinstance(back := review.get("back"), dict):
            yield from _back(step, back, placed, by_key)


def _not_on(step: Placed, key: str, by_key: dict[str, Placed]) -> str:
    """Why an outcome cannot lead to a step, or ""."""
    if key not in by_key:
        return "which is no step here"
    to = by_key[key]
    if step.role != StepRole.STEP:
        return "but it only stands in for another step"
    if (to.parent_key, to.branch, to.role) != (step.parent_key, step.branch, StepRole.STEP):
        return "which does not stand in the same sequence"
    return "" if _place(to) > _place(step) else "which does not come later"


def _back(step: Placed, back: dict[str, Any], placed: list[Placed], by_key: dict[str, Placed]) -> Iterator[Problem]:
    before = list(earlier(step, placed, by_key))
    path = (*step.path, "review", "back")
    if back.get("model"):
        wrote = step if step.spec["kind"] in THINKING else next((one for one in before if _thinks(one)), None)
        if wrote is None:
            told = "can be sent back to the model, and no model or agent works before it"
            part = _part(step, by_key)
            yield Problem(f"{told} in {part}." if part else f"{told}.", path, step.key)
        else:
            yield from _undone(step, wrote, placed, by_key)
    for place, key in enumerate(back["to"] if isinstance(back.get("to"), list) else []):
        to = next((one for one in before if one.key == key), None)
        if to is None:
            told = _not_before(step, str(key), by_key)
            yield Problem(f"can be sent back to {key!r}, {told}.", (*path, "to", place), step.key)
        else:
            yield from _undone(step, to, placed, by_key)


def _not_before(step: Placed, key: str, by_key: dict[str, Placed]) -> str:
    """Why nothing is sent back to a step."""
    if key not in by_key:
        return "which is no step here"
    around = _around(step, by_key)
    if around is not None and by_key[key].path[: len(around.path)] != around.path:
        part = _part(step, by_key)
        return f"which stands outside of {part}: others may be at work beside it, so name a step inside"
    return "which does not come before it in the same part"


def _around(step: Placed, by_key: dict[str, Placed]) -> Placed | None:
    """The map, repeat or parallel step in which a step stands, the innermost."""
    at = step
    while at.parent_key is not None:
        around, stands_in = by_key[str(at.parent_key)], at.role == StepRole.STEP
        if stands_in and around.spec["kind"] in PARTS:
            return around
        at = around
    return None


def _part(step: Placed, by_key: dict[str, Placed]) -> str:
    """The part of a run that a step stands in, in words; "" for the run itself."""
    around = _around(step, by_key)
    return "" if around is None else f"{PARTS[around.spec['kind']]} {around.key!r}"


def earlier(step: Placed, placed: list[Placed], by_key: dict[str, Placed]) -> Iterator[Placed]:
    """The steps before one in the same part of a run, from the nearest: out of branches, and not out of items."""
    at: Placed | None = step
    while at is not None:
        if at.role == StepRole.FALLBACK:
            at = by_key[str(at.parent_key)]
        beside = [
            one for one in placed if (one.parent_key, one.branch, one.role) == (at.parent_key, at.branch, at.role)
        ]
        yield from reversed([one for one in beside if _place(one) < _place(at)])
        around = by_key.get(str(at.parent_key)) if at.parent_key is not None else None
        at = around if around is not None and around.spec["kind"] == DECISION else None


def _undone(step: Placed, to: Placed, placed: list[Placed], by_key: dict[str, Placed]) -> Iterator[Problem]:
    """What happens between the two and cannot be undone."""
    after = step.spec.get("review", {}).get("when") == "after"
    first, last = placed.index(to), placed.index(step)
    for one in placed[first:]:
        own = one.path[: len(step.path)] == step.path
        if (placed.index(one) > last and not own) or (own and not after):
            continue
        if _is_elsewhere(one, step, by_key):
            continue
        if told := _lasts(one.spec):
            said = f"can be sent back past {one.key!r}, {told}."
            yield Problem(said, (*step.path, "review", "back"), step.key)
            return


def _is_elsewhere(one: Placed, step: Placed, by_key: dict[str, Placed]) -> bool:
    """Whether a step stands in another branch of a decision around the one that is decided on."""
    around = by_key.get(str(step.parent_key)) if step.parent_key is not None else None
    at = step
    while around is not None:
        depth = len(around.path)
        if one.path[:depth] == around.path and around.spec["kind"] == DECISION and one.path != around.path:
            return one.path[: depth + 2] != at.path[: depth + 2]
        at, around = around, by_key.get(str(around.parent_key)) if around.parent_key is not None else None
    return False


def _lasts(spec: Spec) -> str:
    """What a step does that cannot be undone, or ""."""
    if spec["kind"] == "workflow":
        return "which starts another run, and nothing undoes that"
    if spec["kind"] == PARALLEL and spec.get("others") == "finish":
        return "some branches of which may still be at work"
    for name in _called(spec):
        tool = tools.TOOLS.get(name)
        if tool is not None and tool.effect != "read" and not tool.undo:
            return f"which calls {name}, and no tool is named that undoes it"
    return ""


def _called(spec: Spec) -> Iterator[str]:
    if "tool" in spec:
        yield str(spec["tool"])
    yield from (str(name) for name in spec.get("tools", []))
    for worker in spec.get("workers", []):
        if isinstance(worker, dict):
            yield from _called(worker)


def _thinks(step: Placed) -> bool:
    return step.spec["kind"] in THINKING


def _place(step: Placed) -> int:
    """Its number in its sequence; a step beside another has that one's."""
    return next((int(part) for part in reversed(step.path) if isinstance(part, int)), 0)
