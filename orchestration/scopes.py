"""What an expression can read: the run's input, the outputs of its earlier steps, the run itself, and a map's item."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from orchestration import contents
from orchestration.models import Run, Step, StepRun
from orchestration.plans import Plan, plan_of
from orchestration.states import StepStatus

type Scope = dict[str, Any]


def scope_of(run: Run, frame: str = "") -> Scope:
    """The scope of a run as it stands now, as a step in `frame` reads it."""
    (scope,) = scopes_of([(run, frame)])
    return scope


def scopes_of(wanted: Sequence[tuple[Run, str]]) -> list[Scope]:
    """The scopes of several steps, each by its run and frame: one query for all."""
    frames = {frame for _, whole in wanted for frame in around(whole)}
    done = StepRun.objects.filter(run__in={run.pk for run, _ in wanted}, frame__in=frames, status=StepStatus.DONE)
    outputs: dict[tuple[int, str], list[tuple[int, Any]]] = {}
    for run_id, frame, step_id, output in done.values_list("run_id", "frame", "step_id", "output"):
        outputs.setdefault((run_id, frame), []).append((step_id, output))
    return [
        _scope(run, frame, (pair for around in around(frame) for pair in outputs.get((run.pk, around), ())))
        for run, frame in wanted
    ]


def _scope(run: Run, frame: str, outputs: Iterable[tuple[int, Any]]) -> Scope:
    plan = plan_of(run.version)
    steps: dict[str, Any] = {}
    for step_id, output in outputs:
        add(steps, plan, plan.steps[step_id], output)
    about = {"id": run.pk, "workflow": plan.version.workflow.slug, "version": plan.version.number}
    scope: Scope = {"input": run.input, "steps": steps, "run": about}
    if frame:
        container, _, number = frame.rpartition("/")[2].partition(".")
        scope |= {"item": items_of(int(container))[int(number)], "index": int(number)}
    return scope


def add(steps: dict[str, Any], plan: Plan, step: Step, output: Any) -> None:
    """Let later expressions read an output: under the step's key, and under that of the step it stood in for."""
    steps[step.key] = output
    if step.key in plan.stands_in:
        steps[plan.stands_in[step.key]] = output


def around(frame: str) -> list[str]:
    """A frame and all that are around it, from the outermost."""
    parts = frame.split("/") if frame else []
    return ["/".join(parts[:length]) for length in range(len(parts) + 1)]


@lru_cache(maxsize=64)
def items_of(container_id: int) -> list[Any]:
    """The list that a map step goes over, kept in memory: it never changes once the step waits."""
    question = StepRun.objects.values_list("question", flat=True).get(pk=container_id)
    items = contents.open_up(question)["items"]
    return list(items)


def opened(scope: Scope, spec: dict[str, Any]) -> Scope:
    """The scope with the large values loaded that the expressions in `spec` name."""
    if not any(map(contents.is_reference, (scope["input"], *scope["input"].values(), *scope["steps"].values()))):
        return scope
    text = json.dumps(spec)
    wanted = {key: value for key, value in scope["steps"].items() if contents.is_reference(value) and key in text}
    steps = {**scope["steps"], **contents.open_up(wanted)}
    return {**scope, "input": contents.open_up(scope["input"]), "steps": steps}
