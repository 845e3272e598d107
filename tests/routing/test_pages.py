"""The pages of routing: why a model was asked, what other weights would have made, trying an input, how models do."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.canonical import digest
from audit.models import User
from orchestration.explain.trying import try_out
from orchestration.models import (
    CatalogState,
    Model,
    ModelFigure,
    RoutingDecision,
    RuleCheck,
    Run,
    Step,
    StepRun,
    Workflow,
)
from orchestration.routing import replaying
from orchestration.routing.policy import Weights
from tests.cast import Cast, carry_out_all
from tests.flow.drawn import begin
from tests.pages.conftest import Look
from tests.policies.conftest import PutInForce, a_rule
from tests.policies.conftest import ada as ada
from tests.policies.conftest import put_in_force as put_in_force
from tests.routing import world
from tests.routing.world import ABROAD, LARGE, OPEN, SMALL

THRIFTY = "?quality=0&cost=100&speed=0"
PERSONAL = "My address is ines@customer.example."


def page_of(decision: RoutingDecision, query: str = "") -> str:
    return f"/routing/{decision.pk}/{query}"


def tried(user: User, step: Step, text: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.post("/models/try/", {"step": step.pk, "input": text})


def the_step() -> Step:
    return Step.objects.get(version__workflow__slug="drawn", key="letter")


def test_a_decision_tells_who_was_chosen_who_fell_and_at_what(house: Cast, look: Look) -> None:
    decision = world.decided(house, PERSONAL)
    page = look(house.rita, page_of(decision))
    assert (page.status, decision.chosen, decision.answered) == (200, LARGE, LARGE)
    assert f"Why {LARGE}" in page.text
    assert decision.why in page.text
    assert "4 looked at, 2 left" in page.text
    assert "Runs in another region region_outside" in page.text
    assert "May not see such data class_over_ceiling" in page.text
    assert "an e-mail address was found" in page.text
    assert "Answered" in page.text
    assert "same order, same scores" in page.text
    assert page.html.count('class="dec"') == 2


def test_it_leads_to_the_step_and_to_the_entry_of_the_ledger(house: Cast, look: Look) -> None:
    decision = world.decided(house)
    page = look(house.rita, page_of(decision))
    assert f'href="/runs/{decision.step_run.run_id}/?step=letter"' in page.html
    event = page.context["event"]
    assert event.data["routing"] == decision.hash
    assert f"/record/{event.event_id}/" in page.html or str(event.event_id) in page.html


def test_other_weights_are_weighed_and_nothing_is_changed(house: Cast, look: Look) -> None:
    decision = world.decided(house)
    page = look(house.rita, page_of(decision, THRIFTY))
    assert f"{SMALL} would have been asked." in page.text
    assert "less." in page.text
    assert RoutingDecision.objects.get().told() == decision.told()
    assert "would have been asked as well" in look(house.rita, page_of(decision, "?quality=80&cost=10&speed=10")).text


@pytest.mark.parametrize(
    "query", ["?quality=x&cost=1&speed=1", "?quality=0&cost=0&speed=0", "?quality=nan&cost=1&speed=1", "?quality=9"]
)
def test_weights_that_are_none_are_passed_over(house: Cast, look: Look, query: str) -> None:
    page = look(house.rita, page_of(world.decided(house), query))
    assert (page.status, page.context["other"]) == (200, None)


def test_a_record_that_does_not_agree_says_so(house: Cast, look: Look) -> None:
    decision = world.decided(house)
    again = replaying.replay(decision)
    assert again is not None
    assert again.same
    decision.ranked[0], decision.ranked[1] = decision.ranked[1], decision.ranked[0]
    turned = replaying.replay(decision)
    assert turned is not None
    assert not turned.same
    decision.refresh_from_db()
    decision.fell[0][1][0][0] = "context"
    other = replaying.replay(decision)
    assert other is not None
    assert not other.same


def test_a_catalog_that_is_not_kept_is_said(house: Cast, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    decision = world.decided(house)
    monkeypatch.setattr("orchestration.routing.replaying.CatalogState.objects", CatalogState.objects.none())
    page = look(house.rita, page_of(decision))
    assert (page.status, "cannot be worked out again" in page.text) == (200, True)


def test_who_may_see_it(house: Cast, look: Look) -> None:
    path = page_of(world.decided(house))
    assert [look(user, path).status for user in (house.rita, house.adam, house.noah)] == [200, 200, 404]
    assert look(house.mina, path).status == 404  # she manages, and may not see this workflow
    assert look(house.rita, "/routing/1000000000/").status == 404


def test_a_manager_sees_it_and_whom_the_step_shuts_out_does_not(house: Cast, look: Look) -> None:
    house.start()
    carry_out_all()
    decision = RoutingDecision.objects.filter(step_run__step__key="draft").get()
    path = page_of(decision)
    assert [look(user, path).status for user in (house.rita, house.mina, house.adam)] == [200, 200, 200]
    step = decision.step_run.step
    step.groups.update(group=house.groups["owner"])
    Step.objects.filter(pk=step.pk).update(owner=house.noah)
    assert [look(user, path).status for user in (house.rita, house.mina)] == [404, 200]
    run = f"/runs/{decision.step_run.run_id}/?step=draft&tab=model"
    assert path in look(house.mina, run).html
    assert path not in look(house.rita, run).html


def test_the_step_of_a_run_has_a_tab_for_it(house: Cast, look: Look) -> None:
    decision = world.decided(house)
    at = f"/runs/{decision.step_run.run_id}/?step=letter"
    assert "tab=model" in look(house.rita, at).html
    page = look(house.rita, f"{at}&tab=model")
    assert decision.why in page.text
    assert page_of(decision) in page.html
    assert "the step declares it" in page.text


def test_a_step_that_asked_nobody_has_none(house: Cast, look: Look) -> None:
    review = house.waiting()
    page = look(house.rita, f"/runs/{review.run_id}/?step=send&tab=model")
    assert (page.status, page.context["tab"], 'id="tab-model"' in page.html) == (200, "summary", False)


def test_an_input_is_tried_and_nothing_is_called(house: Cast, models: Any) -> None:
    world.decided(house)
    calls, rows = models.scripted.calls, RoutingDecision.objects.count()
    page = tried(house.rita, the_step(), json.dumps({"letter": PERSONAL})).content.decode()
    assert f"{LARGE} would be asked" in page
    assert "The data count as personal" in page
    assert (models.scripted.calls, RoutingDecision.objects.count()) == (calls, rows)
    assert Run.objects.count() == 1


def test_what_is_tried_comes_to_what_is_decided(house: Cast) -> None:
    decision = world.decided(house, PERSONAL)
    told = try_out(the_step(), {"letter": PERSONAL}, by=house.adam).decision
    assert (told.ranked, told.fell, told.asked, told.why) == (
        decision.ranked,
        decision.fell,
        decision.asked,
        decision.why,
    )


def test_nobody_may_is_shown_too(house: Cast) -> None:
    world.decided(house)
    Model.objects.filter(name__startswith="house/").update(ceiling="internal")
    world.forget()
    page = tried(house.rita, the_step(), json.dumps({"letter": PERSONAL})).content.decode()
    assert "No model would be asked" in page


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"letter": "x", "more": 1}', '{"letter": "a\\u0000"}', "[" * 9000])
def test_an_input_that_is_none_is_said_and_kept(house: Cast, text: str) -> None:
    world.decided(house)
    answer = tried(house.rita, the_step(), text)
    assert answer.status_code == 422
    assert "input-wrong" in answer.content.decode()


def test_one_tries_the_steps_that_one_may_see(house: Cast, look: Look) -> None:
    world.decided(house)
    step = the_step()
    path = f"/models/try/?step={step.pk}"
    assert [look(user, path).status for user in (house.rita, house.mina, house.noah)] == [200, 404, 404]
    assert tried(house.noah, step, "{}").status_code == 404
    step.groups.update(group=house.groups["owner"])
    assert [look(user, path).status for user in (house.rita, house.adam)] == [404, 200]
    assert look(house.noah, "/models/try/").status == 200
    assert look(house.rita, "/models/try/?step=x").status == 404


def test_the_last_decisions_are_weighed_otherwise(house: Cast, look: Look) -> None:
    world.decided(house)
    for text in ("A", "B"):
        begin(house, Workflow.objects.get(slug="drawn"), {"letter": text})
    carry_out_all()
    page = look(house.rita, f"/models/try/{THRIFTY}&step={the_step().pk}")
    assert "3 of 3 would have gone to another model." in page.text
    whole = page.context["others"]["all"]
    assert whole.cost_would < whole.cost_was
    assert (round(whole.quality_was, 2), round(whole.quality_would, 2)) == (0.9, 0.6)
    fewer = look(house.rita, f"/models/try/{THRIFTY}&step={the_step().pk}&last=2").context["others"]["all"]
    assert fewer.looked == 2


def test_many_decisions_cost_no_more_queries(house: Cast) -> None:
    world.decided(house)
    for number in range(4):
        begin(house, Workflow.objects.get(slug="drawn"), {"letter": f"{number}"})
    carry_out_all()
    with CaptureQueriesContext(connection) as queries:
        found = replaying.others(RoutingDecision.objects.all(), Weights(0, 1, 0))
    assert (found.looked, found.changed, len(queries)) == (5, 5, 2)


def test_how_models_do_stands_on_a_page(house: Cast, look: Look) -> None:
    world.decided(house)
    workflow = Workflow.objects.get(slug="drawn")
    figure: dict[str, Any] = {"workflow": workflow, "step": "letter", "p50": 1.2, "p95": 3.4, "tokens_out": 120.0}
    ModelFigure.objects.create(model=LARGE, runs=40, measured=40, met=36, cost=Decimal("0.04"), **figure)
    ModelFigure.objects.create(model=SMALL, runs=8, measured=8, met=4, cost=Decimal("0.004"), **figure)
    page = look(house.rita, "/models/figures/")
    assert f"{LARGE} 40" in page.text
    assert "90%" in page.text
    assert "does not count yet" in page.text
    assert [line.each for line in page.context["lines"]] == [Decimal("0.04") * 40 / 36, Decimal("0.008")]
    assert "house/large" not in look(house.rita, "/models/figures/?workflow=answer-a-customer").text
    assert "No figures yet" in look(house.noah, "/models/figures/").text
    assert "No figures yet" in look(house.mina, "/models/figures/").text


def test_figures_come_page_by_page(house: Cast, look: Look) -> None:
    world.decided(house)
    workflow = Workflow.objects.get(slug="drawn")
    ModelFigure.objects.bulk_create(
        ModelFigure(workflow=workflow, step="letter", model=f"m/{n}", cost=0) for n in range(70)
    )
    first = look(house.rita, "/models/figures/")
    older = look(house.rita, f"/models/figures/{first.context['page'].older}")
    assert [len(page.context["lines"]) for page in (first, older)] == [50, 20]
    assert older.queries <= first.queries


def test_a_call_that_failed_is_told(house: Cast, look: Look, models: Any) -> None:
    models.scripted.fails = "It is tired."
    decision = world.decided(house)
    page = look(house.rita, page_of(decision))
    assert (page.status, "It is tired." in page.text) == (200, True)
    assert "No call was answered" in page.text
    assert StepRun.objects.get().status != "done"
    assert {ABROAD, OPEN} == {name for name, _ in decision.fell} or len(decision.fell) == 1


def test_trying_asks_the_rules_about_every_model_and_records_nothing(
    house: Cast, look: Look, put_in_force: PutInForce
) -> None:
    world.decided(house)
    before = RuleCheck.objects.count()
    put_in_force(a_rule("deny", "model", match={"model": [LARGE]}))
    page = tried(house.adam, the_step(), '{"letter": "Where is my card?"}').content.decode()
    assert f"{SMALL} would be asked" in page
    assert "A rule says no" in page
    assert f"the model is {LARGE}: it is stopped" in page
    put_in_force(a_rule("review", "model"))
    page = tried(house.adam, the_step(), '{"letter": "Where is my card?"}').content.decode()
    assert "A person decides: When a model is to be asked" in page
    assert RuleCheck.objects.count() == before
    put_in_force(a_rule("deny", "model", **{"if": "input.nowhere > 3"}))
    page = tried(house.adam, the_step(), '{"letter": "Where is my card?"}').content.decode()
    assert "No model would be asked" in page
    assert "cannot be judged" in page


def test_the_record_is_taken_away_as_it_was_hashed(house: Cast) -> None:
    decision = world.decided(house)
    client = Client()
    client.force_login(house.rita)
    answer = client.get(f"/routing/{decision.pk}/?format=json")
    told = json.loads(answer.content)
    assert answer["Content-Disposition"] == f'attachment; filename="routing-{decision.pk}.json"'
    assert {name: told[name] for name in decision.told()} == decision.told()
    assert digest({name: told[name] for name in decision.told()}) == told["hash"] == decision.hash
    assert 'href="?format=json" download data-copy' in client.get(f"/routing/{decision.pk}/").content.decode()
    client.force_login(house.noah)
    assert client.get(f"/routing/{decision.pk}/?format=json").status_code == 404
