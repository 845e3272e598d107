"""The lists of the inbox: whose item stands where, what narrows a list, and lists that are kept under a name."""

import pytest
from django.test import Client

from audit.models import User
from reviews.models import Draft, Review, View, Watch
from tests.cast import Cast
from tests.reviews.conftest import Browse, Decide
from tests.reviews.test_inbox import copies, queries


def titles(client: Client, query: str = "") -> list[str]:
    """The titles of a list, as its page shows them."""
    answer = client.get(f"/inbox/{query}", headers={"HX-Target": "queue"})
    assert answer.status_code == 200
    return [row.review.title for row in answer.context["queue"].rows]


def test_it_lists_with_the_team_what_one_started_oneself(cast: Cast, review: Review, browse: Browse) -> None:
    cast.adam.groups.add(cast.groups["reviewer"])
    adam = browse(User.objects.get(pk=cast.adam.pk))
    assert titles(adam) == []
    assert titles(adam, "?list=team") == [review.title]


def test_it_lists_nothing_with_the_team_that_one_may_decide(rita: Client, review: Review) -> None:
    assert titles(rita) == [review.title]
    assert titles(rita, "?list=team") == []


def test_it_lists_what_one_watches_until_one_looks_away(cast: Cast, review: Review, browse: Browse) -> None:
    mina = browse(cast.mina)
    mina.post(f"/inbox/{review.pk}/watch/", {"on": "1"})
    mina.post(f"/inbox/{review.pk}/watch/", {"on": "1"})
    assert titles(mina, "?list=watching") == [review.title]
    mina.post(f"/inbox/{review.pk}/watch/", {"on": "0"})
    assert titles(mina, "?list=watching") == []


def test_it_lists_nothing_watched_that_one_may_no_longer_see(cast: Cast, review: Review, browse: Browse) -> None:
    Watch.objects.create(review=review, user=cast.noah)
    assert titles(browse(cast.noah), "?list=watching") == []


def test_it_changes_nothing_by_being_opened(rita: Client, review: Review) -> None:
    rita.get(f"/inbox/{review.pk}/watch/")
    assert not Watch.objects.exists()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?priority=1", 3),
        ("?priority=0", 0),
        ("?priority=nonsense", 3),
        ("?unsure=1", 1),
        ("?workflow=answer-a-customer", 3),
        ("?workflow=no-such", 0),
        ("?step=send", 3),
        ("?step=triage", 0),
        ("?draft=1", 1),
        ("?q=copy", 2),
        ("?q=copy+nowhere", 0),
        ("?q=%00", 3),
        ("?q=nowhere", 0),
    ],
)
def test_it_narrows_a_list(cast: Cast, rita: Client, review: Review, query: str, count: int) -> None:
    copies(review, 2)
    Review.objects.update(confidence=0.9)
    Review.objects.filter(pk=review.pk).update(confidence=0.4)
    Draft.objects.create(review=review, user=cast.rita, reason="Not yet")
    Draft.objects.create(review=Review.objects.latest("pk"), user=cast.ravi, reason="Not mine")
    assert len(titles(rita, query)) == count


def test_it_says_what_a_list_is_narrowed_by_and_leads_back(rita: Client, review: Review) -> None:
    page = rita.get("/inbox/?q=nowhere&priority=1").text
    assert "Nothing here is like that" in page
    assert 'href="/inbox/?list=mine&amp;priority=1"' in page


def test_it_goes_on_within_what_is_asked_for(rita: Client, review: Review, decide: Decide) -> None:
    copies(review, 3)
    Review.objects.filter(title="Copy 2").update(priority=0)
    wanted = Review.objects.get(title="Copy 3")
    form = {"verdict": "approved", "version": review.version, "shown_hash": review.content_hash, "next": "on"}
    answer = rita.post(f"/inbox/{review.pk}/decide/?q=copy+3", form)
    assert answer.headers["Location"].startswith(f"/inbox/{wanted.pk}/?q=copy")


@pytest.mark.parametrize("query", ["?q=copy", "?list=team&q=copy", "?step=send", "?list=every&q=copy", "?filter=1"])
def test_it_takes_the_same_queries_with_few_and_many(rita: Client, review: Review, query: str) -> None:
    copies(review, 9)
    few = queries(rita, f"/inbox/{query}")
    copies(review, 190)
    assert queries(rita, f"/inbox/{query}") == few


def test_it_takes_the_same_queries_where_too_much_is_found_to_name(
    rita: Client, review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies(review, 40)
    few = queries(rita, "/inbox/?q=copy")
    monkeypatch.setattr("reviews.desk.finding.FEW", 10)
    assert queries(rita, "/inbox/?q=copy") == few
    assert titles(rita, "?q=copy")[0] == "Copy 1"


def test_it_keeps_a_list_under_a_name(rita: Client, cast: Cast) -> None:
    rita.post("/inbox/lists/", {"name": " Urgent  ones ", "query": "?priority=0&list=mine&after=12&nonsense=1"})
    kept = View.objects.get()
    assert (kept.name, kept.query) == ("Urgent ones", "priority=0")
    assert 'aria-current="true" data-command="Urgent ones"' in rita.get("/inbox/?priority=0").text


def test_it_keeps_no_list_without_a_name_or_of_everything(rita: Client) -> None:
    for form in ({"name": "", "query": "priority=0"}, {"name": "All", "query": ""}, {"name": "x" * 61, "query": "q=a"}):
        assert rita.post("/inbox/lists/", form).status_code == 303
    assert not View.objects.exists()


def test_it_shares_a_list_with_a_group_of_ones_own_alone(rita: Client, cast: Cast, browse: Browse) -> None:
    reviewers, admins = cast.groups["reviewer"], cast.groups["admin"]
    rita.post("/inbox/lists/", {"name": "For admins", "query": "priority=0", "group": str(admins.pk)})
    assert not View.objects.exists()
    rita.post("/inbox/lists/", {"name": "For all", "query": "priority=0", "group": str(reviewers.pk)})
    assert "For all" in browse(cast.ravi).get("/inbox/").text
    assert "For all" not in browse(cast.mina).get("/inbox/").text


def test_it_lets_nobody_put_away_the_list_of_another(rita: Client, cast: Cast, browse: Browse) -> None:
    rita.post("/inbox/lists/", {"name": "Mine", "query": "priority=0"})
    kept = View.objects.get()
    assert browse(cast.ravi).post(f"/inbox/lists/{kept.pk}/put-away/").status_code == 404
    assert rita.post(f"/inbox/lists/{kept.pk}/put-away/").status_code == 303
    assert not View.objects.exists()
