"""The course of runs: who was at work when. One set of queries, however many runs are asked for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orchestration.models import Attempt, Run, StepRun
from orchestration.states import StepStatus
from reviews.models import Decision, Review
from reviews.states import ReviewStatus

AI, SYSTEM, PERSON, WAIT, FAIL = "ai", "sys", "human", "wait", "fail"
WENT_WRONG = {"failed", "lost", "late"}
LARGE = ("question", "answer", "output", "step__spec")  # loaded when somebody opens them


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of time of one step. `gate` says that it belongs to the step's review point."""

    kind: str
    start: datetime
    end: datetime
    key: str
    gate: bool = False
    going: bool = False
    said: str = ""

    @property
    def length(self) -> timedelta:
        """How long it took, or has taken so far."""
        return max(self.end - self.start, timedelta())


@dataclass
class Course:
    """What became of one run so far."""

    run: Run
    now: datetime
    steps: list[StepRun] = field(default_factory=list)
    tries: dict[int, list[Attempt]] = field(default_factory=dict)  # by step run
    reviews: dict[int, Review] = field(default_factory=dict)  # by step run
    decisions: dict[int, list[Decision]] = field(default_factory=dict)  # by review

    @property
    def asked(self) -> Review | None:
        """The question that still wants an answer."""
        return next((review for review in self.reviews.values() if review.is_open), None)

    @property
    def held(self) -> Decision | None:
        """A decision that can still be taken back, so that nothing has followed from it."""
        return next((d for d in self._standing_decisions() if d.undo_until and d.undo_until > self.now), None)

    @property
    def current(self) -> StepRun | None:
        """The step at which the run stands now; None once it has ended."""
        return next((held for held in self.steps if held.ended_at is None), None) if self.run.is_live else None

    @property
    def cost(self) -> Decimal:
        """US dollars, over all tries."""
        return sum((attempt.cost for attempt in self.attempts), Decimal(0))

    @property
    def tokens(self) -> int:
        """Tokens in and out, over all tries."""
        return sum(attempt.tokens_in + attempt.tokens_out for attempt in self.attempts)

    @property
    def attempts(self) -> Iterator[Attempt]:
        """Every try, in order."""
        return (attempt for held in self.steps for attempt in self.tries.get(held.pk, []))

    def step(self, key: str) -> StepRun | None:
        """The step run of a step, if it has begun."""
        return next((held for held in self.steps if held.step.key == key), None)

    def spans(self) -> list[Span]:
        """Every stretch of time, step by step."""
        return [span for held in self.steps for span in (*self._worked(held), *self._asked(held))]

    def _standing_decisions(self) -> Iterator[Decision]:
        return (d for taken in self.decisions.values() for d in taken if d.undone_at is None)

    def _worked(self, held: StepRun) -> Iterator[Span]:
        kind = AI if held.step.kind == "model" else SYSTEM
        for attempt in self.tries.get(held.pk, []):
            yield Span(
                FAIL if attempt.result in WENT_WRONG else kind,
                attempt.started_at,
                attempt.ended_at or self.now,
                held.step.key,
                going=attempt.ended_at is None,
                said=_("try %(number)d: %(what)s") % {"number": attempt.fence, "what": _result(attempt)},
            )

    def _asked(self, held: StepRun) -> Iterator[Span]:
        review = self.reviews.get(held.pk)
        since = review.asked_at if review else held.waiting_since
        for decision in self.decisions.get(review.pk, []) if review else []:
            assert since is not None
            yield Span(WAIT, since, decision.at, held.step.key, gate=True, said=_("waited"))
            yield self._undo_window(held, decision)
            since = decision.undone_at or since
        if since and held.status == StepStatus.WAITING:
            yield Span(WAIT, since, self.now, held.step.key, gate=True, going=True, said=_("waits"))
        elif since and review and review.status == ReviewStatus.WITHDRAWN:
            yield Span(WAIT, since, held.ended_at or self.now, held.step.key, gate=True, said=_("waited"))

    def _undo_window(self, held: StepRun, decision: Decision) -> Span:
        until = decision.undone_at or decision.undo_until or decision.at
        said = {"name": str(decision.by), "verdict": decision.get_verdict_display()}
        return Span(
            PERSON,
            decision.at,
            min(until, self.now),
            held.step.key,
            gate=True,
            going=until > self.now,
            said=(_("%(name)s: %(verdict)s, taken back") if decision.undone_at else "%(name)s: %(verdict)s") % said,
        )


def _result(attempt: Attempt) -> str:
    words = {
        "": _("at work"),
        "done": _("done"),
        "waiting": _("prepared"),
        "failed": _("failed"),
        "lost": _("its worker was lost"),
        "late": _("came too late"),
    }
    return words.get(attempt.result, attempt.result)


def follow(runs: Sequence[Run], now: datetime) -> dict[int, Course]:
    """The course of each run, by its id: four queries."""
    courses = {run.pk: Course(run, now) for run in runs}
    steps = StepRun.objects.filter(run__in=courses).select_related("step").defer(*LARGE)
    for held in steps.order_by("run_id", "step__position"):
        held.run = courses[held.run_id].run
        courses[held.run_id].steps.append(held)
    tries = defaultdict(list)
    for attempt in Attempt.objects.filter(step_run__run__in=courses).defer("prompt").order_by("step_run_id", "fence"):
        tries[attempt.step_run_id].append(attempt)
    reviews = {review.step_run_id: review for review in _reviews(courses)}
    decisions = defaultdict(list)
    taken = Decision.objects.filter(review__run__in=courses).select_related("by").defer("content", "reason")
    for decision in taken.order_by("id"):
        decisions[decision.review_id].append(decision)
    for course in courses.values():
        keys = [held.pk for held in course.steps]
        course.tries = {key: tries[key] for key in keys}
        course.reviews = {key: reviews[key] for key in keys if key in reviews}
        course.decisions = {review.pk: decisions[review.pk] for review in course.reviews.values()}
    return courses


def _reviews(courses: dict[int, Course]) -> QuerySet[Review]:
    asked = Review.objects.filter(run__in=courses).select_related("group", "decided_by")
    return asked.defer("content", "evidence", "why")
