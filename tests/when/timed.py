"""Questions with a course by the clock."""

from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from audit.clock_time import now
from audit.models import User
from orchestration.models import Run
from reviews import decisions
from reviews.models import Decision, Review
from tests.cast import Cast, carry_out_all
from tests.flow import drawn

RIGHTS = {
    "see": ["reviewer", "manager", "admin"],
    "start": ["admin"],
    "decide": ["reviewer", "manager"],
    "manage": ["admin"],
}


def section(**review: Any) -> dict[str, Any]:
    """A review section that is due in an hour."""
    return {**deepcopy(drawn.REVIEW), **review}


def waiting(cast: Cast, *, tool: str = "test.say", slug: str = "timed", **review: Any) -> Review:
    """A question that waits, of a step with such a review."""
    step = drawn.step("book", tool=tool, input={"word": "'book'"}, review=section(**review))
    run = drawn.start(cast, step, groups=RIGHTS, slug=slug)
    carry_out_all()
    return Review.objects.get(run=run)


def decide(review: Review, by: User, verdict: str = "approved", **more: Any) -> Decision:
    """Decide on the review as it was read."""
    shown = {"version": review.version, "shown_hash": review.content_hash}
    reason = {"reason": "No."} if verdict == "rejected" else {}
    return decisions.decide(review.pk, by=by, verdict=verdict, **{**shown, **reason, **more})


def fresh(review: Review) -> Review:
    """The review as it stands now."""
    return Review.objects.get(pk=review.pk)


def earlier(review: Review, minutes: float) -> None:
    """Let it be so much later for one review: all of its moments are moved back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reviews_review SET due_at = due_at - %(by)s::interval, timer_at = timer_at - %(by)s::interval, "
            "asked_at = asked_at - %(by)s::interval, course = (SELECT coalesce(jsonb_agg(jsonb_set(one, '{at}', "
            "to_jsonb((one->>'at')::timestamptz - %(by)s::interval))), '[]') FROM jsonb_array_elements(course) AS one) "
            "WHERE id = %(pk)s",
            {"by": f"{minutes} minutes", "pk": review.pk},
        )


def is_soon(moment: datetime | None, minutes: float) -> bool:
    """Whether a moment lies so many minutes ahead, give or take one."""
    return moment is not None and abs((moment - now()) - timedelta(minutes=minutes)) < timedelta(minutes=1)


def after(run: Run) -> Run:
    """The run once everything that is ready is carried out."""
    carry_out_all()
    return Run.objects.get(pk=run.pk)
