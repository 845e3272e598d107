"""What holds whatever happens: quorums in any order, absences however they overlap, turns that stay fair."""

import itertools
from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import User
from orchestration.models import Workflow
from reviews import decisions
from reviews.models import Decision, Review
from reviews.who import assigning, holders, seating
from reviews.who.seating import Place
from tests.cast import Cast
from tests.who.asked import somebody, start, waiting, workflow

IDS = st.integers(1, 6)
GONE = st.dictionaries(IDS, st.none() | IDS, max_size=6)
ABLE = st.lists(st.frozensets(IDS, max_size=4), max_size=5)
PLACES = st.lists(
    st.builds(Place, st.integers(1, 5), st.lists(IDS, max_size=3).map(tuple), st.lists(IDS, max_size=3).map(tuple)),
    min_size=1,
    max_size=4,
    unique_by=lambda place: place.number,
)
IN_THE_DATABASE = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@given(GONE)
def test_whoever_acts_for_somebody_is_here(gone: dict[int, int | None]) -> None:
    for person in gone:
        other = holders.stand_in(person, gone)
        assert other is None or other not in gone
        assert other is None or person in holders.stood_for(other, gone)
    for person in range(1, 7):
        assert all(other in gone for other in holders.stood_for(person, gone))
        assert person not in gone or holders.stood_for(person, gone) == []


@given(ABLE)
def test_places_are_told_apart_as_by_trying_all(able: list[frozenset[int]]) -> None:
    tried = any(len(set(people)) == len(people) for people in itertools.product(*able))
    assert seating.assigned_apart(able) == tried


@given(PLACES, PLACES)
def test_nobody_is_let_off_by_an_edit(known: list[Place], anew: list[Place]) -> None:
    came = {place.number: place for place in seating.stricter(known, anew)}
    for place in known:
        assert came[place.number].asks <= place.asks
    for place in anew:
        assert any(one.asks == place.asks and (one.must or one.number == place.number) for one in came.values())


PEOPLE = ("rita", "ravi", "mina", "rosa", "adam", "noah")
ACTS = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["approve", "edit", "undo", "reject"])), max_size=9)


@pytest.fixture
def quorums(cast: Cast) -> list[Workflow]:
    """Two of three and three of three, in order and side by side."""
    somebody("rosa", "reviewer", "manager")
    then = [{"group": "manager"}, {"holds": "decide"}]
    enough: list[dict[str, Any]] = [{"of": 2}, {}]
    orders = [True, False]
    return [workflow(cast, then=then, undo_seconds=60, side_by_side=beside, **of) for of in enough for beside in orders]


@pytest.mark.django_db
@IN_THE_DATABASE
@given(at=st.integers(0, 3), acts=ACTS)
def test_no_approval_has_too_few_people_behind_it(cast: Cast, quorums: list[Workflow], at: int, acts: Any) -> None:
    with transaction.atomic():
        review = start(cast, quorums[at])
        for login, act in acts:
            _act(review.pk, User.objects.get(username=login), act)
            _check(review.pk)
        transaction.set_rollback(True)


def _act(pk: int, by: User, act: str) -> None:
    review = Review.objects.get(pk=pk)
    shown: dict[str, Any] = {"version": review.version, "shown_hash": review.content_hash}
    edit = {"amount": str(review.version)} if act == "edit" else None
    try:
        with transaction.atomic():
            if act == "undo":
                decisions.undo(pk, by=by)
            else:
                verdict = "rejected" if act == "reject" else "approved"
                decisions.decide(pk, by=by, verdict=verdict, reason="So.", arguments=edit, **shown)
    except decisions.CannotDecide:
        pass


def _check(pk: int) -> None:
    review = Review.objects.get(pk=pk)
    standing = list(Decision.objects.standing().filter(review=review, verdict="approved"))
    people = [one.by_id for one in standing]
    assert len(set(people)) == len(people) == len({one.place for one in standing})
    assert not set(people) & set(review.not_by)
    if review.status == "approved":
        last = max(standing, key=lambda one: one.pk)
        alike = [one for one in standing if one.content_hash in (last.shown_hash, last.content_hash)]
        assert len(alike) >= review.needed
    elif review.is_open:
        assert _refused(review, len(standing))


def _refused(review: Review, filled: int) -> bool:
    """Whether the database takes an approval by somebody else only where all but one of the places are filled."""
    by = User.objects.get(username="noah")
    empty = next(n for n in range(1, 9) if not Decision.objects.standing().filter(review=review, place=n).exists())
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE reviews_review SET status = 'approved', decided_by_id = %s, place = %s WHERE id = %s",
                [by.pk, empty, review.pk],
            )
            taken = True
            transaction.set_rollback(True)
    except IntegrityError:
        taken = False
    return taken == (filled >= review.needed - 1)


@pytest.mark.django_db
@IN_THE_DATABASE
@given(decided=st.lists(st.booleans(), min_size=1, max_size=12))
def test_turns_stay_fair_whatever_is_decided_meanwhile(cast: Cast, decided: list[bool]) -> None:
    with transaction.atomic():
        review = waiting(cast, assign="in_turn")
        counted: Counter[int | None] = Counter({review.assigned_to_id: 1})
        for _gone in decided:
            counted[assigning.choose(review, "in_turn")] += 1
        assert set(counted) <= {cast.rita.pk, cast.ravi.pk}
        assert abs(counted[cast.rita.pk] - counted[cast.ravi.pk]) <= 1
        transaction.set_rollback(True)
