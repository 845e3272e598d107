"""What leaves a run is what the rules let be released: its label and its result, by every way out."""

from typing import Any

import pytest
from django.test import Client

from orchestration import jobs
from orchestration.batches import results
from orchestration.models import RuleCheck, Run, StepRun, UploadRow
from orchestration.triggers import chains, keeping, tokens
from orchestration.triggers.keeping import Wanted
from reviews.models import Review
from tests import tools
from tests.cast import Cast
from tests.flow import drawn
from tests.policies.conftest import PutInForce, a_rule
from tests.policies.test_points import approve_it, held

pytestmark = pytest.mark.django_db
MAIL, HIDDEN = "ines@customer.example", "[email-1]"
TAKES = {"type": "object", "properties": {"word": {"type": "string"}, "amount": {"type": "number"}}}
TELLS = {"to": "input.word", "said": "steps.say.word", "amount": "input.amount", "end": "steps.end.label"}
END = drawn.step("end", "outcome", label="'told ' + input.word", success="true")


def told(cast: Cast, *, end: bool = True, **more: Any) -> Run:
    """A run that tells an address in its result."""
    say = drawn.step("say", input={"word": "input.word"})
    steps, tells = ((say, END), TELLS) if end else ((say,), {"to": "input.word", "said": "steps.say.word"})
    run = drawn.start(cast, *steps, **{"given": {"word": MAIL, "amount": 5}, "input": TAKES, "result": tells, **more})
    jobs.advance()
    return Run.objects.get(pk=run.pk)


@pytest.fixture(autouse=True)
def _quiet() -> None:
    tools.forget()


def test_without_rules_it_is_told_as_it_is(cast: Cast) -> None:
    run = told(cast)
    assert run.result is not None
    assert (run.outcome, run.result["to"]) == (f"told {MAIL}", MAIL)
    assert held(run, "end").output == {"label": f"told {MAIL}", "success": True}


def test_what_is_blacked_out_is_gone_from_the_label_and_from_every_field(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("redact", "release"))
    run = told(cast)
    assert run.outcome == f"told {HIDDEN}"
    assert run.result == {"to": HIDDEN, "said": HIDDEN, "amount": 5, "end": f"told {HIDDEN}"}
    check = RuleCheck.objects.get(point="release")
    assert (check.effect, check.facts["data_class"], check.facts["amount"]) == ("redact", "personal", 5)


def test_no_way_out_tells_more(cast: Cast, put_in_force: PutInForce) -> None:
    """The page, the API, a workflow that follows, the rows of an upload, and the step that waits for it."""
    put_in_force(a_rule("redact", "release"))
    run = told(cast)
    assert MAIL not in str(chains.scope_of(run)["result"]) + chains.scope_of(run)["outcome"]
    client = Client()
    client.force_login(cast.adam)
    page = client.get(f"/runs/{run.pk}/?step=end").content.decode()
    assert f"told {HIDDEN}" in page
    assert f"told {MAIL}" not in page
    row = UploadRow(line=1, run=run, cells=[], result="started")
    assert MAIL not in str(results._became(row, frozenset(), {}, {}))
    keeping.make(run.workflow, "api", Wanted("The API"), by=cast.adam)
    token = tokens.make(cast.adam, "A program", scopes=(tokens.READ,), days=30, every_workflow=True)[1]
    program = {"Authorization": f"Bearer {token}"}
    result = client.get(f"/api/v1/runs/{run.pk}/result/", headers=program).json()
    assert (result["outcome"], result["result"]["to"]) == (f"told {HIDDEN}", HIDDEN)
    assert MAIL not in client.get("/api/v1/runs/", headers=program).content.decode()


def test_the_run_that_waits_for_it_gets_what_was_released(cast: Cast, put_in_force: PutInForce) -> None:
    drawn.publish(cast, drawn.step("say"), END, slug="inner", input=TAKES, result={"to": "input.word"})
    put_in_force(a_rule("redact", "release", scope={"workflow": "inner"}))
    hand = drawn.step("hand", "workflow", workflow="inner", version=1, input={"word": "input.word"})
    say = drawn.step("say", input={"word": "steps.hand.to"})
    drawn.start(cast, hand, say, slug="outer", given={"word": MAIL}, input=TAKES)
    jobs.advance()
    assert [arguments["word"] for _, arguments, _ in tools.calls] == ["say", HIDDEN]


def test_who_approves_a_release_sees_the_result_and_that_is_released(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("review", "release"))
    run = told(cast)
    assert Review.objects.get(run=run).arguments["result"]["to"] == MAIL
    approve_it(cast, run)
    again = Run.objects.get(pk=run.pk)
    assert again.result is not None
    assert (again.status, again.result["to"]) == ("done", MAIL)


def test_a_condition_reads_what_is_released(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("deny", "release", **{"if": "input.result.amount > 4"}))
    run = told(cast)
    assert (run.status, run.result, held(run, "end").status) == ("failed", None, "failed")
    assert told(cast, given={"word": "x", "amount": 3}, slug="less").status == "done"


def test_a_class_that_is_found_in_the_result_counts(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("deny", "release", match={"data_class": "personal"}))
    assert told(cast).status == "failed"
    assert told(cast, given={"word": "x", "amount": 3}, slug="less").status == "done"


@pytest.mark.parametrize("effect", ["deny", "review", "redact"])
def test_a_workflow_without_an_outcome_releases_nothing_that_a_rule_holds(
    cast: Cast, put_in_force: PutInForce, effect: str
) -> None:
    put_in_force(a_rule(effect, "release"))
    run = told(cast, end=False)
    say = StepRun.objects.get(run=run)
    assert (run.status, run.result) == ("failed", None)
    assert ("ends without an outcome" in say.error) == (effect != "deny")


def test_one_that_allows_lets_it_go(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("allow", "release"))
    assert told(cast, end=False).status == "done"
