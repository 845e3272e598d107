"""Whatever is wrong with a rule is told in a sentence, with the place; nothing of it is ever a crash."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from django.test import Client

from orchestration.models import RuleSet
from orchestration.policies import drafts, ready_made, shape
from orchestration.policies.matching import judge
from tests.cast import Cast
from tests.policies.conftest import a_rule, an_act

GOOD = a_rule(
    "review",
    "tool",
    scope={"workflow": "answer-a-customer", "step": "send"},
    match={
        "data_class": "personal",
        "tool_effect": ["write"],
        "outside": True,
        "risk": ["high"],
        "tool": ["email.send"],
        "amount": {"over": 10},
        "groups": {"not": ["manager"]},
    },
    then={"group": "reviewer", "many": 2, "four_eyes": True, "minutes": 60},
    **{"if": "amount > 5"},
)
ODD: list[Any] = [None, 7, -1, 1.5, True, "", "x" * 3000, [], {}, [None], {"not": []}, [[[]]], "\x00", "1 +", {"a": 1}]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for name in value:
            yield from places(value[name], (*path, name))
    if isinstance(value, list):
        for number in range(len(value)):
            yield from places(value[number], (*path, number))


def put(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    first, *rest = path
    if isinstance(value, dict):
        return {**value, first: put(value[first], tuple(rest), odd)}
    return [put(one, tuple(rest), odd) if number == first else one for number, one in enumerate(value)]


MUTATIONS = [(path, odd) for path in places(GOOD) for odd in ODD]


def test_the_rule_that_is_bent_is_straight() -> None:
    assert shape.of_rule(GOOD) == []
    assert len(MUTATIONS) > 300


def test_every_bent_rule_is_told_in_a_sentence_or_is_none() -> None:
    told = 0
    for path, odd in MUTATIONS:
        bent = put(GOOD, path, odd)
        found = shape.problems([bent])
        told += bool(found)
        assert all(one.told.endswith((".", "}.")) or one.told.startswith("It cannot be read") for one in found), found
        assert not found or found[0].path[:2] in {("rules", 0), ()}, found
        judge([bent], "tool", an_act())  # whatever it is, it is judged
    assert told > 250


@pytest.mark.parametrize("name", sorted(shape.RULE["required"]))
def test_what_is_missing_is_named(name: str) -> None:
    (found,) = shape.of_rule({key: value for key, value in GOOD.items() if key != name})
    assert found == ((name,), "This is missing.")


@pytest.mark.parametrize(
    ("more", "field", "told"),
    [
        ({"if": "colour == 'red'"}, "if", "there is no “colour” to read"),
        ({"if": "lower(tool) == 'a'"}, "if", "There is no function “lower”"),
        ({"if": "amount >"}, "if", "It cannot be read"),
        ({"if": "model == 'a'"}, "if", "there is no “model” to read"),
        ({"match": {"region": ["eu"]}}, "match.region", "nothing is known of the region"),
        ({"scope": {"step": "send"}}, "scope.workflow", "in which workflow"),
        ({"then": {}}, "then.group", "which group"),
        ({"then": {"group": "reviewer", "kinds": ["email"]}}, "then.kinds", "belongs to another effect"),
        ({"match": {"colour": 1}}, "match", "“colour” is not known here"),
        ({"match": {"amount": {"over": "much"}}}, "match.amount.over", "must be a number"),
        ({"key": "safe-default"}, "key", "has a meaning already"),
        ({"effect": "maybe"}, "effect", "allow, redact, review, deny"),
    ],
)
def test_it_says_what_is_wrong_and_where(more: dict[str, Any], field: str, told: str) -> None:
    found = shape.of_rule(GOOD | more)[0]
    assert found.field == field
    assert told in found.told


def test_two_rules_have_two_keys() -> None:
    assert [one.field for one in shape.problems([GOOD, GOOD])] == ["rules.key", "rules.key"]


def test_a_set_has_its_bounds() -> None:
    many = [{**GOOD, "key": f"rule-{number}"} for number in range(shape.MOST_RULES + 1)]
    assert "At most 300" in shape.problems(many)[0].told
    assert shape.problems({}, {}) == [(("rules",), "This must be a list."), (("checks",), "This must be a list.")]
    assert "no JSON" in shape.problems([{**GOOD, "title": float("nan")}])[0].told


@pytest.mark.parametrize(
    "case",
    [
        7,
        {},
        {"name": "x", "point": "tool", "facts": {"colour": 1}, "expect": "deny"},
        {"name": "x", "point": "tool", "facts": {}, "expect": "deny", "rule": "no-such"},
        {"name": "x", "point": "tool", "facts": {}, "expect": "deny", "matches": True},
    ],
)
def test_a_bad_test_case_is_told(case: Any) -> None:
    assert shape.problems([GOOD], [case])[0].path[:2] == ("checks", 0)


FORM = {
    "title": "A rule",
    "effect": "review",
    "points": ["tool"],
    "enabled": "on",
    "group": "reviewer",
    "many": "1",
    "amount": "10",
    "tool_how": "is",
    "tool": "email.send",
    "condition": "amount > 5",
    "workflow": "answer-a-customer",
    "step": "send",
}
TEXTS = ["", "x" * 5000, "\x00", "-1", "1e400", "NaN", "no-such", "1 +", "{{7*7}}", "\ud800", ",,,", "a," * 60]


def test_a_hundred_bad_forms_lose_nothing_and_break_nothing(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.adam)
    drafts.start(by=cast.adam)
    before = RuleSet.objects.get().rules
    sent = ((name, text) for name in FORM for text in TEXTS)
    kept = 0
    for name, text in islice(sent, 200):
        answer = client.post("/rules/draft/rules/new/", {**FORM, name: text.encode("utf-8", "replace").decode()})
        assert answer.status_code in {303, 422}, (name, text, answer.status_code)
        if answer.status_code == 422:
            kept += 1
            assert "what you wrote is kept" in answer.content.decode(), (name, text)
    assert kept > 80
    assert RuleSet.objects.get().rules[: len(before)] == before


CASE = {"name": "A case", "point": "tool", "expect": "review", "tool_effect": "write", "rule": "amounts-need-two"}
INPUTS = ["[" * 3000, "{", "7", '{"a": NaN}', '{"a": 1' + "0" * 400 + "}", "x" * 30_000, '{"a": "\\ud800"}']


@pytest.mark.parametrize("field", ["input", "amount", "point", "expect", "rule", "holds", "unknown", "data_class"])
def test_bad_forms_of_test_cases_are_told(cast: Cast, field: str) -> None:
    client = Client()
    client.force_login(cast.adam)
    drafts.start(by=cast.adam)
    for text in (*INPUTS, "1e999999999", "-1e999999999", "\x00"):
        answer = client.post("/rules/draft/cases/new/", {**CASE, field: text})
        assert answer.status_code in {303, 422}, (field, text[:40])


def test_a_rule_that_is_on_names_only_groups_and_workflows_that_there_are(cast: Cast) -> None:
    drafts.start(by=cast.adam)
    rule = a_rule("review", "tool", then={"group": "nobody"}, scope={"workflow": "nothing"})
    with pytest.raises(drafts.Wrong) as raised:
        drafts.save_rule(rule, was="", by=cast.adam)
    assert [one.field for one in raised.value.problems] == ["then.group", "scope.workflow"]
    assert drafts.save_rule({**rule, "enabled": False}, was="", by=cast.adam)["key"] == "the-rule-a-rule"


def test_ready_made_rules_have_their_shape() -> None:
    ready = ready_made.every()
    assert shape.problems([one.rule for one in ready], [case for one in ready for case in one.cases]) == []
