"""The measurements in short: that each comes to its end with the figures it promises. Nothing timed is asserted."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.bench import provider, roles
from tests.bench.in_short import FILLED
from tests.processes import ROOT
from tests.wiping import wipe

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def seen(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> dict[str, Any]:
    """What a process of its own saw while it drove everything once."""
    with django_db_blocker.unblock():
        wipe()
        command = [sys.executable, "-m", "tests.bench.in_short"]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
        wipe()
    assert ended.returncode == 0, ended.stderr
    facts: dict[str, Any] = json.loads(ended.stdout)
    return facts


def test_it_owns_workers_their_parent_and_the_clock(seen: dict[str, Any]) -> None:
    assert [len(seen["parts"]["workers"]), len(seen["parts"]["clock"])] == [3, 1]
    assert len(set(seen["pids"])) == 4


def test_it_ends_every_process_that_it_started(seen: dict[str, Any]) -> None:
    assert seen["left_over"] == []


def test_it_returns_when_every_step_of_every_run_is_done(seen: dict[str, Any]) -> None:
    assert seen["chain_runs"] == 2
    assert seen["chain_steps"] == [3, 3]


def test_the_first_step_leaves_a_mark_after_the_start(seen: dict[str, Any]) -> None:
    before, mark = seen["mark"]
    assert before < mark


def test_it_decides_one_and_then_all_that_wait(seen: dict[str, Any]) -> None:
    assert [seen["waiting"], seen["waiting_after_one"], seen["waiting_after_all"]] == [3, 2, 0]


@pytest.mark.parametrize("name", ["chain", "decisions", "calls", "map"])
def test_it_says_where_the_time_went(seen: dict[str, Any], name: str) -> None:
    parts = [seen["figures"][f"{name}_cpu_{part}"] for part in ("workers", "clock", "postgres", "valkey", "driver")]
    assert seen["figures"][f"{name}_cpu"] == pytest.approx(sum(parts))


@pytest.mark.parametrize(
    "name", ["chain_rate", "decisions_rate", "decisions_single", "start", "calls_wall", "calls_memory", "map_rate"]
)
def test_it_gives_each_figure(seen: dict[str, Any], name: str) -> None:
    assert seen["figures"][name] > 0


def test_it_fills_up_with_finished_runs(seen: dict[str, Any]) -> None:
    assert seen["runs_filled"] == FILLED + 3  # two originals, and one run more to see that the system still works
    assert seen["decisions_filled"] == FILLED // 10 + 1


def test_every_entry_of_a_filled_ledger_has_a_place_with_no_gap(seen: dict[str, Any]) -> None:
    assert len(set(seen["leaves"])) == 1


def test_the_provider_answers_many_calls_at_once() -> None:
    with provider.standing(2.0) as model, ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda url: urllib.request.urlopen(url, b"{}", 20).read(), [model.url] * 20))
        assert set(answers) == {provider.COMPLETION}
        assert model.told() == {"calls": 20, "most_at_once": 20}


@pytest.fixture
def superuser_url(django_db_setup: None) -> Iterator[str]:
    """The address of one who may make roles, where the server is our own."""
    parts = urlsplit(os.environ["MIGRATE_DATABASE_URL"])
    url = parts._replace(netloc=f"postgres@{parts.netloc.rpartition('@')[2]}").geturl()
    try:
        connection = psycopg.connect(url, autocommit=True)
    except psycopg.Error as error:
        pytest.skip(f"No superuser can be reached here: {error}")
    with connection:
        yield url
        connection.execute(f"DROP ROLE {roles.ROLE}")


def test_it_makes_a_role_that_owns_nothing_when_only_the_owner_is_given(superuser_url: str) -> None:
    url = roles.application(superuser_url)
    assert roles.application(superuser_url) == url
    owned = "SELECT count(*) FROM pg_class WHERE pg_has_role(current_user, relowner, 'USAGE')"
    with psycopg.connect(url) as connection:
        assert connection.execute(f"SELECT current_user, ({owned})").fetchone() == (roles.ROLE, 0)
