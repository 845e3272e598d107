"""Reminded, asked of others, ended: by the clock, each once and in its order, and never as a decision."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from orchestration import leaving
from orchestration.models import Run, StepRun
from reviews import decisions, notices
from reviews.models import Decision, Lapse, Review
from reviews.when import clock, lapsing
from reviews.when.clock import do_due
from tests.cast import Cast
from tests.flow import drawn
from tests.when.timed import after, decide, earlier, fresh, is_soon, waiting

COURSE: dict[str, Any] = {
    "reminders": [30, 5],
    "escalate": [{"after": 60, "group": "manager"}],
    "default": {"after": 240, "outcome": "reject"},
}

type Told = list[tuple[str, set[int]]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Whom the clock has told what."""
    found: Told = []
    monkeypatch.setattr(notices, "tell", lambda kind, review, users, **words: found.append((kind, set(users))))
    return found


def kinds(review: Review) -> list[str]:
    """The events about a review, in their order."""
    about = Event.objects.filter(object_type="review", object_id=str(review.pk))
    return list(about.order_by("id").values_list("kind", flat=True))


def test_nobody_answers(cast: Cast, told: Told) -> None:
    review = waiting(cast, **COURSE)
    assert is_soon(review.timer_at, 30)
    assert do_due() == 0
    earlier(review, 31)
    assert (do_due(), do_due()) == (1, 0)
    assert kinds(review)[-1] == "review.reminded"
    assert told == [("reminded", {cast.rita.pk, cast.ravi.pk})]
    earlier(review, 25)
    assert do_due() == 1
    assert review not in Review.objects.open_for(cast.mina)
    earlier(review, 65)
    assert do_due() == 1
    assert review in Review.objects.open_for(cast.mina)  # the others were asked too
    assert review in Review.objects.open_for(cast.rita)  # and those who were asked first still are
    assert told[-1] == ("escalated", {cast.mina.pk})
    earlier(review, 180)
    assert do_due() == 1
    ended = fresh(review)
    assert (ended.status, ended.decided_by, ended.timer_at) == ("lapsed", None, None)
    assert Lapse.objects.get().outcome == "reject"
    assert not Decision.objects.exists()
    assert after(review.run).status == "done"
    assert drawn.output(review.run, "book") == {"verdict": "rejected", "edited": False, "lapsed": True}
    assert told[-1][0] == "lapsed"
    assert kinds(review) == [
        "review.open",
        "review.reminded",
        "review.reminded",
        "review.escalated",
        "review.lapsed",
    ]


def test_those_who_are_asked_later_decide_as_well(cast: Cast) -> None:
    review = waiting(cast, **COURSE)
    with pytest.raises(decisions.NotAllowed):
        decide(review, cast.mina)
    earlier(review, 130)
    do_due()
    decide(review, cast.mina)
    assert after(review.run).status == "done"
    assert drawn.output(review.run, "book")["verdict"] == "approved"


def test_a_clock_that_was_off_for_a_week_does_each_once_and_in_order(cast: Cast, told: Told) -> None:
    reviews = [waiting(cast, slug=f"timed-{n}", **COURSE) for n in range(3)]
    for place, review in enumerate(reviews):
        earlier(review, 7 * 24 * 60 + place)
    assert (do_due(), do_due()) == (12, 0)
    for review in reviews:
        assert kinds(review)[1:] == ["review.reminded", "review.reminded", "review.escalated", "review.lapsed"]
    assert [kind for kind, _ in told].count("lapsed") == 3


def test_what_is_decided_is_left_alone(cast: Cast) -> None:
    review = waiting(cast, **COURSE)
    decide(review, cast.rita)
    earlier(review, 999)
    assert do_due() == 0
    assert kinds(review) == ["review.open", "review.approved"]


def test_what_was_taken_back_is_taken_up_by_the_clock_again(cast: Cast) -> None:
    review = waiting(cast, undo_seconds=60, **COURSE)
    decide(review, cast.rita)
    earlier(review, 40)
    assert do_due() == 0
    decisions.undo(review.pk, by=cast.rita)
    assert do_due() == 1
    assert kinds(review)[-1] == "review.reminded"


def test_a_reminder_that_would_come_with_the_question_does_not_come(cast: Cast) -> None:
    review = waiting(cast, reminders=[60, 90, 10])
    assert [act["minutes"] for act in review.course] == [10]


def test_it_stays_where_that_is_said(cast: Cast, told: Told) -> None:
    review = waiting(cast, default={"after": 0, "outcome": "stay"})
    earlier(review, 61)
    assert (do_due(), do_due()) == (1, 0)
    assert kinds(review)[-1] == "review.stayed"
    assert told == [("nobody", {cast.rita.pk, cast.ravi.pk, cast.adam.pk})]
    decide(review, cast.rita)
    assert after(review.run).status == "done"


def test_it_goes_on_as_written_where_nothing_leaves_the_house(cast: Cast) -> None:
    review = waiting(cast, default={"after": 0, "outcome": "go_on"})
    earlier(review, 61)
    assert do_due() == 1
    assert after(review.run).status == "done"
    assert drawn.output(review.run, "book") == {
        "word": "book",
        "verdict": "lapsed",
        "edited": False,
        "reviewed": False,
    }


def test_an_edit_of_one_who_approved_first_is_not_what_goes_on(cast: Cast) -> None:
    review = waiting(cast, then=[{"group": "manager"}], default={"after": 0, "outcome": "go_on"})
    decide(review, cast.rita, arguments={"word": "other"})
    earlier(review, 61)
    assert do_due() == 1
    assert after(review.run).status == "done"
    assert drawn.output(review.run, "book")["word"] == "book"


def forged(review: Review, **changed: Any) -> StepRun:
    """The step as it comes out where its answer is not what the record holds."""
    earlier(review, 61)
    do_due()
    held = StepRun.objects.get(pk=review.step_run_id)
    StepRun.objects.filter(pk=held.pk).update(answer={**(held.answer or {}), **changed})
    after(review.run)
    return StepRun.objects.get(pk=held.pk)


def test_a_rejection_by_the_clock_is_no_leave_to_go_on(cast: Cast) -> None:
    review = waiting(cast, default={"after": 0, "outcome": "reject"})
    held = forged(review, verdict="lapsed", lapsed="go_on")
    assert (held.status, held.output) == ("failed", None)
    assert "does not hold" in held.error


def test_a_lapse_is_no_approval(cast: Cast) -> None:
    held = forged(waiting(cast, default={"after": 0, "outcome": "go_on"}), verdict="approved")
    assert held.status == "failed"
    assert "no approval" in held.error


def test_only_what_was_written_goes_on(cast: Cast) -> None:
    review = waiting(cast, default={"after": 0, "outcome": "go_on"})
    held = forged(review, content={**review.content, "arguments": {"word": "forged"}})
    assert held.status == "failed"
    assert Run.objects.get(pk=review.run_id).status == "failed"


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tool does leaves the house from now on."""
    monkeypatch.setattr(leaving, "_leaves", lambda name: True)


def test_what_leaves_the_house_meanwhile_is_kept_back(cast: Cast, told: Told, request: pytest.FixtureRequest) -> None:
    review = waiting(cast, default={"after": 0, "outcome": "go_on"})
    request.getfixturevalue("outside")
    earlier(review, 61)
    assert do_due() == 1
    assert (fresh(review).status, kinds(review)[-1]) == ("open", "review.stayed")
    assert told[-1][0] == "nobody"


def test_the_step_refuses_to_go_on_where_it_leaves_the_house(cast: Cast, request: pytest.FixtureRequest) -> None:
    review = waiting(cast, default={"after": 0, "outcome": "go_on"})
    earlier(review, 61)
    assert do_due() == 1
    request.getfixturevalue("outside")
    after(review.run)
    held = StepRun.objects.get(pk=review.step_run_id)
    assert held.status == "failed"
    assert "Nobody has approved this" in held.error


def refused(statement: str, *values: Any) -> bool:
    """Whether the database refuses it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except IntegrityError:
        return True
    return False


def test_the_database_lets_one_of_the_two_count(cast: Cast) -> None:
    lapse = (
        "INSERT INTO reviews_lapse (review_id, outcome, at, receipt) VALUES (%s, 'reject', now(), gen_random_uuid())"
    )
    copy = (
        "INSERT INTO reviews_decision (review_id, verdict, by_id, at, reason, content, content_hash, shown_hash, "
        "edited, changes, outcome, sent_to, place, receipt) SELECT %s, verdict, by_id, at, reason, content, "
        "content_hash, shown_hash, edited, changes, outcome, sent_to, place, gen_random_uuid() "
        "FROM reviews_decision LIMIT 1"
    )
    decided, ended = waiting(cast, slug="one"), waiting(cast, slug="two", default={"after": 0, "outcome": "reject"})
    decide(decided, cast.rita)
    earlier(ended, 61)
    do_due()
    assert refused(lapse, decided.pk)
    assert refused(copy, ended.pk)
    assert refused("UPDATE reviews_review SET status = 'open' WHERE id = %s", ended.pk)


def test_a_tick_costs_one_statement_however_many_wait(cast: Cast) -> None:
    for number in range(3):
        waiting(cast, slug=f"timed-{number}", **COURSE)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        do_due()
    assert len(asked) == 1


def test_one_that_breaks_holds_up_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole = (waiting(cast, slug=slug, default={"after": 0, "outcome": "reject"}) for slug in ("one", "two"))
    real = lapsing.lapse

    def lapse(review: Review, act: dict[str, Any]) -> Lapse | None:
        if review.pk == broken.pk:
            raise RuntimeError("It broke.")
        return real(review, act)

    monkeypatch.setattr(clock, "lapse", lapse)
    for one in (broken, whole):
        earlier(one, 61)
    assert do_due() == 1
    assert (fresh(broken).status, fresh(whole).status) == ("open", "lapsed")
    assert is_soon(fresh(broken).timer_at, 1)


MANY = """
WITH made AS (
    INSERT INTO orchestration_steprun SELECT (jsonb_populate_record(s, jsonb_build_object(
        'id', nextval(pg_get_serial_sequence('orchestration_steprun', 'id')), 'frame', 'x' || n))).*
    FROM orchestration_steprun s, generate_series(1, 5000) AS n WHERE s.id = %s RETURNING id
)
INSERT INTO reviews_review SELECT (jsonb_populate_record(r, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('reviews_review', 'id')), 'step_run_id', made.id))).*
FROM reviews_review r, made WHERE r.id = %s
"""


def test_a_tick_looks_at_none_of_those_that_are_not_due(cast: Cast) -> None:
    review = waiting(cast, reminders=[5])
    with connection.cursor() as cursor:
        cursor.execute(MANY, [review.step_run_id, review.pk])
        cursor.execute("ANALYZE reviews_review")
        cursor.execute("SET LOCAL enable_sort = off")  # all are due at one moment here, so that any index is as good
    assert Review.objects.open().count() == 5001
    plan = clock._due()[:200].explain(analyze=True, buffers=False)
    assert "review_timer" in plan, plan
    assert do_due() == 0
