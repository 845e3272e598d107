"""What undoes a call of a tool: another call, of the tool that people have named, as a step run that undoes the first.

It stands in a frame of its own, under the step that was called, so that the database lets there be one and no more. Its
arguments are worked out once, from those of the call and from what it came to.
"""

from collections.abc import Mapping
from typing import Any

from orchestration import frames, tools
from orchestration.contents import beside, open_up
from orchestration.expressions import BadExpression, evaluate
from orchestration.flow import Flow
from orchestration.models import Run, Step, StepRun
from orchestration.scopes import opened, scope_of
from orchestration.states import RunStatus, StepStatus
from orchestration.tools import Tool

UNDO, WRONG = "undo", "error"  # in what such a step is given: the tool, and why its arguments cannot be worked out
KEPT = ("purpose", "owner", "permission", "review", "data", "limits", "retry")  # of the step that is undone


def tool_for(step: Step) -> Tool | None:
    """The tool that undoes what a step calls; None where nothing does."""
    called = tools.TOOLS.get(step.spec["tool"]) if step.kind == "tool" else None
    return tools.TOOLS.get(called.undo) if called is not None and called.undo else None


def names() -> list[str]:
    """The tools whose calls can be undone."""
    return [tool.name for tool in tools.TOOLS.values() if tool.undo]


def can_be_undone(done: StepRun) -> bool:
    """Whether it is a call that has happened, in this very run, and that a tool undoes."""
    own = done.undoes_id is None and done.shared_from_id is None
    return own and done.status == StepStatus.DONE and not _is_refused(done) and tool_for(done.step) is not None


def begin(flow: Flow, run: Run, done: StepRun) -> StepRun:
    """The call that undoes another becomes ready, in the caller's transaction."""
    tool = tool_for(done.step)
    assert tool is not None
    frame = frames.call(done.frame, done.pk, 0)
    step_run = StepRun(
        run=run,
        step=done.step,
        workflow_id=run.workflow_id,
        frame=frame,
        undoes=done,
        status=StepStatus.HELD if run.status == RunStatus.PAUSED else StepStatus.READY,
        lane=f"tool:{tool.name}"[:140],
        priority=run.priority,
        data_class=done.data_class,
        ready_at=flow.hold.now,
        given=given(done, tool),
    )
    flow.batch.begin(step_run, actor=flow.actor, body={"undoes": done.pk, "tool": tool.name})
    flow.ring_for(run)
    return step_run


def given(done: StepRun, tool: Tool) -> dict[str, Any]:
    """What the call that undoes is given."""
    called = tools.get(done.step.spec["tool"])
    told: dict[str, Any] = {"id": "", "turn": 0, UNDO: tool.name, "arguments": {}}
    try:
        told["arguments"] = arguments_for(called.undo_with, tool, _made_with(done), open_up(done.output) or {})
    except BadExpression as error:
        told[WRONG] = f"What would undo it cannot be worked out: {error}"
    return {**told, "arguments": beside(told["arguments"])}


def arguments_for(
    said: Mapping[str, str], tool: Tool, arguments: Mapping[str, Any], output: Mapping[str, Any]
) -> dict[str, Any]:
    """As people have said, by expressions; else those of the same names, of the output before those of the call."""
    if said:
        scope = {"arguments": dict(arguments), "output": dict(output)}
        return {name: evaluate(text, scope) for name, text in said.items()}
    known = {**arguments, **output}
    return {name: known[name] for name in tool.schema.get("properties", {}) if name in known}


def step_of(held: StepRun) -> Step:
    """The step that is carried out: of what undoes a call, a step that calls the tool named for that."""
    if held.undoes_id is None or held.given is None or UNDO not in held.given:
        return held.step
    step = held.step
    kept = {name: step.spec[name] for name in KEPT if name in step.spec}
    spec = {**kept, "key": f"{step.key}-undo", "name": step.name, "kind": "tool", "tool": held.given[UNDO], "input": {}}
    made = Step(version=step.version, parent_id=step.parent_id, role=step.role, position=step.position, spec=spec)
    made.key, made.name, made.kind, made.purpose = spec["key"], step.name, "tool", step.purpose
    made.owner_id, made.owner_group_id = step.owner_id, step.owner_group_id
    return made


def _made_with(done: StepRun) -> dict[str, Any]:
    """The arguments with which the call was made: as they were approved, as they were asked for, or worked out."""
    content = (done.answer or {}).get("content") or {}
    if "arguments" in content:
        return dict(content["arguments"])
    if done.given is not None:
        return dict(done.given["arguments"])
    if (by_hand := done.run.reads(done.step.key)) is not None:
        return dict(open_up(by_hand))
    scope = opened(scope_of(done.run, done.frame), done.step.spec)
    return {name: evaluate(text, scope) for name, text in done.step.spec.get("input", {}).items()}


def _is_refused(done: StepRun) -> bool:
    return (open_up(done.output) or {}).get("verdict") == "rejected"
