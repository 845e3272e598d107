"""Review points: who must answer before a step acts, or after. What is approved is exactly what is done.

The answer is bound to the bytes that were shown and to the bytes that were approved; both are hashed again here,
and the second is looked up in the ledger, where nobody can change it.
"""

import json
from collections.abc import Mapping
from typing import Any

from audit.canonical import digest
from audit.models import Event
from orchestration.contents import open_up
from orchestration.executors.task import Act, Task
from orchestration.models import StepRun
from orchestration.outcomes import Done, Failed, Outcome, Waiting

REJECTED = "rejected"
APPROVED = "approved"
CHANGED = "What would be done has changed since it was approved, so it is asked again."


def question(task: Task, when: str, content: Act) -> dict[str, Any]:
    """What is asked: the exact content, and its hash."""
    return {"when": when, "step": task.step.key, "act": content, "hash": digest(content)}


def decision(task: Task) -> dict[str, Any] | None:
    """What a person answered, if one has."""
    answer = task.held.answer
    return answer if answer is not None and "verdict" in answer else None


def before_act(task: Task, act: Act) -> Act | Outcome:
    """The act to carry out, or what the step comes to instead."""
    if task.review.get("when") != "before":
        return act
    answer = decision(task)
    if answer is None:
        return Waiting(question(task, "before", act))
    if task.step.kind == "tool" and is_changed(task, answer, act):
        return Waiting({**question(task, "before", act), "again": CHANGED})
    return as_answered(task, answer, act)


def after_act(task: Task, outcome: Outcome) -> Outcome:
    """The outcome, with the verdict in it; or the question that a point after the act asks."""
    if not isinstance(outcome, Done) or "when" not in task.review:
        return outcome
    if task.review["when"] == "before":
        answer = decision(task)
        assert answer is not None
        return Done({**outcome.output, "verdict": APPROVED, "edited": answer["edited"]}, outcome.spent)
    return Waiting(question(task, "after", outcome.output), outcome.spent)


def answered_after(task: Task) -> Outcome | None:
    """What a step with a point after its act comes to once somebody answered, without acting again."""
    answer, asked = decision(task), task.held.question
    if task.review.get("when") != "after" or answer is None or asked is None:
        return None
    opened = open_up(asked)
    if opened["when"] != "after":  # it was a rule that asked, before the act
        return None
    match released(task.held, answer, opened["act"]):
        case dict() as content:
            return Done({**content, "verdict": APPROVED, "edited": answer["edited"]})
        case outcome:
            return outcome


def is_changed(task: Task, answer: dict[str, Any], act: Act) -> bool:
    """Whether what was approved is not what would be done now: other arguments, another tool, version or target."""
    return answer["verdict"] != REJECTED and _worked_out(task, answer) != digest(act)


def as_answered(task: Task, answer: dict[str, Any], act: Act) -> Act | Outcome:
    """What a question before the act leaves of it."""
    return released(task.held, answer, act, of=_worked_out(task, answer))


def _worked_out(task: Task, answer: dict[str, Any]) -> str:
    """The hash of the act as the step had worked it out when it asked: what was shown, or what that was made of."""
    return str((open_up(task.held.question) or {}).get("of") or answer["shown_hash"])


def released(held: StepRun, answer: dict[str, Any], act: Act, *, of: str = "") -> Act | Outcome:
    """The approved content, if the answer was given on `act` as it is now and the ledger holds that answer.

    The entry must be of the same place in the same run, so that no answer is good for another question.
    """
    if answer["verdict"] == REJECTED:
        return Done({"verdict": REJECTED, "edited": False})
    if (of or answer["shown_hash"]) != digest(act):
        return Failed("What would be done has changed since it was approved, so nothing was done.", code="refused")
    told = Event.objects.filter(event_id=answer["receipt"], run_id=held.run_id).first()
    if told is None or told.content_hash != digest(answer["content"]) or _place(json.loads(told.body)) != _at(held):
        return Failed("What was approved is not what the record holds, so nothing was done.", code="refused")
    if not told.kind.endswith(f".{APPROVED}"):
        return Failed("The record holds no approval.", code="refused")
    return dict(answer["content"])


def _at(held: StepRun) -> tuple[Any, Any]:
    return _place(held.ledger_place().labels or {})


def _place(labels: Mapping[str, Any]) -> tuple[Any, Any]:
    return labels.get("item"), labels.get("call")
