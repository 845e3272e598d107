"""What a person answers besides the verdict, held to what their review point asks: an own outcome, the form, where to.

It is asked here, below every page, and becomes part of the approved content: what is hashed, recorded and done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.canonical import NotCanonical, canonical, clean
from orchestration import files, sending_back, ways
from orchestration.models import Step
from orchestration.plans import plan_of
from orchestration.ways import FORM, MODEL, OUTCOME, SENT_BACK
from reviews import points
from reviews.asking import forms, reading
from reviews.asking.section import KEYS, MOST_BACK, Spec
from reviews.models import Decision, Review
from reviews.refusals import BadForm, BadOutcome, CannotGoBack, ReasonNeeded
from reviews.states import ReviewStatus, Verdict


@dataclass(frozen=True, slots=True)
class Answers:
    """As somebody sends them. `form` holds values, `came` the files among them that came with it; `to` a step's key."""

    outcome: str = ""
    form: dict[str, Any] | None = None
    came: Sequence[files.Reference] = ()
    to: str = ""


NONE = Answers()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The same, as it holds. `outcome` is None where the point has no own outcomes, `form` where it asks none."""

    outcome: str | None = None
    form: dict[str, Any] | None = None
    came: Sequence[files.Reference] = field(default_factory=list)
    to: str = ""

    def into(self, content: dict[str, Any], review: Review) -> dict[str, Any]:
        """The content with the answers in it."""
        said = {name: value for name, value in ((OUTCOME, self.outcome), (FORM, self.form)) if value}
        return {**bare(content, review), **said}

    def told(self) -> dict[str, Any]:
        """What the step goes on with: its outcome is known even where none was chosen."""
        said: dict[str, Any] = {} if self.outcome is None else {OUTCOME: self.outcome}
        return said if self.form is None else {**said, FORM: self.form}


def typed_again(review: Review, decision: Decision) -> dict[str, Any]:
    """The form of a decision as it would be typed: for the draft of who takes it back."""
    fields = section_of(review).get(FORM, [])
    return reading.as_typed(decision.content.get(FORM, {}), fields) if fields else {}


def section_of(review: Review) -> dict[str, Any]:
    """What its review point asks of this kind; {} where nothing. No query where nothing can be asked."""
    if not KEYS.keys() & review.step_run.step.review.keys():
        return {}
    return {name: value for name, value in points.section(review.step_run).items() if name in KEYS}


def bare(content: Mapping[str, Any], review: Review) -> dict[str, Any]:
    """A content without the answers that people have put into it."""
    written = review.first_written
    return {name: value for name, value in content.items() if name not in ways.ANSWERS or name in written}


def check(review: Review, verdict: str, reason: str, sent: Answers, content: dict[str, Any]) -> Chosen:
    """The answers as they hold, or what is wrong with them: `BadOutcome`, `ReasonNeeded`, `CannotGoBack`, `BadForm`.

    `content` is what would be approved.
    """
    if verdict not in Verdict.values:
        raise BadOutcome
    section = section_of(review)
    if verdict == SENT_BACK:
        return _back(review, section, reason, sent)
    outcome = _outcome(section, verdict, reason, sent)
    fields = section.get(FORM, [])
    if not fields:
        if sent.form:
            raise BadForm([(name, "This is not asked here.") for name in sent.form])
        return Chosen(outcome)
    if verdict == Verdict.REJECTED and not outcome:  # a plain refusal has its reason, and nothing else
        return Chosen(outcome, {})
    return Chosen(outcome, _form(review, section, fields, sent, content), sent.came)


def _outcome(section: Spec, verdict: str, reason: str, sent: Answers) -> str | None:
    offered = ways.outcomes(section)
    chosen = offered.get(sent.outcome)
    if sent.outcome and (chosen is None or chosen["counts_as"] != verdict):
        raise BadOutcome
    needed = verdict == Verdict.REJECTED if chosen is None else chosen.get("needs_reason", verdict == Verdict.REJECTED)
    if needed and not reason:
        raise ReasonNeeded
    return sent.outcome if offered else None


def _form(review: Review, section: Spec, fields: list[Spec], sent: Answers, content: dict[str, Any]) -> dict[str, Any]:
    answers, _ = clean(dict(sent.form or {}))
    try:
        canonical(answers)
    except NotCanonical as error:
        raise BadForm([("", str(error))]) from error
    scope = forms.scope_for(review, section, bare(content, review))
    of_run = files.of(review.run) if files.within(answers) else []
    if found := forms.misfits(fields, answers, scope, [*sent.came, *of_run]):
        raise BadForm(found)
    return dict(answers)


def _back(review: Review, section: Spec, reason: str, sent: Answers) -> Chosen:
    ways_back = targets(review, section)
    if sent.to not in ways_back:
        raise CannotGoBack
    if left(review, section) < 1:
        raise CannotGoBack(times=most(section))
    if not reason:
        raise ReasonNeeded
    to = ways_back[sent.to].key
    try:
        sending_back.check(review.step_run, to)
    except sending_back.CannotSendBack as error:
        raise CannotGoBack from error
    return Chosen(to=to)


def targets(review: Review, section: Mapping[str, Any]) -> dict[str, Step]:
    """Where it may be sent back to: to MODEL, whoever wrote it, and to earlier steps by their keys."""
    back = section.get("back")
    if not back or review.is_blind or review.step_run.given is not None:  # nothing follows from a blind answer
        return {}
    plan = plan_of(review.run.version)
    step = plan.steps[review.step_run.step_id]
    found = {}
    if back.get("model") and (wrote := plan.wrote(step)) is not None:
        found[MODEL] = wrote
    before = {one.key: one for one in plan.back(step)}
    return found | {key: before[key] for key in back.get("to", []) if key in before}


def most(section: Mapping[str, Any]) -> int:
    """How often it may be sent back."""
    return int((section.get("back") or {}).get("most", MOST_BACK))


def left(review: Review, section: Mapping[str, Any]) -> int:
    """How often it may still be sent back: what was taken back does not count."""
    held = review.step_run
    before = Review.objects.filter(run=review.run_id, step_run__step=held.step_id, step_run__frame=held.frame)
    return most(section) - before.filter(status=ReviewStatus.SENT_BACK).count()
