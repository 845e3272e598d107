"""What another rule set would have made of the last decisions, worked out from what was kept."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orchestration.models import RoutingDecision, RuleCheck, RuleSet, Workflow
from orchestration.policies import drafts
from orchestration.routing.ruled_otherwise import Otherwise, otherwise
from tests.cast import Cast, carry_out_all
from tests.flow import drawn
from tests.pages.conftest import Look
from tests.policies.conftest import PutInForce, a_rule
from tests.policies.conftest import ada as ada
from tests.policies.conftest import put_in_force as put_in_force
from tests.routing import world
from tests.routing.test_pages import the_step
from tests.routing.world import LARGE, SMALL

pytestmark = pytest.mark.django_db
INPUT_LONG = {"if": "size(input.letter) > 20"}


def under(*rules: dict[str, Any]) -> Otherwise:
    related = ("step_run__run", "step_run__step", "step_run__workflow")
    return otherwise(list(RoutingDecision.objects.select_related(*related).order_by("-pk")), rules)


def again(cast: Cast, text: str = "Where is my card?") -> None:
    drawn.begin(cast, Workflow.objects.get(slug="drawn"), {"letter": text})
    carry_out_all()


def test_a_model_that_they_forbid_falls_and_the_next_one_comes(house: Cast) -> None:
    decision = world.decided(house)
    came = under(a_rule("deny", "model", match={"model": [LARGE]}))
    assert (decision.chosen, came.looked, came.moved, came.nobody) == (LARGE, 1, 1, 0)
    assert (came.was, came.would) == ({LARGE: 1}, {SMALL: 1})
    assert (came.cost_would or 9) < (came.cost_was or 0)
    assert (came.quality_would or 9) < (came.quality_was or 0)
    assert came.lines[0].why == f"When a model is to be asked, and the model is {LARGE}: it is stopped."


def test_where_they_leave_nobody_it_goes_to_a_person(house: Cast) -> None:
    world.decided(house)
    came = under(a_rule("deny", "model"))
    assert (came.moved, came.nobody, came.would) == (1, 1, {"": 1})
    assert (came.cost_was, came.quality_would) == (None, None)


def test_those_that_ask_a_person_are_counted_and_move_nothing(house: Cast) -> None:
    world.decided(house)
    came = under(a_rule("review", "model"))
    assert (came.moved, came.asks) == (0, 1)
    assert under(a_rule("deny", "model", match={"data_class": "special"})).moved == 0
    assert under(a_rule("deny", "model", match={"groups": {"not": ["admin", "owner", "reviewer"]}})).moved == 0


def test_older_rules_let_through_again_what_fell_at_a_rule(house: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("deny", "model", match={"model": [LARGE]}))
    assert world.decided(house).chosen == SMALL
    assert RuleCheck.objects.filter(point="model").count() == 2
    came = under()
    assert (came.was, came.would) == ({SMALL: 1}, {LARGE: 1})
    put_in_force(a_rule("deny", "model"))
    again(house)
    came = under()
    assert came.would == {LARGE: 2}
    assert came.was == {SMALL: 1, "": 1}


def test_what_a_condition_says_of_an_input_that_is_not_kept_is_not_guessed(
    house: Cast, put_in_force: PutInForce
) -> None:
    world.decided(house)
    came = under(a_rule("deny", "model", **INPUT_LONG))
    assert (came.looked, came.unjudged, came.moved) == (0, 1, 0)
    put_in_force(a_rule("allow", "model", **INPUT_LONG))
    again(house, "A letter that is a good deal longer than twenty.")
    came = under(a_rule("deny", "model", **INPUT_LONG))
    assert (came.looked, came.nobody) == (1, 1)  # the same condition was asked then, so what it came to is known


def test_a_broken_rule_leaves_nobody(house: Cast) -> None:
    world.decided(house)
    assert under({"key": "broken"}).nobody == 1


def test_many_cost_no_more_queries_than_one(house: Cast) -> None:
    world.decided(house)
    related = ("step_run__run", "step_run__step", "step_run__workflow")
    rows = list(RoutingDecision.objects.select_related(*related)) * 30
    with CaptureQueriesContext(connection) as queries:
        assert otherwise(rows, [a_rule("deny", "model")]).nobody == 30
    assert len(queries) == 3


def test_the_page_sets_them_side_by_side(house: Cast, look: Look) -> None:
    world.decided(house)
    draft = drafts.start(by=house.adam)
    RuleSet.objects.filter(pk=draft.pk).update(rules=[a_rule("deny", "model", match={"model": [LARGE]})])
    page = look(house.adam, f"/models/try/?step={the_step().pk}&rules={draft.pk}&last=10")
    assert "1 of 1 would have come to something else." in page.text
    assert f"{SMALL} 0 1" in page.text
    assert f"/models/try/?rules={draft.pk}" in look(house.adam, "/rules/draft/").html
    assert "Other rules" not in look(house.rita, f"/models/try/?step={the_step().pk}&rules={draft.pk}").text
    for odd in ("x", "0", "99999999999999999999"):
        assert look(house.adam, f"/models/try/?step={the_step().pk}&rules={odd}").status == 200
