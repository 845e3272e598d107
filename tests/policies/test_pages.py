"""The pages of the rules: what they show to whom, and what their buttons do."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.actors import COMMAND
from audit.models import Event, Proposal, User
from orchestration.models import RuleCheck, RuleSet
from orchestration.policies import asking, beginnings, drafts
from tests.cast import Cast
from tests.policies.conftest import PutInForce, a_rule, an_act


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, path: str) -> str:
    body = client.get(path).content.decode().partition("<main")[2]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


@pytest.fixture
def drafted(cast: Cast) -> RuleSet:
    beginnings.bring_in_line(actor=COMMAND)
    return drafts.start(by=cast.adam)


def test_the_list_says_what_holds_and_how_often(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("deny", "start", scope={"workflow": "answer-a-customer"}))
    facts = an_act(workflow="answer-a-customer")
    asking.record([asking.Asked("start", facts, asking.ask("start", facts)) for _ in range(3)])
    said = text(as_user(cast.mina), "/rules/")
    assert "In force: set 1" in said
    assert "When a run is to start in answer-a-customer: it is stopped." in said
    assert "stop start run answer-a-customer 3 on" in said
    assert "proposed by Adam Novak, signed by Ada Lund" in said
    assert "Change the rules" not in said


def test_before_there_is_a_set_the_safe_default_stands_there(cast: Cast) -> None:
    said = text(as_user(cast.adam), "/rules/")
    assert "Whatever writes, destroys something or leaves the house is approved by a person first." in said
    assert "always on" in said


def test_checks_are_narrowed_and_paged(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("deny", "start"))
    asked = [
        asking.Asked(point, an_act(), asking.ask(point, an_act()), run_id=n)
        for n in range(60)
        for point in ("start", "tool")
    ]
    asking.record(asked)
    mina = as_user(cast.mina)
    first = mina.get("/rules/checks/?point=start&effect=deny&rule=a-rule")
    assert len(first.context["page"].rows) == 50
    older = mina.get("/rules/checks/" + first.context["page"].older)
    assert len(older.context["page"].rows) == 10
    assert {row.check.point for row in older.context["page"].rows} == {"start"}
    assert len(mina.get("/rules/checks/?run=7").context["page"].rows) == 2
    assert "No check fits" in text(mina, "/rules/checks/?effect=redact")
    assert mina.get("/rules/checks/?point=x&effect=y&run=z&before=q").status_code == 200


def test_a_check_opens_to_what_each_rule_saw(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("deny", "model", match={"data_class": "personal", "region": {"not": ["eu"]}}))
    facts = an_act(data_class="special", region="us", input={"a": "secret words"})
    (check,) = asking.record([asking.Asked("model", facts, asking.ask("model", facts))])
    said = text(as_user(cast.mina), f"/rules/checks/{check.pk}/")
    assert "It saw The data class Special categories The region us" in said
    assert "secret words" not in said


def test_a_rule_is_turned_on_changed_copied_and_removed(cast: Cast, drafted: RuleSet) -> None:
    adam = as_user(cast.adam)
    for do in (
        "on:amounts-need-two",
        "copy:amounts-need-two",
        "remove:destroying-needs-two",
        "ready:destroying-needs-two",
    ):
        assert adam.post("/rules/draft/change/", {"do": do}).status_code == 303
    keys = [rule["key"] for rule in RuleSet.objects.get(status="draft").rules]
    assert keys.index("amounts-over-a-limit-need-two-copy") == keys.index("amounts-need-two") + 1
    assert keys[-1] == "destroying-needs-two"
    assert adam.post("/rules/draft/change/", {"do": "on:no-such"}).status_code == 409
    assert adam.post("/rules/draft/change/", {"do": "dance"}).status_code == 422


def test_a_late_form_shows_theirs_and_keeps_ours(cast: Cast, drafted: RuleSet) -> None:
    adam, rule = as_user(cast.adam), drafted.rules[0]
    was = drafts.mark(rule)
    drafts.save_rule(
        {**rule, "match": {"data_class": "special", "region": {"not": ["eu"]}}}, was=was, key=rule["key"], by=cast.mina
    )
    sent = {"title": "Mine", "effect": "deny", "points": ["model"], "was": was}
    answer = adam.post(f"/rules/draft/rules/{rule['key']}/", sent)
    assert answer.status_code == 409
    said = answer.content.decode()
    assert 'value="Mine"' in said
    assert "Theirs says: Special data is only sent to models in eu." in said
    again = {**sent, "was": answer.context["was"]}
    assert adam.post(f"/rules/draft/rules/{rule['key']}/", again).status_code == 303


def test_a_form_shows_its_sentence_and_saves_nothing(cast: Cast, drafted: RuleSet) -> None:
    sent = {"title": "X", "effect": "deny", "points": ["start"], "risk": ["high"], "look": "1"}
    answer = as_user(cast.adam).post("/rules/draft/rules/new/", sent)
    assert "When a run is to start, and its risk is high: it is stopped." in answer.content.decode()
    assert RuleSet.objects.get(status="draft").revision == 0


def test_a_problem_stands_beside_its_field(cast: Cast, drafted: RuleSet) -> None:
    sent = {
        "title": "X",
        "effect": "deny",
        "points": ["start"],
        "condition": "colour == 'red'",
        "tool": "a",
        "tool_how": "is",
    }
    form = as_user(cast.adam).post("/rules/draft/rules/new/", sent).context["form"]
    assert set(form.errors) == {"condition", "tool"}


def test_a_case_is_made_and_fails_and_stands_in_the_way(cast: Cast, drafted: RuleSet) -> None:
    adam = as_user(cast.adam)
    sent = {"name": "Must stop", "point": "start", "expect": "deny", "risk": "high"}
    assert adam.post("/rules/draft/cases/new/", sent).status_code == 303
    assert "Expected “stop”, came to “allow”." in text(adam, "/rules/draft/")
    page = adam.get("/rules/draft/propose/")
    assert "What stands in its way" in page.content.decode()
    answer = adam.post("/rules/draft/propose/", {"shown_hash": page.context["shown_hash"], "why": "Because."})
    assert answer.status_code == 409
    assert not Proposal.objects.exists()


def test_the_page_says_what_would_change(cast: Cast, drafted: RuleSet) -> None:
    facts = an_act(data_class="personal", region="us")
    asking.record([asking.Asked("model", facts, asking.ask("model", facts))])
    drafts.switch("personal-data-in-region", True, by=cast.adam)
    said = text(as_user(cast.adam), "/rules/draft/propose/")
    assert "0 the same, 1 stricter, 0 milder" in said
    assert "Personal data or higher is only sent to models in eu or our own house." in said


def test_a_draft_that_is_gone_gives_back_what_was_written(cast: Cast, drafted: RuleSet) -> None:
    adam = as_user(cast.adam)
    adam.post("/rules/draft/discard/")
    answer = adam.post("/rules/draft/rules/new/", {"title": "Mine", "effect": "deny", "points": ["start"]})
    assert answer.status_code == 409
    assert "Mine" in answer.content.decode()
    assert adam.get("/rules/draft/").status_code == 303


def test_looking_changes_nothing(cast: Cast, drafted: RuleSet) -> None:
    asking.record([asking.Asked("start", an_act(), asking.ask("start", an_act()))])
    adam = as_user(cast.adam)
    before, events = list(RuleSet.objects.order_by("pk").values()), Event.objects.count()
    paths = ["", "draft/", "draft/propose/", "draft/rules/new/", "draft/rules/amounts-need-two/", "draft/cases/new/"]
    paths += ["draft/cases/0/", "checks/", f"checks/{RuleCheck.objects.get().pk}/", f"sets/{before[0]['id']}/"]
    for path in paths:
        assert adam.get(f"/rules/{path}").status_code == 200, path
    assert list(RuleSet.objects.order_by("pk").values()) == before
    assert (RuleCheck.objects.count(), Event.objects.count()) == (1, events)


def test_a_page_costs_the_same_however_many_rules_there_are(cast: Cast, drafted: RuleSet) -> None:
    adam = as_user(cast.adam)
    for path in ("draft/", "draft/propose/", "draft/rules/amounts-need-two/"):
        few = _queries(adam, path)
        rules = [a_rule(key=f"r-{number}", title=f"R {number}") for number in range(60)]
        RuleSet.objects.filter(pk=drafted.pk).update(rules=[*drafted.rules, *rules])
        assert _queries(adam, path) == few
        RuleSet.objects.filter(pk=drafted.pk).update(rules=drafted.rules)


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/rules/{path}").status_code == 200
    return len(queries)
