"""The socket says what moved, as ids only, to those who may see it, and closes when they no longer may."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from audit import grants, live
from audit.actors import COMMAND
from audit.ledger import record
from audit.models import Pending, User
from tests import owner
from tests.cast import Cast
from tests.processes import manage, until, web

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Web and clock, for all tests of this file."""
    with manage("clock"), web() as where:
        yield where


@contextmanager
def line(address: str, user: User | None, origin: str = "") -> Iterator[ClientConnection]:
    """An open page of that person."""
    until(lambda: not Pending.objects.exists(), "what went before to be numbered")
    port = address.rpartition(":")[2]
    headers = {}
    if user is not None:
        client = Client()
        client.force_login(user)
        headers["Cookie"] = f"handrail_session_{port}={client.session.session_key}"
    url = f"{address.replace('http', 'ws')}/ws/live/"
    with connect(url, additional_headers=headers, origin=Origin(origin or address)) as socket:
        yield socket


def heard(socket: ClientConnection, seconds: float = 10) -> dict[str, Any]:
    """The next message."""
    return dict(json.loads(socket.recv(timeout=seconds)))


def moved(socket: ClientConnection, seconds: float = 10) -> dict[str, Any]:
    """The next message that says that something moved."""
    while "kinds" not in (message := heard(socket, seconds)):
        pass
    return message


def test_it_tells_what_moved_as_ids_only(live_cast: Cast, address: str) -> None:
    with line(address, live_cast.rita) as socket:
        assert heard(socket)["hello"]
        run = live_cast.start()
        message = moved(socket)
    assert set(message) == {"leaf", "runs", "workflows", "kinds"}
    assert message["runs"] == [run.pk]
    assert "run" in message["kinds"]


def test_it_reaches_the_page_with_what_commits_late(live_cast: Cast, address: str) -> None:
    with line(address, live_cast.mina) as socket, owner.connect() as late:
        heard(socket)
        with late.transaction():
            late.execute(
                "WITH e AS (INSERT INTO audit_event (schema, kind, actor_kind, actor_id, on_behalf_of_kind,"
                " on_behalf_of_id, auth, object_type, object_id, object_version, content_hash, personal_hash, body,"
                " body_hash) VALUES (1, 'late.event', 'command', '', '', '', '', '', '', 0, '', '', '{}', '')"
                " RETURNING id) INSERT INTO audit_pending SELECT id FROM e"
            )
            for _ in range(100):
                with transaction.atomic():
                    record("early.event", "x", actor=COMMAND)
            kinds: set[str] = set()
            while "early" not in kinds:
                kinds |= set(moved(socket)["kinds"])
            assert "late" not in kinds
        while "late" not in kinds:
            kinds |= set(moved(socket)["kinds"])


def test_it_says_nothing_to_somebody_without_a_role(live_cast: Cast, address: str) -> None:
    with line(address, live_cast.noah) as socket:
        heard(socket)
        live_cast.start()
        with pytest.raises(TimeoutError):
            moved(socket, seconds=1.5)


def test_it_closes_when_nobody_is_signed_in(address: str, transactional_db: None) -> None:
    with line(address, None) as socket, pytest.raises(ConnectionClosed) as closed:
        heard(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == live.SIGNED_OUT


def test_it_refuses_a_page_of_another_site(live_cast: Cast, address: str) -> None:
    with pytest.raises(Exception, match="403"), line(address, live_cast.rita, origin="http://elsewhere.example"):
        pass


def test_it_closes_on_sign_out(live_cast: Cast, address: str) -> None:
    with line(address, live_cast.rita) as socket:
        heard(socket)
        live.dismiss(live_cast.rita.pk)
        with pytest.raises(ConnectionClosed) as closed:
            moved(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == live.SIGNED_OUT


def test_it_stops_telling_when_the_right_is_taken(live_cast: Cast, address: str) -> None:
    with line(address, live_cast.rita) as socket:
        heard(socket)
        grants.revoke("view_workflow", live_cast.groups["reviewer"], live_cast.workflow, actor=COMMAND)
        while "grant" not in moved(socket)["kinds"]:
            pass
        assert heard(socket)["hello"]
        live_cast.start()
        with pytest.raises(TimeoutError):
            moved(socket, seconds=1.5)


def test_it_takes_no_large_frame(live_cast: Cast, address: str) -> None:
    with line(address, live_cast.rita) as socket:
        heard(socket)
        with suppress(ConnectionClosed):  # it may be closed before all of it is sent
            socket.send("x" * 5_000_000)
        with pytest.raises(ConnectionClosed):
            heard(socket)


def test_it_answers_a_heartbeat(live_cast: Cast, address: str) -> None:
    with line(address, live_cast.rita) as socket:
        socket.send('{"ping":1}')
        while heard(socket) != {"pong": True}:
            pass
