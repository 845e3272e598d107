"""Review points: who must answer before a step acts, or after. What is approved is exactly what is done.

The answer is bound to the bytes that were shown and to the bytes that were approved; both are hashed again here,
and the second is looked up in the ledger, where nobody can change it.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from audit.canonical import digest
from audit.models import Event
from orchestration import leaving, ways
from orchestration.contents import open_up
from orchestration.executors import returning, whether
from orchestration.executors.task import Act, Task
from orchestration.lapses import LAPSED
from orchestration.models import StepRun
from orchestration.outcomes import Done, Failed, Outcome, Waiting
from orchestration.plans import plan_of

REJECTED = "rejected"
APPROVED = "approved"
NOT_ASKED = "not_asked"  # nobody had to be asked
SAID = "said"  # in a question: what was answered before it
CHANGED = "What would be done has changed since it was approved, so it is asked again."


def question(task: Task, when: str, content: Act) -> dict[str, Any]:
    """What is asked: the exact content, and its hash."""
    asked = {"when": when, "step": task.step.key, "act": content, "hash": digest(content)}
    return returning.with_sender(task.held, asked)


def decision(task: Task) -> dict[str, Any] | None:
    """What a person answered, if one has."""
    answer = task.held.answer
    return answer if answer is not None and "verdict" in answer else None


def said_before(task: Task) -> dict[str, Any]:
    """The own outcome and the form of an earlier answer, where rules had to ask once more after it."""
    return dict((open_up(task.held.question) or {}).get(SAID, {}))


def before_act(task: Task, act: Act) -> Act | Outcome:
    """The act to carry out, or what the step comes to instead."""
    if task.review.get("when") != "before":
        return act
    answer = decision(task)
    if answer is None:
        judged = whether.judge(task, act)
        return Waiting({**question(task, "before", act), **judged.shown}) if judged.asks else act
    if task.step.kind == "tool" and is_changed(task, answer, act):
        return Waiting({**question(task, "before", act), "again": CHANGED})
    return as_answered(task, answer, act)


def after_act(task: Task, outcome: Outcome) -> Outcome:
    """The outcome, with the verdict in it; or the question that a point after the act asks."""
    if not isinstance(outcome, Done) or "when" not in task.review:
        return outcome
    if task.review["when"] == "before":
        if (answer := decision(task)) is None:
            return _unreviewed(outcome, {**task.review["only"], "by": []})
        return Done({**outcome.output, **_said(answer), **said_before(task), **ways.answered(answer)}, outcome.spent)
    judged = whether.judge(task, outcome.output, outcome.spent)
    if judged.asks:
        return Waiting({**question(task, "after", outcome.output), **judged.shown}, outcome.spent)
    return _unreviewed(outcome, judged.said)


def _said(answer: dict[str, Any]) -> dict[str, Any]:
    """What a step's output says of the answer: who lets it go on, and whether somebody changed it."""
    if answer["verdict"] == LAPSED:
        return {"verdict": LAPSED, "edited": False, "reviewed": False}
    return {"verdict": APPROVED, "edited": answer["edited"]}


def _unreviewed(outcome: Done, only: dict[str, Any]) -> Done:
    """The outcome of a step of which nobody was asked: by none of the conditions that stand in `only`."""
    said = {"verdict": NOT_ASKED, "edited": False, "reviewed": False}
    return replace(outcome, output={**outcome.output, **said}, told={"reviewed": False, "only": only})


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
            return Done({**content, **_said(answer), **ways.answered(answer)})
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
        by_clock = {"lapsed": True} if LAPSED in answer else {}
        return Done({"verdict": REJECTED, "edited": False, **by_clock, **ways.answered(answer)})
    if (of or answer["shown_hash"]) != digest(act):
        return Failed(_("What would be done has changed since it was approved, so nothing was done."), code="refused")
    told = Event.objects.filter(event_id=answer["receipt"], run_id=held.run_id).first()
    if told is None or told.content_hash != digest(answer["content"]) or place(json.loads(told.body)) != at(held):
        return Failed(_("What was approved is not what the record holds, so nothing was done."), code="refused")
    if answer["verdict"] == LAPSED:
        return _lapsed(held, answer, told)
    if not told.kind.endswith(f".{APPROVED}"):
        return Failed(_("The record holds no approval."), code="refused")
    if not ways.agree(answer["content"], answer):
        return Failed(_("The answers are not those that were approved, so nothing was done."), code="refused")
    return ways.bare(answer["content"], answer)


def _lapsed(held: StepRun, answer: dict[str, Any], told: Event) -> Act | Failed:
    """What nobody answered goes on as it was written, where the record holds that, and nothing leaves the house."""
    asked = open_up(held.question) or {}
    if told.kind != "review.lapsed" or json.loads(told.body).get("outcome") != answer[LAPSED]:
        return Failed(_("The record does not hold that the clock let this go on."), code="refused")
    if digest(answer["content"]) != asked.get("hash") or "rules" in asked:
        return Failed(
            _("The clock lets go on only what a step asks of its own accord, as it is written."), code="refused"
        )
    plan = plan_of(held.run.version)
    if what := leaving.by_clock(plan, held.step.key, held.step.spec, asked.get("review") or held.step.review):
        return Failed(_("Nobody has approved this, and %s, so nothing was done.") % what, code="refused")
    return dict(answer["content"])


def at(held: StepRun) -> tuple[Any, Any]:
    """Where a step run stands in its run: what an entry about it says."""
    return place(held.ledger_place().labels or {})


def place(labels: Mapping[str, Any]) -> tuple[Any, Any]:
    """The same, as an entry says it."""
    return labels.get("item"), labels.get("call")
