"""The stretches of time of a run's steps: who was at work, and what was waited for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from orchestration.explain import graph
from orchestration.models import Attempt, StepRun
from orchestration.states import Awaits, StepStatus
from reviews.models import Decision, Review
from reviews.states import ReviewStatus

AI, SYSTEM, PERSON, WAIT, FAIL = "ai", "sys", "human", "wait", "fail"
INSIDE, IDLE, AROUND = "inside", "idle", "around"  # items or another run; a moment or an event; branches
WENT_WRONG = {"failed", "lost", "late"}
# kind of step -> of its stretch
WAITS = {"map": INSIDE, "repeat": INSIDE, "agent": INSIDE, "workflow": INSIDE, "wait": IDLE, "parallel": AROUND}


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


def worked(held: StepRun, tries: list[Attempt], now: datetime) -> Iterator[Span]:
    """The tries of a step."""
    kind = graph.mark(held.step.kind)
    if kind == PERSON:
        kind = SYSTEM  # what prepares the question is no person's work
    for attempt in tries:
        yield Span(
            FAIL if attempt.result in WENT_WRONG else kind,
            attempt.started_at,
            attempt.ended_at or now,
            held.step.key,
            gate=held.step.kind == "person",
            going=attempt.ended_at is None,
            said=_("try %(number)d: %(what)s") % {"number": attempt.fence, "what": _result(attempt)},
        )


def waited(held: StepRun, now: datetime) -> Iterator[Span]:
    """What a step waited for that is no person: its items or branches, another run, a moment, an event."""
    if held.step.kind in WAITS and held.waiting_since is not None:
        going = held.status == StepStatus.WAITING
        end = now if going else held.ended_at or now
        said = _("waits") if going else _("waited")
        if WAITS[held.step.kind] != IDLE:
            said = _("at work") if going else _("worked")
        yield Span(WAITS[held.step.kind], held.waiting_since, end, held.step.key, going=going, said=said)


def asked(held: StepRun, review: Review | None, decisions: list[Decision], now: datetime) -> Iterator[Span]:
    """The question that a step put to people, and what they said."""
    since = review.asked_at if review else held.waiting_since if held.awaits in ("", Awaits.PERSON) else None
    for decision in decisions:
        assert since is not None
        yield Span(WAIT, since, decision.at, held.step.key, gate=True, said=_("waited"))
        yield _undo_window(held, decision, now)
        since = decision.undone_at or since
    if since and held.status == StepStatus.WAITING:
        yield Span(WAIT, since, now, held.step.key, gate=True, going=True, said=_("waits"))
    elif since and review and review.status in (ReviewStatus.WITHDRAWN, ReviewStatus.LAPSED):
        yield Span(WAIT, since, held.ended_at or now, held.step.key, gate=True, said=_("waited"))


def _undo_window(held: StepRun, decision: Decision, now: datetime) -> Span:
    until = decision.undone_at or decision.undo_until or decision.at
    said = {"name": str(decision.by), "verdict": decision.get_verdict_display()}
    return Span(
        PERSON,
        decision.at,
        min(until, now),
        held.step.key,
        gate=True,
        going=until > now,
        said=(_("%(name)s: %(verdict)s, taken back") if decision.undone_at else "%(name)s: %(verdict)s") % said,
    )


def _result(attempt: Attempt) -> str:
    words = {
        "": _("at work"),
        "done": _("done"),
        "waiting": _("prepared"),
        "failed": _("failed"),
        "cancelled": _("stopped"),
        "back": _("handed back"),
        "lost": _("its worker was lost"),
        "late": _("came too late"),
    }
    return words.get(attempt.result, attempt.result)
