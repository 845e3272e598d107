"""Sessions: seen by whoever they belong to, ended by them, and the sockets of an ended one are closed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from audit.accounts import last_seen
from audit.accounts.sessions import device
from audit.models import Event
from tests.accounts.hands import is_in, set_up_app, sign_in
from tests.cast import Cast
from tests.processes import web

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
ENDED = 4401


@pytest.mark.django_db
def test_they_are_seen_and_ended(cast: Cast, rita: Client) -> None:
    phone = Client(headers={"user-agent": PHONE})
    sign_in(phone)
    page = rita.get("/me/security/").content.decode()
    assert "Safari on iPhone" in page
    assert "This one" in page
    row = UserSession.objects.get(user_agent=PHONE)
    assert rita.post(f"/me/security/sessions/{row.pk}/end/").status_code == 303
    assert not is_in(phone)
    assert is_in(rita)
    assert "Safari on iPhone" not in rita.get("/me/security/").content.decode()
    assert Event.objects.filter(kind="user.session_ended", actor_id=str(cast.rita.pk)).count() == 1


@pytest.mark.django_db
def test_it_is_said_when_one_was_last_seen_and_written_now_and_then(cast: Cast, rita: Client) -> None:
    phone = Client(headers={"user-agent": PHONE})
    sign_in(phone)
    row = UserSession.objects.get(user_agent=PHONE)
    long_ago = row.created_at - timedelta(days=3)
    UserSession.objects.filter(pk=row.pk).update(last_seen_at=long_ago)
    assert is_in(phone)
    row.refresh_from_db()
    assert row.last_seen_at == long_ago, "it was written at the sign-in"
    last_seen.forget()
    assert is_in(phone)
    row.refresh_from_db()
    assert row.last_seen_at > long_ago + timedelta(days=2)
    with CaptureQueriesContext(connection) as asked:
        assert is_in(phone)
    assert not [one for one in asked if "UPDATE" in one["sql"]]
    assert "last seen" in rita.get("/me/security/").content.decode()


@pytest.mark.django_db
def test_all_others_are_ended_at_once(cast: Cast, rita: Client) -> None:
    others = [Client() for _ in range(3)]
    for other in others:
        sign_in(other)
    ravi = Client()
    sign_in(ravi, "ravi")
    rita.post("/me/security/sessions/end/")
    assert not any(is_in(other) for other in others)
    assert is_in(rita)
    assert is_in(ravi)


@pytest.mark.django_db
def test_nobody_ends_sessions_of_somebody_else(cast: Cast, rita: Client) -> None:
    ravi = Client()
    sign_in(ravi, "ravi")
    row = UserSession.objects.get(user=cast.ravi)
    assert rita.post(f"/me/security/sessions/{row.pk}/end/").status_code == 404
    assert is_in(ravi)
    mine = UserSession.objects.get(user=cast.rita)
    assert rita.post(f"/me/security/sessions/{mine.pk}/end/").status_code == 404  # that is to sign out


@pytest.mark.parametrize(
    ("agent", "told"),
    [(PHONE, "Safari on iPhone"), ("curl/8.5", "A browser that does not say what it is"), ("", "A browser that")],
)
def test_a_device_is_named_as_people_call_it(agent: str, told: str) -> None:
    assert device(agent).startswith(told)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The web process."""
    with web() as where:
        yield where


def _line(address: str, client: Client) -> ClientConnection:
    port = address.rpartition(":")[2]
    cookie = {"Cookie": f"handrail_session_{port}={client.session.session_key}"}
    url = f"{address.replace('http', 'ws')}/ws/live/"
    return connect(url, additional_headers=cookie, origin=Origin(address))


@pytest.mark.django_db(transaction=True)
def test_the_sockets_of_an_ended_session_are_closed_and_no_others(live_cast: Cast, address: str) -> None:
    here, away = Client(), Client()
    sign_in(here)
    sign_in(away)
    row = UserSession.objects.get(session_key=away.session.session_key)
    with _line(address, here) as mine, _line(address, away) as theirs:
        for line in (mine, theirs):
            assert "hello" in str(line.recv(timeout=20))
        here.post(f"/me/security/sessions/{row.pk}/end/")
        with pytest.raises(ConnectionClosed) as closed:
            theirs.recv(timeout=20)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == ENDED
        mine.send('{"ping":1}')
        assert "pong" in str(mine.recv(timeout=20))


@pytest.mark.django_db(transaction=True)
def test_whoever_signs_out_keeps_the_pages_of_their_other_sessions(live_cast: Cast, address: str) -> None:
    here, away = Client(), Client()
    sign_in(here)
    sign_in(away)
    with _line(address, here) as mine, _line(address, away) as theirs:
        for line in (mine, theirs):
            line.recv(timeout=20)
        here.post("/logout/")
        with pytest.raises(ConnectionClosed) as closed:
            list(mine)  # all nudges, until it is closed
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == ENDED
        theirs.send('{"ping":1}')
        while "pong" not in str(theirs.recv(timeout=20)):
            pass


@pytest.mark.django_db(transaction=True)
def test_the_socket_of_somebody_who_lacks_a_second_factor_is_refused(live_cast: Cast, settings: Any) -> None:
    """What pages refuse, the socket refuses too; a factor that was shown opens it, and a password alone does not."""
    settings.HANDRAIL_SECOND_FACTOR = ["reviewer"]
    asked, shown, free = Client(), Client(), Client()
    for client, login in ((asked, "rita"), (shown, "ravi"), (free, "mina")):
        sign_in(client, login)
    set_up_app(shown)
    with web(HANDRAIL_SECOND_FACTOR="reviewer") as address:
        with _line(address, asked) as line, pytest.raises(ConnectionClosed) as closed:
            line.recv(timeout=20)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == ENDED
        for client in (shown, free):
            with _line(address, client) as line:
                assert "hello" in str(line.recv(timeout=20))
        again = Client()
        sign_in(again, "ravi")  # the login stops before the code: this session shows nothing yet
        with _line(address, again) as line, pytest.raises(ConnectionClosed):
            line.recv(timeout=20)
