"""Rules where they bite: in the engine, at reviews and at publication. What cannot be judged is stopped everywhere."""

from typing import Any

import pytest

from audit.actors import person
from audit.models import Proposal
from orchestration import drafts, engine, jobs, publishing, readiness
from orchestration.dry import cases
from orchestration.models import RoutingDecision, RuleCheck, Run, StepRun, Workflow
from orchestration.publishing import CannotPublish
from orchestration.starts import CannotStart
from reviews import decisions
from reviews.decisions import RuleSaysNo
from reviews.models import Review
from tests import tools
from tests.cast import Cast, approve
from tests.fakes import FakeModels
from tests.flow import drawn
from tests.loopback import completion, provider
from tests.policies.conftest import PutInForce, a_rule

pytestmark = pytest.mark.django_db

TAKES = {"type": "object", "properties": {"word": {"type": "string"}, "amount": {"type": "number"}}}


@pytest.fixture(autouse=True)
def _quiet() -> None:
    tools.forget()


def saying(cast: Cast, word: str = "hello", **given: Any) -> Run:
    """A run of one step that says a word, and an outcome."""
    steps = (
        drawn.step("say", input={"word": "input.word", "amount": "input.amount"}),
        drawn.step("end", "outcome", label="'said'", success="true"),
    )
    return drawn.start(cast, *steps, given={"word": word, "amount": 5, **given}, input=TAKES)


def held(run: Run, key: str) -> StepRun:
    return StepRun.objects.get(run=run, step__key=key)


def approve_it(cast: Cast, run: Run, *, by: str = "rita") -> None:
    review = Review.objects.open().get(run=run)
    decisions.decide(
        review.pk,
        by=getattr(cast, by),
        verdict="approved",
        version=review.version,
        shown_hash=review.content_hash,
    )
    jobs.advance()


def test_a_run_that_a_rule_denies_does_not_begin(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("deny", "start", match={"amount": {"over": 4}}))
    with pytest.raises(CannotStart, match="4"):
        saying(cast)
    assert not Run.objects.exists()
    assert RuleCheck.objects.get().effect == "deny"
    assert saying(cast, amount=3).pk


def test_a_run_that_a_rule_wants_looked_at_waits_at_its_first_step(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("review", "start"))
    run = saying(cast)
    jobs.advance()
    assert held(run, "say").status == "waiting"
    assert tools.calls == []
    approve_it(cast, run)
    assert Run.objects.get(pk=run.pk).status == "done"
    assert [arguments["word"] for _, arguments, _ in tools.calls] == ["hello"]


def test_a_tool_that_a_rule_denies_is_not_called(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("deny", "tool", match={"tool": ["test.say"]}))
    run = saying(cast)
    jobs.advance()
    say = held(run, "say")
    assert (say.status, tools.calls) == ("failed", [])
    assert RuleCheck.objects.get(step_run_id=say.pk).why == say.error


def test_a_tool_that_a_rule_wants_looked_at_waits_for_those_it_names(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("review", "tool", then={"group": "reviewer", "many": 2}))
    run = saying(cast)
    jobs.advance()
    approve_it(cast, run)
    assert tools.calls == []
    with pytest.raises(decisions.CannotDecide):
        approve_it(cast, run)
    approve_it(cast, run, by="ravi")
    assert [arguments["word"] for _, arguments, _ in tools.calls] == ["hello"]
    assert Run.objects.get(pk=run.pk).status == "done"


def test_what_a_person_rejects_is_not_called(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("review", "tool"))
    run = saying(cast)
    jobs.advance()
    review = Review.objects.get(run=run)
    decisions.decide(
        review.pk,
        by=cast.rita,
        verdict="rejected",
        version=review.version,
        shown_hash=review.content_hash,
        reason="No.",
    )
    jobs.advance()
    assert (held(run, "say").output or {})["verdict"] == "rejected"
    assert tools.calls == []


def test_a_stricter_rule_asks_again_just_before_the_act(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("review", "tool"))
    run = saying(cast)
    jobs.advance()
    put_in_force(a_rule("review", "tool", then={"group": "reviewer", "many": 2}))
    approve_it(cast, run)
    assert (held(run, "say").status, tools.calls) == ("waiting", [])


def test_another_set_does_not_make_an_approval_stale(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("review", "tool"))
    run = saying(cast)
    jobs.advance()
    put_in_force(a_rule("review", "tool"), a_rule("allow", "tool", key="another"))
    approve_it(cast, run)
    assert len(tools.calls) == 1


def test_a_rule_adds_people_to_a_steps_own_review(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("review", "tool", then={"group": "reviewer", "many": 2}))
    run = drawn.start(cast, drawn.step("say", review=drawn.REVIEW))
    jobs.advance()
    assert len(Review.objects.get(run=run).places) == 2
    approve_it(cast, run)
    assert tools.calls == []
    approve_it(cast, run, by="ravi")
    assert len(tools.calls) == 1


def test_what_a_rule_blacks_out_does_not_reach_the_tool(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("redact", "tool"))
    saying(cast, "Write to ines@customer.example")
    jobs.advance()
    assert [arguments["word"] for _, arguments, _ in tools.calls] == ["Write to [email-1]"]


def test_a_write_that_nobody_looks_at_and_no_waiver_lets_go_waits(cast: Cast) -> None:
    step = drawn.step("write", tool="test.keyed", review={"waiver": {"reason": "It is over.", "until": "2020-01-01"}})
    workflow = drawn.publish(cast, drawn.step("say"))
    with pytest.raises(CannotStart):
        drawn.begin(cast, drawn.publish(cast, step))
    assert workflow.pk


@pytest.mark.parametrize(("effect", "status"), [("deny", "failed"), ("review", "waiting")])
def test_an_outcome_is_released_as_the_rules_say(
    cast: Cast, put_in_force: PutInForce, effect: str, status: str
) -> None:
    put_in_force(a_rule(effect, "release"))
    run = saying(cast)
    jobs.advance()
    assert held(run, "end").status == status
    if effect == "review":
        approve_it(cast, run)
        assert Run.objects.get(pk=run.pk).outcome == "said"


@pytest.mark.parametrize(("effect", "status"), [("deny", "failed"), ("review", "waiting")])
def test_work_is_handed_over_as_the_rules_say(cast: Cast, put_in_force: PutInForce, effect: str, status: str) -> None:
    put_in_force(a_rule(effect, "handover"))
    drawn.publish(cast, drawn.step("inner"), slug="inner")
    step = drawn.step("hand", "workflow", workflow="inner", version=1, input={})
    run = drawn.start(cast, step, slug="outer")
    jobs.advance()
    assert held(run, "hand").status == status
    assert Run.objects.filter(workflow__slug="inner").count() == 0
    if effect == "review":
        approve_it(cast, run)
        assert Run.objects.get(workflow__slug="inner").status == "done"


def asking(**more: Any) -> drawn.Spec:
    said = {"model": "any", "routing": {"among": ["openai/near", "openai/far"]}, "prompt": "Say it."}
    return drawn.step("ask", "model", input={"word": "input.word"}, output={"type": "object"}, **said, **more)


@pytest.fixture
def two(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    approve("openai/near", region="eu", quality=0.5)
    approve("openai/far", region="us", quality=0.9)


def test_a_model_that_a_rule_denies_is_not_asked(
    cast: Cast, two: None, put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(a_rule("deny", "model", match={"region": ["us"]}))
    with provider() as said:
        for name, value in said.environment.items():
            monkeypatch.setenv(name, value)
        said.body = completion("near", content='{"ok": true}')
        run = drawn.start(cast, asking(), given={"word": "hello"}, input=TAKES)
        jobs.advance()
    decision = RoutingDecision.objects.get()
    assert (held(run, "ask").status, said.asked, decision.answered) == ("done", ["near"], "openai/near")
    assert decision.fell[0][0] == "openai/far"
    assert decision.fell[0][1][0][0] == "rule"
    assert decision.rules["number"] >= 1
    assert RuleCheck.objects.filter(point="model").count() == 2


def test_what_a_rule_blacks_out_comes_back_in_the_answer_alone(
    cast: Cast, two: None, put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(a_rule("redact", "model"))
    with provider() as said:
        for name, value in said.environment.items():
            monkeypatch.setenv(name, value)
        said.body = completion("far", content='{"to": "[email-1]"}')
        run = drawn.start(cast, asking(), given={"word": "Write to ines@customer.example"}, input=TAKES)
        jobs.advance()
    ask = held(run, "ask")
    assert ask.output == {"to": "ines@customer.example"}
    assert "ines@" not in str(said.heard)
    assert "ines@" not in str(ask.attempts.get().prompt)


def test_a_model_is_asked_after_a_person_where_a_rule_says_so(
    cast: Cast, two: None, put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(a_rule("review", "model"))
    with provider() as said:
        for name, value in said.environment.items():
            monkeypatch.setenv(name, value)
        said.body = completion("far", content='{"ok": true}')
        run = drawn.start(cast, asking(), given={"word": "hello"}, input=TAKES)
        jobs.advance()
        assert (held(run, "ask").status, said.asked) == ("waiting", [])
        approve_it(cast, run)
        assert (held(run, "ask").status, said.asked) == ("done", ["far"])


def test_every_model_denied_goes_to_a_person_with_the_rules_sentence(
    cast: Cast, two: None, put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    made = put_in_force(a_rule("deny", "model"))
    run = drawn.start(cast, asking(), given={"word": "hello"}, input=TAKES)
    jobs.advance()
    ask = held(run, "ask")
    assert (ask.status, ask.awaits) == ("waiting", "outcome")
    assert "a rule says no" in (ask.question or {})["unknown"]
    assert made.number


@pytest.mark.parametrize("effect", ["deny", "review"])
def test_a_decision_that_a_rule_does_not_leave_to_one_is_not_taken(
    cast: Cast, put_in_force: PutInForce, models: FakeModels, effect: str
) -> None:
    review = cast.waiting()
    put_in_force(a_rule(effect, "decide", match={"groups": ["reviewer"]}))
    with pytest.raises(RuleSaysNo):
        decisions.decide(
            review.pk, by=cast.rita, verdict="approved", version=review.version, shown_hash=review.content_hash
        )
    assert Review.objects.get(pk=review.pk).is_open
    assert RuleCheck.objects.get(point="decide").effect == effect


def drafted(cast: Cast) -> tuple[Workflow, Any]:
    workflow = Workflow.objects.get(slug="answer-a-customer")
    return workflow, drafts.draft_of(workflow, by=cast.adam)


def test_a_version_that_a_rule_denies_is_not_published(
    cast: Cast, put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(a_rule("deny", "publish", match={"model": ["handrail/intent"]}))
    monkeypatch.setattr(readiness, "refuse_unless_ready", lambda *_: None)
    monkeypatch.setattr(cases, "run_all", lambda *_, **__: None)
    _, draft = drafted(cast)
    with pytest.raises(CannotPublish, match="handrail/intent"):
        publishing.publish(draft.pk, revision=draft.revision, by=cast.adam)


def test_a_version_that_a_rule_wants_looked_at_takes_a_second_person(
    cast: Cast, put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(a_rule("review", "publish"))
    monkeypatch.setattr(readiness, "refuse_unless_ready", lambda *_: None)
    monkeypatch.setattr(cases, "run_all", lambda *_, **__: None)
    _, draft = drafted(cast)
    assert isinstance(publishing.publish(draft.pk, revision=draft.revision, by=cast.adam), Proposal)


def test_a_condition_that_cannot_be_worked_out_stops_a_run_a_tool_and_an_outcome(
    cast: Cast, put_in_force: PutInForce
) -> None:
    put_in_force(a_rule("allow", "tool", **{"if": "input.nowhere > 3"}))
    run = saying(cast)
    jobs.advance()
    assert held(run, "say").status == "failed"
    assert "cannot be judged" in held(run, "say").error
    put_in_force(a_rule("allow", "start", **{"if": "input.nowhere > 3"}))
    with pytest.raises(CannotStart, match="cannot be judged"):
        saying(cast)
    with pytest.raises(CannotStart):
        engine.start(run.workflow, {"word": "x", "amount": 1}, actor=person(cast.adam), started_by=cast.adam)
    put_in_force(a_rule("allow", "release", **{"if": "input.nowhere > 3"}))
    again = saying(cast)
    jobs.advance()
    assert held(again, "end").status == "failed"
