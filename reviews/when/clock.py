"""What the clock does about open reviews: reminds, asks others, ends them. Each once and in its order, whoever does it.

Due moments are a column with an index over those that have one, so that a tick costs the same however many wait.
"""

import logging
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction

from audit.actors import WORKER
from audit.clock_time import HandrailNow, now
from audit.models import User
from audit.moves import Batch
from audit.ticks import tick
from reviews import notices
from reviews.models import Review
from reviews.states import ReviewStatus
from reviews.when import course
from reviews.when.course import END, ESCALATE, REMIND
from reviews.when.lapsing import lapse
from reviews.when.tables import entry

BATCH = 200
PASSES = 50  # of a tick; the next one goes on
LATER = timedelta(minutes=1)  # after which what went wrong is tried again
PLACED = ("group", "workflow__owner", "step_run__step", "step_run__run__workflow", "step_run__run__version")

logger = logging.getLogger(__name__)


@tick("reviews", every=1)
def do_due() -> int:
    """Everything that is due now. Returns how much."""
    done = 0
    for _pass in range(PASSES):
        found = _round()
        done += found
        if not found:
            break
    return done


def _round() -> int:
    """The next act of each review of which one is due, the longest due first."""
    keys = [review.pk for review in _due()[:BATCH]]
    if not keys:
        return 0
    told, ending = _tell(keys)
    return told + sum(_end(pk) for pk in ending)


def _due() -> Any:
    return Review.objects.open().filter(timer_at__lte=HandrailNow()).order_by("timer_at", "id").only("pk")


@transaction.atomic
def _tell(keys: Collection[int]) -> tuple[int, list[int]]:
    """Remind and escalate, many in one transaction: how often, and which are to be ended instead.

    Reviews that somebody holds at this moment are left for the next round.
    """
    acts = [(review, act) for review in _held(keys) if (act := _next(review)) is not None]
    due = [(review, act) for review, act in acts if act["do"] != END]
    groups = {group for review, act in due for group in (*review.asked_groups, act.get("group"))}
    members = _members(group for group in groups if group)
    batch = Batch()
    for review, act in due:
        if act["do"] == ESCALATE and act["group"] not in review.escalated:
            review.escalated = [*review.escalated, act["group"]]
            review.asked_groups = sorted({*review.asked_groups, act["group"]})
        _done(review)
        _record(batch, review, act)
    Review.objects.bulk_update([review for review, _ in due], ["escalated", "asked_groups", "timer_at", "timers_done"])
    batch.write()
    for review, act in due:
        _notify(review, act, members)
    return len(due), [review.pk for review, act in acts if act["do"] == END]


def _end(pk: int) -> int:
    """End one review by the clock where that is due; each by itself, so that one that breaks holds up no other."""
    try:
        with transaction.atomic():
            for review in _held([pk]):
                act = _next(review)
                if act is None or act["do"] != END:
                    return 0
                return _ended(review, act)
    except Exception:
        logger.exception("Review %s could not be ended by the clock yet.", pk)
        Review.objects.filter(pk=pk, status=ReviewStatus.OPEN).update(timer_at=now() + LATER)
        return 0
    return 0


def _ended(review: Review, act: dict[str, Any]) -> int:
    _done(review)
    Review.objects.filter(pk=review.pk).update(timer_at=review.timer_at, timers_done=review.timers_done)
    ended = lapse(review, act)
    people = _people(review, _members(review.asked_groups)) | {review.workflow.owner_id}
    notices.tell("lapsed" if ended else "nobody", review, people, outcome=str(act["outcome"]))
    return 1


def _held(keys: Collection[int]) -> list[Review]:
    """Those of them that are still open and due, and that nobody else holds; the longest due first."""
    found = Review.objects.open().filter(pk__in=keys, timer_at__lte=HandrailNow()).select_related(*PLACED)
    return list(found.order_by("timer_at", "id").select_for_update(of=("self",), skip_locked=True))


def _next(review: Review) -> dict[str, Any] | None:
    act = entry(review)
    if act is None:  # nothing is left to do, which the column should say
        Review.objects.filter(pk=review.pk).update(timer_at=None)
    return act


def _done(review: Review) -> None:
    """Go on to the next of its acts. One that was due before counts from when it was due."""
    review.timers_done += 1
    following = entry(review)
    review.timer_at = course.at(following) if following is not None else None


def _people(review: Review, members: dict[int, list[int]]) -> set[int]:
    """Who is asked now."""
    return {*review.asked_people, *(pk for group in review.asked_groups for pk in members.get(group, ()))}


def _members(groups: Iterable[int]) -> dict[int, list[int]]:
    """The people in each of these groups, by one query."""
    found: dict[int, list[int]] = {}
    wanted = User.objects.filter(groups__in=set(groups), is_active=True)
    for group, person in wanted.values_list("groups", "pk"):
        found.setdefault(group, []).append(person)
    return found


def _record(batch: Batch, review: Review, act: dict[str, Any]) -> None:
    body = {"due_at": review.due_at.isoformat(), "planned_at": act["at"], "minutes": act["minutes"]}
    told: dict[str, Any] = {"personal": {"title": review.title}, "object_version": review.version, "wake": True}
    if act["do"] == REMIND:
        batch.record("review.reminded", review, actor=WORKER, body=body, **told)
        return
    body |= {"group": act["name"], "first": review.group.name}
    batch.record("review.escalated", review, actor=WORKER, body=body, **told)


def _notify(review: Review, act: dict[str, Any], members: dict[int, list[int]]) -> None:
    if act["do"] == ESCALATE:
        people = set(members.get(act["group"], ()))
        notices.tell("escalated", review, people.difference(review.not_by), group=str(act["name"]))
        return
    people = _people(review, members).difference(review.not_by)
    notices.tell("reminded", review, people, minutes=str(act["minutes"]))
