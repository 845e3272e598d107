"""Where agents hand over to: a later step beside them, and past nobody who decides."""

from collections.abc import Iterator

from orchestration.documents.outline import Placed
from orchestration.documents.problems import Problem
from orchestration.models.definitions import StepRole


def problems(placed: list[Placed]) -> Iterator[Problem]:
    """What is wrong with the ways by which the agents of a document hand over."""
    by_key = {step.key: step for step in placed}
    for agent in placed:
        ways = agent.spec.get("hands_over", [])
        seen: set[str] = set()
        for place, way in enumerate(ways):
            told = "twice" if way["to"] in seen else _refusal(agent, way["to"], by_key, placed)
            seen.add(way["to"])
            if told:
                path = (*agent.path, "hands_over", place, "to")
                yield Problem(f"hands over to {way['to']!r}, {told}.", path, agent.key)
        if ways and agent.spec.get("review", {}).get("when") == "after":
            told = "hands over, so nobody decides after it: let them decide at the step that goes on."
            yield Problem(told, (*agent.path, "review"), agent.key)


def _refusal(agent: Placed, key: str, by_key: dict[str, Placed], placed: list[Placed]) -> str:
    """Why an agent cannot hand over to a step, or ""."""
    if key not in by_key:
        return "which is no step here"
    to = by_key[key]
    if agent.role != StepRole.STEP:
        return "but it only stands in for another step"
    if (to.parent_key, to.branch, to.role) != (agent.parent_key, agent.branch, StepRole.STEP):
        return "which does not stand in the same sequence"
    if to.path[-1] <= agent.path[-1]:  # type: ignore[operator]  # numbers, in one list
        return "which does not come later"
    passed = next((one for one in _between(agent, to, placed) if _decides(one)), None)
    return f"past {passed.key!r}, where a person decides" if passed else ""


def _between(agent: Placed, to: Placed, placed: list[Placed]) -> Iterator[Placed]:
    """The steps that would be passed by, with all that stands inside and beside them."""
    around, first, last = agent.path[:-1], int(agent.path[-1]), int(to.path[-1])
    for one in placed:
        if one.path[: len(around)] == around and first < int(one.path[len(around)]) < last:
            yield one


def _decides(step: Placed) -> bool:
    asks = step.spec["kind"] == "person" or "releases" in step.spec
    return asks or "when" in step.spec.get("review", {}) or "when" in step.spec.get("call_review", {})
