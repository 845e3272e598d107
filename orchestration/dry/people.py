"""People in a dry run: whom a step would ask, and the answer that is taken instead, bound as a real one is."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from django.utils.translation import gettext as _

from audit.actors import WORKER
from audit.canonical import digest
from audit.ledger import Entry, record_all
from orchestration import locks, ways
from orchestration.contents import open_up
from orchestration.documents.cases import REJECTED, SENT_BACK
from orchestration.documents.reviews import filled
from orchestration.dry.course import Asked, brief
from orchestration.dry.effects import Stops
from orchestration.dry.script import Answer, Script, places
from orchestration.executors.task import Act
from orchestration.expressions import BadExpression, evaluate
from orchestration.flow import Flow
from orchestration.lapses import LAPSED, STAY, goes_on
from orchestration.models import StepRun
from orchestration.plans import plan_of
from orchestration.scopes import Scope

NO_EDIT = frozenset({REJECTED, SENT_BACK, LAPSED})  # verdicts that change nothing


def decision(script: Script, held: StepRun, sent_back: set[tuple[str, tuple[int, ...]]]) -> Answer:
    """What a person says there. What was sent back once is approved when it comes again."""
    where = held.step.key, places(held.frame)
    answer = script.decision(*where)
    if answer.verdict == SENT_BACK and where in sent_back:
        return Answer()
    if answer.verdict == SENT_BACK:
        sent_back.add(where)
    return answer


def asked(held: StepRun, answer: Answer, scope: Scope) -> Asked:
    """The question as a step that waits asks it, and the verdict that is taken."""
    question = open_up(held.question)
    shown = question["act"]
    why = _why(held.step.review, {**scope, "act": shown, "output": shown})
    edited = bool(answer.edit) and answer.verdict not in NO_EDIT
    verdict = answer.outcome or answer.verdict
    return Asked(question["when"], _whom(held.step.review), why, brief(shown), verdict, edited)


def _whom(review: dict[str, Any]) -> str:
    """Whom the first place asks, as the document names it."""
    who = review.get("who")
    named = who if isinstance(who, dict) else {"group": review.get("group", "")}
    return str(next((named[kind] for kind in ("group", "person", "holds", "expr") if kind in named), ""))


def _why(review: dict[str, Any], scope: Scope) -> str:
    return next(str(one["sentence"]) for one in review["why"] if "if" not in one or _holds(one["if"], scope))


def _holds(text: str, scope: Scope) -> bool:
    try:
        return evaluate(text, scope) is True
    except BadExpression:
        return False


def answers_of(held: StepRun, answer: Answer, content: Act, scope: Scope) -> dict[str, Any]:
    """What is answered besides: an own outcome, the form. `Stops` where the form lacks what is needed."""
    review = held.step.review
    said: dict[str, Any] = {ways.OUTCOME: answer.outcome} if "outcomes" in review else {}
    if "form" not in review or answer.verdict == SENT_BACK:
        return said
    if answer.verdict == REJECTED and not answer.outcome:
        return {**said, ways.FORM: {}}
    form, wrong = filled(review, dict(answer.form), {**scope, "act": content, "output": content})
    if wrong:
        raise Stops(_("A form would be filled in here, and what the test case says of it does not fit: %s") % wrong)
    return {**said, ways.FORM: form}


def target_of(held: StepRun, answer: Answer) -> str:
    """The step to which it is sent back; `Stops` where nothing says so."""
    if answer.to:
        return answer.to
    wrote = plan_of(held.run.version).wrote(held.step)
    if wrote is None:
        raise Stops(_("It would be sent back here, and the test case does not say to which step."))
    return wrote.key


def content_of(held: StepRun, answer: Answer) -> Act:
    """What is approved: what is shown, with the edit in it. `Stops` where the edit is none of the fields shown."""
    shown: Act = open_up(held.question)["act"]
    _by_clock(held, answer)
    if answer.verdict == SENT_BACK:
        return shown
    if held.given is not None and held.step.kind == "person" and answer.verdict not in NO_EDIT and not answer.edit:
        raise Stops(_("A person would be asked here, and the test case does not say what they answer."))
    if answer.verdict in NO_EDIT or not answer.edit:
        return shown
    fields = shown.get("arguments", shown)
    if strange := sorted(set(answer.edit) - set(fields)):
        raise Stops(_("The decision there edits %s, which is not shown.") % ", ".join(strange))
    edited = {**fields, **answer.edit}
    return {**shown, "arguments": edited} if "arguments" in shown else edited


def _by_clock(held: StepRun, answer: Answer) -> dict[str, str]:
    """What the clock makes of a question that nobody answers; nothing where somebody does."""
    if answer.verdict != LAPSED:
        return {}
    outcome = str(held.step.review.get("default", {}).get("outcome", STAY))
    if outcome == STAY:
        raise Stops(_("Nobody decides there in the test case, and the review has no default that ends it."))
    return {"outcome": outcome}


class Given(NamedTuple):
    """What one waiting step is answered: the content with the answers in it, and these by themselves."""

    held: StepRun
    answer: Answer
    content: Act
    said: dict[str, Any]
    to: str

    @classmethod
    def of(cls, held: StepRun, answer: Answer, scope: Scope) -> Self:
        """The same; `Stops` where nobody knows what it is."""
        content = content_of(held, answer)
        said = answers_of(held, answer, content, scope)
        to = target_of(held, answer) if answer.verdict == SENT_BACK else ""
        return cls(held, answer, {**content, **{name: one for name, one in said.items() if one}}, said, to)

    @property
    def edited(self) -> bool:
        """Whether what is done is not what was shown."""
        return bool(ways.bare(self.content, self.said) != open_up(self.held.question)["act"])

    @property
    def body(self) -> dict[str, Any]:
        """What the ledger is told of it."""
        return {**_by_clock(self.held, self.answer), **({ways.BACK_TO: self.to} if self.to else {})}


def give(answers: Sequence[Given]) -> None:
    """Hand waiting steps their answers. Each has an entry in the ledger, since what acts on it looks there."""
    told = [
        Entry(f"review.{one.answer.verdict}", one.held, WORKER, one.body, content_hash=digest(one.content))
        for one in answers
    ]
    receipts = record_all(told)
    flow = Flow(locks.runs({one.held.run_id: one.held.run for one in answers}.values()))
    for one, receipt in zip(answers, receipts, strict=True):
        question = open_up(one.held.question)
        said = {
            "verdict": one.answer.verdict,
            "edited": one.edited,
            "content": one.content,
            "shown_hash": question["hash"],
            "receipt": str(receipt.event_id),
            **one.said,
        }
        if by_clock := _by_clock(one.held, one.answer):
            going = goes_on(by_clock["outcome"], one.held.step.review)
            said |= {"verdict": LAPSED if going else REJECTED, LAPSED: by_clock["outcome"]}
        if one.to:
            said |= {ways.TO: one.to, "reason": one.answer.note}
        flow.resume(one.held, said, actor=WORKER)
    flow.write()
