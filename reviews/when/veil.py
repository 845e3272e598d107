"""What a blind second review hides, and from whom: the whole run, until the second answer is given.

From the person who is asked; and from the first answer on, while nobody is chosen yet, from everybody who could be.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from audit import hot, sight
from audit.models import User
from orchestration.models import Workflow
from reviews.models import Decision, Review
from reviews.states import DECIDED, ReviewKind, ReviewStatus

SOON = 0  # no review yet: somebody may be asked for one in a moment
# Of most runs nothing is hidden from anybody, which is cheap to see.
HIDES = """
SELECT 1 FROM reviews_review WHERE run_id = %s::bigint AND (second_at IS NOT NULL OR chosen_id = %s::bigint) LIMIT 1
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


@sight.veil
def hidden_runs(user: User) -> QuerySet[Any, Any]:
    """The ids of the runs that this person may not look at yet."""
    asked = Review.objects.filter(_asked(user)).order_by().values_list("run", flat=True)
    return asked.union(Review.objects.filter(_may_be_asked(user)).order_by().values_list("run", flat=True), all=True)


def told_by(user: User) -> Q:
    """The reviews that would tell this person the first answer."""
    second = Review.objects.filter(_asked(user)).values("second_of")
    return Q(pk__in=second) | Q(pk__in=Review.objects.filter(_may_be_asked(user)).values("pk"))


def hides(user: User, run_id: int) -> int | None:
    """The blind review of a run that `user` is to answer before they may see how it went on; `SOON` where it is not
    opened yet and may become theirs; None where nothing is hidden.
    """
    if not hot.rows(HIDES, [run_id, user.pk]):
        return None
    found = Review.objects.filter(_asked(user) | _may_be_asked(user), run=run_id).order_by("-kind", "pk")
    first = found.values_list("pk", "kind").first()
    if first is None:
        return None
    return first[0] if first[1] == ReviewKind.BLIND else SOON
