"""Who is named for a review: the one with the fewest, or the one whose turn it is."""

from django.db import connection
from django.db.models import Count, Max

from audit.actors import WORKER
from audit.ledger import record
from audit.models import User
from reviews import notices, places, points
from reviews.models import Review
from reviews.who import holders
from reviews.who.models import Turn
from reviews.who.seating import asked

LEAST_LOADED, IN_TURN, SENT_BACK = "least_loaded", "in_turn", "sent_back"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))"  # openings at one step name people one after the other


def candidates(review: Review) -> list[int]:
    """Those who could decide it themselves now: who is away is not among them, nor who acts for them."""
    barred = {*review.not_by, *places.taken(places.standing(review))}
    wanted, now = asked(places.asking(review)), holders.here()
    return [
        one.person
        for one in holders.holders(review.workflow_id)
        if one.person not in now.away and now.able(one.person).apart.isdisjoint(barred) and wanted.asks(*one)
    ]


def choose(review: Review, way: str) -> int | None:
    """Whom to name; in a transaction, until whose end nobody else is named at this step. None where nobody can."""
    key = review.step_run.step.key
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"assign:{review.workflow_id}:{key}"])
    people = candidates(review)
    if not people:
        return None
    turns = Turn.objects.filter(workflow=review.workflow_id, step_key=key)
    last = dict(turns.filter(user__in=people).values_list("user", "last"))
    load = _load(people) if way == LEAST_LOADED else {}
    chosen = min(people, key=lambda pk: (load.get(pk, 0), last.get(pk, 0), pk))
    number = (turns.aggregate(last=Max("last"))["last"] or 0) + 1
    Turn.objects.update_or_create(
        workflow_id=review.workflow_id, step_key=key, user_id=chosen, defaults={"last": number}
    )
    return chosen


def _load(people: list[int]) -> dict[int, int]:
    """How many open reviews stand with each."""
    open_now = Review.objects.open().filter(assigned_to__in=people).order_by()
    return dict(open_now.values_list("assigned_to").annotate(count=Count("pk")))


def next_of(pk: int) -> None:
    """Name somebody for the place that a review asks next, where its section says so."""
    review = Review.objects.select_related("group", "step_run__step", "step_run__run__workflow").get(pk=pk)
    if "assign" in review.step_run.step.review:
        name(review, str(points.section(review.step_run).get("assign", "")))


def name(review: Review, way: str, *, sent_back_by: int | None = None) -> None:
    """Name somebody, and write it down: whoever sent it back, if they still may decide, else as the section says.

    In the transaction that holds the review.
    """
    if sent_back_by is not None and sent_back_by in candidates(review):
        chosen, way = sent_back_by, SENT_BACK
    elif not way or (found := choose(review, way)) is None:
        return
    else:
        chosen = found
    Review.objects.filter(pk=review.pk).update(assigned_to=chosen)
    review.assigned_to_id = chosen
    who = User.objects.get(pk=chosen)
    told = {"title": review.title, "name": str(who)}
    body = {"assigned_to": chosen, "by": way}
    record("review.assigned", review, actor=WORKER, body=body, personal=told, object_version=review.version)
    notices.tell("assigned", review, [chosen])
