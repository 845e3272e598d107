"""Erasing a person: every table is spoken for, and nothing of what they wrote, kept or showed is left in any."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.serializers import serialize
from django.test import Client

from audit import erasing
from audit.actors import COMMAND
from audit.clock_time import now
from audit.models import Event, Preferences, User
from orchestration.models import Content
from reviews.models import Absence, Comment, CommentFile, Decision, Draft, Findable, Opinion, Review, View, Watch
from reviews.reaching import Chat, Message, Notice, NoticeChoices
from tests.accounts.hands import sign_in
from tests.cast import Cast
from tests.when.timed import decide, waiting

pytestmark = pytest.mark.django_db
MARK = "xanthippe"  # stands in all that is Rita's


def test_every_table_that_may_hold_traces_is_spoken_for() -> None:
    assert erasing.unspoken() == []


def test_a_table_that_nobody_speaks_for_is_found_and_stops_an_erasure(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = {label: why for label, why in erasing.spoken_for().items() if label != "reviews.Comment"}
    monkeypatch.setattr(erasing, "_spoken", left)
    assert erasing.unspoken() == ["reviews.Comment"]
    with pytest.raises(erasing.Unspoken, match=r"reviews\.Comment"):
        erasing.erase(cast.rita, actor=COMMAND)
    assert User.objects.get(pk=cast.rita.pk).username == "rita"


def test_only_tables_that_exist_are_spoken_for_and_each_that_stays_has_a_reason() -> None:
    known = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    assert set(erasing.spoken_for()) <= known
    assert all(why == "" or why.endswith(".") for why in erasing.spoken_for().values())


@pytest.fixture
def traces(cast: Cast) -> Review:
    """Rita signed in, decided, commented, asked, kept things and was told things; all of it with the mark."""
    rita = cast.rita
    User.objects.filter(pk=rita.pk).update(first_name=MARK, email=f"{MARK}@example.org", skills=[MARK])
    sign_in(Client(headers={"user-agent": MARK}))
    sign_in(Client(headers={"user-agent": MARK}), password="wrong " + MARK)
    review = waiting(cast)
    other = waiting(cast, slug="other")
    decide(review, rita, "rejected", reason=f"Said {MARK}.")
    Comment.objects.create(review=review, by=rita, text=f"So says {MARK}.", receipt=now_uuid())
    content = Content.objects.create(digest="0" * 64, media_type="text/plain", size=1, content=b"x")
    CommentFile.objects.create(comment=Comment.objects.get(), content=content, name=f"{MARK}.txt")
    Opinion.objects.create(review=other, by=rita, asked=cast.ravi, question=MARK)
    Draft.objects.create(review=other, user=rita, reason=MARK)
    View.objects.create(owner=rita, name=MARK, query="q=1")
    Watch.objects.create(review=other, user=rita)
    Absence.objects.create(user=rita, from_day=now().date(), to_day=now().date())
    Preferences.objects.update_or_create(user=rita, defaults={"zone": MARK})
    Authenticator.objects.create(user=rita, type="totp", data={"secret": MARK})
    NoticeChoices.objects.create(user=rita, zone=MARK)
    Chat.objects.create(user=rita, service="x", target=MARK)
    message = Message.objects.create(user=rita, channel="mail", error=MARK)
    Notice.objects.create(
        user=rita, review=other, kind="mentioned", about=MARK, channel="mail", due=now(), message=message
    )
    Review.objects.filter(pk=other.pk).update(assigned_to=rita, claimed_by=rita, claimed_until=now())
    return review


def now_uuid() -> Any:
    return Event.objects.latest("id").event_id


def holding(word: str) -> list[str]:
    """The working tables in which a word stands."""
    kept = {label for label, why in erasing.spoken_for().items() if why}
    return sorted(
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and model._meta.label not in kept
        and word in serialize("json", model._base_manager.all()).lower()
    )


@pytest.mark.usefixtures("traces")
def test_nothing_of_theirs_is_left(cast: Cast) -> None:
    before = holding(MARK)
    assert {"reviews.Comment", "reviews.CommentFile", "reviews.Decision", "reviews.Draft", "reviews.Opinion"} < set(
        before
    )
    assert {
        "reviews.Opinion",
        "reviews.Findable",
        "reviews.View",
        "reviews.Message",
        "reviews.Notice",
        "reviews.Chat",
    } < set(before)
    assert {"audit.User", "mfa.Authenticator", "usersessions.UserSession", "axes.AccessAttempt"} < set(before)
    rows = Decision.objects.count(), Comment.objects.count()
    erasing.erase(cast.rita, actor=COMMAND)
    assert holding(MARK) == []
    assert (Decision.objects.count(), Comment.objects.count()) == rows
    for gone in (Absence, Watch, Draft, Preferences, Authenticator, UserSession, Session, AccessAttempt):
        assert not gone._default_manager.exists()
    assert not Review.objects.filter(assigned_to=cast.rita).exists()
    assert not Review.objects.filter(claimed_by=cast.rita).exists()
    erased = User.objects.get(pk=cast.rita.pk)
    assert (erased.username, str(erased), erased.email, erased.is_active) == (
        f"erased-{erased.pk}", f"erased-{erased.pk}", "", False
    )  # fmt: skip
    told = Event.objects.get(kind="user.erased")
    assert MARK not in told.body


def test_what_others_wrote_stays_and_is_still_found(cast: Cast, traces: Review) -> None:
    Comment.objects.create(review=traces, by=cast.ravi, text="Persimmon.", receipt=cast_uuid(cast))
    Draft.objects.create(review=traces, user=cast.ravi, reason="Mine.")
    erasing.erase(cast.rita, actor=COMMAND)
    assert Comment.objects.get(by=cast.ravi).text == "Persimmon."
    assert Draft.objects.filter(user=cast.ravi).exists()
    words = str(Findable.objects.values_list("words", flat=True).get(review=traces))
    assert "persimmon" in words
    assert MARK not in words


def cast_uuid(cast: Cast) -> Any:
    """Another receipt than that of the comment that there is."""
    return Event.objects.exclude(event_id=Comment.objects.get().receipt).latest("id").event_id
