"""What other rules would have said of what was asked before."""

from typing import Any

import pytest

from orchestration.models import RuleCheck
from orchestration.policies import asking, replay
from orchestration.policies.facts import Facts
from orchestration.policies.matching import judge
from tests.policies.conftest import a_rule, an_act

pytestmark = pytest.mark.django_db


def keep(point: str, facts: Facts, *rules: dict[str, Any]) -> None:
    asking.record([asking.Asked(point, facts, judge(rules, point, facts))])


def test_it_names_what_would_have_changed() -> None:
    for amount in (500, 5000):
        keep("tool", an_act(amount=amount, tool_effect="write", workflow="pay"))
    rules = [a_rule("deny", "tool", match={"amount": {"over": 1000}}, scope={"workflow": "pay"})]
    came = replay.of_last(rules)
    assert (came.looked, came.same, came.stricter, came.milder) == (2, 1, 1, 0)
    (change,) = came.changes
    assert (change.check.facts["amount"], change.was, change.verdict.effect) == (5000, "review", "deny")
    assert RuleCheck.objects.filter(effect="deny").count() == 0


def test_more_people_is_a_change_too() -> None:
    one = a_rule("review", "tool", then={"group": "reviewer"})
    keep("tool", an_act(), one)
    assert replay.of_last([one]).same == 1
    came = replay.of_last([{**one, "then": {"group": "reviewer", "many": 2}}])
    assert (came.same, came.stricter) == (0, 1)


def test_a_fact_that_was_not_known_is_not_known_again() -> None:
    keep("model", Facts(workflow="pay", data_class="personal"))
    came = replay.of_last([a_rule("allow", "model", match={"region": ["eu"]})])
    assert came.changes[0].verdict.error


def test_it_says_of_which_too_little_is_kept() -> None:
    reading = a_rule("deny", "start", **{"if": "input.age < 18"})
    keep("start", an_act(input={"age": 12}))
    keep("start", an_act(workflow="pay"))
    came = replay.of_last([reading])
    assert (came.looked, came.unjudged) == (2, 2)
    certain = a_rule("deny", "start", key="b", scope={"workflow": "pay"})
    came = replay.of_last([reading, certain])
    assert (came.unjudged, len(came.changes)) == (1, 1)


def test_a_condition_that_was_worked_out_before_is_known() -> None:
    reading = a_rule("deny", "start", **{"if": "input.age < 18"})
    keep("start", an_act(input={"age": 12}), reading)
    keep("start", an_act(input={"age": 40}), reading)
    assert replay.of_last([reading]).same == 2
    milder = {**reading, "effect": "review", "then": {"group": "reviewer"}}
    came = replay.of_last([milder])
    assert (came.unjudged, came.milder, came.same) == (0, 1, 1)


def test_what_was_asked_about_is_kept_as_a_hash_that_nobody_finds_by_trying(settings: Any) -> None:
    facts = an_act(input={"a": 1})
    plain = facts.kept()["input"]
    asked = [asking.Asked("tool", facts, asking.ask("tool", facts))]
    (first,), (same,) = asking.record(asked), asking.record(asked)
    assert first.facts["input"] == same.facts["input"] != plain
    settings.SECRET_KEY = "another-secret-key-of-the-tests-0123456789"
    assert asking.record(asked)[0].facts["input"] != first.facts["input"]
    assert first.facts.keys() == facts.kept().keys()
