"""Who is asked to decide a review now, and whether somebody still is: what a notice may say hangs on it."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from audit.models import User
from reviews import places
from reviews.models import Review
from reviews.reaching import TO_DECIDE, Kind, Notice
from reviews.states import DECIDED, ReviewStatus
from reviews.who import holders, may

MOST = 2000  # people that one question is put to


def people(review: Review) -> list[int]:
    """The ids of those who may decide it now, also for somebody who is away; of one that is assigned, that person's."""
    if not review.is_open:
        return []
    asked, barred = may.asked_now(review), {*review.not_by, *places.taken(places.standing(review))}
    here = holders.present(holders.holders(review.workflow_id), holders.here())
    able = {able.person for able, whom in here if able.apart.isdisjoint(barred) and asked.asks(*whom)}
    return [review.assigned_to_id] if review.assigned_to_id in able else sorted(able)[:MOST]


def still(user: User, notices: Collection[Notice]) -> dict[int, str]:
    """Why somebody is not told some of these things any more: by the id of the notice. Three queries.

    Nothing is said of those that are `waiting`.
    """
    if not user.is_active:
        return {one.pk: _("They cannot sign in any more.") for one in notices}
    reviews = {one.review_id for one in notices if one.review_id}
    open_ones = set(Review.objects.open_for(user).filter(pk__in=reviews).values_list("pk", flat=True))
    seen = dict(Review.objects.seen_by(user).filter(pk__in=reviews).values_list("pk", "status"))
    return {one.pk: why for one in notices if (why := _why_not(one, open_ones, seen))}


def waiting(user: User, notices: Collection[Notice]) -> set[int]:
    """Those that would tell of a run that is hidden from somebody for now, by the id of the notice. One query."""
    reviews = {one.review_id for one in notices if one.review_id}
    told = set(Review.objects.unveiled(user).filter(pk__in=reviews).values_list("pk", flat=True))
    return {one.pk for one in notices if one.review_id and one.review_id not in told}


def _why_not(notice: Notice, open_ones: set[int], seen: dict[int, str]) -> str:
    pk = notice.review_id
    if pk is None:
        return ""
    if pk not in seen:
        return _("They may not see it any more.")
    if notice.kind in TO_DECIDE and pk not in open_ones:
        return _("It does not wait for them any more.")
    if notice.kind == Kind.DECIDED and seen[pk] not in DECIDED:
        return _("The decision was taken back.")
    if notice.kind == Kind.NOBODY and seen[pk] != ReviewStatus.OPEN:
        return _("It is over.")
    return ""
