"""What counts just before an act: what it gives away, who signs, and why: in the rule's own sentence."""

import pytest

from audit import grants, proposals
from audit.actors import COMMAND
from audit.models import Proposal, User
from orchestration import jobs, publishing, readiness
from orchestration.dry import cases
from orchestration.models import RuleCheck, Run, Workflow
from orchestration.publishing import CannotPublish
from reviews.models import Review
from tests import tools
from tests.cast import Cast
from tests.flow import drawn
from tests.pages.conftest import Look
from tests.pages.conftest import look as look
from tests.policies.conftest import PutInForce, a_rule
from tests.policies.test_points import TAKES, drafted, held, saying

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet() -> None:
    tools.forget()


def test_a_class_that_is_found_in_what_is_given_away_counts(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("deny", "tool", "handover", match={"data_class": "personal"}))
    run = saying(cast, "Write to ines@customer.example")
    jobs.advance()
    assert (held(run, "say").status, tools.calls) == ("failed", [])
    drawn.publish(cast, drawn.step("inner"), slug="inner", input=TAKES)
    hand = drawn.step("hand", "workflow", workflow="inner", version=1, input={"word": "input.word"})
    outer = drawn.start(cast, hand, slug="outer", given={"word": "ines@customer.example"}, input=TAKES)
    jobs.advance()
    assert held(outer, "hand").status == "failed"
    assert not Run.objects.filter(workflow__slug="inner").exists()


def test_rules_are_asked_again_just_before_a_version_is_signed(
    cast: Cast, put_in_force: PutInForce, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They name who has to sign; and one that came in between forbids it, which is kept."""
    put_in_force(a_rule("review", "publish", then={"group": "admin"}))
    monkeypatch.setattr(readiness, "refuse_unless_ready", lambda *_: None)
    monkeypatch.setattr(cases, "run_all", lambda *_, **__: None)
    workflow, draft = drafted(cast)
    grants.grant("manage_workflow", cast.mina, workflow, actor=COMMAND)
    proposal = publishing.publish(draft.pk, revision=draft.revision, by=cast.adam)
    assert isinstance(proposal, Proposal)
    with pytest.raises(proposals.CannotCarryOut, match="Somebody of admin has to sign this"):
        proposals.countersign(proposal.pk, by=cast.mina, shown_hash=proposal.content_hash)
    put_in_force(a_rule("deny", "publish"))
    with pytest.raises(proposals.CannotCarryOut, match="it is stopped"):
        proposals.countersign(proposal.pk, by=ada, shown_hash=proposal.content_hash)
    assert RuleCheck.objects.latest("pk").effect == "deny"
    put_in_force(a_rule("review", "publish", then={"group": "admin"}))
    proposals.countersign(proposal.pk, by=ada, shown_hash=proposal.content_hash)
    assert Workflow.objects.get(pk=workflow.pk).current_id == draft.pk


def test_more_people_than_sign_a_version_are_not_made_out_of_one(
    cast: Cast, put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(a_rule("review", "publish", then={"group": "admin", "many": 2}))
    monkeypatch.setattr(readiness, "refuse_unless_ready", lambda *_: None)
    monkeypatch.setattr(cases, "run_all", lambda *_, **__: None)
    _, draft = drafted(cast)
    with pytest.raises(CannotPublish, match="more people"):
        publishing.publish(draft.pk, revision=draft.revision, by=cast.adam)
    assert RuleCheck.objects.latest("pk").effect == "review"


def test_why_it_was_sent_to_me_and_why_it_was_stopped_answer_with_the_rules_sentence(
    cast: Cast, put_in_force: PutInForce, look: Look
) -> None:
    put_in_force(a_rule("review", "tool", then={"group": "reviewer", "many": 2}))
    run = drawn.start(cast, drawn.step("say", review=drawn.REVIEW))
    jobs.advance()
    review = Review.objects.get(run=run)
    asked = look(cast.rita, f"/inbox/{review.pk}/").text
    assert "Somebody always looks. When a tool is to be called: 2 people of reviewer approve it first." in asked
    put_in_force(a_rule("deny", "tool"))
    stopped = saying(cast)
    jobs.advance()
    check = RuleCheck.objects.get(run_id=stopped.pk, effect="deny")
    page = look(cast.adam, f"/runs/{stopped.pk}/?step=say")
    assert "When a tool is to be called: it is stopped." in page.text
    assert f'href="/rules/checks/{check.pk}/"' in page.html
    assert "What the rules saw" not in look(cast.rita, f"/runs/{stopped.pk}/?step=say").text
