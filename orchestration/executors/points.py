"""Review points: who must answer before a step acts, or after. What is approved is exactly what is done.

The answer is bound to the bytes that were shown and to the bytes that were approved; both are hashed again here,
and the second is looked up in the ledger, where nobody can change it.
"""

from typing import Any

from audit.canonical import digest
from audit.models import Event
from orchestration.contents import open_up
from orchestration.executors.task import Act, Task
from orchestration.outcomes import Done, Failed, Outcome, Waiting

REJECTED = "rejected"
APPROVED = "approved"


def question(task: Task, when: str, content: Act) -> dict[str, Any]:
    """What is asked: the exact content, and its hash."""
    return {"when": when, "step": task.step.key, "act": content, "hash": digest(content)}


def decision(task: Task) -> dict[str, Any] | None:
    """What a person answered, if one has."""
    answer = task.held.answer
    return answer if answer is not None and "verdict" in answer else None


def before_act(task: Task, act: Act) -> Act | Outcome:
    """The act to carry out, or what the step comes to instead."""
    if task.step.review.get("when") != "before":
        return act
    answer = decision(task)
    if answer is None:
        return Waiting(question(task, "before", act))
    return released(answer, act)


def after_act(task: Task, outcome: Outcome) -> Outcome:
    """The outcome, with the verdict in it; or the question that a point after the act asks."""
    if not isinstance(outcome, Done) or "when" not in task.step.review:
        return outcome
    if task.step.review["when"] == "before":
        answer = decision(task)
        assert answer is not None
        return Done({**outcome.output, "verdict": APPROVED, "edited": answer["edited"]}, outcome.spent)
    return Waiting(question(task, "after", outcome.output), outcome.spent)


def answered_after(task: Task) -> Outcome | None:
    """What a step with a point after its act comes to once somebody answered, without acting again."""
    answer, asked = decision(task), task.held.question
    if task.step.review.get("when") != "after" or answer is None or asked is None:
        return None
    opened = open_up(asked)
    if opened["when"] != "after":  # it was a rule that asked, before the act
        return None
    match released(answer, opened["act"]):
        case dict() as content:
            return Done({**content, "verdict": APPROVED, "edited": answer["edited"]})
        case outcome:
            return outcome


def released(answer: dict[str, Any], act: Act) -> Act | Outcome:
    """The approved content, if the answer was given on `act` as it is now and the ledger holds that answer."""
    if answer["shown_hash"] != digest(act):
        return Failed("What would be done has changed since it was approved, so nothing was done.", code="refused")
    told = Event.objects.filter(event_id=answer["receipt"]).values_list("content_hash", "kind").first()
    if told is None or told[0] != digest(answer["content"]):
        return Failed("What was approved is not what the record holds, so nothing was done.", code="refused")
    if answer["verdict"] == REJECTED:
        return Done({"verdict": REJECTED, "edited": False})
    if not told[1].endswith(f".{APPROVED}"):
        return Failed("The record holds no approval.", code="refused")
    return dict(answer["content"])
