"""What readiness says of agents: for each rule one that breaks just that one, and one that keeps it."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group

from audit import people
from audit.actors import COMMAND
from orchestration import callables, catalog, readiness
from orchestration.explain import lacks
from orchestration.models import Tool
from tests.cast import Cast
from tests.orchestration.drafting import ASKED, document
from tests.orchestration.test_readiness import WAIVER, Spec, agent, check, hash_of, keys, sends, signed

WRITES: Spec = {"tools": ["test.keyed"], "call_review": ASKED}
FIRST = {"seconds": 30, "turns": 3}


def worker(**more: Any) -> dict[str, Any]:
    usual = {"key": "help", "name": "Helper", "purpose": "Helps.", "model": "openai/agent", "prompt": "Help."}
    return {**usual, "tools": ["test.say"], "output": {"type": "object"}, **more}


@pytest.fixture
def house(cast: Cast) -> Cast:
    catalog.bring_in_line(actor=COMMAND)
    Group.objects.create(name="empty")
    people.join(cast.rita, Group.objects.create(name="lone"), actor=COMMAND)
    people.join(cast.mina, Group.objects.create(name="others"), actor=COMMAND)
    people.join(cast.adam, Group.objects.create(name="starting"), actor=COMMAND)
    people.join(cast.adam, Group.objects.get(name="reviewer"), actor=COMMAND)
    return cast


BROKEN: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "calls:look": ({"tools": ["test.say", "test.keyed"]}, ("call_review",)),
    "calls:look by a worker": ({"tools": [], "workers": [worker(tools=["test.say", "test.keyed"])]}, ("call_review",)),
    "waiver:look": ({**WRITES, "call_review": {"waiver": "It is careful."}}, ("call_review", "waiver")),
    "reviewers:look": ({**WRITES, "call_review": {**ASKED, "group": "empty"}}, ("call_review", "group")),
    "reviewers:look asked": ({"asks": {"group": "empty"}}, ("asks", "group")),
    "named:look": ({"asks": {"group": "nobodies"}}, ("asks", "group")),
    "workers:look": ({"workers": [{k: v for k, v in worker().items() if k != "model"}]}, ("workers", 0)),
    "model:look": ({"workers": [worker(model="openai/unheard-of")]}, ("workers", 0, "model")),
    "lent:look": ({**WRITES, "workers": [worker(tools=["test.keyed", "test.say"])]}, ("workers", 0, "tools")),
    "lent:look, deep": (
        {"workers": [worker(workers=[worker(key="deep", tools=["test.hold"])])]},
        ("workers", 0, "workers", 0, "tools"),
    ),
    "bounds:look": ({"limits": {**FIRST, "turns": 1}}, ("limits",)),
    "bounds:look calls": ({"limits": {**FIRST, "calls": 2, "fan_out": 3}}, ("limits",)),
    "bounds:look cost": ({"limits": {**FIRST, "cost": "0"}}, ("limits",)),
    "bounds:look worker": ({"workers": [worker(limits={"turns": 1})]}, ("workers", 0, "limits")),
}


@pytest.mark.parametrize("key", BROKEN)
def test_each_rule_has_an_agent_that_breaks_just_that_one(house: Cast, key: str) -> None:
    parts, path = BROKEN[key]
    report = check(agent(**parts), sends())
    found = [one for one in report.findings if not one.key.startswith(("lent", "alone")) or key.startswith("lent")]
    assert [one.key for one in found] == [key.partition(" ")[0].rstrip(",")]
    assert found[0].path == ("steps", 0, *path)
    assert found[0].what
    assert found[0].mend
    assert found[0].line > 1


def test_an_agent_that_keeps_every_rule_is_ready(house: Cast) -> None:
    kept: Spec = {**WRITES, "asks": {"group": "reviewer"}, "talks": True, "workers": [worker(tools=["test.keyed"])]}
    report = check(agent(**kept, limits={**FIRST, "calls": 9, "fan_out": 3, "cost": "1.00"}), sends())
    assert keys(report) == []
    assert {"calls", "workers", "lent", "own_calls", "bounds"} <= set(report.counts)


def test_what_is_refused_already_is_not_told_twice(house: Cast) -> None:
    unknown = check(agent(tools=["no.such"], workers=[worker(tools=["nor.this"])]), sends())
    assert {one.rule for one in unknown.findings} <= {"document", "lent"}
    assert {one.rule for one in check(agent(talks=True), sends()).findings} == {"document"}
    after = check(agent(tools=["test.keyed"], call_review={**ASKED, "when": "after"}), sends())
    assert {one.rule for one in after.findings} == {"document"}


@pytest.mark.parametrize("kind", ["review", "waiver", "nothing"])
def test_a_call_that_leaves_the_house(house: Cast, kind: str) -> None:
    Tool.objects.filter(name="test.keyed").update(leaves_house=True)
    reviews: dict[str, Spec] = {"review": {"call_review": ASKED}, "waiver": {"call_review": {"waiver": WAIVER}}}
    found = check(agent(tools=["test.keyed"], **reviews.get(kind, {})), sends()).findings
    assert [(one.rule, one.blocks) for one in found] == {
        "review": [],
        "waiver": [("outside", False)],
        "nothing": [("calls", True), ("outside", False)],
    }[kind]
    assert all("call_review" in one.mend for one in found)


def test_a_review_before_the_agent_does_not_look_at_its_calls(house: Cast) -> None:
    assert keys(check(agent(tools=["test.keyed"], review=ASKED), sends())) == ["calls:look"]


def test_groups_whose_members_may_all_start_the_run(house: Cast) -> None:
    may = {"see": ["admin"], "start": ["admin"], "decide": ["reviewer", "starting"], "manage": ["admin"]}
    found = check(agent(**{**WRITES, "call_review": {**ASKED, "group": "starting"}}), sends(), groups=may).findings
    (told,) = [one for one in found if one.rule == "own_calls"]
    assert (told.blocks, "nobody can" in told.what) == (False, True)
    shared = {**may, "start": ["admin", "reviewer"]}
    found = check(agent(**WRITES), sends(), groups=shared).findings
    (told,) = [one for one in found if one.rule == "own_calls"]
    assert "one less" in told.what
    assert "own_calls" not in {one.rule for one in check(agent(**WRITES), sends(), groups=may).findings}


def test_groups_that_are_asked_must_be_able_to_decide(house: Cast) -> None:
    for parts in ({**WRITES, "call_review": {**ASKED, "group": "others"}}, {"asks": {"group": "others"}}):
        assert "decide" in keys(check(agent(**parts), sends()))


def test_a_waiver_of_calls_is_signed_by_itself(house: Cast) -> None:
    waiver = {"waiver": WAIVER}
    both = agent(tools=["test.keyed"], review=waiver, call_review=waiver)
    asked: list[tuple[str, str]] = []

    def only_the_step(workflow: str, step: str, content_hash: str, /) -> date | None:
        asked.append((step, content_hash))
        return signed(workflow, step, content_hash) if "-" not in step else None

    report = readiness.check(document(both, sends(review=ASKED)), signed=only_the_step)
    (finding,) = [one for one in report.findings if one.rule == "waiver"]
    assert finding.path == ("steps", 0, "call_review", "waiver")
    assert asked[:2] == [("look", hash_of(WAIVER)), (callables.key_of("look", "calls"), hash_of(WAIVER))]


def test_every_finding_leads_to_its_field(house: Cast) -> None:
    source = document(agent(tools=["test.keyed"], asks={"group": "empty"}), sends())
    report = readiness.check(source, signed=signed)
    fields = {one.rule: lacks.field_of(one) for one in report.findings}
    assert (fields["calls"], fields["reviewers"]) == ("call_review", "asks")
