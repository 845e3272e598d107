"""Steps of kind model: one call, its answer checked against the step's schema."""

import json
from typing import Any

from audit.canonical import canonical, clean
from orchestration import call
from orchestration.executors.task import Act, Task
from orchestration.expressions import BadExpression, evaluate
from orchestration.outcomes import Done, Failed, Outcome, Spent
from orchestration.starts import problems

SECONDS = 30  # time limit of a call, where the step's limits do not say


class ModelExecutor:
    """Asks a model, by its litellm name."""

    def prepare(self, task: Task) -> Act | Failed:
        """The model and the messages. What came from outside is fenced, so that it is read and not obeyed."""
        inputs = task.inputs()
        if isinstance(inputs, Failed):
            return inputs
        fenced = f"<input>\n{canonical(inputs).decode()}\n</input>"
        messages = [
            {"role": "system", "content": task.step.spec["prompt"]},
            {"role": "user", "content": fenced},
        ]
        return {"model": task.step.spec["model"], "messages": messages}

    def act(self, task: Task, act: Act) -> Outcome:
        """Call the model; an answer that does not fit is a failure that may be tried again."""
        seconds = float(task.step.spec.get("limits", {}).get("seconds", SECONDS))
        try:
            reply = call.complete(act["model"], act["messages"], seconds=seconds)
        except call.CallFailed as error:
            return Failed(str(error), retry=error.retry, spent=Spent(model=act["model"], prompt=act["messages"]))
        spent = Spent(reply.model, reply.tokens_in, reply.tokens_out, reply.cost, None, act["messages"])
        output = _read(reply.text)
        if isinstance(output, str):
            return Failed(output, retry=True, spent=spent)
        if found := problems(task.step.spec["output"], output):
            return Failed(f"The answer does not fit: {found[0][0]} {found[0][1]}", retry=True, spent=spent)
        return Done(output, _with_confidence(task, output, spent))


def _read(text: str) -> dict[str, Any] | str:
    """The model's JSON object, cleaned; or a sentence that says why it is none."""
    try:
        value = json.loads(_unfenced(text), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return "The answer is not JSON."
    if not isinstance(value, dict):
        return "The answer is no JSON object."
    cleaned, dirty = clean(value)
    return {**cleaned, "cleaned": True} if dirty else cleaned


def _unfenced(text: str) -> str:
    """Models like to wrap JSON in a code fence."""
    stripped = text.strip()
    if stripped.startswith("```"):
        stripped = stripped.split("\n", 1)[-1].rsplit("```", 1)[0]
    return stripped


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _with_confidence(task: Task, output: dict[str, Any], spent: Spent) -> Spent:
    text = task.step.spec.get("confidence")
    if not text:
        return spent
    try:
        stated = float(evaluate(text, {**task.scope, "output": output}))
    except (BadExpression, TypeError, ValueError):
        return spent
    return Spent(spent.model, spent.tokens_in, spent.tokens_out, spent.cost, stated, spent.prompt)
