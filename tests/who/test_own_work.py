"""Nobody decides on work of their own: each way in which it is, below every view and in the database."""

from copy import deepcopy
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit import grants
from audit.actors import COMMAND, person
from audit.models import User
from orchestration import control, drafts, workflows
from orchestration.models import Run, Version
from orchestration.moving import doing, judging
from reviews import decisions
from reviews.models import Review
from reviews.who import own
from tests.cast import Cast, carry_out_all
from tests.flow import drawn
from tests.reviews.conftest import Browse
from tests.who.asked import GIVEN, RIGHTS, decide, ended, start, waiting, waits_for, workflow

pytestmark = pytest.mark.django_db


def refusal(review: Review, by: User) -> list[str]:
    """Why it is this person's own work."""
    with pytest.raises(decisions.OwnWork) as caught:
        decide(review, by)
    return caught.value.whys


def test_who_started_the_run_does_not_decide(cast: Cast) -> None:
    of = workflow(cast, groups={**RIGHTS, "start": ["admin", "reviewer"]})
    review = start(cast, of, by=cast.rita)
    assert refusal(review, cast.rita) == [own.STARTED]
    assert waits_for(cast.rita) == []


def test_who_last_edited_the_version_does_not_decide(cast: Cast) -> None:
    of = workflow(cast)
    draft = drafts.draft_of(of, by=cast.adam)
    saved = drafts.save(draft.pk, draft.source.replace("A test.", "Another."), revision=draft.revision, by=cast.rita)
    workflows.publish(saved.draft.source, actor=person(cast.adam), by=cast.adam, draft=saved.draft)
    of.refresh_from_db()
    review = start(cast, of)
    assert refusal(review, cast.rita) == [own.VERSION]
    decide(review, cast.ravi)
    assert ended(review)


def reading(cast: Cast) -> Any:
    """A workflow whose last step reads what a person wrote at the first."""
    say = drawn.step("first", review=deepcopy(drawn.REVIEW), input={"word": "input.amount"})
    book = drawn.step("book", input={"word": "steps.first.word"}, review=drawn.REVIEW)
    return drawn.publish(cast, say, book, groups=RIGHTS, input=GIVEN, slug="reads")


def test_who_edited_what_the_step_reads_does_not_decide(cast: Cast) -> None:
    first = start(cast, reading(cast))
    decide(first, cast.rita, arguments={"word": "another"})
    second = Review.objects.open().get(run=first.run)
    assert refusal(second, cast.rita) == [own.INPUT]
    decide(second, cast.ravi)
    assert ended(second)


def test_who_approved_it_as_it_was_may_decide_later(cast: Cast) -> None:
    first = start(cast, reading(cast))
    decide(first, cast.rita)
    second = Review.objects.open().get(run=first.run)
    decide(second, cast.rita)
    assert ended(second)


def test_an_edit_within_ones_own_decision_is_no_own_work(cast: Cast) -> None:
    review = waiting(cast)
    decide(review, cast.rita, arguments={"amount": "20"})
    assert ended(review)


def test_who_supplied_the_input_of_a_restart_does_not_decide(cast: Cast) -> None:
    first = start(cast, workflow(cast))
    again = control.restart(first.run, "book", actor=person(cast.rita), started_by=cast.rita, reads={"amount": "77"})
    once_more = control.restart(again, "book", actor=person(cast.adam), started_by=cast.adam)
    carry_out_all()
    review = Review.objects.open().get(run=once_more)
    assert review.arguments == {"amount": "77"}
    assert refusal(review, cast.rita) == [own.INPUT]


def test_what_was_shared_from_an_earlier_run_is_still_theirs_who_wrote_it(cast: Cast) -> None:
    first = start(cast, reading(cast))
    decide(first, cast.rita, arguments={"word": "another"})
    run = Run.objects.get(pk=first.run_id)
    again = control.restart(run, "book", actor=person(cast.adam), started_by=cast.adam)
    carry_out_all()
    assert refusal(Review.objects.open().get(run=again), cast.rita) == [own.INPUT]


def test_who_moved_the_run_and_who_edited_that_version_do_not_decide(cast: Cast) -> None:
    grants.grant("manage_workflow", cast.rita, workflow(cast), actor=COMMAND)
    review = start(cast, workflow(cast))
    newer = workflow(cast, drawn.step("before"))
    version = Version.objects.select_related("workflow").get(workflow=newer, status="published")
    Version.objects.filter(pk=version.pk).update(edited_by=cast.ravi)
    rows = Run.objects.select_related("version__workflow", "workflow").filter(pk=review.run_id)
    (found,) = judging.plan(list(rows), version)
    (came,) = doing.move_runs({review.run_id: found.seen}, version, by=cast.rita, reason="Better.")
    assert came.moved
    now = Review.objects.open().get(run=review.run)
    assert set(now.not_by) >= {cast.rita.pk, cast.ravi.pk, cast.adam.pk}
    assert refusal(now, cast.rita) == [own.INPUT]
    assert now.nobody_since is not None


def test_the_page_says_which_it_is(cast: Cast, browse: Browse) -> None:
    first = start(cast, reading(cast))
    decide(first, cast.rita, arguments={"word": "another"})
    second = Review.objects.open().get(run=first.run)
    assert "You wrote or changed what this step reads." in browse(cast.rita).get(f"/inbox/{second.pk}/").text


def test_the_database_refuses_every_own_work(cast: Cast) -> None:
    first = start(cast, reading(cast))
    decide(first, cast.rita, arguments={"word": "another"})
    second = Review.objects.open().get(run=first.run)
    copy = (
        "INSERT INTO reviews_decision (review_id, verdict, by_id, stands_for_id, at, reason, content, content_hash, "
        "shown_hash, edited, changes, outcome, sent_to, place, receipt) SELECT %s, verdict, %s, %s, at, reason, "
        "content, content_hash, shown_hash, edited, changes, outcome, sent_to, 1, gen_random_uuid() "
        "FROM reviews_decision LIMIT 1"
    )
    reject = "UPDATE reviews_review SET status = 'rejected', decided_by_id = %s WHERE id = %s"
    assert refused(copy, second.pk, cast.rita.pk, None)
    assert refused(copy, second.pk, cast.ravi.pk, cast.rita.pk)
    assert refused(reject, cast.rita.pk, second.pk)
    assert not refused(copy, second.pk, cast.ravi.pk, None)


def refused(statement: str, *values: Any) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except IntegrityError:
        return True
    return False
