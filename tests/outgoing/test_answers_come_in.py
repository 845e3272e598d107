"""An answer at a one-time address lets the step that waits for it go on: once, and nobody else."""

import json
import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from audit.models import Event
from orchestration.models import Run, StepRun
from orchestration.tools.kinds import callback
from tests.cast import Cast
from tests.flow.drawn import carry_on, output, start, statuses, step

TOKEN = callback.token_of("run-1-step-check")
HERE = f"/answers/{TOKEN}/"


def waiting(cast: Cast) -> Run:
    """A run whose step waits as a call does that is answered later."""
    return carry_on(start(cast, step("check", "wait", event=callback.event_of(TOKEN), seconds=3600), step("end")))


def post(body: bytes = b'{"ok": true}', at: str = HERE) -> Any:
    return Client(enforce_csrf_checks=True).post(at, body, content_type="application/json")


def test_the_step_goes_on_with_the_answer_once(cast: Cast) -> None:
    run = waiting(cast)
    assert statuses(run) == {"check": "waiting"}
    assert post().status_code == 202
    assert output(carry_on(run), "check") == {"timed_out": False, "event": {"ok": True}}
    assert statuses(run) == {"check": "done", "end": "done"}
    again = post(b'{"ok": false}')
    assert (again.status_code, again.json()["code"], again["Retry-After"]) == (404, "nobody-waits", "5")
    assert Event.objects.filter(kind="event.told").count() == 1
    assert TOKEN not in json.dumps(list(Event.objects.values("body")), default=str)
    assert TOKEN not in json.dumps(list(StepRun.objects.values()), default=str)


@pytest.mark.parametrize(
    "at", [f"/answers/{'a' * 43}/", "/answers/x/", f"/answers/{TOKEN.swapcase()}/", f"/answers/{'a' * 3000}/"]
)
def test_another_address_opens_nothing_and_writes_nothing(at: str, cast: Cast) -> None:
    run, before = waiting(cast), Event.objects.count()
    assert post(at=at).status_code == 404
    assert (statuses(run), Event.objects.count()) == ({"check": "waiting"}, before)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"ok", 400), (b"\xff", 400), (b'{"a": NaN}', 400), (b'{"a": 1, "a": 2}', 400),
        (b'{"a": "\\u0000"}', 400),
        (b"[" * 5000, 400), (b'{"a": 9007199254740993}', 400), (b"x" * 262_145, 413), (b"x" * 3_000_000, 413),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_loses_nothing(body: bytes, status: int, cast: Cast) -> None:
    run = waiting(cast)
    assert post(body).status_code == status
    assert statuses(run) == {"check": "waiting"}
    assert post(b"[1, 2]").status_code == 202
    assert output(carry_on(run), "check")["event"] == {"answer": [1, 2]}


def test_it_is_no_page(cast: Cast) -> None:
    waiting(cast)
    assert [getattr(Client(), method)(HERE).status_code for method in ("get", "put", "delete")] == [405, 405, 405]


def test_of_many_answers_at_once_one_is_taken(live_cast: Cast) -> None:
    run, told, barrier = waiting(live_cast), list[int](), threading.Barrier(6)

    def answer() -> None:
        barrier.wait()
        told.append(post().status_code)
        connections.close_all()

    threads = [threading.Thread(target=answer) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [202] + [404] * 5
    assert statuses(carry_on(run)) == {"check": "done", "end": "done"}
