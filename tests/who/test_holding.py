"""Holding, passing on and asking a colleague: who may, who is told, and that none of it decides."""

import threading
from typing import Any

import pytest
from django.db import connection

from audit.actors import person
from audit.models import Event, User
from audit.reading import told
from orchestration import engine, jobs
from orchestration.models import Workflow
from reviews import decisions
from reviews.models import Decision, Opinion, Review
from reviews.who import holding, opinions, passing
from reviews.who.holding import CannotHold
from reviews.who.passing import CannotPass
from tests import clock
from tests.cast import Cast
from tests.reviews.conftest import Browse
from tests.who.asked import anew, decide, ended, start, waiting, workflow

pytestmark = pytest.mark.django_db


def kinds() -> list[str]:
    return list(Event.objects.filter(object_type="review").exclude(kind="review.open").values_list("kind", flat=True))


def test_a_hold_is_seen_and_locks_nothing(cast: Cast, browse: Browse) -> None:
    review = waiting(cast)
    assert browse(cast.rita).post(f"/inbox/{review.pk}/claim/").status_code == 303
    refused = browse(cast.ravi).post(f"/inbox/{review.pk}/claim/")
    assert refused.status_code == 409
    assert "Rita Bauer holds this at the moment. You can decide all the same." in refused.text
    assert "Rita Bauer holds it until" in browse(cast.ravi).get(f"/inbox/{review.pk}/").text
    decide(review, cast.ravi)
    assert ended(review)


def test_a_hold_ends_by_itself_and_is_renewed_without_a_word(cast: Cast, browse: Browse) -> None:
    review, client = waiting(cast), browse(cast.rita)
    client.post(f"/inbox/{review.pk}/claim/")
    clock.jump(seconds=200)
    assert client.post(f"/inbox/{review.pk}/claim/", headers={"X-Renews": "1"}).status_code == 204
    clock.jump(seconds=200)
    with pytest.raises(CannotHold):
        holding.claim(review.pk, by=cast.ravi)
    clock.jump(seconds=200)
    holding.claim(review.pk, by=cast.ravi)
    assert client.post(f"/inbox/{review.pk}/claim/", headers={"X-Renews": "1"}).status_code == 409
    assert kinds() == ["review.claimed", "review.claimed"]


def test_one_lets_go_of_ones_own_hold_alone(cast: Cast) -> None:
    review = waiting(cast)
    holding.claim(review.pk, by=cast.rita)
    with pytest.raises(CannotHold):
        holding.release(review.pk, by=cast.ravi)
    holding.release(review.pk, by=cast.rita)
    assert Review.objects.get().claimed_by is None


def test_who_may_not_decide_does_not_hold(cast: Cast, browse: Browse) -> None:
    review = waiting(cast)
    assert browse(cast.adam).post(f"/inbox/{review.pk}/claim/").status_code == 404  # he may not even see it
    assert browse(cast.mina).post(f"/inbox/{review.pk}/claim/").status_code == 403


def test_one_forwards_to_who_may_decide(cast: Cast, browse: Browse) -> None:
    review, client = waiting(cast), browse(cast.rita)
    at = f"/inbox/{review.pk}/forward/"
    assert client.post(at, {"to": cast.mina.pk, "was": ""}).status_code == 409
    assert client.post(at, {"to": "", "was": ""}).status_code == 422
    assert client.post(at, {"to": cast.ravi.pk, "was": ""}).status_code == 303
    assert client.post(at, {"to": cast.ravi.pk, "was": ""}).status_code == 409  # it was not as that page showed it
    assert Review.objects.get().assigned_to == cast.ravi
    assert review in Review.objects.named(cast.ravi)
    assert kinds() == ["review.forwarded"]


def test_a_lead_assigns_many_with_a_result_for_each(cast: Cast, browse: Browse) -> None:
    rights = {"see": ["reviewer", "admin"], "start": ["admin"], "decide": ["reviewer"], "manage": ["admin"]}
    of = workflow(cast, groups=rights)
    first, second, third = (start(cast, of) for _ in range(3))
    decide(second, cast.rita)
    Review.objects.filter(pk=third.pk).update(assigned_to=cast.rita)
    chosen = [f"{one.pk}:" for one in (first, second, third)]
    answer = browse(cast.adam).post("/team/assign/", {"review": chosen, "to": cast.ravi.pk})
    assert answer.status_code == 409
    assert "1 of 3 lines assigned" in answer.text
    assert "It has been decided meanwhile." in answer.text
    assert "It was assigned to somebody else meanwhile." in answer.text
    assert Review.objects.get(pk=first.pk).assigned_to == cast.ravi
    assert browse(cast.rita).post("/team/assign/", {"review": chosen, "to": cast.ravi.pk}).status_code == 404


def test_only_a_lead_assigns(cast: Cast) -> None:
    review = waiting(cast)
    with pytest.raises(decisions.NotAllowed):
        passing.reassign(review.pk, cast.ravi, by=cast.rita, was=None)
    with pytest.raises(CannotPass):
        passing.reassign(review.pk, cast.noah, by=cast.adam, was=None)
    passing.reassign(review.pk, cast.ravi, by=cast.adam, was=None)
    passing.reassign(review.pk, None, by=cast.adam, was=cast.ravi.pk)
    assert kinds() == ["review.assigned", "review.unassigned"]
    told_of = [told.plain(one) for one in Event.objects.filter(object_type="review").order_by("id")]
    assert told_of[1:] == [
        "Please look is assigned to Ravi Menon, by Adam Novak",
        "Adam Novak had Please look assigned to nobody",
    ]


def test_a_colleague_answers_and_decides_nothing(cast: Cast, browse: Browse) -> None:
    review = waiting(cast)
    sent: dict[str, Any] = {"whom": cast.mina.pk, "question": "Is this usual?"}
    assert browse(cast.rita).post(f"/inbox/{review.pk}/ask/", sent).status_code == 303
    assert browse(cast.rita).post(f"/inbox/{review.pk}/ask/", sent).status_code == 409
    asked = browse(cast.mina).get(f"/inbox/{review.pk}/").text
    assert "Is this usual?" in asked
    opinion = Opinion.objects.get()
    assert browse(cast.ravi).post(f"/inbox/opinions/{opinion.pk}/", {"answer": "No."}).status_code == 404
    assert browse(cast.mina).post(f"/inbox/opinions/{opinion.pk}/", {"answer": " "}).status_code == 422
    assert browse(cast.mina).post(f"/inbox/opinions/{opinion.pk}/", {"answer": "It is."}).status_code == 303
    assert "It is." in browse(cast.rita).get(f"/inbox/{review.pk}/").text
    assert Decision.objects.count() == 0
    assert opinions.asked_of(anew(cast.mina)) == []


def test_who_may_not_see_the_workflow_is_not_asked(cast: Cast, browse: Browse) -> None:
    review = waiting(cast)
    answer = browse(cast.rita).post(f"/inbox/{review.pk}/ask/", {"whom": cast.noah.pk, "question": "Kept words"})
    assert answer.status_code == 409
    assert "Kept words" in answer.text


@pytest.mark.usefixtures("transactional_db")
def test_of_two_who_hold_at_once_one_does(live_cast: Cast) -> None:
    review, came_to, barrier = waiting(live_cast), [], threading.Barrier(2)

    def hold(by: User) -> None:
        barrier.wait()
        try:
            holding.claim(review.pk, by=by)
            came_to.append("held")
        except CannotHold:
            came_to.append("refused")
        finally:
            connection.close()

    both = [threading.Thread(target=hold, args=[by]) for by in (live_cast.rita, live_cast.ravi)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(came_to) == ["held", "refused"]


@pytest.mark.usefixtures("transactional_db")
def test_openings_at_once_name_in_turn(live_cast: Cast) -> None:
    of = Workflow.objects.get(pk=workflow(live_cast, assign="in_turn").pk)
    for _ in range(4):
        engine.start(of, {"amount": "1"}, actor=person(live_cast.adam), started_by=live_cast.adam)

    def work() -> None:
        try:
            while jobs.advance():
                pass
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    named = list(Review.objects.order_by("pk").values_list("assigned_to", flat=True))
    assert sorted(named) == sorted([live_cast.rita.pk, live_cast.ravi.pk] * 2)
