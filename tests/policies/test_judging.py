"""What the rules come to: every effect at every point, errors, what is missing, the safe default, and obligations."""

from decimal import Decimal
from typing import Any

import pytest

from orchestration.executors.chosen import Cleared
from orchestration.policies import shape
from orchestration.policies.facts import CAN_REDACT, FIELDS, UNKNOWN, Facts
from orchestration.policies.matching import judge
from orchestration.policies.verdicts import Ask, Verdict
from orchestration.states import Effect, Point
from tests.policies.conftest import a_rule, an_act

MATCHES: dict[str, tuple[Any, Any, Any]] = {  # what a rule says, a fact that fits, one that does not
    "data_class": ("personal", "special", "internal"),
    "risk": (["high"], "high", "limited"),
    "amount": ({"over": 1000}, Decimal("1000.01"), 1000),
    "groups": ({"not": ["owner"]}, ("reviewer",), ("reviewer", "owner")),
    "model": (["a", "b"], "b", "c"),
    "region": ({"not": ["eu"]}, ("eu", "us"), "eu"),
    "tool": ({"not": ["email.send"]}, "bank.pay", "email.send"),
    "tool_effect": (["destructive"], "destructive", "read"),
    "outside": (True, True, False),
    "untrusted": (True, True, False),
}
EVERY = [(point, name) for point in Point for name in FIELDS[point]]


@pytest.mark.parametrize("point", Point)
@pytest.mark.parametrize("effect", Effect)
def test_each_effect_holds_at_each_point(effect: str, point: str) -> None:
    rule = a_rule(effect, point)
    if effect == "redact" and point not in CAN_REDACT:
        assert "nothing goes out" in shape.of_rule(rule)[0].told
        return
    verdict = judge([rule], point, an_act())
    assert verdict.effect == effect
    assert [one.key for one in verdict.matched] == ["a-rule"]
    assert verdict.asks == ((Ask("reviewer"),) if effect == "review" else ())
    assert verdict.kinds == (("email",) if effect == "redact" else ())
    others = [other for other in Point if other != point]
    assert {judge([rule], other, an_act()).effect for other in others} == {"allow"}


@pytest.mark.parametrize("point", Point)
@pytest.mark.parametrize("effect", ["allow", "review", "deny"])
def test_an_error_denies_at_each_point(effect: str, point: str) -> None:
    verdict = judge([a_rule(effect, point, **{"if": "input.nowhere > 3"})], point, an_act(input={"amount": 4}))
    assert verdict.denies
    assert verdict.error
    assert verdict.told() == (
        "Stopped: The rule “The rule a-rule” cannot be judged: its condition cannot be worked out: there is no "
        "“nowhere”. What cannot be judged is stopped."
    )


@pytest.mark.parametrize(("point", "name"), EVERY)
def test_a_field_matches_what_it_says(point: str, name: str) -> None:
    wanted, fits, other = MATCHES[name]
    rule = a_rule("deny", point, match={name: wanted})
    assert judge([rule], point, an_act(**{name: fits})).denies
    assert not judge([rule], point, an_act(**{name: other})).denies


@pytest.mark.parametrize(("point", "name"), EVERY)
def test_what_is_not_known_denies(point: str, name: str) -> None:
    rule = a_rule("allow", point, match={name: MATCHES[name][0]})
    verdict = judge([rule], point, an_act(**{name: UNKNOWN}))
    assert verdict.denies
    assert "not known here" in verdict.why


def test_facts_that_nobody_gave_are_not_known() -> None:
    assert judge([a_rule("allow", "start", scope={"workflow": "a"})], "start", Facts()).denies
    assert judge([a_rule("allow", "start", **{"if": "input.a == 1"})], "start", Facts(workflow="a")).denies


@pytest.mark.parametrize("value", ["", None])
def test_a_region_that_is_empty_is_not_known(value: str | None) -> None:
    assert judge([a_rule("allow", "model", match={"region": ["eu"]})], "model", an_act(region=value)).denies


def test_a_field_that_does_not_fit_settles_it_whatever_else_is_missing() -> None:
    rule = a_rule("deny", "model", match={"data_class": "personal", "region": {"not": ["eu"]}})
    assert judge([rule], "model", an_act(data_class="internal", region=UNKNOWN)).effect == "allow"


def test_no_amount_is_not_over_it_and_an_unknown_one_may_be() -> None:
    rule = a_rule("deny", "tool", match={"amount": {"over": 10}})
    assert not judge([rule], "tool", an_act(amount=None)).denies
    assert judge([rule], "tool", an_act(amount=float("nan"))).denies
    assert judge([rule], "tool", an_act(amount=True)).denies


@pytest.mark.parametrize("text", ["1", "input", "'yes'", "null"])
def test_a_condition_that_is_neither_true_nor_false_denies(text: str) -> None:
    assert judge([a_rule("allow", "start", **{"if": text})], "start", an_act()).error


def test_a_condition_reads_what_its_point_has() -> None:
    text = "data_class == 'special' && tool == 'bank.pay' && amount > 5 && 'owner' in groups && input.to.size() == 2"
    rule = a_rule("deny", "tool", **{"if": text})
    facts = an_act(data_class="special", tool="bank.pay", amount=Decimal("5.5"), groups=("owner",))
    assert not shape.of_rule(rule)
    assert judge([rule], "tool", facts).error
    assert judge([rule], "tool", Facts(**_given(facts) | {"input": {"to": ["a", "b"]}})).denies


def _given(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in Facts.__slots__}


def test_values_that_cannot_be_read_deny() -> None:
    rule = a_rule("allow", "start", **{"if": "input.a == 1"})
    assert judge([rule], "start", an_act(input={"a": object()})).denies


def test_an_error_says_nothing_of_what_it_read() -> None:
    rule = a_rule("allow", "start", **{"if": "int(input.name) > 3 || {'a': 1}[input.name] > 0"})
    verdict = judge([rule], "start", an_act(input={"name": "Ines Duarte"}))
    assert verdict.denies
    assert "Ines" not in str(verdict.as_json())


@pytest.mark.parametrize(
    "broken",
    [
        {"match": {"colour": "red"}},
        {"points": ["nowhere"]},
        {"if": "1 +"},
        {"if": "unheard_of == 1"},
        {"then": "no"},
        {"effect": "maybe"},
        {"scope": {"step": "send"}},
    ],
)
def test_a_rule_that_cannot_be_read_stops_everything(broken: dict[str, Any]) -> None:
    rules = [a_rule("allow", "start") | broken]
    assert all(judge(rules, point, an_act()).denies for point in Point)
    assert "cannot be read" in judge(rules, "tool", an_act()).told()


def test_a_rule_that_is_off_says_nothing() -> None:
    assert judge([a_rule("deny", "start", enabled=False)], "start", an_act()).matched == ()


def test_a_scope_narrows_it() -> None:
    rule = a_rule("deny", "tool", scope={"workflow": "pay", "step": "send"})
    assert judge([rule], "tool", an_act(workflow="pay", step="send")).denies
    assert not judge([rule], "tool", an_act(workflow="pay", step="look")).denies
    assert not judge([rule], "tool", an_act(workflow="other", step="send")).denies
    assert judge([rule], "tool", an_act(workflow=UNKNOWN, step="send")).denies


ACTING = [
    {"tool_effect": "write"},
    {"tool_effect": "destructive"},
    {"outside": True},
    {"tool_effect": UNKNOWN},
    {"outside": UNKNOWN},
]


@pytest.mark.parametrize("facts", ACTING)
def test_what_acts_is_looked_at_whatever_rules_allow(facts: dict[str, Any]) -> None:
    for rules in ([], [a_rule("allow", "tool")]):
        verdict = judge(rules, "tool", an_act(**facts))
        assert verdict.effect == "review"
        assert verdict.asks == (Ask(""),)
        assert "approved by a person first" in verdict.told()


@pytest.mark.parametrize("facts", ACTING)
def test_only_an_approval_or_a_waiver_lifts_the_safe_default(facts: dict[str, Any]) -> None:
    assert judge([], "tool", an_act(**facts, reviewed=True)).effect == "allow"
    assert judge([], "tool", an_act(**facts, waived=True)).effect == "allow"
    assert judge([a_rule("review", "tool")], "tool", an_act(**facts, waived=True)).effect == "review"


@pytest.mark.parametrize("untrusted", [True, UNKNOWN])
def test_no_waiver_lets_go_what_is_written_outside_once_others_were_read(untrusted: Any) -> None:
    for rules in ([], [a_rule("allow", "tool")]):
        facts = {
            "tool_effect": "write",
            "outside": True,
            "waived": True,
            "untrusted": untrusted,
            "read_from": "the web",
        }
        verdict = judge(rules, "tool", an_act(**facts))
        assert (verdict.effect, verdict.asks) == ("review", (Ask(""),))
        assert ("content from outside (the web)" in verdict.why) == (untrusted is True)
        assert judge(rules, "tool", an_act(**facts | {"reviewed": True})).effect == "allow"


@pytest.mark.parametrize("facts", [{"untrusted": False}, {"outside": False}, {"tool_effect": "read"}])
def test_else_a_waiver_holds_as_before(facts: dict[str, Any]) -> None:
    act = {"tool_effect": "write", "outside": True, "waived": True, "untrusted": True}
    assert judge([], "tool", an_act(**act | facts)).effect == "allow"


def test_what_an_agent_asks_others_for_counts_as_given_away() -> None:
    facts = {"outside": True, "waived": True, "untrusted": True, "agent": "ask"}
    assert judge([], "tool", an_act(**facts)).effect == "review"


def test_reading_goes_on_without_a_rule() -> None:
    verdict = judge([], "tool", an_act())
    assert (verdict.effect, verdict.matched) == ("allow", ())
    assert verdict.told() == "No rule says anything about this, so it goes on."


def test_the_strictest_wins_and_obligations_add_up() -> None:
    rules = [
        a_rule("review", "tool", key="one", then={"group": "reviewer", "many": 2, "minutes": 60}),
        a_rule("review", "tool", key="two", then={"group": "reviewer", "four_eyes": True, "minutes": 30}),
        a_rule("review", "tool", key="three", then={"group": "manager"}),
        a_rule("redact", "tool", key="four", then={"kinds": ["iban"]}),
        a_rule("redact", "tool", key="five", then={"kinds": ["card", "iban"]}),
        a_rule("allow", "tool", key="six"),
    ]
    verdict = judge(rules, "tool", an_act(tool_effect="write"))
    assert verdict.effect == "review"
    assert verdict.asks == (Ask("manager", 1, True, 30), Ask("reviewer", 2, True, 30))
    assert verdict.kinds == ("card", "iban")
    assert judge([*rules, a_rule("deny", "tool")], "tool", an_act()).effect == "deny"


def test_of_two_models_all_are_asked_whom_either_asks_for() -> None:
    """Whoever approves the first choice has approved what may be asked next as well."""
    alone = judge([a_rule("review", "tool", key="one")], "tool", an_act())
    two = a_rule("review", "tool", key="two", then={"group": "reviewer", "many": 2})
    other = a_rule("review", "tool", key="three", then={"group": "manager"})
    cleared = Cleared()
    cleared.take("first", alone)
    cleared.take("second", judge([two, other], "tool", an_act()))
    assert cleared.passed == ["first", "second"]
    assert cleared.asks is not None
    assert [(ask.group, ask.many) for ask in cleared.asks.asks] == [("manager", 1), ("reviewer", 2)]


def test_a_verdict_is_kept_and_read_again() -> None:
    verdict = judge([a_rule("review", "tool", match={"amount": {"over": 3}})], "tool", an_act(amount=5, outside=True))
    again = Verdict.of_json(verdict.as_json())
    assert (again.effect, again.asks, again.why) == (verdict.effect, verdict.asks, verdict.why)
    assert again.matched[0].saw == {"amount": "5"}
    assert again.told() == verdict.told()
