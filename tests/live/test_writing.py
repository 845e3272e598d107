"""Who looks on while a model writes hears of the steps that they may read, and of no others."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group
from websockets.sync.client import ClientConnection

from audit import connections, grants, writing
from audit.actors import COMMAND
from audit.models import User
from audit.writing import Watch
from orchestration.models import Run, Step, StepGroup
from reviews.runpages.watching import pass_for
from tests.cast import Cast
from tests.live.test_socket import heard, line
from tests.processes import manage, until, web

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Web and clock, for all tests of this file."""
    with manage("clock"), web() as where:
        yield where


@pytest.fixture(autouse=True)
def _nobody() -> None:
    connections.of_process().delete(writing.WATCHED)
    writing._looked = float("-inf")


def hand_in(socket: ClientConnection, brought: str) -> None:
    """Hand in a pass, and wait until it was read."""
    socket.send(json.dumps({"watch": brought}))
    socket.send('{"ping":1}')
    while "pong" not in heard(socket):
        pass


def write(run: Run, step: str, text: str) -> None:
    asyncio.run(writing.tell(run.pk, step, "5-1", text))


def seen(socket: ClientConnection) -> list[str]:
    """What the socket told of what is written, until now."""
    socket.send('{"ping":1}')
    texts = []
    while "pong" not in (message := heard(socket)):
        texts += [message["writing"]["text"]] if "writing" in message else []
    return texts


def of(user: User, run: Run) -> str:
    return pass_for(user, run, list(run.version.steps.all()))


def test_they_hear_of_the_steps_that_they_may_read(live_cast: Cast, address: str) -> None:
    run = live_cast.start()
    draft = Step.objects.get(version=run.version, key="draft")
    StepGroup.objects.filter(step=draft, may="see").delete()
    StepGroup.objects.create(step=draft, group=Group.objects.get(name="manager"), may="see")
    with line(address, live_cast.rita) as socket:
        hand_in(socket, of(live_cast.rita, run))
        write(run, "triage", "for reviewers")
        write(run, "draft", "not for reviewers")
        until(lambda: seen(socket) == ["for reviewers"], "what is written")
    writing.look()
    assert writing.is_watched(run.pk, "triage")
    assert not writing.is_watched(run.pk, "draft")


def test_what_hides_is_shown_as_its_code(live_cast: Cast, address: str) -> None:
    run = live_cast.start()
    with line(address, live_cast.rita) as socket:
        hand_in(socket, of(live_cast.rita, run))
        write(run, "draft", "a\u202eb")
        until(lambda: seen(socket) == ["aU+202Eb"], "what is written")


@pytest.mark.parametrize("case", ["another's", "of a run that they may not see", "forged"])
def test_a_pass_that_is_not_theirs_is_worth_nothing(live_cast: Cast, address: str, case: str) -> None:
    run = live_cast.start()
    user, brought = live_cast.rita, of(live_cast.adam, run)
    if case == "forged":
        brought = Watch(user.pk, run.pk, run.workflow_id, ("draft",)).as_pass()[:-2] + "xx"
    if case == "of a run that they may not see":
        user = live_cast.noah
        brought = Watch(user.pk, run.pk, run.workflow_id, ("draft",)).as_pass()
    with line(address, user) as socket:
        hand_in(socket, brought)
        write(run, "draft", "nothing for them")
        assert seen(socket) == []
    writing.look()
    assert not writing.is_watched(run.pk, "draft")


def test_whose_rights_change_looks_on_no_longer(live_cast: Cast, address: str) -> None:
    run = live_cast.start()
    with line(address, live_cast.rita) as socket:
        hand_in(socket, of(live_cast.rita, run))
        write(run, "draft", "before")
        until(lambda: seen(socket) == ["before"], "what is written")
        grants.revoke("view_workflow", live_cast.groups["reviewer"], live_cast.workflow, actor=COMMAND)
        while "hello" not in heard(socket):
            pass
        write(run, "draft", "after")
        assert seen(socket) == []
