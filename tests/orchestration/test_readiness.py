"""Readiness: a document that is ready, and for each rule one that breaks just that one."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import people
from audit.actors import COMMAND, person
from orchestration import catalog, readiness, waived
from orchestration.models import Model, Tool
from orchestration.readiness import NotReady, Report, refuse_unless_ready
from orchestration.states import ToolStatus
from tests.cast import Cast, approve
from tests.orchestration.drafting import ASKED, document, step

type Spec = dict[str, Any]

NOTHING: Spec = {"type": "object", "properties": {}}
RIGHTS = {"see": ["reviewer"], "run": ["admin"]}
WAIVER = {"reason": "Nothing leaves the house here.", "until": "2031-01-31"}
SIGNED = date(2031, 1, 31)


def hash_of(waiver: dict[str, Any]) -> str:
    """What is signed of a waiver."""
    found = waived.read({"waiver": waiver})
    assert found
    return found.content_hash


def signed(workflow: str, step: str, content_hash: str, /) -> date | None:
    return SIGNED


def ready(key: str, kind: str = "outcome", **parts: Any) -> Spec:
    """A step that lacks nothing."""
    usual: Spec = {"permission": RIGHTS, "metrics": [{"name": "Good", "expression": "true", "target": 0.9}]}
    if kind in {"model", "agent", "tool", "workflow"}:
        usual |= {"limits": {"seconds": 30}, "fallback": "fail", "input": {}, "review": {"waiver": WAIVER}}
    return step(key, kind, **usual | parts)


def asks(key: str = "think", **parts: Any) -> Spec:
    usual = {"model": "handrail/intent", "prompt": "Think.", "input_schema": NOTHING, "output": {"type": "object"}}
    return ready(key, "model", **usual | parts)


def agent(key: str = "look", **parts: Any) -> Spec:
    limits = {"seconds": 30, "turns": 3}
    usual = {"model": "openai/agent", "prompt": "Look.", "output": {}, "tools": ["test.say"], "limits": limits}
    return ready(key, "agent", **usual | parts)


def sends(key: str = "send", **parts: Any) -> Spec:
    given = {"to": "input.text", "subject": "'Hello'", "body": "input.text"}
    return ready(key, "tool", **{"tool": "email.send", "input": given, "review": ASKED} | parts)


def whole() -> list[Spec]:
    """A definition that is ready."""
    return [asks(), agent(), sends(), ready("end")]


def without(spec: Spec, *names: str) -> Spec:
    return {name: value for name, value in spec.items() if name not in names}


@pytest.fixture
def house(cast: Cast) -> Cast:
    catalog.bring_in_line(actor=COMMAND)
    approve("openai/narrow", ceiling="public")
    return cast


def check(*steps: Spec, **parts: Any) -> Report:
    return readiness.check(document(*steps, **parts), signed=signed)


def keys(report: Report) -> list[str]:
    return [finding.key for finding in report.findings]


def test_a_definition_that_lacks_nothing_is_ready(house: Cast) -> None:
    report = check(*whole())
    assert keys(report) == []
    refuse_unless_ready(report, [])
    assert report.counts["owner"][2:] == (4, 4)


BROKEN: dict[str, list[Spec]] = {
    "owner:think": [without(asks(), "owner")],
    "input:think": [without(asks(input={"text": "input.text"}), "input_schema")],
    "input:ask": [ready("ask", "person", review=ASKED)],
    "means:think": [without(asks(), "model")],
    "means:send": [without(sends(), "tool")],
    "permission:think": [asks(permission={"see": ["reviewer"], "run": []})],
    "permission:end": [without(ready("end"), "permission")],
    "review:think": [without(asks(), "review")],
    "review:send": [sends(review={"when": "before", "group": "reviewer", "title": "'Look'"})],
    "waiver:think": [asks(review={"waiver": "Nothing leaves the house here."})],
    "metric:think": [asks(metrics=[]), ready("end")],
    "time:think": [without(asks(), "limits")],
    "fallback:think": [without(asks(), "fallback")],
    "reads:think": [asks(input={"text": "steps.send.message_id"}), sends()],
    "named:think": [asks(owner={"user": "nemo"})],
    "named:send": [sends(permission={"see": ["nobodies"], "run": ["admin"]})],
    "reviewers:send": [sends(review={**ASKED, "group": "empty"})],
    "model:think": [asks(model="openai/unheard-of")],
    "routed:think": [asks(data="special", model="openai/narrow")],
    "given:send": [sends(input={"to": "input.text"})],
    "document:send": [sends(tool="no.such")],
    "starts:other": [ready("other", "workflow", workflow="nowhere")],
    "one_model": [asks(), asks("again")],
    "outside:send": [sends(review={"waiver": WAIVER})],
    "agent_limits:look": [agent(limits={"seconds": 30})],
    "decide": [sends(review={**ASKED, "group": "others"})],
    "alone:send": [sends(review={**ASKED, "group": "lone"}, owner={"user": "rita"})],
    "watched": [asks(metrics=[{"name": "Good", "expression": "true"}])],
}


@pytest.mark.parametrize("key", BROKEN)
def test_each_rule_has_a_definition_that_breaks_just_that_one(house: Cast, key: str) -> None:
    Group.objects.create(name="empty")
    people.join(house.rita, Group.objects.create(name="lone"), actor=COMMAND)
    people.join(house.mina, Group.objects.create(name="others"), actor=COMMAND)
    report = check(*BROKEN[key])
    assert keys(report) == [key]
    (finding,) = report.findings
    assert finding.line > 0
    assert finding.what
    warning = key.partition(":")[0] in {"one_model", "outside", "agent_limits", "alone", "watched"}
    assert finding.blocks is not warning


def test_it_says_the_line_and_the_mend(house: Cast) -> None:
    source = document(asks(), without(sends(), "fallback"))
    (finding,) = readiness.check(source, signed=signed).findings
    assert source.splitlines()[finding.line - 1].strip() == "- key: send"
    assert "fallback: fail" in finding.mend
    (finding,) = check(asks(owner={"user": "nemo"})).findings
    assert finding.path == ("steps", 0, "owner", "user")


def test_decisions_branches_and_waits_need_no_review_and_no_metric(house: Cast) -> None:
    bare = {"permission": RIGHTS}
    wait = without(step("pause", "wait", for_seconds=3, **bare), "review", "metrics")
    fork = without(step("fork", "decision", branches=[{"name": "x", "steps": [asks()]}], **bare), "review", "metrics")
    assert keys(check(wait, fork, ready("end"))) == []


def test_what_stands_in_for_another_step_needs_no_fallback(house: Cast) -> None:
    assert keys(check(asks(fallback=without(sends("by_hand"), "fallback")))) == []


@pytest.mark.parametrize(
    ("until", "signature", "told"),
    [
        ("2020-01-01", SIGNED, "The waiver ended on 2020-01-01."),
        ("2031-01-31", None, "No second person has signed the waiver."),
        ("2031-01-31", date(2020, 1, 1), "The signature under the waiver held until 2020-01-01."),
    ],
)
def test_a_waiver_has_an_end_and_a_signature(house: Cast, until: str, signature: date | None, told: str) -> None:
    source = document(asks(review={"waiver": {**WAIVER, "until": until}}))
    report = readiness.check(source, signed=lambda *_: signature)
    assert [(one.key, one.what) for one in report.findings] == [("waiver:think", told)]


def test_a_signature_is_asked_for_exactly_this_waiver(house: Cast) -> None:
    asked: list[tuple[str, ...]] = []

    def remembering(*given: str) -> date:
        asked.append(given)
        return SIGNED

    readiness.check(document(asks()), signed=remembering)
    assert asked == [("a-draft", "think", hash_of(WAIVER))]
    assert hash_of({**WAIVER, "until": "2032-01-31"}) != asked[0][2]


def test_as_long_as_nobody_can_sign_nothing_is_signed(house: Cast) -> None:
    assert keys(readiness.check(document(asks()))) == ["waiver:think"]


def test_a_date_that_there_is_not_is_told_once(house: Cast) -> None:
    assert keys(check(asks(review={"waiver": {**WAIVER, "until": "2030-02-30"}}))) == ["review:think"]


def test_a_model_that_is_off_blocks(house: Cast) -> None:
    catalog.suspend(Model.objects.get(name="handrail/intent"), actor=person(house.adam))
    assert keys(check(asks())) == ["model:think"]


def test_a_tool_that_is_off_blocks(house: Cast) -> None:
    catalog.switch(Tool.objects.get(name="test.say"), ToolStatus.OFF, actor=person(house.adam))
    assert keys(check(agent())) == ["tool:look"]


def test_a_secret_that_is_missing_blocks(house: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    Model.objects.filter(name="handrail/intent").update(secret="env:A_KEY_OF_TESTS")
    assert keys(check(asks())) == ["secret:think"]
    monkeypatch.setenv("A_KEY_OF_TESTS", "a secret")
    assert keys(check(asks())) == []


CASE: Spec = {"name": "Usual", "input": {"text": "Hello"}, "expect": {"status": "done"}}
TYPED = {"type": "object", "properties": {"text": {"type": "string"}}}


def test_a_test_case_that_fails_blocks(house: Cast) -> None:
    source = document(asks(), tests=[CASE], input=TYPED)
    report = readiness.check(source, signed=signed, tried=lambda document, cases: ["it ended as failed."])
    assert [(one.key, one.path) for one in report.findings] == [("tests", ("tests", 0))]
    assert "“Usual” fails: it ended as failed." in report.findings[0].what
    assert keys(readiness.check(source, signed=signed, tried=lambda document, cases: [""])) == []


def test_a_test_case_whose_input_does_not_fit_blocks(house: Cast) -> None:
    assert keys(check(asks(), tests=[{**CASE, "input": {"text": 5}}], input=TYPED)) == ["tests"]


def test_a_test_case_that_was_not_run_on_this_text_blocks(house: Cast) -> None:
    (finding,) = check(asks(), tests=[CASE], input=TYPED).findings
    assert (finding.key, finding.what) == ("tests", "The test case “Usual” was not run on this text.")
    assert finding.mend == "Run the test cases."


def test_a_warning_is_acknowledged_by_its_name(house: Cast) -> None:
    report = check(sends(review={"waiver": WAIVER}))
    with pytest.raises(NotReady) as caught:
        refuse_unless_ready(report, ["outside:other"])
    assert [finding.key for finding in caught.value.findings] == ["outside:send"]
    refuse_unless_ready(report, ["outside:send"])
    assert report.as_json(["outside:send"])["acknowledged"] == ["outside:send"]


def test_what_blocks_cannot_be_acknowledged(house: Cast) -> None:
    report = check(without(asks(), "fallback"))
    with pytest.raises(NotReady):
        refuse_unless_ready(report, ["fallback:think"])


def test_a_document_that_cannot_be_read_is_a_finding(house: Cast) -> None:
    report = readiness.check("a: [\n")
    assert [(one.key, one.blocks, one.line) for one in report.findings] == [("document", True, 1)]
    (finding,) = check({**asks(), "retires": 3}).findings
    assert (finding.key, finding.what) == ("document:think", "'retires' is not known here; is 'retry' meant?")


def test_a_step_that_has_just_been_added_is_told_all_that_it_lacks(house: Cast) -> None:
    new = {
        "key": "new",
        "name": "New",
        "kind": "model",
        "purpose": "Help.",
        "prompt": "Help.",
        "input": {},
        "output": {},
    }
    wanted = ["owner", "means", "permission", "review", "metric", "time", "fallback"]
    assert keys(check(new, ready("end"))) == [f"{name}:new" for name in wanted]


@pytest.mark.parametrize("times", [1, 12])
def test_it_asks_the_same_number_of_questions_however_long_it_is(house: Cast, times: int) -> None:
    source = document(*({**one, "key": f"{one['key']}{n}"} for n in range(times) for one in whole()))
    with CaptureQueriesContext(connection) as asked:
        readiness.check(source, signed=signed)
    assert len(asked) == 5


def test_it_changes_nothing_that_it_looks_at(house: Cast) -> None:
    steps = whole()
    before = deepcopy(steps)
    source = document(*steps)
    first = readiness.check(source, signed=signed).as_json()
    assert readiness.check(source, signed=signed).as_json() == first
    assert yaml.safe_load(source)["steps"] == before
