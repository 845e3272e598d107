"""Calls of every data class and risk tier on a farm of servers: who was reached, what is on record, what it cost."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.db.models import Sum

from audit.actors import person
from audit.models import Event
from orchestration import engine, jobs, queue
from orchestration.models import Attempt, CatalogState, Model, Reservation, RoutingDecision, Run, Spending, StepRun
from orchestration.routing import candidates, cooling
from orchestration.routing.candidates import CLASSES
from orchestration.routing.replaying import replay
from orchestration.states import RiskTier
from tests.cast import Cast
from tests.flow import drawn
from tests.routing.farm import MARK, Server, farm, fresh

pytestmark = pytest.mark.django_db

ANSWER = {"type": "object", "required": ["said"], "properties": {"said": {"type": "string"}}}


@pytest.fixture(autouse=True)
def _cool() -> Iterator[None]:
    """No model rests after what another test did to it."""
    connection = queue.bells().connection
    for name in connection.scan_iter(f"{cooling.PREFIX}*"):
        connection.delete(name)
    cooling.forget()
    yield
    cooling.forget()


def asking(data: str = "internal", tier: str = "limited", **more: Any) -> drawn.Spec:
    """A step that asks whichever model fits, in Europe."""
    routing = {"tags": ["farm"], "regions": ["eu"], "weights": {"quality": 50, "cost": 50}, **more.pop("routing", {})}
    plain = {"model": "any", "routing": routing, "prompt": f"{MARK}{data} {tier}.", "input": {}, "output": ANSWER}
    return drawn.step("ask", "model", data=data, **plain, **more)


def run_all(cast: Cast, each: int, **more: Any) -> int:
    """So many runs of each class and tier, to their ends. How many."""
    count = 0
    for data, tier in product(CLASSES, RiskTier.values):
        workflow = drawn.publish(cast, asking(data, tier, **more), slug=f"ask-{data}-{tier}", risk=tier)
        for _ in range(each):
            engine.start(workflow, {}, actor=person(cast.adam), started_by=cast.adam)
            count += 1
    jobs.advance()
    return count


def may(server: Server, data: str, tier: str) -> bool:
    """Whether the catalog lets a call of that class and tier go there."""
    facts = server.facts
    return (
        facts.get("status", "approved") == "approved"
        and facts.get("region", "eu") == "eu"
        and CLASSES.index(data) <= CLASSES.index(facts["ceiling"])
        and tier in facts.get("tiers", RiskTier.values)
    )


def test_no_call_reaches_a_model_that_a_filter_forbids(cast: Cast) -> None:
    with farm(*fresh()) as servers:
        runs = run_all(cast, 2)
        assert Run.objects.filter(status="done").count() == runs
    forbidden = [(name, *call) for name, server in servers.items() for call in server.reached if not may(server, *call)]
    assert not forbidden
    assert servers["unapproved"].reached.total() == servers["abroad"].reached.total() == 0
    assert sum(server.reached.total() for server in servers.values()) >= runs


def test_every_call_and_failure_is_on_record(cast: Cast) -> None:
    with farm(*fresh()) as servers:
        run_all(cast, 2)
    calls = [call for one in RoutingDecision.objects.all() for call in one.calls if not call.get("skipped")]
    for name, server in servers.items():
        of_server = [call for call in calls if call["model"] == f"farm/{name}"]
        assert len(of_server) == server.reached.total(), name
        assert len([call for call in of_server if "code" in call]) == server.failed, name
    assert servers["failing"].failed, "the first calls of that server fail"
    attempts = Attempt.objects.exclude(model="").aggregate(cost=Sum("cost"))["cost"]
    assert sum(Decimal(call.get("cost", 0)) for call in calls) == attempts


def test_a_decision_is_kept_once_bound_to_the_ledger_and_can_be_worked_out_again(cast: Cast) -> None:
    with farm(*fresh()):
        run_all(cast, 1)
    assert CatalogState.objects.count() == 1
    for decision in RoutingDecision.objects.select_related("step_run"):
        again = replay(decision)
        assert again is not None
        assert again.same
        event = Event.objects.filter(
            object_type="steprun", object_id=str(decision.step_run_id), body__contains=decision.hash
        )
        assert event.count() == 1


def test_a_model_that_lies_is_asked_thrice_and_then_another_try_is_not_made(cast: Cast) -> None:
    liar = next(server for server in fresh() if server.lies)
    with farm(liar):
        drawn.start(cast, asking())
        jobs.advance()
        step_run = StepRun.objects.get(step__key="ask")
    assert (step_run.status, step_run.tries, liar.answered) == ("failed", 1, 3)
    assert step_run.error.startswith("Asked 3 times. The answer does not fit.")
    prompts = Attempt.objects.get().prompt or []
    assert [one["role"] for one in prompts] == ["system", "user", *["assistant", "user"] * 2, "assistant"]


def test_where_the_first_fails_the_next_is_asked(cast: Cast) -> None:
    down = Server("down", fails_one_in=1, facts={"ceiling": "special", "price": 1, "quality": 1.0})
    up = Server("up", facts={"ceiling": "special", "price": 2, "quality": 0.5})
    with farm(down, up):
        drawn.start(cast, asking())
        jobs.advance()
    decision = RoutingDecision.objects.get()
    assert (decision.chosen, decision.answered) == ("farm/down", "farm/up")
    assert [(call["model"], call.get("code", "")) for call in decision.calls][-1] == ("farm/up", "")
    assert StepRun.objects.get(step__key="ask").status == "done"


def test_nothing_left_goes_to_a_person_with_the_reasons(cast: Cast) -> None:
    with farm(*fresh()):
        drawn.start(cast, asking("special", "high", routing={"regions": ["mars"]}))
        jobs.advance()
    step_run = StepRun.objects.get(step__key="ask")
    assert (step_run.status, step_run.awaits) == ("waiting", "outcome")
    told = (step_run.question or {})["unknown"]
    assert told.startswith("No model may do this. farm/abroad: runs in another region (us, not mars);")
    decision = RoutingDecision.objects.get()
    assert (decision.chosen, decision.calls, decision.why) == ("", [], told)


def test_suspending_a_model_takes_effect_on_the_next_call(cast: Cast) -> None:
    one = Server("one", facts={"ceiling": "special", "price": 1, "quality": 1.0})
    with farm(one):
        workflow = drawn.publish(cast, asking())
        drawn.begin(cast, workflow)
        jobs.advance()
        Model.objects.filter(name="farm/one").update(status="suspended")
        candidates.forget()
        run = drawn.begin(cast, workflow)
        jobs.advance()
    asked = StepRun.objects.get(run=run)
    assert (asked.question or {})["unknown"] == "No model may do this. farm/one: nobody has approved it."
    assert one.reached.total() == 1


BUDGET = {"run": "0.01", "currency": "USD"}


def test_a_budget_is_never_passed(cast: Cast) -> None:
    """A call costs $0.0064 here and may cost $0.11; the month holds ten at the most, whatever is begun at once."""
    dear = Server("dear", facts={"ceiling": "special", "price": 20, "quality": 1.0})
    with farm(dear):
        budget = {"month": "0.1", "currency": "USD"}
        workflow = drawn.publish(cast, asking(routing={"output_tokens": 100}), budget=budget)
        for _ in range(40):
            drawn.begin(cast, workflow)
        jobs.advance()
    spent = Spending.objects.get(key__startswith=f"workflow:{workflow.pk}:").spent
    cost = Attempt.objects.aggregate(cost=Sum("cost"))["cost"]
    assert spent == cost
    assert Decimal(0) < spent <= Decimal("0.1")
    assert not Reservation.objects.exists()
    failed = StepRun.objects.filter(status="failed")
    assert failed.count() == 40 - dear.answered > 0
    assert all("The budget of this month ($0.1) does not hold this call." in one.error for one in failed)


def test_a_budget_may_ask_a_person_instead(cast: Cast) -> None:
    dear = Server("dear", facts={"ceiling": "special", "price": 2000, "quality": 1.0})
    with farm(dear):
        drawn.start(cast, asking(), budget={**BUDGET, "crossing": "ask"})
        jobs.advance()
    step_run = StepRun.objects.get(step__key="ask")
    assert (step_run.status, step_run.awaits, dear.answered) == ("waiting", "outcome", 0)


def test_what_costs_less_is_chosen_for_the_same_metric(cast: Cast) -> None:
    with farm(*fresh()) as servers:
        run_all(cast, 2, metrics=[{"name": "It answers", "kind": "schema"}])
        routed = Attempt.objects.aggregate(cost=Sum("cost"))["cost"]
        before = Attempt.objects.count()
        run_all(cast, 2, metrics=[{"name": "It answers", "kind": "schema"}], routing={"among": ["farm/dear"]})
        best = Attempt.objects.aggregate(cost=Sum("cost"))["cost"] - routed
    assert Attempt.objects.count() == 2 * before
    assert routed < best
    assert servers["dear"].answered
