"""Places of every kind: whom they ask, how many are enough, in order or side by side."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit import people
from audit.actors import COMMAND
from audit.models import Event
from reviews import decisions
from reviews.models import Decision, Review
from tests.cast import Cast
from tests.who.asked import anew, decide, ended, somebody, start, status, waiting, waits_for, workflow

pytestmark = pytest.mark.django_db


def test_two_of_three_side_by_side_are_enough(cast: Cast) -> None:
    then = [{"person": "ravi"}, {"group": "manager"}]
    review = waiting(cast, then=then, of=2, side_by_side=True)
    assert review.pk in waits_for(cast.rita)
    assert review.pk in waits_for(cast.mina)
    decide(review, cast.mina)
    assert (status(review), waits_for(cast.mina)) == ("open", [])
    decide(review, cast.ravi)
    assert ended(review)
    assert sorted(Decision.objects.values_list("place", flat=True)) == [2, 3]


def test_side_by_side_each_is_seated_so_that_the_others_still_can_be(cast: Cast) -> None:
    review = waiting(cast, then=[{"person": "ravi"}], side_by_side=True)
    decide(review, cast.ravi)  # a reviewer too: he leaves the first place to Rita
    assert Decision.objects.get().place == 2
    decide(review, cast.rita)
    assert ended(review)


def test_a_person_is_asked_by_login(cast: Cast) -> None:
    review = waiting(cast, who={"person": "ravi"})
    assert (waits_for(cast.rita), waits_for(cast.ravi)) == ([], [review.pk])
    with pytest.raises(decisions.NotAllowed):
        decide(review, cast.rita)
    decide(review, cast.ravi)
    assert ended(review)


def test_a_place_may_ask_whoever_holds_a_permission(cast: Cast) -> None:
    review = waiting(cast, who={"holds": "decide"})
    assert (waits_for(cast.mina), waits_for(cast.rita)) == ([review.pk], [review.pk])


def test_a_place_may_ask_the_owners_manager(cast: Cast) -> None:
    people.give_manager(cast.adam, cast.mina, actor=COMMAND)
    review = waiting(cast, who={"manager": True})
    assert (waits_for(cast.mina), waits_for(cast.rita)) == ([review.pk], [])


def test_an_expression_names_people_or_groups(cast: Cast) -> None:
    many = {"expr": "double(act.arguments.amount) > 100.0 ? ['manager'] : ['ravi']"}
    of = workflow(cast, who=many)
    little, much = start(cast, of, "10"), start(cast, of, "1000")
    assert (waits_for(cast.ravi), waits_for(cast.mina), waits_for(cast.rita)) == ([little.pk], [much.pk], [])


def test_an_edit_that_asks_others_asks_them_besides(cast: Cast) -> None:
    many = {"expr": "double(act.arguments.amount) > 100.0 ? 'manager' : 'reviewer'"}
    review = waiting(cast, "10", who=many)
    decide(review, cast.rita, arguments={"amount": "1000"})
    assert (status(review), waits_for(cast.mina)) == ("open", [review.pk])
    decide(review, cast.mina)
    assert ended(review)


def test_a_skill_narrows_a_group(cast: Cast) -> None:
    people.give_skills(cast.ravi, ["Fraud"], actor=COMMAND)
    review = waiting(cast, who={"group": "reviewer", "skill": "fraud"})
    assert (waits_for(cast.ravi), waits_for(cast.rita)) == ([review.pk], [])
    with pytest.raises(decisions.NotAllowed):
        decide(review, cast.rita)
    people.give_skills(cast.rita, ["fraud", "cards"], actor=COMMAND)
    decide(review, anew(cast.rita))
    assert ended(review)


def test_a_place_that_nobody_can_fill_is_passed_over_while_enough_are_left(cast: Cast) -> None:
    then = [{"person": "noah"}, {"group": "manager"}]
    review = waiting(cast, then=then, of=2)
    decide(review, cast.rita)
    assert waits_for(cast.mina) == [review.pk]
    decide(review, cast.mina)
    assert ended(review)


def test_an_edit_empties_the_places_side_by_side(cast: Cast) -> None:
    review = waiting(cast, then=[{"group": "manager"}], side_by_side=True)
    decide(review, cast.mina)
    decide(review, cast.rita, arguments={"amount": "20"})
    now = Review.objects.get()
    assert (now.status, now.filled, now.needed) == ("open", 1, 2)
    assert waits_for(cast.mina) == [review.pk]
    decide(review, cast.mina)
    assert ended(review)


def test_one_of_two_ends_with_an_edit(cast: Cast) -> None:
    review = waiting(cast, then=[{"group": "manager"}], side_by_side=True, of=1)
    decide(review, cast.mina, arguments={"amount": "20"})
    assert ended(review)


def refused(statement: str, *values: Any) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except IntegrityError:
        return True
    return False


def test_the_database_counts_the_places(cast: Cast) -> None:
    review = waiting(cast, then=[{"person": "ravi"}, {"group": "manager"}], of=2, side_by_side=True)
    approve = "UPDATE reviews_review SET status = 'approved', decided_by_id = %s, place = %s WHERE id = %s"
    assert refused(approve, cast.rita.pk, 1, review.pk)
    decide(review, cast.mina)
    assert refused(approve, cast.mina.pk, 1, review.pk)  # the same person
    assert refused(approve, cast.rita.pk, 3, review.pk)  # the same place
    assert not refused(approve, cast.rita.pk, 1, review.pk)


def test_the_database_never_asks_fewer(cast: Cast) -> None:
    review = waiting(cast, then=[{"group": "manager"}])
    assert refused("UPDATE reviews_review SET needed = 1 WHERE id = %s", review.pk)
    assert refused("UPDATE reviews_review SET not_by = '{}' WHERE id = %s", review.pk)


def test_who_is_named_by_turns(cast: Cast) -> None:
    somebody("rosa", "reviewer")
    of = workflow(cast, assign="in_turn")
    named = [start(cast, of).assigned_to for _ in range(6)]
    assert [str(one) for one in named[:3]] == [str(one) for one in named[3:]]
    assert len(set(named)) == 3


def test_who_has_the_fewest_is_named(cast: Cast) -> None:
    of = workflow(cast, assign="least_loaded")
    first, second = start(cast, of), start(cast, of)
    assert {first.assigned_to, second.assigned_to} == {cast.rita, cast.ravi}
    decide(second, cast.ravi)
    assert start(cast, of).assigned_to == second.assigned_to
    assert Event.objects.filter(kind="review.assigned").count() == 3
