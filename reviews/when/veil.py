"""What a blind second review hides, and from whom: the whole run, until the second answer is given.

From the person who is asked; and from the first answer on, while nobody is chosen yet, from everybody who could be.
With the run, whatever tells how it went on (`orchestration.families`).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Value

from audit import hot, sight
from audit.models import User
from orchestration import families
from orchestration.families import Seeds
from orchestration.models import Run, Workflow
from reviews.models import Decision, Review
from reviews.states import DECIDED, ReviewKind, ReviewStatus

ANYBODY = -(2**40)  # stands for a person's number until it is known
SOON = 0  # no review yet: somebody may be asked for one in a moment
# Most of the time nothing is hidden from somebody, which is cheap to see.
HIDES = """
SELECT 1 FROM reviews_review WHERE second_at IS NOT NULL
UNION ALL SELECT 1 FROM reviews_review WHERE kind = 'blind' AND status = 'open' AND chosen_id = %s::bigint
LIMIT 1
"""


def _asked(user: User) -> Q:
    """The blind reviews that this person is to answer."""
    return Q(status=ReviewStatus.OPEN, kind=ReviewKind.BLIND, chosen=user)


def _may_be_asked(user: User) -> Q:
    """The first reviews of which they could be chosen for the second: as `seconds.choose` would, without a query."""
    here = Workflow.objects.filter(pk=OuterRef("workflow"))
    own = here.filter(workflowuserpermission__user=user, workflowuserpermission__permission__codename="decide_workflow")
    shared = here.filter(
        workflowgrouppermission__group__user=user, workflowgrouppermission__permission__codename="decide_workflow"
    )
    answered = Decision.objects.filter(Q(by=user) | Q(stands_for=user), review=OuterRef("pk"))
    due = Q(second_at__isnull=False, status__in=DECIDED, group__in=user.groups.all())
    decides_here: Q = Q(Exists(own)) | Q(Exists(shared))
    return due & ~Q(not_by__contains=[user.pk]) & decides_here & ~Q(Exists(answered))


def _answers_nowhere(user: User) -> bool:
    """Whether no question can be put to them: the rights that their request knows already say so."""
    return not Workflow.objects.ids_allowed(user, "decide")


def _told(user: User) -> Seeds:
    """The runs with a first answer that they may not learn, since when, and the blind review that lifts the veil."""
    sql, values = _told_to_anybody()
    return Seeds(sql, [_put(value, user.pk) for value in values])


def _put(value: Any, person: int) -> Any:
    if isinstance(value, list):
        return [_put(one, person) for one in value]
    return person if value == ANYBODY else value


@cache
def _told_to_anybody() -> tuple[str, Sequence[Any]]:
    """The same for `ANYBODY`, made once: it takes longer to build than to ask."""
    user = User(pk=ANYBODY)
    soon, second = Value(SOON, BigIntegerField()), Review.objects.order_by()
    asked = second.filter(_asked(user)).annotate(since=F("second_of__decided_at"), seed=F("pk"))
    coming = second.filter(_may_be_asked(user)).annotate(since=F("decided_at"), seed=soon)
    seeds = asked.values_list(*families.SEEDS).union(coming.values_list(*families.SEEDS), all=True)
    return seeds.query.sql_with_params()


@sight.veil
def hidden_runs(user: User) -> QuerySet[Any, Any]:
    """The ids of the runs that this person may not look at yet."""
    return Run.objects.none().values_list("pk", flat=True) if _answers_nowhere(user) else families.of(_told(user))


def hides(user: User, run_id: int) -> int | None:
    """The blind review that `user` is to answer before they may see how a run went on; `SOON` where it is not opened
    yet and may become theirs; None where nothing is hidden.
    """
    if not hot.rows(HIDES, [user.pk]):
        return None
    return families.seed_of(_told(user), run_id)


def second_to_come(review: OuterRef) -> Exists:
    """Whether the second answer to that review is still to come, from whomever."""
    due = Q(pk=review, second_at__isnull=False, status__in=DECIDED)
    asked = Q(second_of=review, kind=ReviewKind.BLIND, status=ReviewStatus.OPEN)
    return Exists(Review.objects.filter(due | asked))
