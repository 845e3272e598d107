"""R7 and R8: eight reviewers at one review, and a web process killed straight after its answer."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from audit import people as register
from audit.actors import COMMAND
from audit.models import Event, User
from orchestration.models import Run
from reviews.models import Decision, Review
from tests import cast as people
from tests.cast import PASSWORD, Cast, carry_out_all
from tests.faults import work
from tests.faults.checker import check
from tests.faults.door import DECIDED, TAKEN, at_the_door, decide
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, web
from tests.house import letters_in
from tests.loopback import provider
from tests.processes import free_port, until
from tests.visitor import Form, Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

REVIEWERS = 8
TOKEN = "csrfmiddlewaretoken"


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


@dataclass
class Reviewer:
    """Somebody at a browser, who remembers their own token over all rounds."""

    visitor: Visitor
    token: str = ""

    def page_of(self, review: Review) -> Form:
        """The form of an item, opened."""
        item = f"/inbox/{review.pk}/"
        form = self.visitor.form(item, f"{item}decide/")
        self.token = form.fields[TOKEN]
        return form

    def send(self, form: Form, **words: str) -> httpx.Response:
        """What they decide on what was shown."""
        return self.visitor.post(form.action, data={**form.fields, TOKEN: self.token, **words})


def all_at_once(reviewers: list[Reviewer], review: Review) -> list[httpx.Response]:
    """All send their decision at one barrier; every other one rejects. All open the item, if only the first time."""
    barrier = threading.Barrier(len(reviewers))
    pages = [reviewer.page_of(review) for reviewer in reviewers if not reviewer.token] or [reviewers[0].page_of(review)]

    def decide(number: int) -> httpx.Response:
        verdict = "rejected" if number % 2 else "approved"
        barrier.wait(60)
        return reviewers[number].send(pages[0], verdict=verdict, reason=f"Words of {number}.")

    with ThreadPoolExecutor(len(reviewers)) as pool:
        return list(pool.map(decide, range(len(reviewers))))


@pytest.mark.fault("R7")
def test_it_takes_one_decision_of_eight_at_one_barrier(live_cast: Cast, reviewers: list[User], fault: Fault) -> None:
    rounds, answers = fault.load(10, 1000), Counter[int]()
    workflow = work.asking(live_cast)
    with web() as (address, _):
        at_the_doors = [Reviewer(at_the_door(address, user)) for user in reviewers]
        for _ in range(rounds):
            (run,) = work.start(live_cast, workflow, 1)
            carry_out_all()
            review = Review.objects.get(run=run)
            told = all_at_once(at_the_doors, review)
            answers.update(answer.status_code for answer in told)
            first = Review.objects.select_related("decided_by").get(pk=review.pk).decided_by
            for number, answer in enumerate(told):
                if answer.status_code == DECIDED:
                    assert f"Already decided by {first}" in answer.text
                    assert f"Words of {number}." in answer.text
    fault.tell("rounds", rounds, "rounds")
    fault.tell("refused_in_words", answers[DECIDED], "answers")
    assert answers == {TAKEN: rounds, DECIDED: rounds * (REVIEWERS - 1)}
    assert Decision.objects.count() == rounds
    carry_out_all()
    check(fault)


@contextmanager
def house(cast: Cast, home: Path) -> Iterator[None]:
    """Workers and a clock, which live on; their letters lie in that folder."""
    people.with_models(cast, triage="openai/triage", draft="openai/draft")
    with provider() as models, clock(), crew(2, environment=models.environment, OUTBOX=home / "outbox"):
        yield


@pytest.mark.fault("R8")
def test_it_keeps_a_decision_when_web_is_killed_after_its_answer(live_cast: Cast, tmp_path: Path, fault: Fault) -> None:
    port, kills = free_port(), fault.load(4, 200)
    with house(live_cast, tmp_path):
        runs = [live_cast.start(customer=f"customer-{number}@customer.example") for number in range(kills)]
        until(lambda: Review.objects.open().count() == kills, "all runs to come to their review", seconds=120)
        for run in runs:
            with web(port) as (address, process):
                answer = decide(at_the_door(address, live_cast.rita), Review.objects.get(run=run).pk)
                process.kill()
            assert answer.status_code == TAKEN
        fault.tell("killed", kills, "web processes")
        assert Decision.objects.filter(by=live_cast.rita).count() == kills
        assert Event.objects.filter(kind="review.approved").count() == kills
        fault.tell("carried_on_after", work.wait_until_ended(), "s")
    assert set(Run.objects.values_list("status", flat=True)) == {"done"}
    assert all(len(letters_in(tmp_path, run.input["customer"])) == 1 for run in runs)
    check(fault)
