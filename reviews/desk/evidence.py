"""What an item rests on: which step made what, with which model, how sure it was, and how sure is usual here."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Q

from audit.templatetags.figures import score
from orchestration import frames
from orchestration.expressions import BadExpression
from orchestration.models import Attempt, Step, StepRun
from orchestration.models.definitions import StepRole
from orchestration.references import names_read, steps_read
from orchestration.states import StepStatus
from reviews.desk.fields import as_text
from reviews.models import Review
from reviews.points import section

RECENT = 200  # items that say what is usual
FEWEST = 5  # items under which nothing is usual yet
SCRIPTED = "handrail/scripted"


@dataclass
class Made:
    """What one earlier step did: over all its tries, cost in USD."""

    step: Step
    step_run: StepRun
    tries: list[Attempt] = field(default_factory=list)

    @property
    def last(self) -> Attempt | None:
        """The try that counted."""
        return self.tries[-1] if self.tries else None

    @property
    def is_scripted(self) -> bool:
        """Whether its words were written in advance."""
        said = self.step_run.output or {}
        return said.get("scripted") is True or (self.last is not None and self.last.model == SCRIPTED)

    @property
    def tokens_in(self) -> int:
        """Tokens read."""
        return sum(one.tokens_in for one in self.tries)

    @property
    def tokens_out(self) -> int:
        """Tokens written."""
        return sum(one.tokens_out for one in self.tries)

    @property
    def cost(self) -> Decimal:
        """USD."""
        return sum((one.cost for one in self.tries), Decimal(0))

    @property
    def took(self) -> timedelta | None:
        """How long the try that counted ran."""
        if self.last is None or self.last.ended_at is None:
            return None
        return self.last.ended_at - self.last.started_at

    @property
    def said(self) -> list[tuple[str, str]]:
        """Its output, field by field."""
        return [(plain(name), _in_words(value)) for name, value in (self.step_run.output or {}).items()]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What the model was given."""
        return list((self.last.prompt if self.last else None) or [])


@dataclass(frozen=True, slots=True)
class Place:
    """One step on the way of a run: `state` is done, going (an agent that waits for its calls), here or empty."""

    name: str
    state: str
    reviewed: bool


@dataclass
class Evidence:
    """All of it, for one item."""

    made: list[Made]
    path: list[Place]
    usual: float | None
    facts: list[tuple[str, str]] = field(default_factory=list)
    rankings: list[tuple[str, list[tuple[str, float]]]] = field(default_factory=list)
    sources: list[Made] = field(default_factory=list)  # the steps that the confidence is read from

    @property
    def models(self) -> list[Made]:
        """The steps in which a model was asked."""
        return [one for one in self.made if one.last is not None and one.last.model]

    @property
    def rests_on(self) -> str:
        """Where the confidence that is shown comes from, in words; "" where nobody can tell."""
        named = {one.last.get_confidence_source_display() for one in self.sources if one.last is not None}
        return named.pop() if len(named) == 1 else ""

    @property
    def writer(self) -> str:
        """The model that was asked last: its words are what is put to people."""
        models = [one.last.model for one in self.models if one.last is not None]
        return models[-1] if models else ""

    @property
    def is_scripted(self) -> bool:
        """Whether words in it were written in advance."""
        return any(one.is_scripted for one in self.made)


def gather(review: Review) -> Evidence:
    """Everything that stands behind a review."""
    seen = StepRun.objects.filter(
        _stood_with(review.step_run), run=review.run_id, frame__in=frames.around(review.step_run.frame)
    )
    step_runs = list(seen.select_related("step").order_by("step__position"))
    tries: dict[int, list[Attempt]] = {}
    for one in Attempt.objects.defer("prompt").filter(step_run__in=[each.pk for each in step_runs]).order_by("fence"):
        tries.setdefault(one.step_run_id, []).append(one)
    before = [one for one in step_runs if one.step.position < review.step_run.step.position]
    if "tool" not in review.content:
        before.append(review.step_run)
    made = [Made(one.step, one, tries.get(one.pk, [])) for one in before]
    path = [] if review.is_blind else _path(review, step_runs)  # how the run went on tells what was decided
    found = Evidence(made, path, _usual(review), sources=_sources(review, made))
    for name, value in review.evidence.items():
        ranking = _ranking(value)
        if _is_source(value):
            continue  # `sources` shows those, each at its passage
        if ranking:
            found.rankings.append((plain(name), ranking))
        elif value not in (None, [], {}):
            found.facts.append((plain(name), plain(value) if isinstance(value, str) else as_text(value)))
    return found


def _sources(review: Review, made: list[Made]) -> list[Made]:
    """The steps that the review's confidence is read from: the one that asks itself, where it reads the output."""
    text = section(review.step_run).get("confidence")
    if not text:
        return []
    try:
        read = steps_read(text)
    except BadExpression:
        return []
    keys = {*read, *({review.step_run.step.key} if {"output", "act"} & names_read(text) else ())}
    return [one for one in made if one.step.key in keys]


def asked(review: Review) -> str:
    """What somebody wrote in, in full: the part of the run's input that the summary begins with."""
    texts = [value for value in review.run.input.values() if isinstance(value, str)]
    return next((text for text in texts if review.summary and text.startswith(review.summary)), review.summary)


def plain(name: str) -> str:
    """`pending_card_payment` as people read it."""
    return name.replace("_", " ")


def _usual(review: Review) -> float | None:
    """The mean stated confidence of what was asked here lately; None while there is too little of it."""
    same = Review.objects.deciding().filter(workflow=review.workflow_id, confidence__isnull=False)
    recent = same.exclude(pk=review.pk).order_by("-id").values("confidence")[:RECENT]
    told = recent.aggregate(mean=Avg("confidence"), known=Count("confidence"))
    return float(told["mean"]) if told["known"] >= FEWEST else None


def outermost(step: Step) -> Step:
    """The step itself; for a call of an agent, the agent that stands in the document."""
    while step.role == StepRole.CALL and step.parent is not None:
        step = step.parent
    return step


def _stood_with(step_run: StepRun) -> Q:
    """Those that counted when it did: now, or until it was sent back."""
    if step_run.superseded_at is None:
        return Q(superseded_at=None)
    return Q(again__lte=step_run.again) & (Q(superseded_at=None) | Q(superseded_at__gte=step_run.superseded_at))


def _path(review: Review, step_runs: list[StepRun]) -> list[Place]:
    """The steps of the version, with the decision where it stands: before its step acts, after, or while it does."""
    done = {one.step_id for one in step_runs if one.status == StepStatus.DONE}
    places: list[Place] = []
    asked = outermost(review.step_run.step)
    called = asked != review.step_run.step
    for step in review.run.version.steps.filter(role=StepRole.STEP):
        here = step.pk == asked.pk
        after = called or step.review.get("when") == "after"
        acted = "done" if step.pk in done or (here and after) else ""
        acted = "going" if here and called and step.pk not in done else acted
        place = Place(step.name, acted, step.is_reviewed and not here)
        decision = [Place("", "here", reviewed=True)] if here else []
        places += [place, *decision] if here and after else [*decision, place]
    return places


def _in_words(value: Any) -> str:
    return ", ".join(f"{label} {score(share)}" for label, share in _ranking(value)) or as_text(value)


def _is_source(value: Any) -> bool:
    given = value if isinstance(value, list) else [value]
    return bool(given) and all(isinstance(one, dict) and ("passage" in one or "quote" in one) for one in given)


def _ranking(value: Any) -> list[tuple[str, float]]:
    """A list of names with a share of 1 each, if it is one."""
    if not isinstance(value, list) or not value:
        return []
    pairs = [(one.get("label"), one.get("confidence")) for one in value if isinstance(one, dict)]
    if len(pairs) < len(value) or not all(isinstance(share, int | float) for _, share in pairs):
        return []
    return [(plain(str(name)), float(share)) for name, share in pairs]  # type: ignore[arg-type]
