"""Each ready-made rule catches what it is for and lets the rest pass; all are off until somebody turns them on."""

import pytest

from audit.actors import CLOCK
from audit.models import Event
from orchestration.models import RuleSet
from orchestration.policies import asking, beginnings, cases, ready_made
from orchestration.policies.ready_made import ReadyMade
from orchestration.policies.sentences import sentence
from tests.policies.conftest import an_act

EVERY = ready_made.every()


@pytest.mark.parametrize("ready", EVERY, ids=lambda ready: ready.rule["key"])
def test_it_catches_one_and_lets_one_pass(ready: ReadyMade) -> None:
    on = {**ready.rule, "enabled": True}
    caught, passed = cases.run([on], ready.cases)
    assert (caught.told, passed.told) == ("", "")
    assert ready.rule["key"] in {one.key for one in caught.verdict.matched}
    assert ready.rule["key"] not in {one.key for one in passed.verdict.matched}
    assert cases.failing(cases.run([{**on, "match": {}}], ready.cases))  # the cases tell one that says too much


def test_all_of_them_on_hold_together() -> None:
    rules = [{**one.rule, "enabled": True} for one in EVERY]
    told = [one.told for one in cases.run(rules, [case for ready in EVERY for case in ready.cases]) if one.told]
    assert len(told) <= 4, told  # where one rule is stricter than another, and catches what that lets pass


def test_they_are_off_and_their_cases_are_set_aside() -> None:
    for ready in EVERY:
        assert ready.rule["enabled"] is False
        assert all(one.off and one.passed for one in cases.run([ready.rule], ready.cases))


def test_each_says_what_it_is_in_a_sentence() -> None:
    said = {one.rule["key"]: sentence(one.rule) for one in EVERY}
    assert len(set(said.values())) == len(EVERY) >= 10
    assert said["personal-data-in-region"] == "Personal data or higher is only sent to models in eu or our own house."
    assert said["amounts-need-two"] == (
        "When a tool is to be called, and the amount is over 1,000: 2 people of manager approve it first, never "
        "whoever started or edited it."
    )


@pytest.mark.django_db
def test_the_first_set_is_in_force_from_the_installation() -> None:
    assert [beginnings.bring_in_line(actor=CLOCK) for _ in range(2)] == [1, 0]
    made = RuleSet.objects.get()
    assert (made.number, made.status, made.on) == (1, "active", [])
    assert made.hash == made.content_hash
    assert Event.objects.filter(kind="ruleset.active", content_hash=made.hash).count() == 1
    verdict = asking.ask("tool", an_act(outside=True))
    assert (verdict.effect, verdict.ruleset) == ("review", (1, made.hash))
