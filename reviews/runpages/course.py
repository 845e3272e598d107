"""The course of runs: who was at work when. One set of queries, however many runs, steps or items there are.

What is inside a map, a repeat or an agent is not followed with the run: it is counted, and followed when it is opened.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum

from orchestration import progress
from orchestration.models import Attempt, Run, StepRun
from orchestration.progress import Progress
from orchestration.states import StepStatus
from reviews.models import Decision, Review, ReviewQuerySet
from reviews.runpages import spans
from reviews.runpages.spans import Span

AROUND = {
    "map",
    "repeat",
    "agent",
}  # kinds in which steps stand that are counted, and followed when somebody opens them
LARGE = ("question", "answer", "output", "step__spec")  # loaded when somebody opens them
URGENT = (StepStatus.RUNNING, StepStatus.WAITING, StepStatus.READY, StepStatus.HELD)  # the order in which a run stands


@dataclass(frozen=True, slots=True)
class Spent:
    """What tries have cost."""

    cost: Decimal = Decimal(0)
    tokens: int = 0
    calls: int = 0


@dataclass
class Course:
    """What became of one run so far, or of one item of it."""

    run: Run
    now: datetime
    steps: list[StepRun] = field(default_factory=list)
    tries: dict[int, list[Attempt]] = field(default_factory=dict)  # by step run
    reviews: dict[int, Review] = field(default_factory=dict)  # by step run
    decisions: dict[int, list[Decision]] = field(default_factory=dict)  # by review
    children: dict[int, Run] = field(default_factory=dict)  # the runs that its steps started, by step run
    progress: dict[int, Progress] = field(default_factory=dict)  # by step run
    inside: Spent = field(default_factory=Spent)  # in items
    asked_inside: Review | None = None  # in an item or a call, the most urgent

    @property
    def asked(self) -> Review | None:
        """The question that still wants an answer."""
        return next((review for review in self.reviews.values() if review.is_open), self.asked_inside)

    @property
    def held(self) -> Decision | None:
        """A decision that can still be taken back, so that nothing has followed from it."""
        return next((d for d in self._standing_decisions() if d.undo_until and d.undo_until > self.now), None)

    @property
    def current(self) -> StepRun | None:
        """The step at which the run stands now; None once it has ended."""
        live = [held for held in self.steps if held.ended_at is None] if self.run.is_live else []
        inner = [held for held in live if not _is_around(held)]
        return min(inner or live, key=lambda held: URGENT.index(StepStatus(held.status)), default=None)

    @property
    def cost(self) -> Decimal:
        """US dollars, over all tries."""
        return sum((attempt.cost for attempt in self.attempts), self.inside.cost)

    @property
    def tokens(self) -> int:
        """Tokens in and out, over all tries."""
        return sum((attempt.tokens_in + attempt.tokens_out for attempt in self.attempts), self.inside.tokens)

    @property
    def calls(self) -> int:
        """Calls of models, over all tries."""
        return sum((bool(attempt.model) for attempt in self.attempts), self.inside.calls)

    @property
    def attempts(self) -> Iterator[Attempt]:
        """Every try that is followed, in order."""
        return (attempt for held in self.steps for attempt in self.tries.get(held.pk, []))

    def step(self, key: str) -> StepRun | None:
        """The step run of a step, if it has begun."""
        return next((held for held in self.steps if held.step.key == key), None)

    def spans(self) -> list[Span]:
        """Every stretch of time, step by step."""
        return [span for held in self.steps for span in self._spans(held)]

    def _spans(self, held: StepRun) -> Iterator[Span]:
        review = self.reviews.get(held.pk)
        yield from spans.worked(held, self.tries.get(held.pk, []), self.now)
        yield from spans.waited(held, self.now)
        yield from spans.asked(held, review, self.decisions.get(review.pk, []) if review else [], self.now)

    def _standing_decisions(self) -> Iterator[Decision]:
        return (d for taken in self.decisions.values() for d in taken if d.is_standing)


def _is_around(held: StepRun) -> bool:
    """Whether it only waits for the branches inside it."""
    return held.step.kind == "parallel" and held.status == StepStatus.WAITING


def follow(runs: Sequence[Run], now: datetime) -> dict[int, Course]:
    """The course of each run, by its id: four queries, at most three more for maps and other runs."""
    courses = {run.pk: Course(run, now) for run in runs}
    found = StepRun.objects.standing().filter(run__in=courses, frame="")
    for held in _in_order(found):
        held.run = courses[held.run_id].run
        courses[held.run_id].steps.append(held)
    _gather(list(courses.values()))
    _look_inside({pk: course for pk, course in courses.items() if any(h.step.kind in AROUND for h in course.steps)})
    return courses


def follow_item(run_id: int, around: Course, frame: str) -> Course:
    """The course of one item or round, by its frame: three queries, and one where it started other runs."""
    course = Course(around.run, around.now)
    for held in _in_order(StepRun.objects.standing().filter(run=run_id, frame=frame)):
        held.run = around.run
        course.steps.append(held)
    _gather([course])
    return course


def _in_order(found: QuerySet[StepRun]) -> QuerySet[StepRun]:
    return found.select_related("step").defer(*LARGE).order_by("run_id", "step__position")


def _gather(courses: Collection[Course]) -> None:
    """The tries, reviews, decisions and other runs of the steps that were found."""
    steps = {held.pk: held for course in courses for held in course.steps}
    tries = _tries(steps)
    reviews = {review.step_run_id: review for review in _reviews().filter(step_run__in=steps).order_by("pk")}
    decisions = _decisions([review.pk for review in reviews.values()])
    children = _children([pk for pk, held in steps.items() if held.step.kind == "workflow"])
    for course in courses:
        keys = [held.pk for held in course.steps]
        course.tries = {key: tries[key] for key in keys}
        course.reviews = {key: reviews[key] for key in keys if key in reviews}
        course.decisions = {review.pk: decisions[review.pk] for review in course.reviews.values()}
        course.children = {key: children[key] for key in keys if key in children}


def _tries(steps: dict[int, StepRun]) -> dict[int, list[Attempt]]:
    """Those that have ended, and those that run: they stand on their steps."""
    tries: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(step_run__in=steps).defer("prompt").order_by("step_run_id", "fence"):
        tries[attempt.step_run_id].append(attempt)
    for pk, held in steps.items():
        known = {attempt.fence for attempt in tries[pk]}
        if held.status == StepStatus.RUNNING and held.claimed_at and held.fence not in known:
            going = {"worker": held.worker, "started_at": held.claimed_at, "acting": held.acting}
            tries[pk].append(Attempt(step_run=held, fence=held.fence, **going))
    return tries


def _decisions(reviews: list[int]) -> dict[int, list[Decision]]:
    decisions: dict[int, list[Decision]] = defaultdict(list)
    taken = Decision.objects.filter(review__in=reviews).select_related("by").defer("content", "reason")
    for decision in taken.order_by("id"):
        decisions[decision.review_id].append(decision)
    return decisions


def _children(started_by: list[int]) -> dict[int, Run]:
    if not started_by:
        return {}
    found = Run.objects.filter(parent__in=started_by).select_related("workflow").defer("input", "result")
    return {run.parent_id: run for run in found.order_by("pk") if run.parent_id is not None}


def _look_inside(courses: dict[int, Course]) -> None:
    """What items have cost, and what they ask: two queries, none where no run has a map."""
    if not courses:
        return
    inner = Attempt.objects.filter(step_run__run__in=courses, step_run__frame__gt="").order_by()
    sums = {"cost": Sum("cost"), "tokens": Sum(F("tokens_in") + F("tokens_out")), "calls": Count("pk", ~Q(model=""))}
    for run, *spent in inner.values_list("step_run__run").annotate(**sums).values_list("step_run__run", *sums):
        courses[run].inside = Spent(*spent)
    asked = _reviews().open().filter(run__in=courses, step_run__frame__gt="")
    for review in asked.order_by("run_id", "priority", "due_at", "id").distinct("run_id"):
        courses[review.run_id].asked_inside = review


def _reviews() -> ReviewQuerySet:
    found = Review.objects.deciding().select_related("group", "decided_by", "calendar")
    return found.defer("content", "evidence", "why")


def see_progress(course: Course) -> None:
    """What the steps that run say of how far they have come: asked of Redis."""
    course.progress = progress.read([held.pk for held in course.steps if held.status == StepStatus.RUNNING])
