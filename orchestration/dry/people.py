"""People in a dry run: whom a step would ask, and the answer that is taken instead, bound as a real one is."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from audit.actors import WORKER
from audit.canonical import digest
from audit.ledger import Entry, record_all
from orchestration import locks
from orchestration.contents import open_up
from orchestration.documents.cases import REJECTED
from orchestration.dry.course import Asked, brief
from orchestration.dry.effects import Stops
from orchestration.dry.script import Answer
from orchestration.executors.task import Act
from orchestration.expressions import BadExpression, evaluate
from orchestration.flow import Flow
from orchestration.models import StepRun
from orchestration.scopes import Scope


def asked(held: StepRun, answer: Answer, scope: Scope) -> Asked:
    """The question as a step that waits asks it, and the verdict that is taken."""
    question = open_up(held.question)
    shown = question["act"]
    why = _why(held.step.review, {**scope, "act": shown, "output": shown})
    edited = bool(answer.edit) and answer.verdict != REJECTED
    return Asked(question["when"], held.step.review["group"], why, brief(shown), answer.verdict, edited)


def _why(review: dict[str, Any], scope: Scope) -> str:
    return next(str(one["sentence"]) for one in review["why"] if "if" not in one or _holds(one["if"], scope))


def _holds(text: str, scope: Scope) -> bool:
    try:
        return evaluate(text, scope) is True
    except BadExpression:
        return False


def content_of(held: StepRun, answer: Answer) -> Act:
    """What is approved: what is shown, with the edit in it. `Stops` where the edit is none of the fields shown."""
    shown: Act = open_up(held.question)["act"]
    if held.given is not None and held.step.kind == "person" and answer.verdict != REJECTED and not answer.edit:
        raise Stops(_("A person would be asked here, and the test case does not say what they answer."))
    if answer.verdict == REJECTED or not answer.edit:
        return shown
    fields = shown.get("arguments", shown)
    if strange := sorted(set(answer.edit) - set(fields)):
        raise Stops(_("The decision there edits %s, which is not shown.") % ", ".join(strange))
    edited = {**fields, **answer.edit}
    return {**shown, "arguments": edited} if "arguments" in shown else edited


def give(answers: Sequence[tuple[StepRun, Answer, Act]]) -> None:
    """Hand waiting steps their answers. Each has an entry in the ledger, since what acts on it looks there."""
    told = [
        Entry(f"review.{answer.verdict}", held, WORKER, content_hash=digest(content))
        for held, answer, content in answers
    ]
    receipts = record_all(told)
    flow = Flow(locks.runs({held.run_id: held.run for held, _, _ in answers}.values()))
    for (held, answer, content), receipt in zip(answers, receipts, strict=True):
        question = open_up(held.question)
        said = {
            "verdict": answer.verdict,
            "edited": content != question["act"],
            "content": content,
            "shown_hash": question["hash"],
            "receipt": str(receipt.event_id),
        }
        flow.resume(held, said, actor=WORKER)
    flow.write()
