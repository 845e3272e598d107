"""A rule that adds people to a step's own review: what they reject is not done, what they edit is what is done.

And a gate: what a person rejected there never comes as far as a rule about the call.
"""

from typing import Any

import pytest

from orchestration import jobs
from orchestration.models import RuleCheck, Run, StepRun
from reviews import decisions
from reviews.models import Review
from tests import tools
from tests.cast import Cast
from tests.flow import drawn
from tests.flow.test_gates import PAY, gate
from tests.loopback import provider
from tests.orchestration.test_agent import ANSWER, LOOK, agent
from tests.policies.conftest import PutInForce, a_rule

pytestmark = pytest.mark.django_db
TWO = {"group": "reviewer", "many": 2}


@pytest.fixture(autouse=True)
def _quiet() -> None:
    tools.forget()


def decide(cast: Cast, run: Run, by: str, verdict: str = "approved", **more: Any) -> None:
    review = Review.objects.open().get(run=run)
    shown: dict[str, Any] = {"version": review.version, "shown_hash": review.content_hash}
    decisions.decide(review.pk, by=getattr(cast, by), verdict=verdict, **shown, **more)
    jobs.advance()


def asked_of_two(cast: Cast, put_in_force: PutInForce) -> Run:
    """A run whose step has a review of its own, to which a rule adds a second person."""
    put_in_force(a_rule("review", "tool", then=TWO))
    run = drawn.start(cast, drawn.step("say", review=drawn.REVIEW))
    jobs.advance()
    return run


def said() -> list[str]:
    return [arguments["word"] for _, arguments, _ in tools.calls]


@pytest.mark.parametrize("first", [True, False])
def test_what_either_of_them_rejects_is_not_done(cast: Cast, put_in_force: PutInForce, first: bool) -> None:
    run = asked_of_two(cast, put_in_force)
    if not first:
        decide(cast, run, "rita")
    decide(cast, run, "ravi", "rejected", reason="No.")
    say = StepRun.objects.get(run=run, step__key="say")
    assert (say.status, say.output, said()) == ("done", {"verdict": "rejected", "edited": False}, [])
    assert not Review.objects.open().exists()


@pytest.mark.parametrize("editor", ["rita", "ravi"])
def test_what_either_of_them_edits_is_what_is_done(cast: Cast, put_in_force: PutInForce, editor: str) -> None:
    run = asked_of_two(cast, put_in_force)
    for by in ("rita", "ravi"):
        decide(cast, run, by, arguments={"word": "goodbye"} if by == editor else None)
    if editor == "ravi":  # what Rita approved is not what Ravi made of it
        assert said() == []
        decide(cast, run, "rita")
    say = StepRun.objects.get(run=run, step__key="say")
    assert (say.status, (say.output or {})["edited"], said()) == ("done", True, ["goodbye"])


def test_what_a_gate_rejects_never_comes_to_a_rule(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("allow", "tool"))
    run = drawn.start(cast, gate("pay"), {**PAY, "input": {"word": "'pay'"}})
    jobs.advance()
    decide(cast, run, "rita", "rejected", reason="No.")
    pay = StepRun.objects.get(run=run, step__key="pay")
    assert (pay.output, said()) == ({"verdict": "rejected", "edited": False}, [])
    assert not RuleCheck.objects.filter(step_run_id=pay.pk).exists()


@pytest.mark.parametrize("point", ["tool", "release"])
def test_what_an_agents_tools_were_asked_is_kept_where_rules_are_about_it(
    cast: Cast, put_in_force: PutInForce, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    put_in_force(a_rule("allow", point, match={"risk": ["high"]}))
    with provider() as said_by:
        for name, value in said_by.environment.items():
            monkeypatch.setenv(name, value)
        said_by.says = [LOOK, ANSWER]
        drawn.start(cast, agent())
        jobs.advance()
    assert said() == ["card"]
    assert RuleCheck.objects.filter(point="tool").count() == (1 if point == "tool" else 0)
