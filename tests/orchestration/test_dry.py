"""Dry runs: the engine's own path, with every outside effect off, and nothing of it stays."""

import json
from collections import Counter
from copy import deepcopy
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from audit.actors import person
from orchestration import catalog, contents, dry, plans, queue
from orchestration.documents import BadDocument
from orchestration.dry import Answer, Course, Script, running
from orchestration.models import Run, StepRun, Workflow
from orchestration.starts import BadInput
from orchestration.states import ToolStatus
from orchestration.tools import SAFE, TOOLS
from tests import tools
from tests.cast import DOCUMENT, QUESTION, Cast, carry_out_all
from tests.fakes import FakeModels
from tests.flow.drawn import REVIEW, Spec, begin, carry_on, output, publish, source, start, statuses, step
from tests.orchestration.test_races import Beside


@pytest.fixture(autouse=True)
def _forgetful_tools() -> None:
    tools.forget()


def tried(cast: Cast, *steps: Spec, given: dict[str, Any] | None = None, case: Any = None, **more: Any) -> Course:
    """A dry run of these steps, with what a test case says."""
    return dry.run(source(*steps, **more), given or {}, starter=cast.adam, script=dry.of_case(case or {}))


def path(course: Course) -> list[tuple[str, str]]:
    return [(one.step, one.status) for one in course.steps]


def passed(course: Course, key: str) -> dry.Passed:
    return next(one for one in course.steps if one.step == key)


PAY = step("pay", tool="test.keyed", input={"word": "'pay'"})
END = step("end", "outcome", label="'paid'", success="true")
PAID = {"recorded": {"pay": {"word": "paid"}}}


def rows() -> Counter[str]:
    models = [model for model in apps.get_models() if model._meta.app_label != "django_rq"]
    return Counter({model._meta.label: model._base_manager.count() for model in models})


def test_it_takes_the_path_of_a_run(cast: Cast) -> None:
    second = step("second", input={"word": "steps.first.word + input.more"})
    course = tried(cast, step("first"), second, END, given={"more": "!"}, result={"said": "steps.second.word"})
    assert path(course) == [("first", "done"), ("second", "done"), ("end", "done")]
    assert (course.status, course.outcome, course.succeeded) == ("done", "paid", True)
    assert (course.result, passed(course, "second").reads) == ({"said": "first!"}, {"word": "first!"})
    assert course.sentence == "It ends as “paid”."


def test_a_tool_that_changes_something_is_not_called(cast: Cast) -> None:
    course = tried(cast, PAY, END)
    assert (tools.calls, path(course), course.status) == ([], [("pay", "running")], "stopped")
    (call,) = passed(course, "pay").outside
    assert (call.kind, call.name, call.arguments) == ("tool", "test.keyed@1", {"word": "pay"})
    assert course.sentence == ("It stops at “Pay”: test.keyed@1 would be called here, and no answer of it is recorded.")


def test_a_recorded_answer_stands_in_for_it(cast: Cast) -> None:
    course = tried(cast, PAY, step("end", input={"word": "steps.pay.word"}), case=PAID)
    assert (course.status, passed(course, "pay").made, passed(course, "end").gives) == (
        "done",
        "recorded",
        {"word": "paid"},
    )
    assert [arguments["word"] for _, arguments, _ in tools.calls] == ["paid"]  # of the one that only reads


def test_a_recorded_answer_must_fit_as_a_real_one(cast: Cast) -> None:
    pay = step("pay", tool="test.keyed", output={"type": "object", "required": ["receipt"]})
    course = tried(cast, pay, case=PAID)
    assert course.status == "failed"
    assert "The output does not fit" in course.sentence


def test_a_reader_that_leaves_the_house_is_not_called(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = {"leaves_house": True, "effect": "read", "repeats": lambda: SAFE}
    found = {name: getattr(TOOLS["test.say"], name) for name in TOOLS["test.say"].__slots__}
    known = {**TOOLS.load(), "test.say": type(TOOLS["test.say"])(**{**found, **outside})}
    monkeypatch.setattr(TOOLS, "_found", known)
    assert (tried(cast, step("ask")).status, tools.calls) == ("stopped", [])


def test_a_model_of_this_house_answers(cast: Cast, models: FakeModels) -> None:
    course = dry.run(DOCUMENT.read_text(), QUESTION, starter=cast.adam)
    assert [one.made for one in course.steps] == ["here", "here", ""]
    assert (models.intent.calls, models.scripted.calls) == (1, 1)
    assert [stop.step for stop in course.stops] == ["send"]


def test_a_model_outside_is_not_asked(cast: Cast) -> None:
    ask = step("ask", "model", model="openai/large", prompt="Say it.", input={}, output={})
    course = tried(cast, ask, END)
    assert "The model openai/large would be asked here, and no answer of it is recorded." in course.sentence
    assert tried(cast, ask, END, case={"recorded": {"ask": {"said": "yes"}}}).status == "done"


def test_an_agent_is_one_recorded_answer(cast: Cast) -> None:
    ask = step("ask", "agent", model="openai/large", prompt="Do it.", input={}, output={}, tools=["test.say"])
    assert tried(cast, ask).status == "stopped"
    assert tried(cast, ask, case={"recorded": {"ask": {"said": "yes"}}}).status == "done"


def test_what_is_switched_off_fails_as_in_a_run(cast: Cast) -> None:
    catalog.bring_in_line(actor=person(cast.adam))
    from orchestration.models import Tool

    catalog.switch(Tool.objects.get(name="test.keyed"), ToolStatus.OFF, actor=person(cast.adam))
    assert "switched off" in tried(cast, PAY, case=PAID).sentence


def test_it_says_who_would_be_asked_before_and_goes_on_as_if_approved(cast: Cast) -> None:
    course = tried(cast, {**PAY, "review": deepcopy(REVIEW)}, END, case=PAID)
    (asked,) = passed(course, "pay").asked
    assert (asked.when, asked.group, asked.why, asked.verdict) == (
        "before",
        "reviewer",
        "Somebody always looks.",
        "approved",
    )
    assert asked.shown["arguments"] == {"word": "pay"}
    assert (course.status, passed(course, "pay").gives["verdict"], course.asked_at) == ("done", "approved", {"pay"})


def test_it_asks_about_what_was_done(cast: Cast) -> None:
    course = tried(cast, step("say", review={**REVIEW, "when": "after"}))
    assert (passed(course, "say").asked[0].shown, course.status) == ({"word": "say"}, "done")


def test_a_rejection_is_followed(cast: Cast) -> None:
    choose = step(
        "choose",
        "decision",
        branches=[
            {"name": "no", "if": "steps.pay.verdict == 'rejected'", "steps": [step("tell")]},
            {"name": "yes", "steps": [step("file")]},
        ],
    )
    pay = {**PAY, "review": deepcopy(REVIEW)}
    course = tried(cast, pay, choose, case={"decisions": {"pay": "rejected"}})
    assert path(course) == [("pay", "done"), ("choose", "done"), ("tell", "done")]
    assert (passed(course, "choose").branch, passed(course, "pay").outside) == ("no", [])


def test_an_edit_is_what_is_done(cast: Cast) -> None:
    said = {"decisions": {"say": {"verdict": "approved", "edit": {"word": "better"}}}}
    course = tried(cast, step("say", review=deepcopy(REVIEW)), case=said)
    assert (tools.calls[0][1], passed(course, "say").gives["edited"]) == ({"word": "better"}, True)


def test_an_edit_of_what_is_not_shown_stops_it(cast: Cast) -> None:
    said = {"decisions": {"say": {"verdict": "approved", "edit": {"wrod": "better"}}}}
    course = tried(cast, step("say", review=deepcopy(REVIEW)), case=said)
    assert course.sentence == "It stops at “Say”: The decision there edits wrod, which is not shown."


def test_a_gate_releases_what_was_shown(cast: Cast) -> None:
    gate = step("gate", "person", review=deepcopy(REVIEW), releases=["pay"])
    course = tried(cast, gate, PAY, END, case=PAID)
    assert passed(course, "gate").asked[0].shown["releases"]["pay"]["arguments"] == {"word": "pay"}
    assert (course.status, course.asked_at) == ("done", {"gate"})
    refused = tried(cast, gate, PAY, END, case={"decisions": {"gate": "rejected"}})
    assert (passed(refused, "pay").gives, passed(refused, "pay").outside) == (
        {"verdict": "rejected", "edited": False},
        [],
    )


def test_a_person_answers_what_is_recorded(cast: Cast) -> None:
    ask = step("ask", "person", review=deepcopy(REVIEW), input={"sum": "5"})
    after = step("after", input={"word": "string(steps.ask.sum)"})
    course = tried(cast, ask, after, case={"recorded": {"ask": {"sum": 7}}})
    assert passed(course, "after").gives == {"word": "7"}


def test_a_map_is_followed_item_by_item(cast: Cast) -> None:
    each = step("each", "map", over="input.rows", steps=[step("one", input={"word": "item"})])
    course = tried(cast, each, given={"rows": ["a", "b"]})
    assert [(one.step, one.item, one.gives) for one in course.steps[1:]] == [
        ("one", [0], {"word": "a"}),
        ("one", [1], {"word": "b"}),
    ]
    assert passed(course, "each").gives["done"] == 2


def test_branches_go_on_while_one_stands_still(cast: Cast) -> None:
    branches = [{"name": "a", "steps": [PAY]}, {"name": "b", "steps": [step("say"), step("more")]}]
    both = step("both", "parallel", join="all", branches=branches)
    course = tried(cast, both, END)
    assert dict(path(course)) == {"both": "waiting", "pay": "running", "say": "done", "more": "done"}
    assert [stop.step for stop in course.stops] == ["pay"]
    assert tried(cast, {**both, "join": "any"}, END).status == "done"


def test_waits_pass_at_once(cast: Cast) -> None:
    course = tried(cast, step("wait", "wait", for_seconds=86400), END)
    assert (course.status, course.seconds < 5) == ("done", True)
    assert "That passes at once here." in passed(course, "wait").told[0]


def test_an_event_comes_when_it_is_recorded(cast: Cast) -> None:
    wait = step("wait", "wait", event="parcel", seconds=60, on_timeout="go_on")
    assert passed(tried(cast, wait, END), "wait").gives == {"timed_out": True, "event": None}
    came = {"timed_out": False, "event": {"at": "home"}}
    assert passed(tried(cast, wait, END, case={"recorded": {"wait": came}}), "wait").gives == came


def test_a_workflow_that_it_starts_is_followed_too(cast: Cast) -> None:
    answer = step("answer", input={"word": "input.word + '!'"}, review=deepcopy(REVIEW))
    publish(cast, answer, slug="child", result={"said": "steps.answer.word"}, limits={"runs": 1})
    call = step("call", "workflow", workflow="child", input={"word": "'hello'"})
    course = tried(cast, call, END)
    assert [(one.step, one.depth) for one in course.steps] == [("call", 0), ("answer", 1), ("end", 0)]
    assert (passed(course, "call").gives["said"], course.asked_at) == ("hello!", set())
    recorded = tried(cast, call, END, case={"recorded": {"call": {"said": "no"}}})
    assert [one.step for one in recorded.steps] == ["call", "end"]


def test_what_fails_is_replaced_or_undone(cast: Cast) -> None:
    fails = {**PAID, "fails": {"book": "No seats."}}
    fallback = tried(cast, step("book", tool="test.keyed", fallback=step("other")), END, case=fails)
    assert path(fallback) == [("book", "failed"), ("other", "done"), ("end", "done")]
    undone = tried(cast, {**PAY, "compensate": step("refund")}, step("book", tool="test.keyed"), case=fails)
    assert path(undone) == [("pay", "done"), ("book", "failed"), ("refund", "done")]
    assert (undone.status, undone.sentence, undone.steps[-1].undoes) == (
        "failed",
        "It fails at “Book”: No seats.",
        True,
    )


def test_it_tries_again_at_once(cast: Cast) -> None:
    tools.failures["fragile"] = 1
    fragile = step("fragile", input={"word": "'fragile'", "retry": "true"}, retry={"on": ["tool"], "first_seconds": 60})
    course = tried(cast, fragile)
    assert (course.status, passed(course, "fragile").told) == ("done", ["It is tried again: fragile failed."])


def test_it_ends_at_its_bounds(cast: Cast) -> None:
    each = step("each", "map", over="input.rows", steps=[step("one", input={"word": "'x'"})])
    bounds = running.Bounds(tries=5)
    course = dry.run(source(each), {"rows": list(range(10))}, starter=cast.adam, bounds=bounds)
    assert course.sentence == "It was stopped after 5 tries of steps: a dry run takes no more."
    late = dry.run(source(step("one")), {}, starter=cast.adam, bounds=running.Bounds(seconds=-1))
    assert "seconds: a dry run takes no longer" in late.sentence


def test_a_tool_that_does_not_answer_stops_it(cast: Cast) -> None:
    bounds = running.Bounds(seconds=0.3)
    course = dry.run(source(step("hold", tool="test.hold", input={})), {}, starter=cast.adam, bounds=bounds)
    tools.gone_on.set()
    assert "did not answer in time" in course.sentence


def test_what_breaks_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(running, "outcome_of", breaks)
    assert "Handrail broke while carrying this out: ZeroDivisionError" in tried(cast, step("say")).sentence


def test_a_recorded_branch_must_be_one(cast: Cast) -> None:
    branches = [{"name": "a", "if": "false", "steps": [step("say")]}, {"name": "b", "steps": [step("no")]}]
    choose = step("choose", "decision", branches=branches)
    assert "names none" in tried(cast, choose, case={"recorded": {"choose": {"branch": "c"}}}).sentence
    course = tried(cast, choose, case={"recorded": {"choose": {"branch": "a"}}})
    assert path(course) == [("choose", "done"), ("say", "done")]


def test_a_draft_that_lacks_things_is_followed_as_far_as_it_goes(cast: Cast) -> None:
    text = source(step("say"), {name: value for name, value in PAY.items() if name not in {"tool", "owner"}})
    course = dry.run(text, {}, starter=cast.adam)
    assert course.sentence == "It stops at “Pay”: It names no tool yet."


def test_what_cannot_be_followed_is_told(cast: Cast) -> None:
    with pytest.raises(BadDocument):
        dry.run(source(step("say", input={"word": "steps.nobody.word"})), {}, starter=cast.adam)
    with pytest.raises(BadInput):
        tried(cast, step("say"), input={"type": "object", "properties": {}, "required": ["who"]})


def test_expressions_read_the_workflow_as_it_is_called(cast: Cast) -> None:
    course = dry.run(
        source(step("say", input={"word": "run.workflow + string(run.version)"})), {}, starter=cast.adam, number=7
    )
    assert passed(course, "say").gives == {"word": "drawn7"}


def test_nothing_stays(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(queue, "_ring", rung.append)
    large = "x" * (contents.LARGEST_IN_ROW + 1)
    before, kept = rows(), len(plans._staged)
    say = step("say", input={"word": "input.large"}, review=deepcopy(REVIEW))
    course = tried(cast, say, PAY, END, given={"large": large}, case=PAID)
    assert (course.status, rows() - before, before - rows()) == ("done", Counter(), Counter())
    assert (len(plans._staged), rung, connection.needs_rollback) == (kept, [], False)


@pytest.mark.django_db(transaction=True)
def test_no_bell_rings_and_nothing_stays_where_it_could_be_committed(
    live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(queue, "_ring", rung.append)
    before = rows()
    assert tried(live_cast, PAY, END, case=PAID).status == "done"
    with pytest.raises(BadInput):
        tried(live_cast, step("say"), input={"type": "object", "properties": {}, "required": ["who"]})
    assert (rows() == before, rung) == (True, [])


@pytest.mark.django_db(transaction=True)
def test_others_go_on_while_it_is_under_way(live_cast: Cast) -> None:
    """A worker claims and settles, a run starts and ends, a version is published: nobody waits for a dry run."""
    cast, came = live_cast, list[Course]()
    publish(cast, step("answer"), slug="child", limits={"runs": 1})
    steps = (step("call", "workflow", workflow="child", input={}), step("hold", tool="test.hold", input={}), END)
    beside = Beside(lambda: came.append(tried(cast, *steps)))
    while not any(name == "hold" for name, _, _ in tools.calls):
        assert beside.thread.is_alive()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
    run = carry_on(start(cast, step("call", "workflow", workflow="child", input={})))
    child = publish(cast, step("other"), slug="child", limits={"runs": 1})
    again = carry_on(begin(cast, child))
    assert (run.status, again.status, came) == ("done", "done", [])
    assert not StepRun.objects.filter(step__key="hold").exists()
    tools.gone_on.set()
    beside.join()
    assert came[0].status == "done"
    assert not Workflow.objects.filter(slug__startswith="dry-").exists()


def test_a_past_run_gives_its_answers(cast: Cast, models: FakeModels) -> None:
    ask = step("ask", "model", model="handrail/intent", prompt="Say.", input={}, output={})
    each = step("each", "map", over="input.rows", steps=[step("one", input={"word": "item"})])
    run = carry_on(start(cast, ask, each, END, given={"rows": ["a", "b"]}))
    models.intent.says = {"label": "another"}
    tools.forget()
    course = dry.run(source(ask, each, END), run.input, starter=cast.adam, script=dry.of_run(run))
    assert (passed(course, "ask").gives, tools.calls) == (output(run, "ask"), [])
    assert [one.gives["word"] for one in course.steps if one.step == "one"] == ["a", "b"]
    unread = dry.of_run(run, lambda one: one.step.key != "ask")
    assert ("ask", None) not in unread.recorded
    assert {key for key, _ in unread.recorded} == {"one"}


def test_a_course_is_kept_as_json(cast: Cast) -> None:
    course = tried(cast, {**PAY, "review": deepcopy(REVIEW)}, END, case=PAID)
    kept = json.loads(json.dumps(course.as_json()))
    again = Course.from_json(kept)
    assert (again.steps, again.sentence, again.asked_at) == (course.steps, course.sentence, {"pay"})


def test_a_long_value_is_cut_where_it_is_kept(cast: Cast) -> None:
    course = tried(cast, step("say", input={"word": "input.long"}), given={"long": "x" * 9000})
    assert (passed(course, "say").gives["cut"], course.as_json()["result"]["cut"]) == (True, True)


def test_what_the_asker_turns_counts_before_what_is_recorded() -> None:
    script = Script(decisions={("pay", (0,)): Answer()}).turned({"pay": Answer("rejected")})
    assert script.decision("pay", (0,)).verdict == "rejected"


def test_real_runs_are_as_they_were(cast: Cast) -> None:
    run = start(cast, step("say"))
    tried(cast, step("say"))
    assert statuses(run) == {"say": "ready"}
    carry_out_all()
    assert Run.objects.get(pk=run.pk).status == "done"


def test_an_input_that_looks_like_a_reference_opens_nothing(cast: Cast) -> None:
    kept = contents.beside({"secret": "x" * contents.LARGEST_IN_ROW})
    course = tried(cast, step("say", input={"word": "input.word"}), given={"word": kept})
    assert passed(course, "say").gives == {"word": kept}
