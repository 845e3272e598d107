"""Sending: recorded first, tried until it is sent, given up with the reason, and never sent anew once it was."""

import contextlib
import threading
from typing import Any

import pytest
from django.test import Client

from audit.clock_time import now
from reviews import notices
from reviews.models import Review
from reviews.notices import changing, sending, spreading
from reviews.reaching import Message, Notice, Told
from tests.cast import Cast
from tests.clock import jump
from tests.processes import free_port
from tests.reaching.conftest import Send
from tests.reaching.postbox import Postbox, name_it

RITA = "rita@northwind-bank.example"


@pytest.fixture(autouse=True)
def _not_asked(review: Review) -> None:
    """Nobody is told of the question itself: each test says what is told."""
    Told.objects.all().delete()


def test_a_mail_server_that_is_away_for_an_hour_costs_time_alone(
    cast: Cast, review: Review, send: Send, settings: Any
) -> None:
    port = free_port()
    name_it(settings, port)
    notices.tell("assigned", review, [cast.rita.pk, cast.ravi.pk])
    for _ in range(12):
        send()
        jump(300)
        sending.wake()
    waiting = Message.objects.filter(channel="mail", sent_at=None, given_up_at=None)
    assert waiting.filter(user=cast.rita).get().tries >= 3
    assert "cannot be reached" in waiting.get(user=cast.rita).error
    with Postbox(port) as postbox:
        threading.Thread(target=postbox.serve_forever, args=(0.05,), daemon=True).start()
        jump(3700)
        sending.wake()
        send()
        postbox.shutdown()
    assert len(postbox.to(RITA)) == 1
    assert not waiting.filter(user=cast.rita).exists()


def test_one_that_is_away_is_left_alone_for_a_while(cast: Cast, review: Review, send: Send, settings: Any) -> None:
    name_it(settings, free_port())
    notices.tell("assigned", review, [cast.rita.pk, cast.ravi.pk])
    send()
    assert sorted(Message.objects.filter(channel="mail").values_list("tries", flat=True)) == [0, 1]


def test_what_is_refused_for_good_is_given_up_with_the_reason_on_a_page(
    cast: Cast, review: Review, postbox: Postbox, send: Send, client: Client
) -> None:
    postbox.refuses = "550 nobody here"
    notices.tell("assigned", review, [cast.rita.pk])
    send()
    message = Message.objects.get(user=cast.rita, channel="mail")
    assert (message.sent_at, message.error) == (None, "The mail server refuses the address.")
    client.force_login(cast.rita)
    assert b"The mail server refuses the address." in client.get("/me/notices/").content
    client.force_login(cast.adam)
    assert b"The mail server refuses the address." in client.get("/hooks/").content
    client.force_login(cast.ravi)
    assert b"refuses the address" not in client.get("/me/notices/").content


def test_what_is_refused_for_now_is_tried_again(cast: Cast, review: Review, postbox: Postbox, send: Send) -> None:
    postbox.refuses = "451 later"
    notices.tell("assigned", review, [cast.rita.pk])
    send()
    postbox.refuses = ""
    jump(60)
    sending.wake()
    send()
    assert len(postbox.to(RITA)) == 1


def test_it_is_given_up_after_so_many_tries(cast: Cast, review: Review, settings: Any, send: Send) -> None:
    name_it(settings, free_port())
    notices.tell("assigned", review, [cast.rita.pk])
    spreading.plan()
    Message.objects.filter(channel="mail").update(tries=sending.MOST_TRIES - 1)
    send()
    message = Message.objects.get(user=cast.rita, channel="mail")
    assert message.given_up_at is not None
    assert "cannot be reached" in message.error


def test_the_tries_of_a_message_last_about_a_day() -> None:
    hours = sum(sending.wait(tries).total_seconds() for tries in range(1, sending.MOST_TRIES)) / 3600
    assert 22 < hours < 26


def test_somebody_without_an_address_is_told_so_on_their_page(cast: Cast, review: Review, send: Send) -> None:
    cast.rita.email = ""
    cast.rita.save()
    notices.tell("assigned", review, [cast.rita.pk])
    send()
    assert Message.objects.get(user=cast.rita, channel="mail").error == "There is no e-mail address to send it to."


def test_a_server_that_hangs_up_after_the_message_gets_it_again_under_the_same_id(
    cast: Cast, review: Review, postbox: Postbox, send: Send
) -> None:
    postbox.hangs_up = True
    notices.tell("assigned", review, [cast.rita.pk])
    send()
    postbox.hangs_up = False
    jump(60)
    sending.wake()
    send()
    first, second = postbox.to(RITA)
    assert first["Message-ID"] == second["Message-ID"]


def test_a_message_that_is_held_is_held_by_one(cast: Cast, review: Review) -> None:
    notices.tell("assigned", review, [cast.rita.pk])
    spreading.plan()
    held = sending.claim("mail")
    assert held is not None
    assert sending.claim("mail") is None
    jump(sending.HOLD.total_seconds() + 1)  # whoever held it died
    taken = sending.claim("mail")
    assert taken is not None
    sending.try_one(held)  # a late one writes nothing down
    assert Message.objects.get(pk=held.pk).sent_at is None
    assert sending.try_one(taken)


def test_quiet_hours_hold_all_but_what_is_urgent_for_those_who_say_so(
    cast: Cast, review: Review, postbox: Postbox, send: Send
) -> None:
    moment = now()
    start = (moment.hour * 60 + moment.minute - 30) % 1440
    times = {"quiet_from": start, "quiet_to": (start + 120) % 1440, "zone": "UTC"}
    changing.choose(cast.rita, {}, urgent_passes=True, **times)
    changing.choose(cast.ravi, {}, urgent_passes=False, **times)
    notices.tell("assigned", review, [cast.rita.pk, cast.ravi.pk])
    notices.tell("escalated", review, [cast.rita.pk, cast.ravi.pk])
    send()
    (letter,) = postbox.taken
    assert letter["To"] == RITA
    assert "late" in letter["Subject"]
    jump(3 * 3600)
    send()
    assert {one["To"] for one in postbox.taken} == {RITA, "ravi@northwind-bank.example"}


def test_what_breaks_one_message_holds_up_no_other(
    cast: Cast, review: Review, postbox: Postbox, send: Send, monkeypatch: Any
) -> None:
    notices.tell("assigned", review, [cast.rita.pk, cast.ravi.pk])
    real = sending._letter

    def breaks(message: Message) -> Any:
        if message.user_id == cast.rita.pk:
            raise ZeroDivisionError
        return real(message)

    monkeypatch.setattr(sending, "_letter", breaks)
    with contextlib.suppress(ZeroDivisionError):
        send()
    assert {one["To"] for one in postbox.taken} == {"ravi@northwind-bank.example"}
    assert Notice.objects.filter(user=cast.rita, message__error="ZeroDivisionError").exists()
