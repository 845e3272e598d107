"""Steps of kind model: one call, its answer read as JSON."""

from typing import Any

from audit.canonical import canonical
from orchestration import call
from orchestration.executors import answers
from orchestration.executors.task import Act, Place, Task
from orchestration.outcomes import Failed, Outcome, Spent

SECONDS = 30  # time limit of a call, where the step's limits do not say


class ModelExecutor:
    """Asks a model, by its litellm name."""

    place: Place = "loop"

    def prepare(self, task: Task) -> Act | Failed:
        """The model and the messages."""
        inputs = task.inputs()
        if isinstance(inputs, Failed):
            return inputs
        return {"model": task.step.spec["model"], "messages": opening(task, inputs)}

    async def act(self, task: Task, act: Act) -> Outcome:
        """Call the model; an answer that cannot be read is a failure that may be tried again."""
        model, messages = act["model"], act["messages"]
        try:
            reply = await call.acomplete(model, messages, seconds=seconds(task, SECONDS))
        except call.CallFailed as error:
            return answers.failed(error, Spent(model=model, prompt=messages))
        spent = Spent(reply.model, reply.tokens_in, reply.tokens_out, reply.cost, None, messages)
        return answers.outcome(task, reply.text, spent)


def opening(task: Task, inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """The first messages. What came from outside is fenced, so that it is read and not obeyed."""
    fenced = f"<input>\n{canonical(inputs).decode()}\n</input>"
    return [{"role": "system", "content": task.step.spec["prompt"]}, {"role": "user", "content": fenced}]


def seconds(task: Task, usual: float) -> float:
    """How long a try may take: a little less than its limit, so that what it has spent is told before that is over."""
    limit = float(task.limits.get("seconds", usual))
    return max(limit - 0.2, limit * 0.9)
