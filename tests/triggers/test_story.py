"""The story over HTTP alone: a webhook and a token made on pages and used by programs, with all processes apart."""

import json
import re
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from audit.clock_time import now
from orchestration.models import Run, Trigger, Workflow
from orchestration.triggers import keeping, secrets
from orchestration.triggers.keeping import Wanted
from tests import cast as people
from tests.cast import PASSWORD, Cast
from tests.flow import drawn
from tests.house import House, standing
from tests.processes import until
from tests.triggers.conftest import clocked, following, schedule
from tests.visitor import Visitor
from tests.wiping import wipe


@pytest.fixture(scope="module", name="stage")
def _stage(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Cast, House]]:
    """The processes, and a workflow that ends by itself, for all tests of this file; wiped at the end."""
    with django_db_blocker.unblock():
        wipe()
        cast = people.assemble()
        end = drawn.step("end", "outcome", label="'sold'", success="true")
        taken = {"type": "object", "properties": {"what": {"type": "string"}}, "required": ["what"]}
        drawn.publish(cast, drawn.step("say"), end, slug="sell", input=taken, title="input.what")
        with standing(tmp_path_factory.mktemp("house")) as house:
            yield cast, house
        wipe()
        for connection in connections.all(initialized_only=True):
            connection.close()


@pytest.fixture
def live_cast(stage: tuple[Cast, House]) -> Cast:
    """Its people."""
    return stage[0]


@pytest.fixture
def house(stage: tuple[Cast, House]) -> House:
    """Where it answers."""
    return stage[1]


def make_the_webhook(adam: Visitor) -> tuple[str, str]:
    """Its address and secret, as the page shows them this once."""
    page = "/workflows/sell/triggers/new/?kind=webhook"
    shown = adam.send_form(page, "/workflows/sell/triggers/new/", name="The shop", **{"map-what": "payload.sold"})
    assert shown.status_code == 200, shown.text
    secret = re.findall(r'value="(hrs_[^"]+)"', shown.text)[0]
    address = re.findall(r'value="(http[^"]+/hooks/[^"]+)"', shown.text)[0]
    return address, secret


def deliver(address: str, secret: str, key: str) -> httpx.Response:
    """A signed message, by the time of this machine."""
    body, at = json.dumps({"sold": "A bicycle"}).encode(), str(int(time.time()))
    headers = {"Handrail-Timestamp": at, "Handrail-Signature": f"v1={secrets.sign(secret, at, body)}"}
    return httpx.post(address, content=body, headers={**headers, "Idempotency-Key": key}, timeout=30)


def make_the_token(adam: Visitor) -> dict[str, str]:
    """The header that the new token makes."""
    adam.send_form("/workflows/sell/triggers/new/?kind=api", "/workflows/sell/triggers/new/")
    fields = {"name": "A script", "scopes": "runs:read", "every_workflow": "on", "days": "1"}
    form = adam.form("/settings/tokens/", "/settings/tokens/")
    sent = {**form.fields, **fields, "scopes": ["runs:start", "runs:read"]}
    shown = adam.post("/settings/tokens/", data=sent)
    return {"Authorization": "Bearer " + re.findall(r'value="(hr_[^"]+)"', shown.text)[0]}


def test_programs_start_runs_and_another_workflow_follows(live_cast: Cast, house: House) -> None:
    adam = Visitor(house.address).sign_in("adam", PASSWORD)
    address, secret = make_the_webhook(adam)
    follower = following(live_cast, Trigger.objects.get(kind="webhook").workflow, clocked(live_cast), outcome="sold")
    answers = [deliver(address, secret, "order-1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 200], answers[0].text
    run = answers[0].json()["run"]
    assert deliver(address, "hrs_wrong", "order-2").status_code == 401
    until(lambda: Run.objects.filter(trigger=follower, status="done").exists(), "the run that follows")
    assert Run.objects.get(trigger=follower).input == {"at": f"after {run}"}
    page = adam.get(f"/triggers/{Trigger.objects.get(kind='webhook').pk}/").text
    assert "A bicycle" in page
    assert "The signature does not fit." in page

    program = httpx.Client(base_url=house.address, headers=make_the_token(adam), timeout=60)
    asked = {"json": {"input": {"what": "A lamp"}}, "headers": {"Idempotency-Key": "k"}}
    started = program.post("/api/v1/workflows/sell/runs/", **asked)  # type: ignore[arg-type]
    assert started.status_code == 202, started.text
    with program.stream("GET", started.json()["url"] + "stream/") as stream:
        said = "".join(stream.iter_text())
    assert '"state":"done"' in said
    assert said.endswith('data: {"why":"ended"}\n\n')
    result = program.get(started.json()["url"] + "result/").json()
    assert (result["outcome"], result["succeeded"]) == ("sold", True)


def test_the_clock_starts_what_is_due(live_cast: Cast, house: House) -> None:
    trigger = schedule(live_cast, "* * * * *", "UTC")
    Trigger.objects.filter(pk=trigger.pk).update(next_at=now().replace(second=0, microsecond=0))
    until(lambda: Run.objects.filter(trigger=trigger, status="done").exists(), "the run of this minute")
    assert Run.objects.filter(trigger=trigger).first().input["at"].endswith(":00+00:00")  # type: ignore[union-attr]


def test_eight_deliveries_of_one_key_at_once_are_one_run(live_cast: Cast, house: House) -> None:
    workflow = Workflow.objects.get(slug="sell")
    wanted = Wanted("The shop", {"mapping": {"what": "payload.sold"}, "headers": [], "per_minute": 600})
    trigger, secret = keeping.make(workflow, "webhook", wanted, by=live_cast.adam)
    address, answers = f"{house.address}/hooks/{trigger.public_id}/", list[int]()
    barrier = threading.Barrier(8)

    def send() -> None:
        barrier.wait(30)
        answers.append(deliver(address, secret, "order-1").status_code)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [200] * 7 + [202]
    assert Run.objects.filter(trigger=trigger).count() == 1
