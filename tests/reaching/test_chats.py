"""Chats: through apprise to allowed hosts alone, over the guarded way out, and no secret is ever told."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from reviews import notices
from reviews.models import Review
from reviews.notices import chats, guarded
from reviews.reaching import Chat, Message, Told
from tests.cast import Cast
from tests.outgoing import watching
from tests.outgoing.watching import Listener, connections, say
from tests.reaching.conftest import Send

TOKEN = "a1b2c3d4e5f6g7h8i9j0k1l2m3"


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A chat server in the house."""
    with watching.listener() as standing:
        yield standing


@pytest.fixture
def inside(listener: Listener, settings: Any) -> str:
    """The host allows Mattermost there: Rita's address of it."""
    place = f"127.0.0.1:{listener.port}"
    settings.HANDRAIL_CHATS = {"mmost": (f"inside:{place}",), "slack": ("hooks.slack.com", "slack.com")}
    return f"mmost://{place}/{TOKEN}"


def tell(review: Review, cast: Cast) -> None:
    Told.objects.all().delete()
    notices.tell("assigned", review, [cast.rita.pk])


def sent(cast: Cast) -> Message:
    return Message.objects.get(user=cast.rita, channel="chat")


def test_it_writes_to_a_chat_and_says_nothing_of_what_it_is_about(
    cast: Cast, review: Review, listener: Listener, inside: str, send: Send
) -> None:
    chats.keep_address(cast.rita, inside)
    tell(review, cast)
    send()
    assert sent(cast).sent_at is not None, sent(cast).error
    ((method, path, _headers, body),) = listener.heard
    assert (method, path) == ("POST", f"/hooks/{TOKEN}")
    text = json.loads(body)["text"]
    assert "Something was given to you to decide" in text
    assert "https://handrail.example/l/" in text
    assert "Ines" not in text


def test_its_address_is_kept_encrypted_and_shown_to_nobody(
    cast: Cast, review: Review, inside: str, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client.force_login(cast.rita)
    assert client.post("/me/notices/chat/", {"address": inside}).status_code == 302 or Chat.objects.exists()
    assert TOKEN not in str(Chat.objects.values())
    assert TOKEN not in client.get("/me/notices/").content.decode()
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1/x", "mailto://rita:word@example.org", "syslog://", "dbus://", "https://example.org/x",
        "slack://", "mmost://", "not an address", "slack://a/b\n/c", "x" * 1001,
    ],
)  # fmt: skip
def test_what_the_host_does_not_allow_is_refused_and_not_repeated(
    cast: Cast, review: Review, inside: str, client: Client, address: str
) -> None:
    client.force_login(cast.rita)
    answer = client.post("/me/notices/chat/", {"address": address})
    assert answer.status_code == 422
    assert not Chat.objects.exists()
    assert b"word@example.org" not in answer.content


def test_a_host_that_is_not_on_the_list_is_not_reached(
    cast: Cast, review: Review, listener: Listener, inside: str, send: Send, settings: Any
) -> None:
    chats.keep_address(cast.rita, inside)
    settings.HANDRAIL_CHATS = {"mmost": ("chat.example.org",)}
    tell(review, cast)
    with connections() as seen:
        send()
    assert [one for one in seen if one[1] == listener.port] == []
    assert sent(cast).error == "This host is not on the list of hosts for chats."
    assert TOKEN not in sent(cast).error


def test_a_private_address_is_refused_where_the_host_does_not_say_inside(
    cast: Cast, review: Review, listener: Listener, inside: str, send: Send, settings: Any
) -> None:
    place = f"127.0.0.1:{listener.port}"
    settings.HANDRAIL_CHATS = {"mmosts": (place,)}
    chats.keep_address(cast.rita, f"mmosts://{place}/{TOKEN}")
    tell(review, cast)
    send()
    assert listener.came == 0
    assert "inside the house" in sent(cast).error


def test_a_redirect_is_not_followed(cast: Cast, review: Review, listener: Listener, inside: str, send: Send) -> None:
    listener.answers[f"/hooks/{TOKEN}"] = say(302, b"", Location="/elsewhere")
    chats.keep_address(cast.rita, inside)
    tell(review, cast)
    send()
    assert len(listener.heard) == 1
    assert sent(cast).sent_at is None


def test_one_that_does_not_take_it_is_asked_again_later(
    cast: Cast, review: Review, listener: Listener, inside: str, send: Send
) -> None:
    listener.answers[f"/hooks/{TOKEN}"] = say(500, b"")
    chats.keep_address(cast.rita, inside)
    tell(review, cast)
    send()
    message = sent(cast)
    assert (message.given_up_at, message.tries, message.error) == (None, 1, "The chat did not take it.")


ROCKET = "4WAqPMzCprfrrQGpPa/dMgvJjxB7uWhmqj2WgfYcDRzPLPjvXLcd"


@pytest.fixture
def bot(listener: Listener, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Listener:
    """A bot of the house in Rocket.Chat, named by reference."""
    place = f"127.0.0.1:{listener.port}"
    settings.HANDRAIL_CHATS = {"rocket": (f"inside:{place}",), "mmost": (f"inside:{place}",)}
    settings.HANDRAIL_CHAT_BOTS = {"House chat": "env:CHAT_BOT", "Rooms alone": "env:ROOMS_BOT", "Gone": "env:NO_BOT"}
    monkeypatch.setenv("CHAT_BOT", f"rocket://{ROCKET}@{place}/")
    monkeypatch.setenv("ROOMS_BOT", f"mmost://{place}/{TOKEN}")
    return listener


def test_a_bot_of_the_house_is_named_by_reference_and_writes_to_a_person(
    cast: Cast, review: Review, bot: Listener, send: Send
) -> None:
    chats.keep_target(cast.rita, "House chat", "@rita")
    assert ROCKET not in str(Chat.objects.values())
    tell(review, cast)
    send()
    assert sent(cast).sent_at is not None, sent(cast).error
    assert json.loads(bot.heard[0][3])["channel"] == "@rita"


@pytest.mark.parametrize("room", ["#general", "general", "", "@a&b", "@a/../b", "@a?to=b", "@a,@b"])
def test_a_bot_writes_to_no_room(cast: Cast, bot: Listener, room: str) -> None:
    with pytest.raises(chats.CannotKeep):
        chats.keep_target(cast.rita, "House chat", room)


def test_a_bot_that_knows_rooms_alone_writes_nothing(cast: Cast, review: Review, bot: Listener, send: Send) -> None:
    chats.keep_target(cast.rita, "Rooms alone", "@rita")
    tell(review, cast)
    send()
    assert bot.heard == []
    assert "writes to no room" in sent(cast).error


def test_a_bot_whose_secret_is_not_there_waits_for_it(cast: Cast, review: Review, bot: Listener, send: Send) -> None:
    chats.keep_target(cast.rita, "Gone", "@rita")
    tell(review, cast)
    send()
    assert (sent(cast).given_up_at, sent(cast).error) == (None, "NO_BOT is not in the environment.")


def test_plugins_that_reach_out_otherwise_are_not_loaded(settings: Any) -> None:
    settings.HANDRAIL_CHATS = {"syslog": ("127.0.0.1",), "mqtt": ("127.0.0.1",), "slack": ("slack.com",)}
    assert guarded.instance("syslog://", "syslog") is None
    assert guarded.instance("mqtt://127.0.0.1/topic", "mqtt") is None
    assert guarded.instance("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "slack") is not None


def test_a_test_is_sent_at_once_and_at_most_every_half_minute(
    cast: Cast, listener: Listener, inside: str, client: Client
) -> None:
    chats.keep_address(cast.rita, inside)
    client.force_login(cast.rita)
    assert "Sent. Look whether it came." in client.post("/me/notices/chat/test/", follow=True).content.decode()
    assert "You asked for this test" in json.loads(listener.heard[0][3])["text"]
    again = client.post("/me/notices/chat/test/")
    assert (again.status_code, listener.came) == (429, 1)
    assert "Wait 30 seconds" in again.content.decode()


def test_a_test_that_fails_says_why_and_not_where_to(
    cast: Cast, listener: Listener, inside: str, client: Client, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    listener.answers[f"/hooks/{TOKEN}"] = say(500, b"")
    caplog.set_level(logging.DEBUG)
    chats.keep_address(cast.rita, inside)
    client.force_login(cast.rita)
    answer = client.post("/me/notices/chat/test/")
    assert answer.status_code == 422
    assert "It was not taken. The chat did not take it." in answer.content.decode()
    cache.clear()
    settings.HANDRAIL_CHATS = {"mmost": ("chat.example.org",)}
    refused = client.post("/me/notices/chat/test/").content.decode()
    assert "Nothing was sent. This host is not on the list of hosts for chats." in refused
    assert TOKEN not in answer.content.decode() + refused + caplog.text


def test_who_has_no_chat_is_told_so(cast: Cast, client: Client) -> None:
    client.force_login(cast.rita)
    answer = client.post("/me/notices/chat/test/")
    assert answer.status_code == 422
    assert "say first in which" in answer.content.decode()
