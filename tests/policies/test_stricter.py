"""Adding a rule never makes anything more permitted: neither the effect nor what is asked for."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.policies import shape
from orchestration.policies.facts import (
    CAN_REDACT,
    CLASSES,
    EFFECTS,
    FIELDS,
    KINDS,
    RISKS,
    SCOPES,
    UNKNOWN,
    Facts,
)
from orchestration.policies.facts import (
    NAMES as READABLE,
)
from orchestration.policies.matching import judge, judge_each
from orchestration.policies.ready import Rules
from orchestration.policies.verdicts import STRICTNESS
from orchestration.references import names_read
from orchestration.states import Effect, Point

NAMES = ("a", "b", "c")
some_names = st.lists(st.sampled_from(NAMES), min_size=1, unique=True)
named = st.one_of(some_names, some_names.map(lambda names: {"not": names}))
matches = st.fixed_dictionaries(
    {},
    optional={
        "data_class": st.sampled_from(list(CLASSES)),
        "tool_effect": st.lists(st.sampled_from(EFFECTS), min_size=1, unique=True),
        "outside": st.booleans(),
        "risk": st.lists(st.sampled_from(RISKS), min_size=1, unique=True),
        "tool": named,
        "groups": named,
        "amount": st.fixed_dictionaries({"over": st.integers(0, 3)}),
    },
)
conditions = st.sampled_from([
    "amount > 1", "input.a > 1", "data_class == 'special'", "size(groups) > 0", "input.b == 'x'", "tool == 'a'", "1",
])  # fmt: skip
scopes = st.sampled_from([{}, {"workflow": "a"}, {"workflow": "a", "step": "b"}, {"agent": "c"}])
thens = {
    "review": st.fixed_dictionaries(
        {"group": st.sampled_from(NAMES)},
        optional={"many": st.integers(1, 3), "four_eyes": st.booleans(), "minutes": st.integers(1, 9)},
    ),
    "redact": st.fixed_dictionaries({"kinds": st.lists(st.sampled_from(KINDS), min_size=1, unique=True)}),
}


@st.composite
def a_rule(draw: st.DrawFn) -> dict[str, Any]:
    effect = draw(st.sampled_from(Effect.values))
    rule: dict[str, Any] = {"key": "r", "title": "R", "effect": effect, "points": ["tool"], "enabled": True}
    rule |= {"match": draw(matches), "scope": draw(scopes)}
    if draw(st.booleans()):
        rule["if"] = draw(conditions)
    return rule | ({"then": draw(thens[effect])} if effect in thens else {})


def perhaps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(UNKNOWN), values)


acts = st.builds(
    Facts,
    workflow=perhaps(st.sampled_from(NAMES)),
    step=st.sampled_from((None, *NAMES)),
    agent=st.sampled_from((None, "c")),
    data_class=perhaps(st.sampled_from(list(CLASSES))),
    tool_effect=perhaps(st.sampled_from(EFFECTS)),
    outside=perhaps(st.booleans()),
    risk=perhaps(st.sampled_from(RISKS)),
    tool=perhaps(st.sampled_from(NAMES)),
    amount=perhaps(st.one_of(st.none(), st.integers(0, 4))),
    groups=perhaps(st.lists(st.sampled_from(NAMES), unique=True).map(tuple)),
    input=perhaps(st.sampled_from([{}, {"a": 2}, {"a": "x", "b": "x"}])),
    reviewed=st.booleans(),
    waived=st.booleans(),
)


@settings(max_examples=400, deadline=None)
@given(rules=st.lists(a_rule(), max_size=5), more=a_rule(), facts=acts)
def test_a_rule_more_never_permits_more(rules: list[dict[str, Any]], more: dict[str, Any], facts: Facts) -> None:
    assert not shape.of_rule(more)
    before, after = judge(rules, Point.TOOL, facts), judge([*rules, more], Point.TOOL, facts)
    assert STRICTNESS[after.effect] >= STRICTNESS[before.effect]
    assert after.obligations.covers(before.obligations)
    assert {one.key for one in before.matched} <= {one.key for one in after.matched}


@st.composite
def at_a_point(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]], dict[str, Any]]:
    """A point, rules that may be asked there and at others, and one more."""
    point = draw(st.sampled_from(list(Point)))
    return point, draw(st.lists(_fitting(point), max_size=5)), draw(_fitting(point))


@st.composite
def _fitting(draw: st.DrawFn, point: str) -> dict[str, Any]:
    rule = draw(a_rule())
    if rule["effect"] == Effect.REDACT and point not in CAN_REDACT:
        rule |= {"effect": "deny"}
        del rule["then"]
    rule["match"] = {name: wanted for name, wanted in rule["match"].items() if name in FIELDS[point]}
    if "model" in FIELDS[point]:
        rule["match"] |= draw(st.fixed_dictionaries({}, optional={"model": named, "region": named}))
    rule["scope"] = {name: wanted for name, wanted in rule["scope"].items() if name in SCOPES[point]}
    if "if" in rule and not names_read(rule["if"]) <= READABLE[point]:
        rule["if"] = "input.a > 1"
    return {**rule, "points": [point]}


@settings(max_examples=400, deadline=None)
@given(
    asked=at_a_point(),
    facts=acts,
    model=perhaps(st.sampled_from(NAMES)),
    region=perhaps(st.sampled_from(NAMES)),
)
def test_a_rule_more_never_permits_more_at_any_point(
    asked: tuple[str, list[dict[str, Any]], dict[str, Any]], facts: Facts, model: Any, region: Any
) -> None:
    point, rules, more = asked
    assert not shape.of_rule(more)
    facts = replace(facts, model=model, region=region)
    before, after = judge(rules, point, facts), judge([*rules, more], point, facts)
    assert STRICTNESS[after.effect] >= STRICTNESS[before.effect]
    assert after.obligations.covers(before.obligations)
    assert {one.key for one in before.matched} <= {one.key for one in after.matched}
    assert before.allows or not after.allows


ways = st.lists(
    st.fixed_dictionaries({
        "tool": perhaps(st.sampled_from(NAMES)), "amount": perhaps(st.integers(0, 4)), "outside": st.booleans(),
    }),
    max_size=4,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(rules=st.lists(a_rule(), max_size=6), facts=acts, several=ways)
def test_several_at_once_come_to_what_each_comes_to(
    rules: list[dict[str, Any]], facts: Facts, several: list[dict[str, Any]]
) -> None:
    for given_ways in (several, [{"tool": one["tool"]} for one in several]):
        together = judge_each(Rules(rules), Point.TOOL, facts, given_ways)
        for one, verdict in zip(given_ways, together, strict=True):
            alone = judge(rules, Point.TOOL, replace(facts, **one))
            assert (verdict.effect, verdict.obligations, verdict.error) == (
                alone.effect, alone.obligations, alone.error
            )  # fmt: skip
            assert dict(verdict.conditions) == dict(alone.conditions)


@settings(max_examples=200, deadline=None)
@given(rules=st.lists(a_rule(), max_size=5), facts=acts)
def test_their_order_does_not_matter(rules: list[dict[str, Any]], facts: Facts) -> None:
    one, other = judge(rules, Point.TOOL, facts), judge(rules[::-1], Point.TOOL, facts)
    assert (one.effect, one.obligations, one.error) == (other.effect, other.obligations, other.error)
