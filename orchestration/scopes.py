"""What an expression can read: the run's input, its earlier steps' outputs, the run, a map's item, a last round."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from audit import hot
from orchestration import contents, frames
from orchestration.models import Run, Step, StepRun
from orchestration.plans import Plan, plan_of

type Scope = dict[str, Any]
type Output = tuple[int, Any, str]  # of which step, what, and its data class

CLASSES = "-classes"  # beside what expressions can read, under a name that none can spell: the steps' data classes

DONE = """
SELECT run_id, frame, step_id, output, data_class FROM orchestration_steprun
WHERE run_id = ANY(%s::bigint[]) AND frame = ANY(%s::text[]) AND status = 'done'
    AND superseded_at IS NULL
"""


def scope_of(run: Run, frame: str = "") -> Scope:
    """The scope of a run as it stands now, as a step in `frame` reads it."""
    (scope,) = scopes_of([(run, frame)])
    return scope


def scopes_of(wanted: Sequence[tuple[Run, str]]) -> list[Scope]:
    """The scopes of several steps, each by its run and frame: one query for all."""
    read = list({frame for _, whole in wanted for frame in (*frames.around(whole), *_round_before(whole))})
    outputs: dict[tuple[int, str], list[Output]] = {}
    for run_id, frame, step_id, output, data in hot.rows(DONE, [list({run.pk for run, _ in wanted}), read]):
        outputs.setdefault((run_id, frame), []).append((step_id, json.loads(output), data))
    return [
        _scope(
            run,
            frame,
            (one for around in frames.around(frame) for one in outputs.get((run.pk, around), ())),
            (one for around in _round_before(frame) for one in outputs.get((run.pk, around), ())),
        )
        for run, frame in wanted
    ]


def scopes_of_steps(held: Sequence[StepRun]) -> list[Scope]:
    """The scopes of step runs that a worker holds; what stands first in its run reads the run's input alone."""
    later = {one.pk: (one.run, one.frame) for one in held if not _stands_first(one)}
    read = dict(zip(later, scopes_of(list(later.values())) if later else (), strict=True))
    return [read[one.pk] if one.pk in read else _scope(one.run, "", ()) for one in held]


def _stands_first(held: StepRun) -> bool:
    return held.fence == 1 and held.parent_id is None and held.step == plan_of(held.run.version).first()


def _round_before(frame: str) -> list[str]:
    """The frame of the round before the one that a step in `frame` reads as `round`, if there is one."""
    inside = frames.innermost_round(frame)
    return [before] if inside is not None and (before := frames.before(inside[1])) else []


def _scope(run: Run, frame: str, outputs: Iterable[Output], before: Iterable[Output] = ()) -> Scope:
    plan = plan_of(run.version)
    steps, classes = _by_key(plan, outputs)
    about = {"id": run.pk, "workflow": plan.version.workflow.slug, "version": plan.version.number}
    scope: Scope = {"input": run.input, "steps": steps, "run": about, CLASSES: classes}
    if (inside := frames.innermost_item(frame)) is not None:
        scope |= {"item": items_of(inside.around)[inside.number], "index": inside.number}
    if (in_round := frames.innermost_round(frame)) is not None:
        last, of_last = _by_key(plan, before)
        scope |= {"last": last or None, "round": in_round[0] + 1}
        classes |= {f"last.{key}": data for key, data in of_last.items()}
    return scope


def _by_key(plan: Plan, outputs: Iterable[Output]) -> tuple[dict[str, Any], dict[str, str]]:
    """Outputs and data classes by the keys of their steps."""
    steps: dict[str, Any] = {}
    classes: dict[str, str] = {}
    for step_id, output, data in outputs:
        if step_id in plan.steps:  # else the run was moved from a version with a step that this one has no more
            add(steps, plan, plan.steps[step_id], output)
            if data:
                add(classes, plan, plan.steps[step_id], data)
    return steps, classes


def add(steps: dict[str, Any], plan: Plan, step: Step, output: Any) -> None:
    """Let later expressions read an output: under the step's key, and under that of the step it stood in for."""
    steps[step.key] = output
    if step.key in plan.stands_in:
        steps[plan.stands_in[step.key]] = output


def after(scope: Scope, run: Run, done: StepRun) -> Scope:
    """What a step reads that follows in the same place on one that is done and read `scope`."""
    plan, steps, classes = plan_of(run.version), dict(scope["steps"]), dict(scope.get(CLASSES, {}))
    add(steps, plan, done.step, done.output)
    if done.data_class:
        add(classes, plan, done.step, done.data_class)
    return {**scope, "steps": steps, CLASSES: classes}


@lru_cache(maxsize=64)
def items_of(container_id: int) -> list[Any]:
    """The list that a map step goes over, kept in memory: it never changes once the step waits."""
    question = StepRun.objects.values_list("question", flat=True).get(pk=container_id)
    items = contents.open_up(question)["items"]
    return list(items)


def opened(scope: Scope, spec: dict[str, Any]) -> Scope:
    """The scope with the large values loaded that the expressions in `spec` name."""
    last = scope.get("last") or {}
    values = (scope["input"], *scope["input"].values(), *scope["steps"].values(), *last.values())
    if not any(map(contents.is_reference, values)):
        return scope
    text = json.dumps(spec)
    loaded = {"input": contents.open_up(scope["input"]), "steps": _loaded(scope["steps"], text)}
    return {**scope, **loaded, **({"last": _loaded(last, text)} if last else {})}


def _loaded(outputs: dict[str, Any], text: str) -> dict[str, Any]:
    """Outputs with those loaded that the text names."""
    wanted = {key: value for key, value in outputs.items() if contents.is_reference(value) and key in text}
    return {**outputs, **contents.open_up(wanted)}
