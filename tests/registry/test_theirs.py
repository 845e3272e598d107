"""Servers that nobody here wrote: listed, approved, called, killed, changed underneath.

`HANDRAIL_TEST_SERVERS` names a JSON file: by name `command`, `tool`, `arguments`, and where it has one a command of the
same server that declares its tools otherwise (`changed`), or that speaks HTTP at `/mcp` of the port PORT (`http`), or a
tool that asks a person (`asks`) with what they say (`answers`).
Without it these are passed over: make test installs none.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from audit.models import User
from orchestration import catalog
from orchestration.models import Connection, Run, StepRun, Tool
from orchestration.tools.mcp import sessions
from reviews.models import Review
from tests.cast import Cast
from tests.flow.drawn import carry_on, start, step
from tests.flow.hands import approve
from tests.processes import free_port, until
from tests.registry.conftest import connected, let_in, listed

FILE = os.environ.get("HANDRAIL_TEST_SERVERS", "")
SERVERS: dict[str, dict[str, Any]] = json.loads(Path(FILE).read_text()) if FILE else {}

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not FILE, reason="HANDRAIL_TEST_SERVERS names no file")]


def call(cast: Cast, name: str) -> Run:
    """A run whose one step calls the tool."""
    given = {key: json.dumps(value) for key, value in SERVERS[name]["arguments"].items()}
    tries = {"tries": 3, "first_seconds": 0, "jitter": 0}
    return carry_on(start(cast, step("call", "tool", tool=f"{name}.{SERVERS[name]['tool']}", input=given, retry=tries)))


def told(run: Run) -> str:
    """How its step failed."""
    return StepRun.objects.get(run=run, step__key="call").error


@pytest.mark.parametrize("name", SERVERS or ["none"])
def test_listed_approved_called_killed_and_changed(name: str, cast: Cast, ada: User, settings: Any) -> None:
    one = SERVERS[name]
    settings.HANDRAIL_MCP_COMMANDS = {name: one["command"]}
    behind = connected(name, cast.adam, ada, command=name)
    asked = listed(behind, cast.adam)
    assert (asked.status, asked.error) == ("done", "")
    let_in(f"{name}.{one['tool']}", cast.adam, ada)
    run = call(cast, name)
    assert (run.status, told(run)) == ("done", "")
    for process in psutil.Process().children():
        if process.pid != os.getpid() and _is(process, one["command"]):
            process.send_signal(signal.SIGKILL)
    time.sleep(0.3)
    again = call(cast, name)
    assert (again.status, told(again)) == ("done", "")
    if "changed" in one:
        _is_stopped(cast, name, behind, settings)


@pytest.mark.parametrize("name", [name for name, one in SERVERS.items() if "http" in one] or ["none"])
def test_the_same_over_http(name: str, cast: Cast, ada: User) -> None:
    one, port = SERVERS[name], free_port()
    with _serving(one["http"], port):
        behind = connected(name, cast.adam, ada, address=f"http://127.0.0.1:{port}/mcp", private=True)
        asked = listed(behind, cast.adam)
        assert (asked.status, asked.error) == ("done", "")
        let_in(f"{name}.{one['tool']}", cast.adam, ada)
        run = call(cast, name)
        assert (run.status, told(run)) == ("done", "")
    gone = call(cast, name)
    assert gone.status == "failed"
    assert told(gone)
    with _serving(one["http"], port):
        back = call(cast, name)
        assert (back.status, told(back)) == ("done", "")


@pytest.mark.parametrize("name", [name for name, one in SERVERS.items() if "asks" in one] or ["none"])
def test_what_it_asks_in_a_call_is_put_to_a_person(name: str, cast: Cast, ada: User, settings: Any) -> None:
    one = SERVERS[name]
    settings.HANDRAIL_MCP_COMMANDS = {name: one["command"]}
    assert listed(connected(name, cast.adam, ada, command=name), cast.adam).error == ""
    let_in(f"{name}.{one['asks']}", cast.adam, ada)
    run = carry_on(start(cast, step("call", "tool", tool=f"{name}.{one['asks']}", input={})))
    assert (run.status, told(run)) == ("running", "")
    approve(cast, Review.objects.get(), **one["answers"])
    assert (carry_on(run).status, told(run)) == ("done", "")
    output = json.dumps(StepRun.objects.get(run=run, step__key="call").output)
    assert all(str(said) in output for said in one["answers"].values())


@contextmanager
def _serving(command: str, port: int) -> Iterator[None]:
    """The server in a process of its own, which is killed at the end."""
    process = subprocess.Popen(
        command.split(), env={**os.environ, "PORT": str(port)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(
            lambda: any(one.laddr.port == port for one in psutil.Process(process.pid).net_connections()), "the server"
        )
        yield
    finally:
        process.kill()
        process.wait()


def _is(process: psutil.Process, command: str) -> bool:
    return Path(command.split()[0]).name in " ".join(process.cmdline())


def _is_stopped(cast: Cast, name: str, behind: Connection, settings: Any) -> None:
    settings.HANDRAIL_MCP_COMMANDS = {name: SERVERS[name]["changed"]}
    sessions.close()
    run = call(cast, name)
    assert run.status == "failed"
    assert "is declared otherwise now than it was approved" in told(run)
    catalog.forget()
    assert Tool.objects.get(connection=behind, declaration__name=SERVERS[name]["tool"]).status == "changed"
