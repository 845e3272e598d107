"""One house, one cast and one browser for all tests of this folder."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from django.db import connections
from playwright.sync_api import expect
from pytest_django.plugin import DjangoDbBlocker

from audit.actors import person
from orchestration import control
from orchestration.models import Run
from orchestration.states import RUN_LIVE
from reviews.models import Review
from tests import cast as people
from tests.cast import Cast
from tests.e2e import browser as chromium
from tests.e2e.browser import Chrome, Room
from tests.house import House, standing
from tests.loopback import Provider, provider
from tests.processes import until
from tests.wiping import wipe

NO_BROWSER = (
    "THE TESTS IN A BROWSER DID NOT RUN: there is no chromium on this machine. "
    "Install one (Debian: apt-get install chromium), or name it in CHROMIUM."
)
PATIENCE = 15_000  # milliseconds: other work may hold both cores
NAMES = ("Ines Duarte", "Jonas Weber", "Priya Nair", "Tom Fraser", "Lea Moreau", "Omar Haddad", "Nina Kovac")
expect.set_options(timeout=PATIENCE)


@dataclass
class Stage:
    """The cast in its house. Every run is of another customer, so that each test finds its own item."""

    cast: Cast
    house: House
    numbers: Iterator[int]
    models: Provider

    def customer(self) -> tuple[str, str]:
        """A customer's name and address that no other test uses."""
        number = next(self.numbers)
        return f"{NAMES[number % len(NAMES)]} {number}", f"customer-{number}@customer.example"

    def start(self) -> Run:
        """A new run, started by Adam; the worker goes on with it."""
        name, address = self.customer()
        return self.cast.start(customer_name=name, customer=address)

    def waiting(self) -> Review:
        """A new run that has come to its review."""
        run = self.start()
        until(lambda: Review.objects.filter(run=run).exists(), "the run to come to its review")
        return Review.objects.get(run=run)

    def clear(self) -> None:
        """End every run that is not over, so that a list holds what the test itself puts there."""
        for run in Run.objects.filter(status__in=RUN_LIVE):
            with contextlib.suppress(control.CannotControl):  # it has just ended by itself
                control.cancel_run(run, actor=person(self.cast.adam))
        until(lambda: not Review.objects.open().exists(), "the desk to be empty")


@pytest.fixture(scope="package", name="chrome")
def _chromium() -> Iterator[Chrome]:
    if not (path := chromium.found()):
        pytest.skip(NO_BROWSER)
    with chromium.opened(path) as browser:
        yield browser


@pytest.fixture(scope="package")
def stage(
    chrome: Chrome,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    """The house with a few items waiting. What the tests of this folder do is committed, and wiped at the end."""
    with django_db_blocker.unblock(), provider() as models:
        wipe()
        cast = people.with_models(people.assemble(), triage="openai/triage", draft="openai/draft")
        with standing(tmp_path_factory.mktemp("house"), **models.environment) as house:
            stage = Stage(cast, house, count(1), models)
            for _ in range(3):
                stage.start()
            until(lambda: Review.objects.count() == 3, "three items", seconds=90)
            yield stage
        wipe()
        for connection in connections.all(initialized_only=True):
            connection.close()


@pytest.fixture
def alone(stage: Stage) -> None:
    """Nothing waits that the test did not put there."""
    stage.clear()


@pytest.fixture(scope="package")
def _room(chrome: Chrome, stage: Stage) -> Room:
    return Room(chrome, stage.house.address)


@pytest.fixture
def room(_room: Room) -> Iterator[Room]:
    """Windows that are closed after the test. No test may leave a word in the console or ask another host."""
    yield _room
    said, strangers = list(_room.said), list(_room.strangers)
    _room.leave()
    assert not said, "messages in the console"
    assert not strangers, "requests to another host"
