"""Telling: written with what it is about, told once, to those alone who may still know of it."""

from datetime import timedelta

import pytest
from django.db import transaction

from audit import people
from audit.actors import COMMAND
from audit.clock_time import now
from audit.models import Event, User
from reviews import decisions, intake, notices
from reviews.models import Review
from reviews.notices import changing, content, sending, spreading
from reviews.reaching import Channel, Kind, Message, Notice, Told
from tests.cast import Cast
from tests.clock import jump
from tests.reaching.conftest import Send
from tests.reaching.postbox import Postbox, plain, whole

RITA = "rita@northwind-bank.example"
HOUR = 3601


def approve(review: Review, by: User) -> None:
    review.refresh_from_db()
    decisions.decide(
        review.pk,
        by=by,
        verdict="approved",
        version=review.version,
        shown_hash=review.content_hash,
    )


def test_a_question_reaches_its_group_by_mail_with_the_hour(
    cast: Cast, review: Review, postbox: Postbox, send: Send
) -> None:
    send()
    assert postbox.taken == []
    jump(HOUR)
    send()
    (letter,) = postbox.to(RITA)
    assert letter["Subject"] == "Answer a customer: Something waits for your decision"
    assert "https://handrail.example/l/" in plain(letter)
    assert {one["To"] for one in postbox.taken} == {RITA, "ravi@northwind-bank.example"}


def test_a_message_holds_nothing_of_what_it_is_about(cast: Cast, review: Review, postbox: Postbox, send: Send) -> None:
    notices.tell("mentioned", review, [cast.rita.pk], by="Ravi Menon", text="Look at Ines Duarte", about="comment-1")
    jump(HOUR)
    send()
    for letter in postbox.taken:
        for secret in ("Ines", "Duarte", "pending", "card", "Ravi", review.title):
            assert secret not in whole(letter)


def test_it_says_that_nobody_reads_answers(cast: Cast, review: Review, postbox: Postbox, send: Send) -> None:
    jump(HOUR)
    send()
    letter = postbox.taken[0]
    assert "handrail.invalid" in letter["Reply-To"]
    assert "Nobody reads answers" in letter["Reply-To"]
    assert letter["Auto-Submitted"] == "auto-generated"


def test_content_goes_along_only_where_all_allow_it(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not content.may_hold_content(review)
    monkeypatch.setattr("reviews.points.section", lambda step_run: {"notices": {"content": True}})
    assert not content.may_hold_content(review)  # it holds a customer's address
    monkeypatch.setattr("orchestration.routing.detectors.kinds", lambda value: {})
    assert content.may_hold_content(review)
    review.step_run.data_class = "confidential"
    assert not content.may_hold_content(review)


def test_nobody_is_told_twice(cast: Cast, review: Review, postbox: Postbox, send: Send) -> None:
    for _ in range(3):
        notices.tell("assigned", review, [cast.rita.pk, cast.rita.pk])
    send()
    assert len(postbox.to(RITA)) == 1
    notices.tell("assigned", review, [cast.rita.pk])
    send()
    assert len(postbox.to(RITA)) == 1
    assert Notice.objects.filter(user=cast.rita, kind="assigned", channel="mail").count() == 1


def test_it_is_written_with_what_it_is_about_or_not_at_all(cast: Cast, review: Review) -> None:
    Told.objects.all().delete()
    with transaction.atomic():
        notices.tell("assigned", review, [cast.rita.pk])
        transaction.set_rollback(True)
    assert not Told.objects.exists()


def test_who_has_left_the_group_is_not_told(cast: Cast, review: Review, postbox: Postbox, send: Send) -> None:
    spreading.plan()
    people.leave(cast.rita, cast.groups["reviewer"], actor=COMMAND)
    jump(HOUR)
    send()
    assert {one["To"] for one in postbox.taken} == {"ravi@northwind-bank.example"}
    assert Notice.objects.filter(user=cast.rita, channel="mail").get().why == "They may not see it any more."


def test_who_has_left_between_gathering_and_sending_is_not_told(
    cast: Cast, review: Review, postbox: Postbox, send: Send
) -> None:
    jump(HOUR)
    spreading.plan()
    assert Message.objects.filter(user=cast.rita, channel="mail").exists()
    cast.rita.is_active = False
    cast.rita.save()
    send()
    assert postbox.to(RITA) == []


def test_what_is_decided_is_no_longer_asked_and_its_starter_hears(
    cast: Cast, review: Review, postbox: Postbox, send: Send
) -> None:
    spreading.plan()
    approve(review, cast.rita)
    jump(HOUR)
    send()
    (letter,) = postbox.taken
    assert letter["To"] == "adam@northwind-bank.example"
    assert "Something that you started or follow was decided" in plain(letter)
    assert "/l/" not in plain(letter)


def test_a_decision_that_is_taken_back_is_not_told(cast: Cast, review: Review, postbox: Postbox, send: Send) -> None:
    approve(review, cast.rita)
    send()
    decisions.undo(review.pk, by=cast.rita)
    jump(HOUR)
    send()
    assert not any(one["To"].startswith("adam") for one in postbox.taken)


def test_many_questions_come_as_one_message_by_workflow_with_their_number(
    cast: Cast, postbox: Postbox, send: Send, models: object
) -> None:
    for number in range(12):
        cast.waiting(customer_name=f"Customer {number}")
    jump(HOUR)
    send()
    (letter,) = postbox.to(RITA)
    text = plain(letter)
    assert letter["Subject"].startswith("12 things for you")
    assert "Answer a customer: 12" in text
    assert text.count("/l/") == 10
    assert "and 2 more" in text
    assert "12 things wait for you altogether" in text


def test_a_flood_is_counted_and_not_listed(cast: Cast, review: Review, send: Send) -> None:
    spreading.plan()
    told = {"user": cast.rita, "review": review, "kind": Kind.ASKED, "channel": Channel.MAIL}
    for number in range(spreading.MOST_WAITING):
        Notice.objects.create(about=f"again-{number}", due=now() + timedelta(hours=1), **told)
    another = cast.waiting(customer_name="Another")
    spreading.plan()
    assert set(Notice.objects.filter(review=another, channel=Channel.MAIL).values_list("user", flat=True)) == {
        cast.ravi.pk
    }


def test_who_is_asked_next_is_told_once(cast: Cast, review: Review, send: Send) -> None:
    Review.objects.filter(pk=review.pk).update(version=2)
    notices.ask(Review(pk=review.pk, version=2))
    spreading.plan()
    assert list(Notice.objects.filter(user=cast.rita, channel="mail").values_list("about", flat=True)) == ["2"]


def test_a_question_that_is_withdrawn_before_is_not_told(
    cast: Cast, review: Review, postbox: Postbox, send: Send
) -> None:
    intake.withdraw([review.step_run_id], actor=COMMAND)
    jump(HOUR)
    send()
    assert postbox.taken == []


def test_the_outbox_folder_takes_what_no_server_does(cast: Cast, review: Review, send: Send, settings: object) -> None:
    notices.tell("assigned", review, [cast.rita.pk])
    send()
    sent = Message.objects.get(user=cast.rita, channel="mail")
    assert sent.sent_at is not None
    assert sorted(path.name for path in settings.OUTBOX.iterdir()) == [f"notice-{sent.key}.eml"]  # type: ignore[attr-defined]


def test_a_browser_is_called_and_asks_what_there_is(
    cast: Cast, review: Review, send: Send, monkeypatch: pytest.MonkeyPatch, client: object
) -> None:
    called: list[int] = []
    monkeypatch.setattr("audit.live.call", called.append)
    notices.tell("assigned", review, [cast.rita.pk])
    send()
    assert cast.rita.pk in called
    client.force_login(cast.rita)  # type: ignore[attr-defined]
    (shown,) = client.get("/me/notices/new/").json()["notices"]  # type: ignore[attr-defined]
    assert shown["title"] == "Something was given to you to decide"
    assert shown["url"] == f"/inbox/{review.pk}/"
    assert "Ines" not in str(shown)
    assert client.get(f"/me/notices/new/?after={shown['id']}").json()["notices"] == []  # type: ignore[attr-defined]
    client.force_login(cast.noah)  # type: ignore[attr-defined]
    assert client.get("/me/notices/new/").json()["notices"] == []  # type: ignore[attr-defined]


def test_what_one_chose_holds_for_what_waits_already(cast: Cast, review: Review, postbox: Postbox, send: Send) -> None:
    spreading.plan()
    changing.choose(cast.rita, {"asked": {"mail": "now"}})
    changing.choose(cast.ravi, {"asked": {"mail": "off"}})
    send()
    assert {one["To"] for one in postbox.taken} == {RITA}
    jump(HOUR)
    assert send() == 0
    assert sending.claim("mail") is None


def test_what_somebody_chose_is_in_the_record_without_an_address(cast: Cast) -> None:
    changing.choose(cast.rita, {"asked": {"mail": "now"}}, digest_at=480)
    changing.choose(cast.rita, {"asked": {"mail": "now"}}, digest_at=480)
    changing.choose(cast.rita, {"asked": {"mail": "now"}}, digest_at=540)
    told = [event.data["now"] for event in Event.objects.filter(kind="user.notices_chosen").order_by("id")]
    assert told == [{"ways": {"asked": {"mail": "now"}}, "digest_at": 480}, {"digest_at": 540}]
