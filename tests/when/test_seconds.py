"""Blind second reviews: another person, who sees nothing of the first; stored, compared, and nothing follows."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from audit import people
from audit.actors import COMMAND
from audit.models import Event, User
from orchestration.models import StepRun
from reviews import decisions
from reviews.asking import answering
from reviews.asking.answering import Answers
from reviews.models import Review
from reviews.when import seconds
from reviews.when.seconds import open_due
from tests.cast import Cast, carry_out_all
from tests.flow import drawn
from tests.when.timed import RIGHTS, after, decide, fresh, section, waiting


def browser(user: User) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


def second_of(cast: Cast, **review: Any) -> tuple[Review, Review]:
    """A review that Rita has approved, and the blind one that follows."""
    first = waiting(cast, second=1, **review)
    decide(first, cast.rita)
    assert open_due() == 1
    return fresh(first), Review.objects.get(second_of=first)


def test_a_second_person_answers_blindly(cast: Cast) -> None:
    first, second = second_of(cast)
    assert after(first.run).status == "done"  # the second releases nothing
    assert (second.chosen, second.status, second.content) == (cast.ravi, "open", first.content)
    assert second in Review.objects.open_for(cast.ravi)
    assert second not in Review.objects.open_for(cast.rita)
    assert open_due() == 0
    outputs = drawn.output(first.run, "book")
    decide(second, cast.ravi, "rejected")
    told = Event.objects.get(kind="review.second_decided").data
    assert (told["agree"], told["first"], told["verdict"]) == (False, "approved", "rejected")
    assert fresh(second).status == "seconded"
    assert (fresh(first).status, drawn.output(first.run, "book")) == ("approved", outputs)
    both = seconds.agreement(fresh(first))
    assert both is not None
    assert (both.first.by, both.second.by, both.agree) == (cast.rita, cast.ravi, False)
    assert seconds.agreement(fresh(second)) == both


def test_what_is_taken_back_has_no_second(cast: Cast) -> None:
    first = waiting(cast, second=1, undo_seconds=60)
    decide(first, cast.rita)
    assert open_due() == 0  # not before the window is over
    decisions.undo(first.pk, by=cast.rita)
    assert fresh(first).second_at is None


def test_nobody_else_answers_it(cast: Cast) -> None:
    _first, second = second_of(cast)
    for other in (cast.rita, cast.adam, cast.mina):
        with pytest.raises(decisions.NotAllowed):
            decide(second, other)
    decide(second, cast.ravi)
    with pytest.raises(decisions.AlreadyDecided):
        decide(second, cast.ravi)


def test_where_nobody_else_could_the_record_says_so(cast: Cast) -> None:
    first = waiting(cast, second=1)
    cast.ravi.is_active = False
    cast.ravi.save()
    decide(first, cast.rita)
    assert open_due() == 0
    assert Event.objects.filter(kind="review.second_lacking").count() == 1
    assert not Review.objects.filter(second_of=first).exists()


def test_somebody_else_is_asked_where_the_reader_leaves(cast: Cast) -> None:
    people.join(cast.mina, cast.groups["reviewer"], actor=COMMAND)
    _first, second = second_of(cast)
    assert second.chosen_id is not None
    left = User.objects.get(pk=second.chosen_id)
    left.is_active = False
    left.save()
    assert open_due() == 1
    assert open_due() == 1
    assert fresh(second).status == "withdrawn"
    other = Review.objects.get(second_of=second.second_of_id, status="open")
    assert other.chosen_id not in (left.pk, cast.rita.pk)


def test_the_first_answer_is_nowhere_to_be_seen(cast: Cast) -> None:
    first, second = second_of(cast)
    after(first.run)
    ravi = browser(cast.ravi)
    page = ravi.get(f"/inbox/{second.pk}/")
    assert "Somebody has decided this already, and you are not told how" in page.text
    assert "Rita" not in page.text
    for address in (f"/inbox/{first.pk}/", f"/runs/{first.run_id}/"):
        hidden = ravi.get(address)
        assert (hidden.status_code, hidden.headers["Location"]) == (302, f"/inbox/{second.pk}/")
    assert "Rita" not in ravi.get(f"/inbox/?open={first.pk}").text
    assert ravi.post(f"/inbox/{first.pk}/undo/").headers["Location"] == f"/inbox/{second.pk}/"
    decide(second, ravi_of(cast))
    seen = ravi.get(f"/inbox/{first.pk}/").text
    assert "Rita Bauer and, blindly, Ravi Menon answered alike: approved." in seen
    assert browser(cast.mina).get(f"/runs/{first.run_id}/").status_code == 200


def ravi_of(cast: Cast) -> User:
    return User.objects.get(pk=cast.ravi.pk)


def test_it_is_withdrawn_by_no_sweep(cast: Cast) -> None:
    from reviews.intake import do_missed

    first, second = second_of(cast)
    after(first.run)
    assert StepRun.objects.get(run=first.run).status == "done"
    do_missed()
    assert fresh(second).status == "open"


def test_the_reports_show_how_far_people_agree(cast: Cast) -> None:
    _first, second = second_of(cast)
    decide(second, cast.ravi)
    page = browser(cast.mina).get("/reports/").text
    assert "Do people agree?" in page
    assert "of the one decision that was taken twice" in page
    assert "100" in page


def test_the_database_refuses_a_second_by_the_first(cast: Cast) -> None:
    _first, second = second_of(cast)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE reviews_review SET chosen_id = %s WHERE id = %s", [cast.rita.pk, second.pk])


def test_a_share_alone_is_taken_twice(cast: Cast) -> None:
    first = waiting(cast, second=0.000001)
    decide(first, cast.rita)
    assert (open_due(), fresh(first).second_at) == (0, None)


def test_a_blind_answer_is_never_sent_back(cast: Cast) -> None:
    back = {"to": ["read"]}
    read = drawn.step("read", tool="test.say", input={"word": "'read'"})
    book = drawn.step("book", tool="test.say", input={"word": "'book'"}, review=section(second=1, back=back))
    run = drawn.start(cast, read, book, groups=RIGHTS, slug="timed-back")
    carry_out_all()
    first = Review.objects.get(run=run)
    assert set(answering.targets(first, {"back": back})) == {"read"}
    decide(first, cast.rita)
    assert open_due() == 1
    second = Review.objects.get(second_of=first)
    assert answering.targets(second, {"back": back}) == {}
    with pytest.raises(decisions.CannotDecide):
        decide(second, cast.ravi, "sent_back", reason="Again.", answers=Answers(to="read"))
    assert fresh(second).status == "open"
