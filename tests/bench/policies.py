"""Rules: what one check costs with 200 rules in force, of which 20 match by field and carry a condition."""

from functools import partial
from itertools import count
from typing import Any

from django.db import transaction

from audit import garbage
from audit.actors import COMMAND
from audit.moves import begin
from orchestration.models import RuleSet
from orchestration.policies import asking
from orchestration.policies.facts import Facts
from orchestration.policies.matching import judge, judge_each
from orchestration.policies.ready import Rules
from tests.bench.figures import Figure, Sizes, typical
from tests.wiping import wipe

RULES, MATCHING, MODELS = 200, 20, 50
KEPT_AT_ONCE = 50


def many() -> list[dict[str, Any]]:
    """200 rules of a tool call: 20 fit by their fields and ask their condition, 180 fall at a field."""
    fields: list[dict[str, Any]] = [
        {"data_class": "special"},
        {"tool": ["another.tool", "a.third"]},
        {"tool_effect": ["destructive"]},
        {"amount": {"over": 10_000}},
        {"groups": ["treasury"], "risk": ["high"]},
        {"data_class": "internal", "outside": False},
    ]
    rules = []
    for number in range(RULES):
        rule: dict[str, Any] = {"key": f"rule-{number}", "title": f"Rule {number}", "points": ["tool"], "enabled": True}
        if number % (RULES // MATCHING):
            rule |= {"effect": "deny", "match": fields[number % len(fields)], "if": f"input.lines.size() > {number}"}
        else:
            match = {"data_class": "internal", "outside": True, "tool": {"not": ["a.third"]}, "amount": {"over": 5}}
            known = "input.customer.country != 'nowhere'"
            text = f"amount > {number}.0 && {known} && input.lines.exists(l, l.sum > {number % 100})"
            rule |= {"effect": "review", "then": {"group": "reviewer"}, "match": match, "if": text}
        rules.append(rule)
    return rules


def act() -> Facts:
    """A payment with twenty lines."""
    lines = [{"what": f"line {number}", "sum": number * 7} for number in range(20)]
    given = {"customer": {"name": "Ines Duarte", "country": "PT"}, "lines": lines, "note": "x" * 500}
    return Facts(
        workflow="pay",
        step="send",
        data_class="personal",
        tool_effect="write",
        outside=True,
        risk="limited",
        tool="bank.pay",
        amount=500,
        groups=("reviewer",),
        starter="7",
        input=given,
    )


def of_models() -> list[dict[str, Any]]:
    """The same before a model is asked, twenty of them about the region or the model."""
    rules = [{**rule, "points": ["model"], "match": dict(rule["match"])} for rule in many()]
    for number, rule in enumerate(rules):
        for name in ("tool", "tool_effect", "amount", "outside"):
            rule["match"].pop(name, None)
        rule["if"] = rule["if"].replace("amount > ", "size(input.lines) + ").replace(".0", " > 0")
        if number % 10 == 5:
            rule["match"] |= {"region": {"not": ["eu", "own"]}, "model": ["house/1", "house/2"]}
        elif number % 10:
            rule["match"] |= {"data_class": "special"}
    return rules


def of_calls() -> list[dict[str, Any]]:
    """200 rules about the bench's own call, which lets it pass: 20 fit by their fields, and their conditions are asked.

    Ten of these allow it, and ten would forbid it if their condition held; 180 fall at a field.
    """
    fields: list[dict[str, Any]] = [
        {"data_class": "special"},
        {"region": ["us", "asia"]},
        {"model": ["house/1", "house/2"]},
        {"risk": ["high"]},
        {"groups": ["treasury"]},
    ]
    rules: list[dict[str, Any]] = []
    for number in range(RULES):
        plain = {"key": f"rule-{number}", "title": f"Rule {number}", "points": ["model"], "enabled": True}
        group, place = divmod(number, RULES // MATCHING)
        if place:
            match, asked = fields[number % len(fields)], "input.run > 0"
        else:
            match = {"data_class": "internal", "region": {"not": ["us"]}, "model": {"not": ["house/1"]}}
            asked = f"input.run < -{number}" if group % 2 else f"input.run > 0 && string(input.run) != 'x{number}'"
        effect = "deny" if place or group % 2 else "allow"
        rules.append({**plain, "effect": effect, "match": match, "if": asked})
    return rules


def come_into_force(rules: list[dict[str, Any]]) -> None:
    """These rules hold, and no others."""
    RuleSet.objects.filter(status="active").update(status="retired")
    row = RuleSet(number=RuleSet.objects.count() + 1, status="active", rules=rules, checks=[])
    row.hash = row.content_hash
    begin(row, actor=COMMAND)
    asking.forget()


def policies(sizes: Sizes) -> list[Figure]:
    """One check in memory; one through the door; one that is kept, of fifty kept together."""
    wipe()
    rules = many()
    made, facts = Rules(rules), act()
    found = made.at("tool", "pay")
    assert len(list(found)) == RULES
    asked = sum(one.key.startswith("rule-") for one in judge(made, "tool", facts).matched)
    garbage.settle_in()
    come_into_force(rules)
    numbers = count(1)
    ready = Rules(of_models())
    models = [{"model": f"house/{number}", "region": ("eu", "us", "own")[number % 3]} for number in range(MODELS)]

    def keep() -> None:
        verdict = asking.ask("tool", facts)
        with transaction.atomic():
            asking.record(asking.Asked("tool", facts, verdict, run_id=next(numbers)) for _ in range(KEPT_AT_ONCE))

    rows: list[Figure] = [("rules_that_hold", asked, "of 20")]
    for name, work, times in (
        ("rule_check", partial(judge, made, "tool", facts), 1),
        ("rule_check_asked", partial(asking.ask, "tool", facts), 1),
        ("rule_check_kept", keep, KEPT_AT_ONCE),
        ("rule_check_of_50", partial(judge_each, ready, "model", facts, models), 1),
        ("rules_made_ready", partial(Rules, rules), 1),
    ):
        wall, cpu = typical(work)
        rows += [(name, wall / times, "ms"), (f"{name}_cpu", cpu / times, "CPU-ms")]
    return rows
