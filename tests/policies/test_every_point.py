"""The table: what each effect of a rule comes to at each point, and that what cannot be judged is stopped everywhere.

`publish` is asked when a version is published; the six others when a run is started, carried out and decided on.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from orchestration import drafts, jobs, publishing, readiness
from orchestration.dry import cases
from orchestration.models import RuleCheck, Run, StepRun, Version, Workflow
from orchestration.policies import asking
from orchestration.policies.facts import CAN_REDACT, UNKNOWN, Facts
from orchestration.policies.shape import of_rule
from orchestration.publishing import CannotPublish
from orchestration.starts import CannotStart
from orchestration.states import Effect, Point
from reviews import decisions
from reviews.decisions import RuleSaysNo
from reviews.models import Review
from tests import tools
from tests.cast import Cast, approve
from tests.fakes import FakeModels
from tests.flow import drawn
from tests.loopback import Provider, completion, provider
from tests.policies.conftest import PutInForce, a_rule

pytestmark = pytest.mark.django_db
MAIL = "ines@customer.example"
TAKES = {"type": "object", "properties": {"word": {"type": "string"}}}
ANY = {"type": "object"}
DONE, STOPPED, ASKED, HIDDEN = "done", "stopped", "a person is asked", "blacked out"
CAME = {Effect.ALLOW: DONE, Effect.REDACT: HIDDEN, Effect.REVIEW: ASKED, Effect.DENY: STOPPED}
PAIRS = [(point, effect) for point in Point for effect in Effect if effect != Effect.REDACT or point in CAN_REDACT]
NO_REDACT = sorted(set(Point) - CAN_REDACT)

type Does = Callable[[], str]


@pytest.fixture(autouse=True)
def _quiet() -> None:
    tools.forget()


@pytest.fixture
def farm(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """One model, and what it heard."""
    approve("openai/near", region="eu")
    with provider() as said:
        for name, value in said.environment.items():
            monkeypatch.setenv(name, value)
        said.body = completion("near", content='{"ok": true}')
        yield said


@pytest.fixture
def does(cast: Cast, farm: Provider, models: FakeModels, monkeypatch: pytest.MonkeyPatch) -> dict[str, Does]:
    """For each point an act of which the rules are asked there, and what became of it in a word."""
    say = drawn.step("say", input={"word": "input.word"})
    end = drawn.step("end", "outcome", label="input.word", success="true")
    hand = drawn.step("hand", "workflow", workflow="inner", version=1, input={"word": "input.word"})
    ask = drawn.step("ask", "model", model="openai/near", prompt="Say it.", input={"word": "input.word"}, output=ANY)
    drawn.publish(cast, drawn.step("inner"), slug="inner", input=TAKES)
    review = cast.waiting()
    monkeypatch.setattr(readiness, "refuse_unless_ready", lambda *_: None)
    monkeypatch.setattr(cases, "run_all", lambda *_, **__: None)

    def run(*steps: dict[str, Any], key: str, seen: Callable[[Run], Any], slug: str = "drawn") -> str:
        try:
            made = drawn.start(cast, *steps, slug=slug, given={"word": MAIL}, input=TAKES)
        except CannotStart:
            return STOPPED
        jobs.advance()
        held = StepRun.objects.get(run=made, step__key=key)
        if held.status == "waiting":
            return STOPPED if held.awaits == "outcome" else ASKED
        if held.status == "failed":
            return STOPPED
        return HIDDEN if "[email-1]" in str(seen(Run.objects.get(pk=made.pk))) else DONE

    def decide() -> str:
        try:
            how: dict[str, Any] = {"version": review.version, "shown_hash": review.content_hash}
            decisions.decide(review.pk, by=cast.rita, verdict="approved", **how)
        except RuleSaysNo as error:
            assert Review.objects.get(pk=review.pk).is_open
            return ASKED if error.said.verdict.effect == Effect.REVIEW else STOPPED
        return DONE

    def publish() -> str:
        before = Version.objects.filter(status="published").count()
        draft = drafts.draft_of(Workflow.objects.get(slug="answer-a-customer"), by=cast.adam)
        try:
            publishing.publish(draft.pk, revision=draft.revision, by=cast.adam)
        except CannotPublish:
            return STOPPED
        return DONE if Version.objects.filter(pk=draft.pk, status="published").exists() and before else ASKED

    said = lambda _: [arguments for _, arguments, _ in tools.calls]  # noqa: E731
    return {
        Point.START: lambda: run(say, key="say", seen=said),
        Point.MODEL: lambda: run(ask, key="ask", seen=lambda _: farm.heard),
        Point.TOOL: lambda: run(say, key="say", seen=said),
        Point.HANDOVER: lambda: run(
            hand, key="hand", slug="outer", seen=lambda _: Run.objects.get(workflow__slug="inner").input
        ),
        Point.RELEASE: lambda: run(say, end, key="end", seen=lambda made: made.outcome),
        Point.DECIDE: decide,
        Point.PUBLISH: publish,
    }


@pytest.mark.parametrize(("point", "effect"), PAIRS)
def test_each_effect_holds_at_each_point(
    does: dict[str, Does], put_in_force: PutInForce, point: str, effect: str
) -> None:
    put_in_force(a_rule(effect, point))
    assert does[point]() == CAME[Effect(effect)]
    check = RuleCheck.objects.filter(point=point).latest("pk")
    assert (check.effect, check.keys, check.error) == (effect, ["a-rule"], False)


@pytest.mark.parametrize("point", Point)
def test_where_no_rule_is_about_it_it_is_done(does: dict[str, Does], put_in_force: PutInForce, point: str) -> None:
    put_in_force(a_rule("deny", "decide" if point == Point.PUBLISH else "publish"))
    assert does[point]() == DONE


@pytest.mark.parametrize("point", Point)
def test_a_condition_that_fails_stops_it(does: dict[str, Does], put_in_force: PutInForce, point: str) -> None:
    put_in_force(a_rule("allow", point, **{"if": "input.nowhere > 3"}))
    assert does[point]() == STOPPED
    check = RuleCheck.objects.filter(point=point).latest("pk")
    assert (check.effect, check.error) == ("deny", True)
    assert "cannot be judged" in check.why


@pytest.mark.parametrize("point", Point)
def test_a_fact_that_nobody_knows_stops_it(
    does: dict[str, Does], put_in_force: PutInForce, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(a_rule("allow", point, match={"groups": ["admin", "reviewer"]}))
    seen = Facts.seen
    monkeypatch.setattr(Facts, "seen", lambda self, name: UNKNOWN if name == "groups" else seen(self, name))
    assert does[point]() == STOPPED
    assert "the groups of whoever acts is not known" in RuleCheck.objects.filter(point=point).latest("pk").why


@pytest.mark.parametrize("point", Point)
def test_rules_that_are_not_as_they_were_signed_stop_it(
    does: dict[str, Does], put_in_force: PutInForce, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(a_rule("allow", point))
    asking.forget()
    monkeypatch.setattr("orchestration.models.RuleSet.content_hash", "0" * 64)
    assert does[point]() == STOPPED


@pytest.mark.parametrize("point", NO_REDACT)
def test_where_nothing_goes_out_nothing_is_blacked_out(
    does: dict[str, Does], put_in_force: PutInForce, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a rule is refused when it is saved; one that came into force in another way stops everything."""
    rule = a_rule("redact", point)
    assert [found.path for found in of_rule(rule)] == [("points",)]
    monkeypatch.setattr("orchestration.policies.activating._unfit", lambda draft: "")
    put_in_force(rule)
    assert does[point]() == STOPPED
