"""The steps of a document as a tree: which stands where. Everything that looks at all steps walks it here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orchestration import callables
from orchestration.models.definitions import StepRole

type Spec = dict[str, Any]

DECISION, PARALLEL, MAP, REPEAT = "decision", "parallel", "map", "repeat"
MANY_TIMES = (MAP, REPEAT)  # what stands inside is done for each item, or in each round
AROUND_OTHERS = (DECISION, PARALLEL, *MANY_TIMES)  # the kinds that have steps inside
EXTRAS = (("fallback", StepRole.FALLBACK), ("compensate", StepRole.COMPENSATION))


@dataclass(frozen=True, slots=True)
class Placed:
    """A step's part of the document, and where it stands. `depth` counts the steps that stand around it.

    `path` leads to it from the top of the document.
    """

    spec: Spec
    parent_key: str | None = None
    branch: int = 0
    role: StepRole = StepRole.STEP
    depth: int = 0
    path: tuple[str | int, ...] = ()

    @property
    def key(self) -> str:
        """The step's key."""
        return str(self.spec["key"])


def walk(document: Spec) -> Iterator[Placed]:
    """Every step, as it stands in the document: a step, what is inside it, its fallback, its compensation."""
    for place, spec in enumerate(document["steps"]):
        yield from _from(Placed(spec, path=("steps", place)))


def _from(placed: Placed) -> Iterator[Placed]:
    yield placed
    depth = placed.depth + 1
    for branch, path, steps in _sequences(placed.spec):
        for place, spec in enumerate(steps):
            yield from _from(Placed(spec, placed.key, branch, depth=depth, path=(*placed.path, *path, place)))
    for name, role in EXTRAS:
        if isinstance(placed.spec.get(name), dict):
            path = (*placed.path, name)
            yield from _from(Placed(placed.spec[name], placed.key, role=role, depth=placed.depth, path=path))


def inside(spec: Spec) -> list[tuple[int, list[Spec]]]:
    """The sequences of steps inside a step, each with the number of its branch."""
    return [(branch, steps) for branch, _, steps in _sequences(spec)]


def _sequences(spec: Spec) -> Iterator[tuple[int, tuple[str | int, ...], list[Spec]]]:
    if spec["kind"] in MANY_TIMES:
        yield 0, ("steps",), spec["steps"]
        return
    for branch, described in enumerate(spec.get("branches", [])):
        yield branch, ("branches", branch, "steps"), described["steps"]


def with_calls(document: Spec) -> Iterator[Placed]:
    """Every step, and after each agent what it may call: as they are made into rows."""
    for placed in walk(document):
        yield placed
        yield from _calls(placed)


def _calls(agent: Placed) -> Iterator[Placed]:
    for spec in callables.of(agent.spec):
        call = Placed(spec, agent.key, role=StepRole.CALL, depth=agent.depth + 1)
        yield call
        yield from _calls(call)


def alone(spec: Spec) -> Spec:
    """A step's part of the document without the steps that stand inside it or beside it."""
    kept = {name: value for name, value in spec.items() if name not in {"steps", "fallback", "compensate"}}
    if isinstance(spec.get("fallback"), str):  # said: there is none
        kept["fallback"] = spec["fallback"]
    if "branches" in kept:
        kept["branches"] = [{k: v for k, v in branch.items() if k != "steps"} for branch in kept["branches"]]
    return kept
