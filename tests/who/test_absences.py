"""Absences: a deputy acts for who is away, by name, and never breaks four eyes."""

from datetime import timedelta

import pytest

from audit.models import Event, User
from reviews import decisions
from reviews.models import Absence, Decision, Review
from reviews.who import absences, holders, nobody, own
from reviews.who.absences import CannotBeAway
from tests.cast import Cast
from tests.reviews.conftest import Browse
from tests.who.asked import decide, ended, somebody, start, waiting, waits_for, workflow

pytestmark = pytest.mark.django_db


def away(user: User, deputy: User | None, *, days: int = 3, after: int = 0) -> Absence:
    first = holders.today() + timedelta(days=after)
    return absences.say(user, first, first + timedelta(days=days), deputy, by=user)


def test_a_deputy_decides_for_who_is_away_and_the_record_names_both(cast: Cast) -> None:
    review = waiting(cast, who={"person": "mina"})
    assert waits_for(cast.rita) == []
    away(cast.mina, cast.rita)
    assert waits_for(cast.rita) == [review.pk]
    decided = decide(review, cast.rita)
    assert (ended(review), decided.stands_for) == (True, cast.mina)
    event = Event.objects.get(kind="review.approved")
    assert (event.actor_id, event.on_behalf_of_id) == (str(cast.rita.pk), str(cast.mina.pk))


def test_a_deputy_who_may_not_decide_here_does_not(cast: Cast) -> None:
    review = waiting(cast, who={"person": "mina"})
    away(cast.mina, cast.noah)
    assert waits_for(cast.noah) == []
    with pytest.raises(decisions.NotAllowed):
        decide(review, cast.noah)


def test_a_deputy_who_is_away_is_stood_in_for_by_theirs(cast: Cast) -> None:
    review = waiting(cast, who={"person": "mina"})
    away(cast.mina, cast.rita)
    away(cast.rita, cast.ravi)
    assert (waits_for(cast.rita), waits_for(cast.ravi)) == ([], [review.pk])


def test_before_and_after_it_nobody_acts(cast: Cast) -> None:
    review = waiting(cast, who={"person": "mina"})
    coming = away(cast.mina, cast.rita, after=2)
    assert waits_for(cast.rita) == []
    absences.call_off(coming.pk, cast.mina, by=cast.mina)
    over = away(cast.mina, cast.rita)
    assert waits_for(cast.rita) == [review.pk]
    absences.call_off(over.pk, cast.mina, by=cast.mina)
    assert waits_for(cast.rita) == []


def test_a_deputy_never_fills_two_places(cast: Cast) -> None:
    review = waiting(cast, then=[{"person": "mina"}])
    away(cast.mina, cast.rita)
    decide(review, cast.rita)
    assert waits_for(cast.rita) == []
    with pytest.raises(decisions.OwnPlace):
        decide(review, cast.rita)


def test_who_was_stood_in_for_fills_no_other_place(cast: Cast) -> None:
    review = waiting(cast, who={"person": "mina"}, then=[{"group": "manager"}])
    away(cast.mina, cast.rita)
    decide(review, cast.rita)
    with pytest.raises(decisions.OwnPlace):
        decide(review, cast.mina)


def test_a_deputy_does_not_decide_on_work_of_who_is_away(cast: Cast) -> None:
    rights = {
        "see": ["reviewer", "manager"],
        "start": ["manager"],
        "decide": ["reviewer", "manager"],
        "manage": ["admin"],
    }
    of = workflow(cast, who={"group": "manager"}, groups=rights)
    review = start(cast, of, by=cast.mina)
    away(cast.mina, cast.rita)
    with pytest.raises(decisions.OwnWork) as caught:
        decide(review, cast.rita)
    assert (caught.value.whys, caught.value.whose) == ([own.STARTED], "Mina Sato")


def test_one_who_decides_for_oneself_stands_for_nobody(cast: Cast) -> None:
    review = waiting(cast)
    away(cast.ravi, cast.rita)
    assert decide(review, cast.rita).stands_for is None


def test_the_newest_of_those_that_overlap_holds(cast: Cast) -> None:
    review = waiting(cast, who={"person": "mina"})
    away(cast.mina, cast.rita)
    away(cast.mina, cast.ravi)
    assert (waits_for(cast.rita), waits_for(cast.ravi)) == ([], [review.pk])


def test_nobody_acts_for_themselves_in_a_ring(cast: Cast) -> None:
    away(cast.rita, cast.ravi)
    with pytest.raises(CannotBeAway):
        away(cast.ravi, cast.rita)


@pytest.mark.parametrize(("first", "last"), [(3, 1), (-9, -5), (0, 4000)])
def test_days_that_make_no_sense_are_refused(cast: Cast, first: int, last: int) -> None:
    today = holders.today()
    with pytest.raises(CannotBeAway):
        absences.say(cast.rita, today + timedelta(first), today + timedelta(last), None, by=cast.rita)


def test_the_owner_is_told_where_nobody_is_in_the_group(cast: Cast) -> None:
    review = waiting(cast, who={"group": "owner"})
    assert review.nobody_since is not None
    assert Event.objects.get(kind="review.nobody").data["because"] == nobody.EMPTY


def test_the_owner_is_told_once_all_are_away_and_no_longer_when_one_is_back(cast: Cast) -> None:
    review = waiting(cast)
    assert nobody.look() == 0
    coming = [away(one, None) for one in (cast.rita, cast.ravi)]
    assert (nobody.look(), nobody.look()) == (1, 0)
    assert Event.objects.get(kind="review.nobody").data["because"] == nobody.AWAY
    absences.call_off(coming[0].pk, cast.rita, by=cast.rita)
    nobody.look()
    assert Review.objects.get(pk=review.pk).nobody_since is None


def test_the_owner_is_told_where_it_is_work_of_all_who_are_asked(cast: Cast) -> None:
    rights = {"see": ["reviewer"], "start": ["reviewer"], "decide": ["reviewer"], "manage": ["admin"]}
    review = start(cast, workflow(cast, who={"person": "rita"}, groups=rights), by=cast.rita)
    assert review.nobody_since is not None
    assert Event.objects.get(kind="review.nobody").data["because"] == nobody.OWN


def test_the_owner_finds_it_on_home(cast: Cast, browse: Browse) -> None:
    waiting(cast, who={"group": "owner"})
    assert "Nobody may decide: Please look" in browse(cast.adam).get("/").text


def test_one_says_it_oneself_on_a_page(cast: Cast, browse: Browse) -> None:
    today, client = holders.today(), browse(cast.rita)
    sent = {"from_day": today.isoformat(), "to_day": today.isoformat(), "deputy": cast.ravi.pk}
    assert client.post("/me/absence/", sent).status_code == 303
    assert "Ravi Menon acts meanwhile." in client.get("/me/absence/").text
    assert "You act today for: Rita Bauer" in " ".join(browse(cast.ravi).get("/me/absence/").text.split())
    assert client.post("/me/absence/", {**sent, "to_day": "2001-01-01"}).status_code == 422
    made = Absence.objects.get()
    assert browse(cast.ravi).post(f"/me/absence/{made.pk}/off/").status_code == 409
    assert client.post(f"/me/absence/{made.pk}/off/").status_code == 303


def test_an_admin_says_it_for_others_and_whom_they_report_to(cast: Cast, browse: Browse) -> None:
    today, client, at = holders.today(), browse(cast.adam), f"/people/{cast.rita.pk}/"
    assert client.post(f"{at}absence/", {"from_day": today, "to_day": today, "deputy": ""}).status_code == 303
    assert client.post(at, {"manager": cast.mina.pk, "skills": "Fraud, cards"}).status_code == 303
    rita = User.objects.get(pk=cast.rita.pk)
    assert (rita.manager, rita.skills) == (cast.mina, ["cards", "fraud"])
    assert client.post(at, {"manager": cast.rita.pk, "skills": ""}).status_code == 422
    assert "away, nobody acts" in client.get("/people/").text
    assert "Fraud" not in client.get(at).text
    assert Decision.objects.count() == 0


def test_a_deputy_may_be_somebody_new(cast: Cast) -> None:
    rosa = somebody("rosa", "reviewer")
    review = waiting(cast, who={"person": "mina"})
    away(cast.mina, rosa)
    assert waits_for(rosa) == [review.pk]
