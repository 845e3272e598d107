"""Pauses of calls: a server asks a person something before it goes on, and the step waits for the answer.

The question stands beside what was asked before the call, and the answers beside what was said then (`StepRun.question`
and `answer`, each under a key of its own): an approval of the call stays as it was.
"""

from collections.abc import Mapping
from typing import Any

from orchestration.contents import open_up
from orchestration.models import StepRun
from orchestration.tools import asking

PAUSE = "pause"  # in a question
ANSWERS = "pauses"  # in an answer
ASKS = "asks"  # in what is put to a person
DURING = "during"
MOST = 8  # questions of one call


def asked_now(question: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked of people by a question of a step: of a call that pauses, what its server wants to know."""
    return dict(question.get(PAUSE) or question)


def is_pause(question: Any) -> bool:
    """Whether a step's question, as its row holds it, is one of a server in a call."""
    return PAUSE in (open_up(question) or {})


def asked_in(content: Mapping[str, Any], step_run: StepRun) -> dict[str, Any] | None:
    """What a server asks by something that is put to people; None where that is something else."""
    if ASKS not in content or step_run.step.kind != "tool" or not is_pause(step_run.question):
        return None
    asked = dict(content[ASKS])
    properties = {name: asked["schema"]["properties"][name] for name in asked["order"]}  # a row keeps no order
    return {**asked, "schema": {**asked["schema"], "properties": properties}}


def problems(asked: Mapping[str, Any], typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where an answer does not fit what is asked."""
    return asking.misfits(asked["schema"], typed)


def with_answer(step_run: StepRun, said: Mapping[str, Any]) -> dict[str, Any]:
    """What the step's answer becomes by what a person said to its server: all else that was said stands."""
    pause = open_up(step_run.question)[PAUSE]
    before = dict(step_run.answer or {})
    kept = {name: pause[name] for name in ("call", "state", "midway", "round", "left")}
    return {**before, ANSWERS: [*before.get(ANSWERS, []), {**kept, **said}]}
