"""Test cases: what they may say, whether they pass and why not, and for how long that is believed."""

import io
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.actors import COMMAND
from deploy.sample import workspace
from orchestration import catalog, documents, dry, readiness
from orchestration.documents import BadDocument
from orchestration.dry import cases, effects, forgetting
from orchestration.dry.course import Course, Passed, Stop
from orchestration.dry.judging import why_it_fails
from orchestration.models import CaseResult, Tool
from orchestration.states import ToolStatus
from tests import tools
from tests.cast import Cast
from tests.clock import jump
from tests.flow.drawn import REVIEW, publish, source, step

PAY = step("pay", tool="test.keyed", input={"word": "'pay'"}, review=deepcopy(REVIEW))
END = step("end", "outcome", label="steps.pay.verdict == 'approved' ? 'paid' : 'refused'", success="true")
CASE: dict[str, Any] = {
    "name": "Paid",
    "input": {},
    "recorded": {"pay": {"word": "paid"}},
    "stops_at": ["pay"],
    "expect": {"outcome": "paid"},
}


def text(*tests: dict[str, Any], **more: Any) -> str:
    return source(PAY, END, tests=[deepcopy(one) for one in tests], **more)


def ran(cast: Cast, *tests: dict[str, Any], **more: Any) -> list[str]:
    """Why each fails."""
    return [one.result.told if one.result else one.why for one in cases.run_all(text(*tests, **more), by=cast.adam)]


def findings(what: str) -> list[str]:
    return [one.what for one in readiness.check(what).findings if one.rule == "tests"]


def test_it_passes_when_the_outcome_is_as_expected_and_the_gates_stopped_it(cast: Cast) -> None:
    refused = {**CASE, "name": "No", "decisions": {"pay": "rejected"}, "expect": {"outcome": "refused"}}
    assert ran(cast, CASE, refused) == ["", ""]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (
            {"decisions": {"pay": "rejected"}},
            "Expected the outcome “paid”, came to “refused” after step end.",
        ),
        ({"expect": {"status": "failed"}}, "Expected that the run ends as failed. It ends as “paid”."),
        (
            {"recorded": {}, "fails": {"pay": "The bank refused."}},
            "Expected that the run ends as done. It fails at “Pay”: The bank refused.",
        ),
        (
            {"recorded": {}},
            "It stops at “Pay”: test.keyed@1 would be called here, and no answer of it is recorded.",
        ),
        ({"expect": {"output": ["output.success", "steps.pay.word == 'x'"]}}, "“steps.pay.word == 'x'” does not hold."),
    ],
)
def test_it_says_why_one_fails(cast: Cast, more: dict[str, Any], why: str) -> None:
    assert ran(cast, {**CASE, **more}) == [why]


def test_it_says_where_nobody_was_asked() -> None:
    course = Course("done", [Passed("pay", "Pay", "tool"), Passed("end", "End", "outcome")], outcome="paid")
    assert why_it_fails(course, CASE) == "Nobody was asked at “pay”."
    assert why_it_fails(Course("done", course.steps), {"expect": {"outcome": "paid"}}) == (
        "Expected the outcome “paid”, came to none after step end."
    )
    stopped = Course("stopped", stops=[Stop("pay", "Pay", "No.")])
    assert why_it_fails(stopped, {"expect": {"status": "done"}}) == "It stops at “Pay”: No."
    wrong = {"expect": {"output": ["output.nothing > 5"]}}
    assert "cannot be worked out" in why_it_fails(Course("done", scope={"output": {}}), wrong)


def test_looking_runs_nothing_and_asks_once(cast: Cast) -> None:
    document = dry.definition(text(CASE, {**CASE, "name": "Again", "expect": {"status": "done"}}))
    catalog.look()
    with CaptureQueriesContext(connection) as queries:
        told = cases.look(document, document["tests"])
    assert (told, len(queries)) == ([None, None], 1)
    assert findings(text(CASE)) == ["The test case “Paid” was not run on this text."]


def test_what_was_run_is_believed_on_the_same_text_alone(cast: Cast) -> None:
    ran(cast, CASE)
    assert findings(text(CASE)) == []
    assert findings(text({**CASE, "name": "By another name"})) == []
    assert len(findings(text({**CASE, "input": {"more": 1}}))) == 1
    assert len(findings(text(CASE, purpose="Another."))) == 1


def test_a_failure_is_told_by_readiness(cast: Cast) -> None:
    case = {**CASE, "expect": {"outcome": "refused"}}
    ran(cast, case)
    assert findings(text(case)) == [
        "The test case “Paid” fails: Expected the outcome “refused”, came to “paid” after step end."
    ]


def test_it_is_run_again_when_what_it_calls_stands_otherwise(cast: Cast) -> None:
    catalog.bring_in_line(actor=COMMAND)
    ran(cast, CASE)
    catalog.switch(Tool.objects.get(name="test.keyed"), ToolStatus.OFF, actor=COMMAND)
    assert findings(text(CASE)) == ["The test case “Paid” was not run on this text."]


def test_it_is_run_again_when_a_workflow_that_it_starts_is_published_anew(cast: Cast) -> None:
    publish(cast, step("say"), slug="child")
    call = step("call", "workflow", workflow="child", input={})
    whole = source(call, tests=[{"name": "Usual", "input": {}, "expect": {"status": "done"}}])
    assert [one.result.told for one in cases.run_all(whole, by=cast.adam) if one.result] == [""]
    assert findings(whole) == []
    publish(cast, step("other"), slug="child")
    assert len(findings(whole)) == 1


def test_only_what_is_missing_is_run_unless_afresh(cast: Cast) -> None:
    ran(cast, CASE)
    first = CaseResult.objects.get().at
    cases.run_all(text(CASE), by=cast.adam, afresh=False)
    assert CaseResult.objects.get().at == first
    cases.run_all(text(CASE), by=cast.adam)
    assert CaseResult.objects.get().at > first


def test_where_no_time_is_left_it_is_not_run(cast: Cast) -> None:
    (told,) = cases.run_all(text(CASE), by=cast.adam, seconds=0)
    assert (told.result, told.why) == (None, "There was no time left for it.")


def test_what_the_clock_stopped_is_not_believed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "LONGEST_CALL", 0.1)
    tools.gone_on.clear()
    case = {"name": "Late", "input": {}, "expect": {"status": "done"}}
    (told,) = cases.run_all(source(step("hold", tool="test.hold", input={}), tests=[case]), by=cast.adam)
    tools.gone_on.set()
    assert (told.result, "did not answer in time" in told.why) == (None, True)


def test_old_results_are_forgotten(cast: Cast) -> None:
    ran(cast, CASE)
    assert forgetting.forget() == 0
    jump(seconds=31 * 86400)
    assert (forgetting.forget(), CaseResult.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"decisions": {"pay": "perhaps"}}, "'perhaps' is not one of ['approved', 'rejected', 'sent_back', 'lapsed']"),
        ({"decisions": {"end": "approved"}}, "decides at 'end', where nobody decides."),
        ({"decisions": {"nobody": "approved"}}, "decides at 'nobody', which is no step here."),
        ({"decisions": {"pay": {"verdict": "rejected", "edit": {"word": "x"}}}}, "edits what it rejects at 'pay'."),
        ({"fails": {"nobody": "No."}}, "lets 'nobody' fail, which is no step here."),
        ({"fails": {"pay": "No."}}, "lets 'pay' fail, and has a recorded answer of it."),
    ],
)
def test_a_case_that_contradicts_itself_is_told(more: dict[str, Any], told: str) -> None:
    with pytest.raises(BadDocument) as refused:
        documents.read(text({**CASE, **more}))
    assert told in str(refused.value)


def test_the_cases_of_the_sample_pass(cast: Cast) -> None:
    told = cases.run_all(workspace.document(), by=cast.adam)
    assert [one.result.told if one.result else one.why for one in told] == ["", ""]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    tools.forget()
    return tmp_path / "draft.yaml"


def command(*given: Any) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("workflow", "test", *map(str, given), stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_the_shell_has_a_line_for_each_case(cast: Cast, file: Path) -> None:
    whole = text(CASE, {**CASE, "name": "Wrong", "expect": {"outcome": "lost"}})
    file.write_text(whole)
    status, said, _ = command(file)
    lines = [whole[: whole.index(f"name: {name}")].count("\n") + 1 for name in ("Paid", "Wrong")]
    why = "Expected the outcome “lost”, came to “paid” after step end."
    assert (status, said) == (1, f"{file}:{lines[0]}: “Paid” passes\n{file}:{lines[1]}: “Wrong” fails: {why}\n")
    assert tools.calls == []


def test_the_shell_speaks_json_and_status_0(cast: Cast, file: Path) -> None:
    file.write_text(text(CASE))
    status, said, _ = command(file, "--format", "json")
    (told,) = json.loads(said)
    assert (status, told["case"], told["passed"], told["told"]) == (0, "Paid", True, "")


def test_the_shell_tells_what_cannot_be_followed_or_read(cast: Cast, file: Path, tmp_path: Path) -> None:
    file.write_text(source(step("say", input={"word": "steps.nobody.word"})))
    status, said, _ = command(file)
    assert (status, "blocks document:" in said) == (1, True)
    status, _, complained = command(tmp_path / "nowhere.yaml")
    assert (status, "cannot be read" in complained) == (2, True)
