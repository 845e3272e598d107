"""Budgets hold for every call of a try: what is asked again, what falls back, what an agent goes on with."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from orchestration import jobs
from orchestration.models import Attempt, Reservation, RoutingDecision, Spending, StepRun
from orchestration.routing import cooling
from tests.cast import Cast
from tests.flow import drawn
from tests.routing.farm import Server, farm
from tests.routing.test_farm import asking

pytestmark = pytest.mark.django_db

ROUTING = {"output_tokens": 100}


@pytest.fixture(autouse=True)
def _cool() -> Iterator[None]:
    cooling.forget()
    yield
    cooling.forget()


def server(name: str, price: int, quality: float, **more: Any) -> Server:
    return Server(name, facts={"ceiling": "special", "price": price, "quality": quality}, **more)


def spent() -> Decimal:
    """What its budget says was spent, which is what the tries did cost."""
    whole = Spending.objects.get(key__startswith="workflow:").spent
    assert whole == Attempt.objects.aggregate(cost=Sum("cost"))["cost"]
    assert not Reservation.objects.exists()
    return whole


def test_two_hundred_at_once_do_not_pass_it_though_they_ask_again_and_fall_back(cast: Cast) -> None:
    """A call costs $0.0052 here and may cost $0.007; each try asks the liar thrice, and then others."""
    liar, down = server("liar", 20, 1.0, lies=True), server("down", 20, 0.8, fails_one_in=2)
    with farm(liar, down, server("last", 20, 0.1)) as servers:
        workflow = drawn.publish(
            cast,
            asking(routing={**ROUTING, "weights": {"quality": 1}}, retry={"tries": 1}),
            budget={"month": "2.5", "currency": "USD"},
        )
        for _ in range(200):
            drawn.begin(cast, workflow)
        jobs.advance()
    assert Decimal(1) < spent() <= Decimal("2.5")
    assert servers["last"].answered + down.answered > 0
    assert max(len(one.calls) for one in RoutingDecision.objects.all()) > 3
    ended = StepRun.objects.exclude(status="done")
    assert {one.status for one in ended} == {"failed"}
    assert all("does not hold" in one.error for one in ended)


def test_a_try_ends_where_the_budget_does_not_hold_another_call(cast: Cast) -> None:
    """One call fits, and not the next: for that nobody is asked."""
    liar = server("liar", 20, 1.0, lies=True)
    with farm(liar):
        drawn.start(cast, asking(routing=ROUTING), budget={"run": "0.0125", "currency": "USD"})
        jobs.advance()
    held = StepRun.objects.get(step__key="ask")
    assert (held.status, held.tries, liar.answered) == ("failed", 1, 1)
    assert held.error == "The budget of this run ($0.0125) does not hold another call."
    last = RoutingDecision.objects.get().calls[-1]
    assert (last["code"], last["skipped"]) == ("budget", True)


def test_where_the_budget_holds_no_more_of_the_dear_one_a_cheaper_one_goes_on(cast: Cast) -> None:
    dear, cheap = server("dear", 20, 1.0, lies=True), server("cheap", 1, 0.1)
    with farm(dear, cheap):
        routing = {**ROUTING, "weights": {"quality": 1}}
        drawn.start(cast, asking(routing=routing), budget={"run": "0.0125", "currency": "USD"})
        jobs.advance()
    assert StepRun.objects.get(step__key="ask").status == "done"
    assert (dear.answered, cheap.answered) == (1, 1)


def test_what_first_calls_need_is_held_before_what_may_follow(cast: Cast) -> None:
    """Ten at once, and room for ten calls: each has its first, though each of them might make three."""
    one = server("one", 20, 1.0)
    with farm(one):
        workflow = drawn.publish(cast, asking(routing=ROUTING), budget={"month": "0.0775", "currency": "USD"})
        for _ in range(10):
            drawn.begin(cast, workflow)
        jobs.advance()
    assert (one.answered, StepRun.objects.filter(status="done").count()) == (10, 10)


def test_the_budget_that_leaves_least_is_the_one_that_is_told(cast: Cast) -> None:
    one = server("one", 20, 1.0)
    with farm(one):
        budget = {"run": "0.008", "month": "0.0115", "currency": "USD"}
        workflow = drawn.publish(cast, asking(routing=ROUTING), budget=budget)
        drawn.begin(cast, workflow)
        jobs.advance()
        drawn.begin(cast, workflow)
        jobs.advance()
    error = StepRun.objects.get(status="failed").error
    assert error.endswith("The budget of this month ($0.0115) does not hold this call.")
