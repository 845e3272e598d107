"""Gates: steps of kind person that name the steps they release. What is released must be known when it is shown."""

from collections.abc import Iterator

from orchestration.documents.outline import MANY_TIMES, MAP, Placed
from orchestration.documents.problems import Problem
from orchestration.documents.reach import Keys, texts
from orchestration.expressions import BadExpression
from orchestration.models.definitions import StepRole
from orchestration.references import steps_read

ACTS = {"tool", "model", "agent"}

type Address = tuple[tuple[str, int], ...]  # the sequence that a step stands in: parents and branches from outside


def problems(placed: list[Placed], known: dict[str, Keys]) -> list[Problem]:
    """What is wrong with the gates of a document; `known` is what each step can read."""
    by_key = {step.key: step for step in placed}
    released: dict[str, str] = {}
    found = []
    for gate in placed:
        for place, key in enumerate(gate.spec.get("releases", [])):
            told = _refusal(gate, key, by_key, list(by_key)) or _unknown(by_key[key], known[gate.key])
            if not told and key in released:
                told = f"which {released[key]!r} releases already"
            if told:
                found.append(Problem(f"releases {key!r}, {told}.", (*gate.path, "releases", place), gate.key))
            released.setdefault(key, gate.key)
    return found


def _refusal(gate: Placed, key: str, by_key: dict[str, Placed], order: list[str]) -> str:
    """Why a gate cannot release a step, or ""."""
    if key not in by_key:
        return "which is no step here"
    step = by_key[key]
    if gate.role != StepRole.STEP:
        return "but it only stands in for another step, so it need not come before it"
    if step.spec["kind"] not in ACTS:
        return f"which is of kind {step.spec['kind']}: only a tool, a model or an agent is released"
    if order.index(key) <= order.index(gate.key) or step.parent_key == gate.key:
        return "which does not come later"
    return _out_of_sight(_address(gate, by_key), _address(step, by_key), by_key)


def _out_of_sight(gate: Address, step: Address, by_key: dict[str, Placed]) -> str:
    """A gate stands on every way to what it releases, and shows it once."""
    if step[: len(gate)] != gate:
        return "which can be reached without it"
    between = [key for key, _ in step[len(gate) :] if by_key[key].spec["kind"] in MANY_TIMES]
    if not between:
        return ""
    often = "once for each item" if by_key[between[0]].spec["kind"] == MAP else "in each round"
    return f"which stands inside {between[0]!r} and is done {often}"


def _address(step: Placed, by_key: dict[str, Placed]) -> Address:
    if step.parent_key is None:
        return ()
    parent = _address(by_key[step.parent_key], by_key)
    return parent if step.role != StepRole.STEP else (*parent, (step.parent_key, step.branch))


def _unknown(step: Placed, known: Keys) -> str:
    """What is approved is shown: a released step reads only what is there when the gate asks."""
    later = sorted(key for text in _inputs(step) for key in text if key not in known)
    return f"which reads steps.{later[0]}: that is not there yet when the gate asks" if later else ""


def _inputs(step: Placed) -> Iterator[Keys]:
    for text in texts(step.spec):
        if text.where.startswith("input "):
            try:
                yield steps_read(text.text)
            except BadExpression:
                continue  # told where all expressions are read
