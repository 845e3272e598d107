"""A web process killed straight after it answered a webhook or the API: what it accepted is there and goes on."""

import json
import time
from pathlib import Path

import httpx
import pytest

from orchestration.models import Run
from orchestration.triggers import keeping, secrets, tokens
from orchestration.triggers.keeping import Wanted
from tests.cast import Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, web
from tests.flow import drawn
from tests.processes import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

TAKEN = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.mark.fault("R8")
def test_it_keeps_what_programs_started_when_web_is_killed(live_cast: Cast, tmp_path: Path, fault: Fault) -> None:
    kills, port = fault.load(4, 100), free_port()
    workflow = drawn.publish(live_cast, drawn.step("say"), slug="counted", input=TAKEN, title="'n'")
    wanted = Wanted("The shop", {"mapping": {"n": "payload.n"}, "headers": [], "per_minute": 600})
    shop, secret = keeping.make(workflow, "webhook", wanted, by=live_cast.adam)
    keeping.make(workflow, "api", Wanted("The API"), by=live_cast.adam)
    _, token = tokens.make(live_cast.adam, "A program", scopes=["runs:start"], days=1, every_workflow=True)
    with clock(), crew(1):
        for number in range(kills):
            with web(port) as (address, process):
                if number % 2:
                    answer = _start(address, token, number)
                else:
                    answer = _deliver(f"{address}/hooks/{shop.public_id}/", secret, number)
                process.kill()
            assert answer.status_code == 202, answer.text
            assert Run.objects.filter(pk=answer.json()["run"], input={"n": number}).exists()
        fault.tell("killed", kills, "web processes")
        fault.tell("carried_on_after", work.wait_until_ended(), "s")
    assert sorted(run.input["n"] for run in Run.objects.filter(status="done")) == list(range(kills))
    check(fault)


def _deliver(address: str, secret: str, number: int) -> httpx.Response:
    body, at = json.dumps({"n": number}).encode(), str(int(time.time()))
    signed = {"Handrail-Timestamp": at, "Handrail-Signature": f"v1={secrets.sign(secret, at, body)}"}
    return httpx.post(address, content=body, headers=signed, timeout=30)


def _start(address: str, token: str, number: int) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"n-{number}"}
    url = f"{address}/api/v1/workflows/counted/runs/"
    return httpx.post(url, json={"input": {"n": number}}, headers=headers, timeout=30)
