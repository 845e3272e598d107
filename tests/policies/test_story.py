"""Rules from the first page to the first act that is stopped, through the doors that people use."""

from django.test import Client

from audit.actors import COMMAND
from audit.models import Event, Proposal, User
from orchestration.models import RuleCheck, RuleSet
from orchestration.policies import asking, beginnings
from tests.cast import Cast
from tests.policies.conftest import an_act

KEY = "personal-data-in-region"
SENTENCE = "Personal data or higher is only sent to models in eu or our own house."


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_it_holds_what_two_admins_put_in_force(cast: Cast, ada: User) -> None:
    beginnings.bring_in_line(actor=COMMAND)
    abroad = an_act(data_class="personal", region="us")
    assert asking.ask("model", abroad).effect == "allow"

    adam, other = signed_in(cast.adam), signed_in(ada)
    assert SENTENCE in adam.get("/rules/").content.decode()
    assert adam.post("/rules/draft/begin/").status_code == 303
    assert adam.post("/rules/draft/change/", {"do": f"on:{KEY}"}).status_code == 303
    page = adam.get("/rules/draft/propose/")
    sent = {"shown_hash": page.context["shown_hash"], "why": "The authority asks for it."}
    assert adam.post("/rules/draft/propose/", sent).status_code == 303
    assert asking.ask("model", abroad).effect == "allow"  # nobody has signed it

    proposal = Proposal.objects.get(act="rules.activate")
    answer = {"answer": "sign", "shown_hash": proposal.content_hash}
    assert other.post(f"/proposals/{proposal.pk}/answer/", answer).status_code == 303
    verdict = asking.ask("model", abroad)
    assert (verdict.effect, verdict.ruleset.number) == ("deny", 2)
    assert verdict.told() == f"Stopped: {SENTENCE}"

    (check,) = asking.record([asking.Asked("model", abroad, verdict, run_id=7)])
    shown = adam.get(f"/rules/checks/{check.pk}/").content.decode()
    assert SENTENCE in shown
    assert RuleCheck.objects.get().keys == [KEY]
    now = RuleSet.objects.get(status="active")
    assert (now.hash, now.proposed_by, now.signed_by) == (proposal.content_hash, cast.adam, ada)
    told = Event.objects.get(kind="ruleset.active", content_hash=now.hash)
    assert told.actor_id == str(ada.pk)
    assert told.on_behalf_of_id == str(cast.adam.pk)
    assert told.about["reason"] == "The authority asks for it."


def test_a_form_makes_a_rule_and_says_it_in_a_sentence(cast: Cast) -> None:
    adam = signed_in(cast.adam)
    adam.post("/rules/draft/begin/")
    sent = {
        "title": "Large payments",
        "effect": "review",
        "points": ["tool"],
        "enabled": "on",
        "workflow": "answer-a-customer",
        "tool_how": "is",
        "tool": "bank.pay, bank.send",
        "amount": "5000",
        "group": "manager",
        "many": "2",
        "minutes": "60",
        "four_eyes": "on",
    }
    assert adam.post("/rules/draft/rules/new/", sent).status_code == 303
    rule = next(rule for rule in RuleSet.objects.get().rules if rule["key"] == "large-payments")
    assert rule["match"] == {"tool": ["bank.pay", "bank.send"], "amount": {"over": 5000}}
    text = " ".join(adam.get("/rules/draft/").content.decode().split())
    assert (
        "When a tool is to be called in answer-a-customer, and the tool is bank.pay or bank.send, and the amount is "
        "over 5,000: 2 people of manager approve it first, never whoever started or edited it, within 60 minutes."
    ) in text
