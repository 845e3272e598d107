"""How a step of each kind is carried out. To add a kind: a module here, and a line in `KINDS`.

A try has three parts. `begin` works out the act, and asks where a person must decide; the act itself is done where
its executor says; `finish` checks what came of it, and asks again where a person must.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestration import catalog, in_turn, metrics, outside
from orchestration.executors import (
    agent,
    backing,
    chosen,
    decision,
    handed,
    history,
    identity,
    model,
    outcome,
    parts,
    person,
    repeat,
    ruled,
    subworkflow,
    tool,
    unknown,
    wait,
)
from orchestration.executors.gates import behind_gate
from orchestration.executors.points import after_act, answered_after, before_act
from orchestration.executors.task import Act, Executor, Task
from orchestration.handing import handed_to
from orchestration.outcomes import Done, Failed, Outcome, Waiting
from orchestration.routing.route import Route
from orchestration.starts import problems
from orchestration.states import Awaits

KINDS: dict[str, Executor] = {
    "model": model.ModelExecutor(),
    "agent": agent.AgentExecutor(),
    "tool": tool.ToolExecutor(),
    "decision": decision.DecisionExecutor(),
    "parallel": parts.ParallelExecutor(),
    "map": parts.MapExecutor(),
    "repeat": repeat.RepeatExecutor(),
    "workflow": subworkflow.SubworkflowExecutor(),
    "wait": wait.WaitExecutor(),
    "outcome": outcome.OutcomeExecutor(),
}
KINDS["person"] = person.PersonExecutor(KINDS)

THINKING = (KINDS["model"], KINDS["agent"])


@dataclass(frozen=True, slots=True)
class Work:
    """An act that is ready to be done. `announced`: that it begins is recorded first; `unsafe`: it is not repeated."""

    task: Task
    act: Act
    executor: Executor
    announced: bool = False
    unsafe: bool = False


def begin(task: Task) -> Work | Outcome:
    """Everything before the act."""
    if (returned := backing.sent_back(task)) is not None:
        return returned
    came = _begin(task)
    return came if isinstance(came, Work) else ruled.at_the_end(task, came)


def _begin(task: Task) -> Work | Outcome:
    task.held.untrusted = outside.brings(task.step, task.woken)
    if (said := _said_already(task)) is not None:
        return said
    if (off := identity.switched_off(task)) is not None:
        return off
    executor = KINDS[task.step.kind]
    act = executor.prepare(task)
    if isinstance(act, Failed):
        return act
    task.held.data_class = chosen.standing_class(task)
    if (above := identity.too_sensitive_call(task, act)) is not None:
        return above
    released = _released(task, act)
    if not isinstance(released, dict):
        return _measured(task, released, metrics.NOTHING_DONE)
    calls = {**released, "model": None} if executor in THINKING else released  # of models the route says more
    if (told := catalog.refusal(calls)) is not None:
        return Failed(told, code="refused")
    if isinstance(executor, agent.AgentExecutor):
        return Work(replace(task, history=history.read(task.held)), released, executor)
    if not isinstance(executor, tool.ToolExecutor):
        return Work(task, released, executor)
    return _call(executor, task, released)


def _call(executor: tool.ToolExecutor, task: Task, released: Act) -> Work | Outcome:
    """The call of a tool, unless it may not be made, or not yet."""
    if (refused := executor.refusal(task, released)) is not None:
        return refused
    if in_turn.must_wait(task.held):
        return Waiting({}, awaits=Awaits.OTHERS)
    answered = executor.with_answers(task, released)
    if not isinstance(answered, Task):
        return answered
    reading = executor.with_files(answered, released)
    return Work(reading, released, executor, executor.announces(released), executor.is_unsafe(released))


def _said_already(task: Task) -> Outcome | None:
    """What the step comes to by what a person has said of it; None where it is still to be done."""
    if (answered := answered_after(task)) is not None:
        return _measured(task, answered, metrics.effort_before_asking(task.held))
    by_hand = unknown.settled(task) or agent.taken_over(task) or tool.answered_later(task)
    if by_hand is None:
        return None
    return _misfit(task, by_hand) or _measured(task, after_act(task, by_hand), metrics.UNKNOWN)


def _released(task: Task, act: Act) -> Act | Outcome:
    """The act as people and rules let it be done; or what the step comes to instead."""
    came = before_act(task, act)
    if isinstance(came, dict):
        came = behind_gate(task, came)
    if isinstance(came, dict):
        return _as_rules_say(task, came)
    if isinstance(came, Waiting) and task.step.kind == "tool":
        return ruled.with_more(task, act, came)
    return came


def _as_rules_say(task: Task, act: Act) -> Act | Outcome:
    """The act as the rules let it be done; or what they make of it."""
    came = ruled.answered(task, act) if task.step.kind != "outcome" else act  # of that the result is shown with it
    if isinstance(came, dict):
        came = ruled.before_first(task, came)
    if not isinstance(came, dict):
        return came
    match task.step.kind:
        case "tool":
            return ruled.before_call(task, came)
        case "workflow" if task.woken is None:
            return ruled.before_handing_over(task, came)
        case "outcome":
            return ruled.before_release(task, came)
    return came


def route(works: Sequence[Work]) -> list[Work | Outcome]:
    """The same works, those that a model does with who may be asked; or what comes of one where nobody may, or of a
    call of a tool that may not begin yet. Only real calls come here, so that these alone are counted.
    """
    thinking = [work for work in works if work.executor in THINKING]
    chosen_for = iter(chosen.routes([(work.task, work.act) for work in thinking]) if thinking else ())
    return [_with_route(work, next(chosen_for)) if work.executor in THINKING else _counted(work) for work in works]


def _counted(work: Work) -> Work | Outcome:
    """A call of a tool is counted, or told that there were as many as may be."""
    if not isinstance(work.executor, tool.ToolExecutor):
        return work
    return work.executor.too_often(work.act) or work


def _with_route(work: Work, came: Route | Outcome) -> Work | Outcome:
    if not isinstance(came, Route):
        return came
    work.task.held.data_class = came.asked.data.name
    return replace(work, task=replace(work.task, route=came), act=came.act or work.act)


def finish(task: Task, came_to: Outcome) -> Outcome:
    """Everything after the act. What blocks is asked before a person is: who approves afterwards has the last word."""
    return ruled.at_the_end(task, _finish(task, came_to))


def _finish(task: Task, came_to: Outcome) -> Outcome:
    if isinstance(came_to, Done) and handed_to(task.step.spec, came_to.output):
        came_to = handed.with_given(task, came_to)
        return after_act(task, came_to)  # its contract and metrics are for answers
    if (misfit := _misfit(task, came_to)) is not None:
        return misfit
    settled = after_act(task, came_to)
    if not isinstance(came_to, Done) or not task.step.spec.get("metrics"):
        return settled
    output = settled.output if isinstance(settled, Done) else came_to.output
    measured = metrics.measure(task.step, task.scope, output, metrics.effort_of(task.held, came_to.spent))
    if told := metrics.refusal(measured):
        return _no_answer(task, told, came_to)
    return replace(settled, metrics=measured) if isinstance(settled, Done) else settled


def _misfit(task: Task, came_to: Outcome) -> Failed | None:
    """What becomes of a step whose output does not fit its schema."""
    schema = task.step.spec.get("output")
    if isinstance(came_to, Done) and schema and (found := problems(schema, came_to.output)):
        return _no_answer(task, f"The output does not fit: {found[0][0]} {found[0][1]}", came_to)
    return None


def _no_answer(task: Task, told: str, came_to: Done) -> Failed:
    return Failed(told, retry=task.step.kind in {"model", "agent"}, spent=came_to.spent, code="answer")


def _measured(task: Task, came_to: Outcome, effort: metrics.Effort) -> Outcome:
    if isinstance(came_to, Done) and task.step.spec.get("metrics"):
        return replace(came_to, metrics=metrics.measure(task.step, task.scope, came_to.output, effort))
    return came_to
