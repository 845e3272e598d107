"""Two of two, by groups: each place of a review is another person's, on the same bytes, and the database holds it."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit import people
from audit.actors import COMMAND, person
from audit.models import Event, User
from orchestration import engine
from orchestration.models import Run
from reviews import decisions
from reviews.models import Decision, Review
from tests.cast import Cast, carry_out_all
from tests.flow import drawn
from tests.flow.drawn import Spec
from tests.reviews.conftest import Browse

type Given = dict[str, Any]

LEADS = {"group": "manager", "if": "double(act.arguments.amount) > 1000.0"}


def booking(**review: Any) -> Spec:
    """A step that two people approve where it is about much."""
    asked = {**drawn.REVIEW, "then": [LEADS], **review}
    return drawn.step("book", tool="test.say", input={"amount": "input.amount"}, review=asked)


def waiting(cast: Cast, amount: str = "2500.00", **review: Any) -> Review:
    """A question about so much money."""
    rights = {
        "see": ["reviewer", "manager"],
        "start": ["admin"],
        "decide": ["reviewer", "manager"],
        "manage": ["admin"],
    }
    given = {"type": "object", "properties": {"amount": {"type": "string"}}}
    workflow = drawn.publish(cast, booking(**review), groups=rights, input=given, slug="books")
    run = engine.start(workflow, {"amount": amount}, actor=person(cast.adam), started_by=cast.adam)
    carry_out_all()
    return Review.objects.get(run=run)


def decide(review: Review, by: User, verdict: str = "approved", **more: Any) -> Decision:
    """Decide on the review as it stands now."""
    now = Review.objects.get(pk=review.pk)
    shown = {"version": now.version, "shown_hash": now.content_hash}
    return decisions.decide(review.pk, by=by, verdict=verdict, **{**shown, **more})


def amount(review: Review) -> str:
    return str(Review.objects.get(pk=review.pk).arguments["amount"])


def test_two_people_approve_one_after_the_other(cast: Cast) -> None:
    review = waiting(cast)
    decide(review, cast.rita)
    carry_out_all()
    now = Review.objects.get()
    assert (now.status, now.group.name, now.place, now.filled, now.version) == ("open", "manager", 2, 1, 2)
    assert drawn.statuses(now.run) == {"book": "waiting"}
    decide(review, cast.mina)
    carry_out_all()
    assert Run.objects.get().status == "done"
    assert Review.objects.get().decided_by == cast.mina
    assert [one.place for one in Decision.objects.order_by("place")] == [1, 2]


def test_a_small_amount_needs_one_person(cast: Cast) -> None:
    review = waiting(cast, "900.00")
    decide(review, cast.rita)
    assert Review.objects.get().status == "approved"


def test_an_amount_that_cannot_be_read_needs_two(cast: Cast) -> None:
    review = waiting(cast, "a lot")
    decide(review, cast.rita)
    assert Review.objects.get().status == "open"


def test_an_edit_over_the_limit_asks_the_second_person(cast: Cast) -> None:
    review = waiting(cast, "900.00")
    decide(review, cast.rita, arguments={"amount": "9000.00"})
    now = Review.objects.get()
    assert (now.status, now.group.name, amount(review)) == ("open", "manager", "9000.00")


def test_what_is_asked_follows_an_edit(cast: Cast) -> None:
    review = waiting(cast, title="'Pay ' + act.arguments.amount")
    decide(review, cast.rita, arguments={"amount": "2400.00"})
    assert Review.objects.get().title == "Pay 2400.00"


def test_an_edit_under_the_limit_lets_nobody_off(cast: Cast) -> None:
    review = waiting(cast)
    decide(review, cast.rita, arguments={"amount": "5.00"})
    assert Review.objects.get().status == "open"
    decide(review, cast.mina)
    carry_out_all()
    run = Run.objects.get()
    assert drawn.output(run, "book") == {"amount": "5.00", "verdict": "approved", "edited": True}


def test_an_edit_by_the_second_empties_the_first_place(cast: Cast) -> None:
    review = waiting(cast)
    first = decide(review, cast.rita)
    decide(review, cast.mina, arguments={"amount": "2400.00"})
    now = Review.objects.get()
    assert (now.status, now.group.name, now.place, now.filled) == ("open", "reviewer", 1, 1)
    assert Decision.objects.get(pk=first.pk).emptied_at is not None
    decide(review, cast.rita)
    carry_out_all()
    assert drawn.output(Run.objects.get(), "book")["amount"] == "2400.00"
    emptied = Event.objects.filter(kind="review.filled").order_by("id").last()
    assert emptied is not None
    assert emptied.data["emptied"] == [str(first.receipt)]


def test_nobody_fills_two_places(cast: Cast) -> None:
    people.join(cast.rita, cast.groups["manager"], actor=COMMAND)
    review = waiting(cast)
    decide(review, cast.rita)
    with pytest.raises(decisions.OwnPlace):
        decide(review, cast.rita)
    assert review not in Review.objects.open_for(User.objects.get(pk=cast.rita.pk))
    assert review in Review.objects.open_for(cast.mina)


def test_the_same_group_sends_two_people(cast: Cast) -> None:
    review = waiting(cast, then=[{"group": "reviewer"}])
    decide(review, cast.rita)
    assert review in Review.objects.open_for(cast.ravi)
    decide(review, cast.ravi)
    assert Review.objects.get().status == "approved"


def test_whoever_comes_second_at_a_place_is_told(cast: Cast) -> None:
    review = waiting(cast)
    decide(review, cast.rita)
    with pytest.raises(decisions.PlaceFilled) as caught:
        decide(review, cast.ravi, version=1, shown_hash=review.content_hash)
    assert caught.value.decision.by == cast.rita


def test_the_wrong_group_fills_no_place(cast: Cast) -> None:
    review = waiting(cast)
    with pytest.raises(decisions.NotAllowed):
        decide(review, cast.mina)


def test_one_rejection_ends_it(cast: Cast) -> None:
    review = waiting(cast)
    decide(review, cast.rita)
    decide(review, cast.mina, "rejected", reason="Too much.")
    carry_out_all()
    assert Review.objects.get().status == "rejected"
    assert drawn.output(Run.objects.get(), "book") == {"verdict": "rejected", "edited": False}


def test_the_last_decision_can_be_taken_back_and_the_first_still_stands(cast: Cast) -> None:
    review = waiting(cast, undo_seconds=60)
    decide(review, cast.rita)
    decide(review, cast.mina)
    decisions.undo(review.pk, by=cast.mina)
    now = Review.objects.get()
    assert (now.status, now.place, now.filled) == ("open", 2, 1)
    with pytest.raises(decisions.NotAllowed):
        decisions.undo(review.pk, by=cast.rita)
    decide(review, cast.mina)
    assert Review.objects.get().status == "approved"


def refused(statement: str, *values: Any) -> bool:
    """Whether the database refuses it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except IntegrityError:
        return True
    return False


def test_the_database_refuses_an_approval_while_a_place_is_empty(cast: Cast) -> None:
    review = waiting(cast)
    approve = "UPDATE reviews_review SET status = 'approved', decided_by_id = %s WHERE id = %s"
    assert refused(approve, cast.mina.pk, review.pk)
    decide(review, cast.rita)
    assert refused(approve, cast.rita.pk, review.pk)
    changed = "UPDATE reviews_review SET status = 'approved', decided_by_id = %s, content_hash = 'x' WHERE id = %s"
    assert refused(changed, cast.mina.pk, review.pk)
    assert not refused(approve, cast.mina.pk, review.pk)


def test_the_database_refuses_two_places_and_own_work(cast: Cast) -> None:
    review = waiting(cast)
    decide(review, cast.rita)
    copy = (
        "INSERT INTO reviews_decision (review_id, verdict, by_id, at, reason, content, content_hash, shown_hash, "
        "edited, changes, outcome, sent_to, place, receipt) SELECT review_id, verdict, %s, at, reason, content, "
        "content_hash, shown_hash, edited, changes, outcome, sent_to, %s, gen_random_uuid() FROM reviews_decision"
    )
    assert refused(copy, cast.rita.pk, 2)  # the same person
    assert refused(copy, cast.ravi.pk, 1)  # the same place
    assert refused(copy, cast.adam.pk, 2)  # who started the run


@pytest.mark.usefixtures("transactional_db")
def test_of_two_who_approve_at_once_one_fills_the_place(live_cast: Cast) -> None:
    review = waiting(live_cast)
    came_to: list[str] = []
    barrier = threading.Barrier(2)

    def approve(by: User) -> None:
        barrier.wait()
        try:
            decisions.decide(review.pk, by=by, verdict="approved", version=1, shown_hash=review.content_hash)
            came_to.append("filled")
        except decisions.CannotDecide as error:
            came_to.append(type(error).__name__)
        finally:
            connection.close()

    both = [threading.Thread(target=approve, args=[by]) for by in (live_cast.rita, live_cast.ravi)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(came_to) == ["PlaceFilled", "filled"]
    assert Decision.objects.count() == 1


def test_the_page_says_how_far_it_has_come(cast: Cast, browse: Browse) -> None:
    review = waiting(cast)
    before = browse(cast.rita).get(f"/inbox/{review.pk}/").text
    assert "0 of 2 approved" in before
    assert "Approve, ask the next" in before
    decide(review, cast.rita, arguments={"amount": "2400.00"})
    after = browse(cast.mina).get(f"/inbox/{review.pk}/").text
    assert "1 of 2 approved" in after
    assert "Rita Bauer approved at" in after
    assert "Changed by those who approved before" in after
    assert "1 of 2 approved, waiting for Managers" in browse(cast.mina).get(f"/runs/{review.run_id}/").text


def test_a_page_that_is_too_old_is_told_who_approved(cast: Cast, browse: Browse) -> None:
    review = waiting(cast)
    decide(review, cast.rita)
    sent: Given = {"verdict": "approved", "version": 1, "shown_hash": review.content_hash, "arg.amount": "2500.00"}
    answer = browse(cast.ravi).post(f"/inbox/{review.pk}/decide/", {**sent, "reason": "Kept words"})
    assert answer.status_code == 409
    assert "Rita Bauer approved this at" in answer.text
    assert "Kept words" in answer.text
