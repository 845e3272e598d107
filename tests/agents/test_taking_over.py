"""A person finishes an agent's step by hand."""

import json

import pytest
from django.test import Client

from audit.models import Event
from orchestration import taking_over
from orchestration.control import CannotControl
from orchestration.starts import BadInput
from reviews.models import Review
from tests import tools
from tests.agents.drawn import asker, asks, calls, work
from tests.cast import Cast
from tests.flow.drawn import carry_on
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

WRITE = ("test_keyed", {"word": "card", "sum": 10})
BY_HAND = {"found": "it lay on my desk"}


def test_it_is_done_with_what_was_written_and_nothing_more_is_called(cast: Cast, said: Provider) -> None:
    said.says = [asks(WRITE)]
    run = work(cast)
    taking_over.take_over(asker(run).pk, BY_HAND, by=cast.rita, why="The customer is waiting.")
    run = carry_on(run)
    assert (run.status, asker(run).output, [one.status for one in calls(run)]) == ("done", BY_HAND, ["cancelled"])
    assert (tools.calls, len(said.heard), Review.objects.get().status) == ([], 1, "withdrawn")
    assert Event.objects.get(kind="steprun.taken_over").actor_id == str(cast.rita.pk)


def test_it_must_fit_the_step(cast: Cast, said: Provider) -> None:
    said.says = [asks(WRITE)]
    run = work(cast)
    with pytest.raises(BadInput):
        taking_over.take_over(asker(run).pk, {"lost": True}, by=cast.rita)
    assert asker(run).status == "waiting"


def test_whoever_started_the_run_does_not(cast: Cast, said: Provider) -> None:
    said.says = [asks(WRITE)]
    run = work(cast)
    with pytest.raises(CannotControl):
        taking_over.take_over(asker(run).pk, BY_HAND, by=cast.adam)


def test_once_it_has_ended_it_is_too_late(cast: Cast, said: Provider) -> None:
    said.says = [asks(WRITE)]
    run = work(cast)
    taking_over.take_over(asker(run).pk, BY_HAND, by=cast.rita)
    with pytest.raises(CannotControl):
        taking_over.take_over(asker(run).pk, BY_HAND, by=cast.ravi)


def test_the_page_does_it(cast: Cast, client: Client, said: Provider) -> None:
    said.says = [asks(WRITE)]
    run = work(cast)
    where = f"/step-runs/{asker(run).pk}/take-over/"
    client.force_login(cast.rita)
    assert where in client.get(f"/runs/{run.pk}/?step=ask").content.decode()
    assert "found" in client.get(where).content.decode()
    bad = client.post(where, {"output": "no JSON"})
    assert (bad.status_code, "This is not JSON" in bad.content.decode()) == (422, True)
    assert client.post(where, {"output": json.dumps(BY_HAND)}).status_code == 303
    assert carry_on(run).status == "done"
    assert client.post(where, {"output": json.dumps(BY_HAND)}).status_code == 409
    client.force_login(cast.adam)
    assert client.get(where).status_code in {403, 404}
