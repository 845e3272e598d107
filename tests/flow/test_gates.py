"""Gates: a person releases later steps. What was shown is exactly what is done, or nothing is."""

from copy import deepcopy
from typing import Any

import pytest

from audit.actors import person
from orchestration import control
from orchestration.models import Run, StepRun
from orchestration.tools import TOOLS
from reviews.models import Review
from tests import tools
from tests.cast import Cast
from tests.flow.drawn import REVIEW, Spec, carry_on, start, statuses, step
from tests.flow.hands import approve, reject, settle, take_one

PAY = step("pay", tool="test.keyed", input={"word": "'pay ' + input.who", "sum": "steps.sum.word"})
TELL = step("tell", input={"word": "'tell ' + input.who"})


def gate(*releases: str, **more: Any) -> Spec:
    return step("gate", "person", review=deepcopy(REVIEW), releases=list(releases), **more)


def at_the_gate(cast: Cast, **given: Any) -> Run:
    """A run whose gate asks whether to pay and to tell."""
    steps = (step("sum"), gate("pay", "tell"), PAY, TELL, step("end"))
    return carry_on(start(cast, *steps, given={"who": "Ada", **given}))


def called() -> list[str]:
    return [arguments["word"] for _, arguments, _ in tools.calls]


def test_it_shows_what_would_be_done(cast: Cast) -> None:
    at_the_gate(cast)
    assert Review.objects.get().content["releases"] == {
        "pay": {"tool": "test.keyed@1", "arguments": {"word": "pay Ada", "sum": "sum"}},
        "tell": {"tool": "test.say@1", "arguments": {"word": "tell Ada"}},
    }
    assert called() == ["sum"]


def test_it_does_exactly_that_once_it_is_released(cast: Cast) -> None:
    run = at_the_gate(cast)
    approve(cast, Review.objects.get())
    assert carry_on(run).status == "done"
    assert [(name, arguments) for name, arguments, _ in tools.calls[1:3]] == [
        ("say", {"word": "pay Ada", "sum": "sum"}),
        ("say", {"word": "tell Ada"}),
    ]


def test_it_shows_its_own_input_beside_it(cast: Cast) -> None:
    carry_on(start(cast, gate("tell", input={"note": "'Please look.'"}), TELL, given={"who": "Ada"}))
    assert Review.objects.get().content["note"] == "Please look."


def test_it_does_nothing_that_was_rejected(cast: Cast) -> None:
    run = at_the_gate(cast)
    reject(cast, Review.objects.get())
    assert carry_on(run).status == "done"
    assert called() == ["sum", "end"]
    assert statuses(run)["pay"] == "done"
    assert StepRun.objects.get(step__key="pay").output == {"verdict": "rejected", "edited": False}


def test_it_refuses_what_has_changed_since_it_was_shown(cast: Cast) -> None:
    run = at_the_gate(cast)
    approve(cast, Review.objects.get())
    settle(take_one())
    StepRun.objects.filter(step__key="sum").update(output={"word": "a thousand"})
    assert carry_on(run).status == "failed"
    assert called() == ["sum"]
    assert "is not what Gate released" in StepRun.objects.get(step__key="pay").error


def test_it_refuses_another_version_of_the_tool(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run = at_the_gate(cast)
    approve(cast, Review.objects.get())
    monkeypatch.setattr(type(TOOLS["test.keyed"]), "reference", "test.keyed@2")
    assert carry_on(run).status == "failed"
    assert called() == ["sum"]


def test_it_does_what_was_edited_at_the_gate(cast: Cast) -> None:
    run = at_the_gate(cast)
    releases = deepcopy(Review.objects.get().content["releases"])
    releases["pay"]["arguments"]["sum"] = "less"
    approve(cast, Review.objects.get(), releases=releases)
    assert carry_on(run).status == "done"
    assert tools.calls[1][1] == {"word": "pay Ada", "sum": "less"}


def test_it_lets_no_edit_choose_another_tool(cast: Cast) -> None:
    run = at_the_gate(cast)
    releases = deepcopy(Review.objects.get().content["releases"])
    releases["tell"]["tool"] = "test.unsafe@1"
    approve(cast, Review.objects.get(), releases=releases)
    assert carry_on(run).status == "failed"
    assert called() == ["sum", "pay Ada"]


def test_it_refuses_an_answer_that_the_record_does_not_hold(cast: Cast) -> None:
    run = at_the_gate(cast)
    approve(cast, Review.objects.get())
    asked = StepRun.objects.get(step__key="gate")
    assert asked.answer is not None
    asked.answer["content"]["releases"]["pay"]["arguments"]["sum"] = "more"
    StepRun.objects.filter(pk=asked.pk).update(answer=asked.answer)
    assert carry_on(run).status == "failed"
    assert called() == ["sum"]


def test_it_does_nothing_where_the_gate_was_cancelled(cast: Cast) -> None:
    steps = (gate("tell", fallback=step("instead")), TELL)
    run = carry_on(start(cast, *steps, given={"who": "Ada"}))
    control.cancel_step(StepRun.objects.get(), actor=person(cast.adam))
    assert carry_on(run).status == "failed"
    assert called() == ["instead"]
    assert "has not released this" in StepRun.objects.get(step__key="tell").error


def test_it_asks_once_for_each_item_of_a_map(cast: Cast) -> None:
    tell = step("tell", input={"word": "'tell ' + item"})
    run = carry_on(start(cast, step("each", "map", over="['Ada', 'Ben']", steps=[gate("tell"), tell])))
    ada, ben = Review.objects.order_by("pk")
    assert ben.content["releases"]["tell"]["arguments"] == {"word": "tell Ben"}
    reject(cast, ada)
    approve(cast, ben)
    assert carry_on(run).status == "done"
    assert called() == ["tell Ben"]


def test_it_asks_about_something_large(cast: Cast) -> None:
    run = at_the_gate(cast, who="A" * 70_000)
    approve(cast, Review.objects.get())
    assert carry_on(run).status == "done"
    assert len(called()[1]) == 70_004


def test_it_asks_after_something_large(cast: Cast) -> None:
    after = step("say", input={"word": "input.who"}, review={**deepcopy(REVIEW), "when": "after"})
    run = carry_on(start(cast, after, given={"who": "A" * 70_000}))
    approve(cast, Review.objects.get())
    assert carry_on(run).status == "done"
