"""Reviews that nobody may decide: nobody is in the group, all are away, or it is the work of all who are left.

Whoever owns the workflow is told once, when the review opens or later, by the clock.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from audit import hot
from audit.actors import CLOCK, WORKER, Actor
from audit.clock_time import now
from audit.ledger import record
from audit.models import User
from audit.ticks import tick
from orchestration.models import Workflow
from reviews import notices, places
from reviews.models import Decision, Review
from reviews.who import holders
from reviews.who.may import asked_now
from reviews.who.seating import Asked

EVERY = 60  # seconds between two looks at all that wait
MOST_KINDS, MOST_TOLD = 20_000, 500
EMPTY, AWAY, OWN, FILLED = "empty", "away", "own", "filled"  # why nobody may

# What waits is looked at by kind: reviews that ask the same of the same people, and are the work of the same.
KINDS = """
SELECT workflow_id, asked_groups, asked_people, asked_skilled, not_by, nobody_since IS NOT NULL, filled > 0,
    min(id), count(*)
FROM reviews_review WHERE status = 'open'
GROUP BY 1, 2, 3, 4, 5, 6, 7, CASE WHEN filled > 0 THEN id END ORDER BY 1 LIMIT %s::int
"""


class Kind(NamedTuple):
    """Reviews that are alike in who may decide them."""

    workflow: int
    groups: list[int]
    people: list[int]
    skilled: list[str]
    not_by: list[int]
    told: bool
    filled: bool
    first: int
    many: int

    @property
    def asked(self) -> Asked:
        """Whom they ask."""
        return Asked(frozenset(self.groups), frozenset(self.people), frozenset(self.skilled))


def why(workflow: int, asked: Asked, not_by: Sequence[int], taken: frozenset[int] = frozenset()) -> str:
    """Why nobody may decide what asks these people and is work of those; "" where somebody may."""
    everybody, now_here = holders.holders(workflow), holders.here()
    able = [able for able, whom in holders.present(everybody, now_here) if asked.asks(*whom)]
    if any(one.apart.isdisjoint(not_by) and one.apart.isdisjoint(taken) for one in able):
        return ""
    if any(one.apart.isdisjoint(not_by) for one in able):
        return FILLED
    if able:
        return OWN
    return AWAY if any(asked.asks(*one) for one in everybody) else EMPTY


def look_at(review: Review) -> None:
    """Tell the owner of a review that has just been put to people, where there is nobody who may decide it."""
    if found := why(review.workflow_id, asked_now(review), review.not_by):
        tell([review], found, actor=WORKER)


@transaction.atomic
def tell(reviews: Sequence[Review], because: str, *, actor: Actor) -> None:
    """Mark them, write it down, and tell who owns their workflow, and who manages that one."""
    moment = now()
    for review in reviews:
        if not Review.objects.open().filter(pk=review.pk, nobody_since=None).update(nobody_since=moment):
            continue
        review.nobody_since = moment
        body = {"because": because}
        record("review.nobody", review, actor=actor, body=body, personal={"title": review.title}, wake=True)
        notices.tell("nobody", review, _answerable(review.workflow), because=because)


def _answerable(workflow: Workflow) -> list[int]:
    """Who owns a workflow; where that one cannot sign in any more, their manager."""
    owner = User.objects.select_related("manager").get(pk=workflow.owner_id)
    found = owner if owner.is_active or owner.manager is None else owner.manager
    return [found.pk]


@tick("nobody", every=EVERY)
def look() -> int:
    """Look at all that wait. Returns how many reviews were found that nobody may decide, and of which nobody knew."""
    holders.forget()
    found = 0
    for kind in map(Kind._make, hot.rows(KINDS, [MOST_KINDS])):
        filled = _taken(kind.first) if kind.filled else frozenset[int]()
        because = why(kind.workflow, kind.asked, kind.not_by, filled)
        if because and not kind.told:
            found += _tell(kind, because)
        elif kind.told and not because:
            alike(kind).update(nobody_since=None)
    return found


def _taken(review: int) -> frozenset[int]:
    return places.taken(list(Decision.objects.standing().filter(review=review).only("by", "stands_for")))


def _tell(kind: Kind, because: str) -> int:
    rows = alike(kind).select_related("group", "workflow", "step_run__step", "step_run__run__workflow")
    reviews = list(rows.defer("content", "evidence")[:MOST_TOLD])
    tell(reviews, because, actor=CLOCK)
    return len(reviews)


def alike(kind: Kind) -> QuerySet[Review]:
    """The reviews of a kind."""
    if kind.filled:
        return Review.objects.open().filter(pk=kind.first)
    return Review.objects.open().filter(
        workflow=kind.workflow,
        asked_groups=kind.groups,
        asked_people=kind.people,
        asked_skilled=kind.skilled,
        not_by=kind.not_by,
        nobody_since__isnull=not kind.told,
        filled=0,
    )


def of_owner(user: User) -> QuerySet[Review]:
    """Those of the workflows that somebody owns or manages, the oldest first."""
    mine = Q(workflow__in=Workflow.objects.ids_allowed(user, "manage")) | Q(workflow__owner=user)
    return Review.objects.open().unveiled(user).filter(mine, nobody_since__isnull=False).order_by("workflow", "id")
