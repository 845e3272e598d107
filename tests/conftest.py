"""What every test can use: the database as it really is, and the cast."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.test import TransactionTestCase
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker, blocking_manager_key

from orchestration import catalog, providers
from orchestration.policies import asking
from orchestration.routing.patterns import looking
from reviews.who import holders
from tests import cast as people
from tests import clock
from tests.cast import Cast
from tests.fakes import FakeModels
from tests.kept import Kept
from tests.sampled import Sample, loaded
from tests.scheduling import ByHouse, long_ones_first, patient_at_the_door
from tests.wiping import wipe

kept = Kept({"cast": people.assemble, "sample": loaded})
migrated = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full`: the fault tests at their full load, as `make faults` runs them."""
    parser.addoption("--full", action="store_true", help="run the fault tests at full load")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByHouse:
    """Tests that share a house are run by one process."""
    return ByHouse(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes share the tests, none is left with a long one at the end."""
    long_ones_first(items)
    patient_at_the_door(items)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker, pytestconfig: pytest.Config) -> None:
    """Migrate as the owner; the tests then run as the application's role, which owns nothing."""
    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)
        wipe()
    pytestconfig.stash[migrated] = True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture of the test: its own transaction goes into the one that keeps the cast."""
    if item.config.stash.get(migrated, False):
        with item.config.stash[blocking_manager_key].unblock():
            _forget()
            kept.before(item)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last test nothing is held open."""
    if nextitem is None:
        with item.config.stash[blocking_manager_key].unblock():
            kept.go()


@pytest.fixture(autouse=True, scope="session")
def _wipe_instead_of_flush() -> Iterator[None]:
    """The ledger refuses TRUNCATE; the owner's own way round is the only one, and lives in the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: wipe())
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    """Five people are welcomed in most tests; a password hashed as slowly as it should be costs half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", 1000)
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    """The people, the groups and the workflow Answer a customer."""
    made: Cast = kept.world("cast")
    return made


@pytest.fixture
def sample(db: None, settings: Settings, tmp_path: Path) -> Sample:
    """The sample workspace, as `manage.py sample` loads it: all that stands before the first question arrives."""
    made: Sample = kept.world("sample")
    shutil.copytree(made.home, tmp_path, dirs_exist_ok=True)
    settings.HANDRAIL_HOME, settings.OUTBOX, settings.HANDRAIL_MODEL = tmp_path, tmp_path / "outbox", ""
    return made


@pytest.fixture
def live_cast(transactional_db: None) -> Iterator[Cast]:
    """The same cast, committed, for tests with more than one process."""
    yield people.assemble()
    for connection in connections.all(initialized_only=True):
        connection.close()


@pytest.fixture(autouse=True)
def _real_time(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Each test begins at the real time, with nothing switched off."""
    _forget()
    yield
    with django_db_blocker.unblock():  # the transaction that is kept around has to hear of it
        clock.back()


@pytest.fixture(autouse=True)
def _nothing_filed() -> Iterator[None]:
    """What a test filed in the house goes with it: the next one may file under the same name."""
    yield
    shutil.rmtree(Path(os.environ["HANDRAIL_HOME"]) / "records", ignore_errors=True)


def _forget() -> None:
    catalog.forget()
    asking.forget()
    looking.forget()
    holders.forget()


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> FakeModels:
    """The outermost edge: model providers that answer what the test says."""
    fake = FakeModels()
    monkeypatch.setattr(providers, "get", fake.get)
    return fake


@receiver(connection_created)
def _may_take_its_time(connection: BaseDatabaseWrapper, **_: object) -> None:
    """A test is one long transaction in this process; those of workers and web are given up as ever."""
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
