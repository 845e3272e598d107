"""The steps of a document as a tree: which stands where. Everything that looks at all steps walks it here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orchestration.models.definitions import StepRole

type Spec = dict[str, Any]

DECISION, PARALLEL, MAP = "decision", "parallel", "map"
AROUND_OTHERS = (DECISION, PARALLEL, MAP)  # the kinds that have steps inside
EXTRAS = (("fallback", StepRole.FALLBACK), ("compensate", StepRole.COMPENSATION))


@dataclass(frozen=True, slots=True)
class Placed:
    """A step's part of the document, and where it stands. `depth` counts the steps that stand around it."""

    spec: Spec
    parent_key: str | None = None
    branch: int = 0
    role: StepRole = StepRole.STEP
    depth: int = 0

    @property
    def key(self) -> str:
        """The step's key."""
        return str(self.spec["key"])


def walk(document: Spec) -> Iterator[Placed]:
    """Every step, as it stands in the document: a step, what is inside it, its fallback, its compensation."""
    for spec in document["steps"]:
        yield from _from(Placed(spec))


def _from(placed: Placed) -> Iterator[Placed]:
    yield placed
    for branch, steps in inside(placed.spec):
        for spec in steps:
            yield from _from(Placed(spec, placed.key, branch, depth=placed.depth + 1))
    for name, role in EXTRAS:
        if name in placed.spec:
            yield from _from(Placed(placed.spec[name], placed.key, role=role, depth=placed.depth))


def inside(spec: Spec) -> list[tuple[int, list[Spec]]]:
    """The sequences of steps inside a step, each with the number of its branch."""
    if spec["kind"] == MAP:
        return [(0, spec["steps"])]
    return [(number, branch["steps"]) for number, branch in enumerate(spec.get("branches", []))]


def alone(spec: Spec) -> Spec:
    """A step's part of the document without the steps that stand inside it or beside it."""
    kept = {name: value for name, value in spec.items() if name not in {"steps", "fallback", "compensate"}}
    if "branches" in kept:
        kept["branches"] = [{k: v for k, v in branch.items() if k != "steps"} for branch in kept["branches"]]
    return kept
