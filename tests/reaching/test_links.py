"""Links: opening one decides nothing and changes nothing; two touches of its own person decide."""

import re
from typing import Any

import pytest
from django.test import Client

from audit import people
from audit.actors import COMMAND
from audit.clock_time import now
from reviews import decisions, notices
from reviews.models import Decision, Review
from reviews.notices import links, spreading
from reviews.reaching import Link
from tests.cast import PASSWORD, Cast
from tests.clock import jump
from tests.reaching.conftest import Send
from tests.reaching.postbox import Postbox, plain
from tests.visitor import _Forms

WEEK = 7 * 24 * 3600


@pytest.fixture
def token(cast: Cast, review: Review) -> str:
    """A link of Rita's."""
    return links.make(cast.rita, [review], now())[review.pk]


@pytest.fixture
def rita(cast: Cast) -> Client:
    """Rita's phone."""
    client = Client()
    client.force_login(cast.rita)
    return client


def confirm(client: Client, token: str, choose: str = "approved", **more: Any) -> Any:
    """The first touch, and the second: what the form of the page sends."""
    parser = _Forms()
    parser.feed(client.get(f"/l/{token}/?choose={choose}").content.decode())
    form = next(one for one in parser.found if one.action.endswith("/decide/"))
    return client.post(form.action, {**form.fields, **more})


def test_the_link_of_a_mail_leads_to_the_decision_in_two_touches(
    cast: Cast, review: Review, postbox: Postbox, send: Send
) -> None:
    notices.tell("assigned", review, [cast.rita.pk])
    send()
    (letter,) = postbox.to("rita@northwind-bank.example")
    found = re.search(r"https://handrail\.example(/l/[\w-]+/)", plain(letter))
    assert found is not None
    path, client = found[1], Client()
    asked = client.get(path)
    assert (asked.status_code, asked.headers["Location"]) == (302, f"/login/?next={path}")
    signed_in = client.post(asked.headers["Location"], {"username": "rita", "password": PASSWORD})
    assert signed_in.headers["Location"] == path
    assert b"Nothing is decided before you confirm it." in client.get(path).content
    answer = confirm(client, path.split("/")[2])
    assert answer.status_code == 303
    review.refresh_from_db()
    assert (review.status, review.decided_by) == ("approved", cast.rita)
    assert b"You decided this" in client.get(path).content


def test_opening_it_changes_nothing_however_often(rita: Client, token: str, review: Review) -> None:
    before = list(Review.objects.values()), list(Link.objects.values())
    for query in ("", "?choose=approved", "?choose=rejected", "?verdict=approved&choose=nonsense"):
        assert rita.get(f"/l/{token}/{query}").status_code == 200
        assert rita.head(f"/l/{token}/{query}").status_code == 200
    assert rita.get(f"/l/{token}/decide/").status_code == 405
    assert (list(Review.objects.values()), list(Link.objects.values())) == before
    assert not Decision.objects.exists()
    assert confirm(rita, token).status_code == 303


def test_it_is_nobody_elses(cast: Cast, token: str, review: Review) -> None:
    for user in (cast.ravi, cast.adam, cast.noah):
        client = Client()
        client.force_login(user)
        assert client.get(f"/l/{token}/").status_code == 404
        sent = {"verdict": "approved", "version": "1", "shown_hash": review.content_hash}
        assert client.post(f"/l/{token}/decide/", sent).status_code == 404
    assert not Decision.objects.exists()


def test_its_token_stands_nowhere(token: str) -> None:
    (kept,) = Link.objects.all()
    assert token not in str(kept.__dict__)
    assert kept.token_hash == links.hashed(token)


def test_it_ends_after_a_week(rita: Client, token: str) -> None:
    jump(WEEK + 1)
    assert rita.get(f"/l/{token}/").status_code == 410
    assert rita.post(f"/l/{token}/decide/", {"verdict": "approved"}).status_code == 410
    assert not Decision.objects.exists()


def test_it_is_good_once(rita: Client, token: str, review: Review) -> None:
    assert confirm(rita, token).status_code == 303
    again = rita.post(
        f"/l/{token}/decide/", {"verdict": "rejected", "version": "1", "shown_hash": review.content_hash, "reason": "x"}
    )
    assert again.status_code == 409
    assert Decision.objects.count() == 1


def test_it_is_over_with_its_review(cast: Cast, rita: Client, token: str, review: Review) -> None:
    decisions.decide(review.pk, by=cast.ravi, verdict="approved", version=1, shown_hash=review.content_hash)
    page = rita.get(f"/l/{token}/")
    assert b"Ravi Menon" in page.content
    assert b"/decide/" not in page.content
    assert rita.post(f"/l/{token}/decide/", {"verdict": "approved"}).status_code == 409
    jump(10)
    spreading.plan()
    assert Link.objects.get().revoked_at is not None


def test_a_stale_page_decides_nothing_and_keeps_the_words(rita: Client, token: str, review: Review) -> None:
    Review.objects.filter(pk=review.pk).update(version=2)
    sent = {"verdict": "rejected", "version": "1", "shown_hash": review.content_hash, "reason": "It is too short."}
    answer = rita.post(f"/l/{token}/decide/", sent)
    assert answer.status_code == 409
    assert b"It is too short." in answer.content
    assert not Decision.objects.exists()


def test_a_rejection_asks_for_its_reason(rita: Client, token: str) -> None:
    answer = confirm(rita, token, "rejected")
    assert answer.status_code == 422
    assert b"Say why. The reason goes into the record." in answer.content
    assert confirm(rita, token, "rejected", reason="It is wrong.").status_code == 303
    assert Decision.objects.get().reason == "It is wrong."


def test_who_has_lost_the_right_finds_nothing(cast: Cast, rita: Client, token: str) -> None:
    people.leave(cast.rita, cast.groups["reviewer"], actor=COMMAND)
    assert rita.get(f"/l/{token}/").status_code == 404


def test_own_work_cannot_be_decided_by_a_link(cast: Cast, review: Review) -> None:
    people.join(cast.adam, cast.groups["reviewer"], actor=COMMAND)
    token = links.make(cast.adam, [review], now())[review.pk]
    client = Client()
    client.force_login(cast.adam)
    assert b'name="choose"' not in client.get(f"/l/{token}/").content
    sent = {"verdict": "approved", "version": "1", "shown_hash": review.content_hash}
    assert client.post(f"/l/{token}/decide/", sent).status_code == 403


def test_nonsense_is_told_so(rita: Client, token: str) -> None:
    assert rita.post(f"/l/{token}/decide/", {"verdict": "perhaps"}).status_code == 400
    assert rita.get("/l/no-such/").status_code == 404
