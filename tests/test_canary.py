"""A canary in every place where a key can be kept: nothing that anybody can read, take away or log holds it.

With a real worker at its most talkative, models whose provider repeats the keys in errors and answers, and after them
every page, event, table, export and job is looked through.
"""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as host
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from orchestration import catalog, providers
from orchestration.catalog import keeping, testing
from orchestration.models import Model, ModelTest, RoutingDecision, Run, StepRun
from tests import matrix, signing
from tests.catalog.conftest import second_admin, signed
from tests.fakes import FakeModels
from tests.flow import drawn
from tests.loopback import Provider, completion, provider
from tests.processes import manage, until
from tests.test_permissions import World, _assemble, ask

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
IN_ENVIRONMENT, IN_FILE, IN_DATABASE = (f"canary-{where}-0123456789abcdef" for where in ("env", "file", "kept"))
CANARIES = (IN_ENVIRONMENT, IN_FILE, IN_DATABASE)
WAYS = {"env": "env:A_KEY_OF_TESTS", "kept": "kept:gateway"}  # and the file's
REPEATED = f"Incorrect API key provided: {' '.join(CANARIES)}"
ENDED = ("done", "failed", "waiting")
FORMS = ("csv", "json", "jsonl", "zip", "yaml")


def held(text: str | bytes) -> list[str]:
    """The canaries that a text holds."""
    written = text.decode(errors="replace") if isinstance(text, bytes) else text
    return [one for one in CANARIES if one in written]


@pytest.fixture
def world(transactional_db: None) -> World:
    """The world of the permission tests, committed."""
    with pytest.MonkeyPatch.context() as patch, signing.painting():
        patch.setattr(providers, "get", FakeModels().get)
        return _assemble()


@pytest.fixture
def farm() -> Iterator[Provider]:
    """A provider that repeats what it was sent."""
    with provider() as said:
        yield said


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> dict[str, str]:
    """The environment of a worker that finds all three, and so does this process."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "provider").write_text(IN_FILE)
    (folder / "provider").chmod(0o600)
    settings.HANDRAIL_SECRETS_FOLDER = folder
    found = {"A_KEY_OF_TESTS": IN_ENVIRONMENT, "HANDRAIL_SECRETS_FOLDER": str(folder)}
    monkeypatch.setenv("A_KEY_OF_TESTS", IN_ENVIRONMENT)
    return found


def test_no_canary_is_found_anywhere(
    world: World, farm: Provider, keys: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "django.template")  # it tells the whole context of every page
    cast, log = world["cast"], Path(os.environ["HANDRAIL_HOME"]) / "worker.log"
    keeping.keep("gateway", IN_DATABASE, by=cast.adam)
    ways = {**WAYS, "file": f"file:{keys['HANDRAIL_SECRETS_FOLDER']}/provider"}
    near = {"endpoint": f"http://127.0.0.1:{farm.port}/v1", "private_endpoint": True, "route": "openai/large"}
    wanted: dict[str, Any] = {"ceiling": "personal", "tiers": ["minimal", "limited", "high"], **near}
    second = second_admin(cast)
    for name, secret in ways.items():
        row = catalog.add(f"house/{name}", {**wanted, "secret": secret}, by=cast.adam)
        signed(row, by=cast.adam, second=second)
    with manage("worker", "--number", "1", HANDRAIL_LOG_LEVEL="DEBUG", **keys):
        runs = [run for status in (401, 500, 200) for run in asked(world, farm, ways, status)]
        test = testing.ask(Model.objects.get(name="house/kept"), by=cast.adam)
        until(ModelTest.objects.filter(pk=test.pk).exclude(status="asked").exists, "the test")
        in_redis()
    assert {f"Bearer {one}" for one in CANARIES} <= set(farm.keys)
    assert RoutingDecision.objects.filter(step_run__run__in=runs).count() >= len(runs)
    in_redis()
    in_tables()
    on_pages(world, runs)
    at_a_page_that_breaks(world)
    said = [line[:200] for line in log.read_text().splitlines() if held(line)]
    assert not said
    assert not [record.name for record in caplog.records if held(record.getMessage())]
    leaking = [line[:200] for line in caplog.text.splitlines() if held(line)]
    assert not leaking


def asked(world: World, farm: Provider, ways: dict[str, str], status: int) -> list[Run]:
    """A run for each key whose model is asked, and answers with that status and with all the keys."""
    farm.status = status
    farm.body = json.dumps({"error": {"message": REPEATED, "code": REPEATED, "type": REPEATED}}).encode()
    if status == 200:
        farm.body = completion("large", content=json.dumps({"said": REPEATED}))
    farm.headers = {"X-Request-Id": IN_FILE, "X-Key": IN_DATABASE}
    ask_it = {"prompt": "Say it.", "output": {"type": "object"}, "input": {}}
    runs = [
        drawn.start(world["cast"], drawn.step("ask", "model", model=f"house/{name}", **ask_it), slug=f"{name}-{status}")
        for name in ways
    ]
    ended = StepRun.objects.filter(run__in=runs, status__in=ENDED)
    until(lambda: ended.count() == len(runs), "the steps to end")
    return runs


def in_tables() -> None:
    """Every row of every table, as text; and what is kept as bytes."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [(table, one) for (text,) in cursor.fetchall() for one in held(text)]
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE data_type = 'bytea' AND table_schema = 'public'"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT encode("{column}", \'escape\') FROM "{table}"')
            found += [(table, one) for (text,) in cursor.fetchall() for one in held(text or "")]
    assert not found


def in_redis() -> None:
    """Every key and every value: jobs, queues, cooldowns, and what was told to pages."""
    server: Any = redis.Redis.from_url(host.REDIS_URL)
    reads: dict[str, tuple[Any, ...]] = {
        "string": ("GET",),
        "hash": ("HGETALL",),
        "list": ("LRANGE", 0, -1),
        "set": ("SMEMBERS",),
        "zset": ("ZRANGE", 0, -1),
        "stream": ("XRANGE", "-", "+"),
    }
    everything = []
    for key in server.scan_iter(count=1000):
        verb, *rest = reads[str(server.execute_command("TYPE", key), "ascii")]
        everything.append((key, server.execute_command(verb, key, *rest)))
    assert everything
    assert not [key for key, value in everything if held(key) or held(repr(value))]


def on_pages(world: World, runs: list[Run]) -> None:
    """Every address that answers, and those of these runs, models and decisions; exports in every form."""
    found, looked = [], 0
    for name, row in matrix.TABLE.items():
        with transaction.atomic():
            if "GET" in row.methods:
                looked += 1
                found += [
                    name for _one in held(written(ask(world, "adam", "GET", reverse(name, kwargs=row.at(world)))))
                ]
            transaction.set_rollback(True)
    decisions = RoutingDecision.objects.filter(step_run__run__in=runs).values_list("pk", flat=True)
    paths = [f"/runs/{run.pk}/?step=ask{tab}" for run in runs for tab in ("", "&tab=model", "&tab=record")]
    paths += [f"/routing/{pk}/" for pk in decisions] + [f"/routing/{pk}/?format=json" for pk in decisions]
    paths += [f"/models/{row.pk}/" for row in Model.objects.all()]
    paths += [f"/models/{row.pk}/edit/" for row in Model.objects.all()]
    paths += [f"/record/export.{form}" for form in FORMS]
    paths += [f"/workflows/{run.workflow.slug}/export/" for run in runs[:3]]
    answers = {path: ask(world, "adam", "GET", path) for path in paths}
    assert sum(answer.status_code == 200 for answer in answers.values()) > len(paths) // 2
    found += [path for path, answer in answers.items() if held(written(answer))]
    assert looked > 50
    assert not found


def written(answer: HttpResponseBase) -> bytes:
    """All that an answer says."""
    if getattr(answer, "is_async", False):
        return b""  # what changed, as it happens
    body = b"".join(answer) if answer.streaming else getattr(answer, "content", b"")
    return bytes(body) + repr(list(answer.items())).encode()


def at_a_page_that_breaks(world: World) -> None:
    """The page that keeps a key breaks with the key in its hands: neither the answer nor the log tells it."""
    client = Client(raise_request_exception=False)
    client.force_login(world["cast"].adam)

    def breaks(name: str, key: str, **_: Any) -> None:
        raise RuntimeError("It broke.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "keep", breaks)
        answer = client.post("/models/keys/", {"name": "another", "key": IN_DATABASE})
    assert answer.status_code == 500
    assert not held(answer.content)
