"""R7 and R8: eight reviewers at one review, and a web process killed straight after its answer."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from django.test import Client

from audit import people as register
from audit.actors import COMMAND
from audit.models import Event, User
from orchestration.models import Run
from reviews.models import Decision, Review
from tests import cast as people
from tests.cast import PASSWORD, Cast
from tests.faults.checker import check_promises
from tests.house import letters_in
from tests.loopback import provider
from tests.processes import free_port, manage, until, web, web_on
from tests.visitor import Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

REVIEWERS = 8


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How often: a few times here, as often as it takes by `make faults`."""
    return 1000 if request.config.getoption("--full", default=False) else 20


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How many web processes are killed."""
    return 200 if request.config.getoption("--full", default=False) else 3


@pytest.fixture
def reviewers(live_cast: Cast) -> list[User]:
    """Eight people who may all decide."""
    made = [
        register.welcome(f"reviewer-{n}", f"Reviewer {n}", f"r{n}@northwind-bank.example", PASSWORD, actor=COMMAND)
        for n in range(REVIEWERS)
    ]
    for user in made:
        register.join(user, live_cast.groups["reviewer"], actor=COMMAND)
    return made


def at_the_door(address: str, user: User) -> Visitor:
    """That person, signed in."""
    client = Client()
    client.force_login(user)
    visitor = Visitor(address)
    visitor.cookies[f"handrail_session_{address.rpartition(':')[2]}"] = str(client.session.session_key)
    return visitor


def all_at_once(visitors: list[Visitor], review: Review) -> list[httpx.Response]:
    """All open the item, and all send their decision at one barrier; every other one rejects."""
    barrier = threading.Barrier(len(visitors))
    item = f"/inbox/{review.pk}/"

    def decide(numbered: tuple[int, Visitor]) -> httpx.Response:
        number, visitor = numbered
        form = visitor.form(item, f"{item}decide/")
        verdict = "rejected" if number % 2 else "approved"
        barrier.wait(60)
        return visitor.post(form.action, data={**form.fields, "verdict": verdict, "reason": f"Words of {number}."})

    with ThreadPoolExecutor(len(visitors)) as pool:
        return list(pool.map(decide, enumerate(visitors)))


@pytest.mark.usefixtures("models")
def test_it_takes_one_decision_of_eight_at_one_barrier(live_cast: Cast, reviewers: list[User], rounds: int) -> None:
    with web() as address:
        visitors = [at_the_door(address, user) for user in reviewers]
        answers: Counter[int] = Counter()
        for _ in range(rounds):
            review = live_cast.waiting()
            told = all_at_once(visitors, review)
            answers.update(answer.status_code for answer in told)
            first = Review.objects.select_related("decided_by").get(pk=review.pk).decided_by
            for number, answer in enumerate(told):
                if answer.status_code == 409:
                    assert f"Already decided by {first}" in answer.text
                    assert f"Words of {number}." in answer.text
    assert answers == {303: rounds, 409: rounds * (REVIEWERS - 1)}
    assert Decision.objects.count() == rounds
    check_promises()


@pytest.fixture
def house(live_cast: Cast, tmp_path: Path) -> Iterator[Path]:
    """Worker and clock, which live on; and the folder in which their letters lie."""
    people.with_models(live_cast, triage="openai/triage", draft="openai/draft")
    with provider() as models:
        given = {**models.environment, "HANDRAIL_HOME": str(tmp_path)}
        with manage("clock", **given), manage("worker", "--number", "2", **given):
            yield tmp_path


def test_it_keeps_a_decision_when_web_is_killed_after_its_answer(live_cast: Cast, house: Path, kills: int) -> None:
    port, decided = free_port(), []
    runs = [live_cast.start(customer=f"customer-{number}@customer.example") for number in range(kills)]
    until(lambda: Review.objects.open().count() == kills, "all runs to come to their review", seconds=120)
    for run in runs:
        review = Review.objects.get(run=run)
        with web_on(port) as process:
            rita = at_the_door(f"http://127.0.0.1:{port}", live_cast.rita)
            item = f"/inbox/{review.pk}/"
            answer = rita.send_form(item, f"{item}decide/", verdict="approved")
            os.kill(process.pid, signal.SIGKILL)
        assert answer.status_code == 303
        decided.append(review.pk)
    assert Decision.objects.filter(review__in=decided, by=live_cast.rita).count() == kills
    assert Event.objects.filter(kind="review.approved").count() == kills
    until(lambda: Run.objects.filter(status="done").count() == kills, "all runs to be carried on", seconds=120)
    assert all(len(letters_in(house, run.input["customer"])) == 1 for run in runs)
    check_promises()
