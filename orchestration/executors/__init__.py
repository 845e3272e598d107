"""How a step of each kind is carried out. To add a kind: a module here, and a line in `KINDS`."""

from dataclasses import replace

from orchestration.executors import model, outcome, tool
from orchestration.executors.points import after_act, answered_after, before_act
from orchestration.executors.task import Executor, Task
from orchestration.metrics import measure
from orchestration.models import StepRun
from orchestration.outcomes import Done, Failed, Outcome

KINDS: dict[str, Executor] = {
    "model": model.ModelExecutor(),
    "tool": tool.ToolExecutor(),
    "outcome": outcome.OutcomeExecutor(),
}


def carry_out(held: StepRun) -> Outcome:
    """One try of a step, with its success metrics worked out once it is done."""
    task = Task.of(held)
    outcome = _carry_out(task)
    if isinstance(outcome, Done):
        return replace(outcome, metrics=measure(task.step, task.scope, outcome.output))
    return outcome


def _carry_out(task: Task) -> Outcome:
    """Prepare the act, ask where a person must decide, act, ask again where they must."""
    if (answered := answered_after(task)) is not None:
        return answered
    executor = KINDS[task.step.kind]
    act = executor.prepare(task)
    if isinstance(act, Failed):
        return act
    match before_act(task, act):
        case dict() as released:
            return after_act(task, act, executor.act(task, released))
        case outcome:
            return outcome
