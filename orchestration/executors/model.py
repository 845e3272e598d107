"""Steps of kind model: one call, its answer read as JSON."""

import time
from typing import Any

from django.utils.translation import gettext as _

from audit.canonical import canonical
from orchestration import call, fences
from orchestration.executors import answers, returning
from orchestration.executors.pen import looked_on
from orchestration.executors.talk import Talk
from orchestration.executors.task import Act, Place, Task
from orchestration.outcomes import Failed, Outcome
from orchestration.routing import calling
from orchestration.routing.calling import Heard

ASKED = 2  # times that a model is asked again, with what is wrong, when its answer does not fit
AGAIN = 1.0  # seconds that must be left for it
LEAST = 0.05
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
        """Call the models of its route; an answer that cannot be read is a failure that may be tried again."""
        assert task.route is not None
        talk = Talk.on(task.route, act["messages"])
        until = time.monotonic() + seconds(task, SECONDS)
        try:
            async with looked_on(task) as heard:
                return await _answer(task, talk, until, heard)
        except call.CallFailed as error:
            return answers.failed(error, talk.spent)


async def _answer(task: Task, talk: Talk, until: float, heard: Heard | None) -> Outcome:
    """What a model says whose answer fits; one that cannot do it, told what is wrong, makes room for the next."""
    opening = [*talk.messages]
    while True:
        outcome, wrong = await _asked(task, talk, until, heard)
        if not wrong:
            return outcome
        talk.route.give_up(talk.model)
        if not talk.route.candidates:
            return Failed(
                _("Asked %(n)s times. %(why)s") % {"n": ASKED + 1, "why": wrong}, spent=talk.spent, code="answer"
            )
        talk.messages = [*opening]


async def _asked(task: Task, talk: Talk, until: float, heard: Heard | None) -> tuple[Outcome, str]:
    """What one model says; where it does not fit the step's schema it is told so and asked again, twice at most.

    With it what is still wrong then; "" where it fits, or nobody asks again.
    """
    schema = task.step.spec.get("output")
    for asked in range(ASKED + 1):
        left = max(until - time.monotonic(), LEAST)
        reply = await calling.complete(talk.route, talk.messages, seconds=left, schema=schema, heard=heard)
        talk.heard(reply)
        outcome = answers.outcome(task, talk.plain(reply.text), talk.spent)
        wrong = answers.misfit(outcome, schema)
        if not wrong or call.is_built_in(reply.model) or time.monotonic() > until - AGAIN:
            return outcome, ""
        if asked < ASKED:
            told = f"{wrong} Answer again, with one JSON object that fits."
            talk.messages.append({"role": "user", "content": told})
    return outcome, wrong


def opening(task: Task, inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """The first messages. What the step reads is fenced, so that nothing in it passes for what the step says."""
    fenced = fences.fenced("input", fences.INPUT, canonical(inputs).decode())
    said = [{"role": "system", "content": task.step.spec["prompt"]}, {"role": "user", "content": fenced}]
    return [*said, *returning.messages(task)]


def seconds(task: Task, usual: float) -> float:
    """How long a try may take: a little less than its limit, so that what it has spent is told before that is over."""
    limit = float(task.limits.get("seconds", usual))
    return max(limit - 0.2, limit * 0.9)
