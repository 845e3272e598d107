"""Sent back: work is done again from a step on, what came after is superseded, and nothing reads it any more."""

from copy import deepcopy
from typing import Any

import pytest

from audit.models import Event
from orchestration.contents import open_up
from orchestration.documents import BadDocument
from orchestration.models import Run, StepRun
from orchestration.plans import plan_of
from orchestration.scopes import scope_of
from reviews import decisions
from reviews.models import Decision, Review
from reviews.refusals import CannotGoBack, ReasonNeeded
from tests import tools as calls
from tests.cast import Cast, carry_out_all
from tests.fakes import FakeModels
from tests.flow import drawn
from tests.reviews.asking.drawn import asking, decide, waiting

WRITES = {"model": "handrail/scripted", "prompt": "Write.", "output": {"type": "object"}}
BACK = {"to": ["first"]}


@pytest.fixture(autouse=True)
def _forget() -> None:
    calls.forget()


def standing(run: Run) -> dict[str, str]:
    found = StepRun.objects.standing().filter(run=run, undoes=None)
    return dict(found.values_list("step__key", "status"))


def writer(**review: Any) -> drawn.Spec:
    """A model whose words somebody looks at."""
    looked_at = {**drawn.REVIEW, "when": "after", "back": {"model": True, "most": 2}, **review}
    return drawn.step("write", "model", **WRITES, input={"question": "'Why?'"}, review=looked_at)


def test_it_goes_back_to_an_earlier_step_and_what_came_after_is_superseded(cast: Cast) -> None:
    review = waiting(cast, drawn.step("first"), drawn.step("middle"), asking(back=BACK), drawn.step("last"))
    decision = decide(review, cast.rita, "sent_back", "Look again.", to="first")
    carry_out_all()
    run = Run.objects.get()
    assert (decision.verdict, decision.sent_to) == ("sent_back", "first")
    assert Review.objects.get(pk=review.pk).status == "sent_back"
    assert standing(run) == {"first": "done", "middle": "done", "say": "waiting"}
    gone = StepRun.objects.filter(run=run, superseded_at__isnull=False)
    assert sorted(gone.values_list("step__key", "again")) == [("first", 0), ("middle", 0), ("say", 0)]
    told = Event.objects.get(kind="steprun.sent_back")
    assert told.data["superseded"] == ["first", "middle", "say"]
    assert set(scope_of(run)["steps"]) == {"first", "middle"}
    again = Review.objects.open().get()
    assert open_up(again.step_run.question)["sent_back_by"] == cast.rita.pk
    assert again.assigned_to == cast.rita
    decide(again, cast.ravi)
    carry_out_all()
    assert Run.objects.get().status == "done"
    assert standing(run) == dict.fromkeys(["first", "middle", "say", "last"], "done")


def test_a_call_that_is_made_again_has_another_key(cast: Cast) -> None:
    review = waiting(cast, drawn.step("first"), asking(back=BACK))
    decide(review, cast.rita, "sent_back", "Again.", to="first")
    carry_out_all()
    run = Run.objects.get()
    assert [key for _, _, key in calls.calls] == [f"run-{run.pk}-step-first", f"run-{run.pk}-step-first-again-1"]


def test_the_model_reads_its_former_answer_and_the_note(
    cast: Cast, models: FakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.scripted.says = {"body": "One."}
    heard: list[Any] = []
    answer = models.scripted.answer

    def listening(messages: Any) -> Any:
        heard.append(messages)
        return answer(messages)

    monkeypatch.setattr(models.scripted, "answer", listening)
    review = waiting(cast, writer())
    models.scripted.says = {"body": "Two."}
    decide(review, cast.rita, "sent_back", "Be kinder.", to="model")
    carry_out_all()
    again = Review.objects.open().get()
    assert (again.content["body"], len(heard)) == ("Two.", 2)
    assert heard[1][2] == {"role": "assistant", "content": '{"body":"One."}'}
    assert "Be kinder." in heard[1][3]["content"]
    decide(again, cast.rita)
    carry_out_all()
    output = StepRun.objects.standing().get().output
    assert output == {"body": "Two.", "verdict": "approved", "edited": False}


def test_it_goes_back_so_often_and_no_more(cast: Cast, models: FakeModels) -> None:
    waiting(cast, writer())
    for _ in range(2):
        decide(Review.objects.open().get(), cast.rita, "sent_back", "Again.", to="model")
        carry_out_all()
    with pytest.raises(CannotGoBack) as caught:
        decide(Review.objects.open().get(), cast.rita, "sent_back", "Again.", to="model")
    assert caught.value.times == 2
    assert Review.objects.open().count() == 1


def test_it_can_be_taken_back_in_time_and_then_nothing_is_superseded(cast: Cast) -> None:
    review = waiting(cast, drawn.step("first"), asking(back=BACK, undo_seconds=60))
    decide(review, cast.rita, "sent_back", "Again.", to="first")
    carry_out_all()
    assert not StepRun.objects.filter(superseded_at__isnull=False).exists()
    decisions.undo(review.pk, by=cast.rita)
    decide(review, cast.ravi)
    assert Decision.objects.standing().get().verdict == "approved"


@pytest.mark.parametrize(
    ("to", "reason", "error"),
    [("first", "", ReasonNeeded), ("say", "Why.", CannotGoBack), ("nowhere", "Why.", CannotGoBack)],
)
def test_it_needs_a_note_and_a_step_that_is_offered(cast: Cast, to: str, reason: str, error: type[Exception]) -> None:
    review = waiting(cast, drawn.step("first"), asking(back=BACK))
    with pytest.raises(error):
        decide(review, cast.rita, "sent_back", reason, to=to)
    assert Review.objects.get().is_open


def test_it_goes_out_of_a_branch_and_the_other_branch_may_be_taken(cast: Cast) -> None:
    branches = [
        {"name": "early", "if": "steps.first.word == 'first'", "steps": [asking(back=BACK)]},
        {"name": "other", "steps": [drawn.step("beside")]},
    ]
    fork = drawn.step("fork", "decision", branches=branches)
    review = waiting(cast, drawn.step("first"), fork, drawn.step("last"))
    decide(review, cast.rita, "sent_back", "Again.", to="first")
    carry_out_all()
    decide(Review.objects.open().get(), cast.rita)
    carry_out_all()
    run = Run.objects.get()
    assert run.status == "done"
    assert standing(run) == dict.fromkeys(["first", "fork", "say", "last"], "done")


def test_items_of_a_map_are_sent_back_each_by_itself(cast: Cast) -> None:
    items = drawn.step("each", "map", over="[1, 2]", steps=[drawn.step("first"), asking(back=BACK)])
    drawn.start(cast, items, drawn.step("last"))
    carry_out_all()
    one, other = Review.objects.open().order_by("pk")
    decide(one, cast.rita, "sent_back", "Again.", to="first")
    carry_out_all()
    assert StepRun.objects.standing().filter(step__key="first").count() == 2
    decide(Review.objects.open().exclude(pk=other.pk).get(), cast.rita)
    decide(other, cast.rita)
    carry_out_all()
    assert Run.objects.get().status == "done"


def test_what_a_call_did_is_undone_before_it_is_done_again(cast: Cast) -> None:
    books = drawn.step("first", tool="test.booked", input={"word": "'book'"})
    review = waiting(cast, books, asking(back=BACK))
    calls.forget()
    decide(review, cast.rita, "sent_back", "The wrong one.", to="first")
    carry_out_all()
    run = Run.objects.get()
    undo = StepRun.objects.get(undoes__isnull=False)
    assert undo.status == "done"
    assert "-step-first-undo" in calls.calls[0][2]
    assert [key for _, _, key in calls.calls][1:] == [f"run-{run.pk}-step-first-again-1"]
    assert standing(run) == {"first": "done", "say": "waiting"}
    decide(Review.objects.open().get(), cast.rita)
    carry_out_all()
    assert Run.objects.get().status == "done"


def test_a_run_fails_where_it_cannot_be_undone(cast: Cast) -> None:
    books = drawn.step("first", tool="test.booked", input={"word": "'book'"})
    review = waiting(cast, books, asking(back=BACK))
    calls.failures["book"] = 9
    decide(review, cast.rita, "sent_back", "The wrong one.", to="first")
    carry_out_all()
    assert Run.objects.get().status == "failed"


def test_nothing_is_sent_back_past_what_cannot_be_undone(cast: Cast) -> None:
    with pytest.raises(BadDocument, match="no tool is named that undoes it"):
        drawn.publish(cast, drawn.step("first"), drawn.step("pay", tool="test.unsafe", input={}), asking(back=BACK))


ABOVE = [drawn.step("first"), drawn.step("inner"), asking(back=BACK)]
AROUND = {
    "the item of 'around'": drawn.step("around", "map", over="[1, 2]", steps=ABOVE[1:]),
    "the round of 'around'": drawn.step("around", "repeat", steps=ABOVE[1:], until="false", rounds=2),
    "the branch of 'around'": drawn.step("around", "parallel", branches=[{"name": "a", "steps": ABOVE[1:]}]),
}


@pytest.mark.parametrize("part", AROUND)
def test_a_way_back_out_of_a_part_is_refused_where_it_is_published(cast: Cast, part: str) -> None:
    with pytest.raises(BadDocument) as caught:
        drawn.publish(cast, ABOVE[0], AROUND[part])
    told = f"can be sent back to 'first', which stands outside of {part}: others may be at work beside it"
    assert told in str(caught.value)


@pytest.mark.parametrize("part", AROUND)
def test_no_model_outside_of_a_part_is_asked_again_from_within(cast: Cast, part: str) -> None:
    around = deepcopy(AROUND[part])
    inside = around["branches"][0] if "branches" in around else around
    inside["steps"][1]["review"]["back"] = {"model": True}
    wrote = {**drawn.step("write", "model", **WRITES, input={"question": "'Why?'"})}
    with pytest.raises(BadDocument, match=f"no model or agent works before it in {part}"):
        drawn.publish(cast, wrote, around)


def test_within_an_item_it_goes_back_to_a_step_before_it_there(cast: Cast) -> None:
    steps = [drawn.step("inner"), asking(back={"to": ["inner"]})]
    review = waiting(cast, drawn.step("around", "map", over="[1]", steps=steps))
    decide(review, cast.rita, "sent_back", "Again.", to="inner")
    carry_out_all()
    gone = StepRun.objects.filter(superseded_at__isnull=False)
    assert sorted(gone.values_list("step__key", flat=True)) == ["inner", "say"]
    decide(Review.objects.open().get(), cast.rita)
    carry_out_all()
    assert Run.objects.get().status == "done"


def test_places_that_were_filled_are_empty_again(cast: Cast) -> None:
    rights = {"see": ["reviewer"], "start": ["admin"], "decide": ["reviewer", "manager"], "manage": ["admin"]}
    asks = asking(back=BACK, then=[{"group": "manager"}])
    review = waiting(cast, drawn.step("first"), asks, groups=rights)
    decide(review, cast.rita)
    decide(review, cast.mina, "sent_back", "Again.", to="first")
    carry_out_all()
    again = Review.objects.open().get()
    assert (again.place, again.filled, again.group.name) == (1, 0, "reviewer")


def test_a_forged_answer_sends_nothing_back(cast: Cast) -> None:
    review = waiting(cast, drawn.step("first"), asking(back=BACK, undo_seconds=60))
    decide(review, cast.rita, "sent_back", "Again.", to="first")
    held = StepRun.objects.get(step__key="say")
    StepRun.objects.filter(pk=held.pk).update(answer={**(held.answer or {}), "to": "say"}, not_before=None)
    carry_out_all()
    assert StepRun.objects.get(pk=held.pk).status == "failed"
    assert plan_of(Run.objects.get().version).by_key["say"].name == "Say"
