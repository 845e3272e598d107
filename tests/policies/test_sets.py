"""Sets of rules: a second person, test cases, what stays as it was, and how soon they hold everywhere."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction

from audit import proposals
from audit.actors import COMMAND
from audit.models import Event, Proposal, User
from orchestration.models import RuleCheck, RuleSet
from orchestration.policies import activating, asking, beginnings, drafts
from orchestration.policies.facts import CAN_REDACT, UNKNOWN
from orchestration.states import Effect, Point
from tests import owner
from tests.cast import Cast
from tests.policies.conftest import PutInForce, a_rule, an_act

CASE = {"name": "A start", "point": "start", "facts": {}, "expect": "deny", "rule": "a-rule", "matches": True}


def proposed(cast: Cast, *rules: dict[str, Any], cases: tuple[dict[str, Any], ...] = ()) -> Proposal:
    draft = drafts.start(by=cast.adam)
    RuleSet.objects.filter(pk=draft.pk).update(rules=list(rules), checks=list(cases), edited_by=cast.adam)
    draft.refresh_from_db()
    return activating.propose(shown_hash=draft.content_hash, why="For a test.", by=cast.adam)


def sign(proposal: Proposal, by: User) -> Proposal:
    return proposals.countersign(proposal.pk, by=by, shown_hash=proposal.content_hash)


def test_nobody_signs_what_they_proposed_or_edited(cast: Cast, ada: User) -> None:
    proposal = proposed(cast, a_rule())
    with pytest.raises(proposals.OwnProposal):
        sign(proposal, cast.adam)
    RuleSet.objects.update(edited_by=ada)
    with pytest.raises(proposals.Barred):
        sign(proposal, ada)
    assert asking.ask("start", an_act()).effect == "allow"


@pytest.mark.parametrize("who", ["mina", "rita", "noah"])
def test_only_admins_propose_and_sign(cast: Cast, who: str) -> None:
    proposal = proposed(cast, a_rule())
    with pytest.raises(proposals.NotAllowed):
        sign(proposal, getattr(cast, who))
    with pytest.raises(proposals.NotAllowed):
        activating.propose(shown_hash=proposal.content_hash, why="Because.", by=getattr(cast, who))


def test_what_is_signed_is_what_was_proposed(cast: Cast, ada: User) -> None:
    proposal = proposed(cast, a_rule())
    drafts.save_rule(a_rule("allow"), was="", by=cast.adam)
    with pytest.raises(proposals.Stale):
        sign(proposal, ada)


def test_a_set_with_a_failing_case_is_not_proposed(cast: Cast) -> None:
    with pytest.raises(proposals.CannotPropose, match="The test case “A start” fails"):
        proposed(cast, a_rule("allow"), cases=(CASE,))


def test_a_set_with_a_broken_rule_is_not_proposed(cast: Cast) -> None:
    with pytest.raises(proposals.CannotPropose, match="Something is wrong in it"):
        proposed(cast, a_rule(**{"if": "1 +"}))


def test_a_case_that_came_to_fail_stops_the_signature(cast: Cast, ada: User) -> None:
    auditors = Group.objects.create(name="auditors")
    proposal = proposed(cast, a_rule("review", then={"group": "auditors"}))
    auditors.delete()
    with pytest.raises(proposals.CannotCarryOut, match="There is no group “auditors”"):
        sign(proposal, ada)
    assert not RuleSet.objects.filter(status="active").exists()


def test_the_same_rules_are_not_proposed_again(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule())
    with pytest.raises(proposals.CannotPropose, match="in force already"):
        proposed(cast, a_rule())


def test_a_new_set_takes_the_place_of_the_one_before(put_in_force: PutInForce) -> None:
    first, second = put_in_force(a_rule()), put_in_force(a_rule("allow"))
    first.refresh_from_db()
    assert [(one.number, one.status) for one in (first, second)] == [(1, "retired"), (2, "active")]
    assert second.base == first
    kinds = Event.objects.filter(object_type="ruleset").order_by("pk").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["ruleset.draft", "ruleset.retired", "ruleset.active"]


def test_it_holds_here_at_once(put_in_force: PutInForce) -> None:
    assert asking.ask("start", an_act()).effect == "allow"
    made = put_in_force(a_rule())
    verdict = asking.ask("start", an_act())
    assert (verdict.effect, verdict.ruleset) == ("deny", (1, made.hash))


def test_it_holds_elsewhere_within_a_second(put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: moment[0])
    asking.forget()
    asking.ask("start", an_act())
    monkeypatch.setattr(asking, "forget", lambda: None)  # as in every other process
    put_in_force(a_rule())
    assert asking.ask("start", an_act()).effect == "allow"
    moment[0] += 1.01
    assert asking.ask("start", an_act()).effect == "deny"


def test_each_effect_holds_at_each_point_through_the_door(put_in_force: PutInForce) -> None:
    """One rule for each effect and point, told apart by the group of whoever acts."""
    pairs = [(effect, point) for effect in Effect for point in Point if effect != "redact" or point in CAN_REDACT]
    groups = {effect: Group.objects.create(name=f"group-{effect}").name for effect in Effect}
    put_in_force(
        *(a_rule(effect, point, key=f"{effect}-{point}", match={"groups": [groups[effect]]}) for effect, point in pairs)
    )
    for effect, point in pairs:
        verdict = asking.ask(point, an_act(groups=(groups[effect],)))
        assert (verdict.effect, [one.key for one in verdict.matched]) == (effect, [f"{effect}-{point}"])
        assert asking.ask(point, an_act(groups=UNKNOWN)).denies
        (check,) = asking.record([asking.Asked(point, an_act(), verdict)])
        assert asking.verdict_of(RuleCheck.objects.get(pk=check.pk)).told() == verdict.told()


def test_models_are_asked_together(put_in_force: PutInForce) -> None:
    put_in_force(a_rule("deny", "model", match={"region": {"not": ["eu"]}}))
    ways = [{"model": "a", "region": "eu"}, {"model": "b", "region": "us"}, {"model": "c", "region": ""}]
    said = asking.ask_each("model", an_act(), ways)
    assert [(one.effect, one.error, one.ruleset.number) for one in said] == [
        ("allow", False, 1), ("deny", False, 1), ("deny", True, 1)
    ]  # fmt: skip


def test_asking_costs_no_query_within_a_second(put_in_force: PutInForce, django_assert_num_queries: Any) -> None:
    put_in_force(a_rule())
    asking.ask("start", an_act())
    with django_assert_num_queries(0):
        asking.ask("start", an_act())


def test_many_checks_are_kept_with_one_statement(db: None, django_assert_num_queries: Any) -> None:
    asked = [asking.Asked("tool", an_act(amount=n), asking.ask("tool", an_act(outside=True))) for n in range(30)]
    with django_assert_num_queries(1):
        asking.record(asked)
    kept = RuleCheck.objects.order_by("pk")
    assert [one.facts["amount"] for one in kept] == list(range(30))
    assert {(one.effect, *one.keys) for one in kept} == {("review", "safe-default")}


def test_no_text_is_kept_with_a_check(db: None) -> None:
    facts = an_act(input={"letter": "Dear Ines", "key": "sk-canary"}, workflow="pay")
    asking.record([asking.Asked("start", facts, asking.ask("start", facts))])
    kept = str(RuleCheck.objects.values().get())
    assert "Ines" not in kept
    assert "canary" not in kept
    assert RuleCheck.objects.get().facts["workflow"] == "pay"


@pytest.mark.parametrize("statement", ["UPDATE {} SET effect = 'allow'", "DELETE FROM {}", "TRUNCATE {}"])
def test_a_check_is_never_changed(db: None, statement: str) -> None:
    asking.record([asking.Asked("start", an_act(), asking.ask("start", an_act()))])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("orchestration_rulecheck"))
    assert RuleCheck.objects.count() == 1


@pytest.mark.parametrize("statement", ["UPDATE {} SET effect = 'allow'", "DELETE FROM {}", "TRUNCATE {}"])
def test_not_even_by_the_owner(statement: str) -> None:
    with owner.connect() as own, pytest.raises(Exception, match="append-only"):
        own.execute(statement.format("orchestration_rulecheck"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET rules = '[]'",
        "UPDATE {} SET hash = repeat('0', 64)",
        "UPDATE {} SET number = 7",
        "UPDATE {} SET status = 'draft', number = NULL",
        "DELETE FROM {}",
    ],
)
def test_a_signed_set_is_never_changed(put_in_force: PutInForce, statement: str) -> None:
    put_in_force(a_rule())
    with pytest.raises(DatabaseError, match="signed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("orchestration_ruleset"))


def test_rules_that_are_not_as_signed_stop_everything(db: None) -> None:
    made = beginnings.first()
    made.rules = made.rules[1:]
    made.save()
    verdict = asking.ask("start", an_act())
    assert verdict.denies
    assert "not those that were signed" in verdict.told()


def test_a_draft_is_made_of_the_rules_in_force(cast: Cast) -> None:
    beginnings.bring_in_line(actor=COMMAND)
    draft = drafts.start(by=cast.adam)
    assert draft.rules == RuleSet.objects.get(number=1).rules
    assert drafts.start(by=cast.mina) == draft


def test_whoever_comes_second_loses_nothing(cast: Cast, ada: User) -> None:
    draft = drafts.start(by=cast.adam)
    key = draft.rules[0]["key"]
    was = drafts.mark(draft.rules[0])
    drafts.save_rule({**draft.rules[0], "title": "Adam's"}, was=was, key=key, by=cast.adam)
    with pytest.raises(drafts.Clash):
        drafts.save_rule({**draft.rules[0], "title": "Ada's"}, was=was, key=key, by=ada)
    other = draft.rules[1]
    drafts.save_rule({**other, "title": "Ada's"}, was=drafts.mark(other), key=other["key"], by=ada)
    titles = [rule["title"] for rule in RuleSet.objects.get().rules[:2]]
    assert titles == ["Adam's", "Ada's"]


def test_a_spell_of_edits_is_one_entry(cast: Cast) -> None:
    drafts.start(by=cast.adam)
    for key in ("amounts-need-two", "nothing-leaves-unreviewed"):
        drafts.switch(key, True, by=cast.adam)
    assert Event.objects.filter(kind="ruleset.edited").count() == 1


def test_a_removed_rule_takes_its_cases_with_it(cast: Cast) -> None:
    draft = drafts.start(by=cast.adam)
    assert drafts.remove("amounts-need-two", by=cast.adam) == 2
    assert len(RuleSet.objects.get().checks) == len(draft.checks) - 2
    drafts.add_ready_made("amounts-need-two", by=cast.adam)
    assert len(RuleSet.objects.get().checks) == len(draft.checks)


def test_a_copy_is_off_and_has_a_key_of_its_own(cast: Cast) -> None:
    drafts.start(by=cast.adam)
    made = drafts.copy("amounts-need-two", by=cast.adam)
    assert (made["key"], made["enabled"]) == ("amounts-over-a-limit-need-two-copy", False)
