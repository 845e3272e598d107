"""Steps of kind repeat: round after round, each reading the one before, until one is good enough."""

from typing import Any

import pytest

from orchestration import documents
from orchestration.documents import BadDocument
from orchestration.models import Run, StepRun
from reviews.models import Review
from tests import tools
from tests.cast import Cast
from tests.flow.drawn import REVIEW, Spec, carry_on, output, source, start, statuses, step
from tests.flow.hands import approve, settle, take, take_one
from tests.flow.test_moving import move, newer

pytestmark = pytest.mark.django_db

WRITES = step("write", input={"word": "last == null ? 'a' : last.write.word + 'a'", "place": "round"})
LONG = "size(steps.write.word) >= 3"


def again(*steps: Spec, until: str = LONG, rounds: int = 5, **more: Any) -> Spec:
    return step("again", "repeat", until=until, rounds=rounds, steps=list(steps) or [WRITES], **more)


def asked() -> Spec:
    """What is written in a round, which somebody approves before."""
    return {**WRITES, "review": REVIEW}


def frames(run: Any, key: str) -> list[str]:
    return list(StepRun.objects.filter(run=run, step__key=key).order_by("pk").values_list("frame", flat=True))


def test_each_round_reads_the_one_before_until_one_is_good_enough(cast: Cast) -> None:
    run = carry_on(start(cast, again(), step("end", input={"word": "steps.again.outputs.write.word"})))
    assert run.status == "done"
    assert output(run, "again") == {"outputs": {"write": {"word": "aaa", "place": 3}}, "rounds": 3, "met": True}
    assert output(run, "end") == {"word": "aaa"}
    around = StepRun.objects.get(run=run, step__key="again")
    assert frames(run, "write") == [f"{around.pk}~{number}" for number in range(3)]
    assert (around.parts, around.parts_begun, around.parts_done, around.parts_failed) == (3, 3, 3, 0)


def test_after_the_last_round_it_goes_on_and_says_so(cast: Cast) -> None:
    run = carry_on(start(cast, again(rounds=2), step("end")))
    assert (run.status, output(run, "again")["met"], output(run, "again")["rounds"]) == ("done", False, 2)


def test_or_it_fails_where_it_is_to(cast: Cast) -> None:
    run = carry_on(start(cast, again(rounds=2, otherwise="fail", fallback=step("instead")), step("end")))
    assert statuses(run) == {"again": "failed", "instead": "done", "end": "done"}
    assert StepRun.objects.get(run=run, step__key="again").error == "None of its 2 rounds came to what it was to."


def test_a_round_that_fails_fails_it(cast: Cast) -> None:
    tools.failures["aa"] = 1
    run = carry_on(start(cast, again(), step("end")))
    assert run.status == "failed"
    assert StepRun.objects.get(run=run, step__key="again").error == "Round 2 failed: aa failed."


def test_a_decision_inside_goes_its_way_in_each_round(cast: Cast) -> None:
    ways = [{"name": "first", "if": "round == 1", "steps": [step("one")]}, {"name": "more", "steps": [step("two")]}]
    run = carry_on(start(cast, again(WRITES, step("which", "decision", branches=ways), rounds=2, until="false")))
    assert [len(frames(run, key)) for key in ("one", "two")] == [1, 1]
    assert set(output(run, "again")["outputs"]) == {"write", "which", "two"}


def test_a_map_inside_reads_the_last_round_of_the_repeat_around_it(cast: Cast) -> None:
    inner = step("each", "map", over="['x', 'y']", steps=[step("one", input={"word": "item", "place": "round"})])
    after = step("sum", input={"word": "'s'", "place": "last == null ? 0 : last.sum.place + size(last.each.items)"})
    run = carry_on(start(cast, again(inner, after, until="steps.sum.place == 4", rounds=9)))
    assert output(run, "again")["rounds"] == 3
    assert [item["place"] for item in output(run, "again")["outputs"]["each"]["items"]] == [3, 3]


def test_rounds_inside_rounds_have_numbers_of_their_own(cast: Cast) -> None:
    inner = step("inner", "repeat", until="round == 2", rounds=3, steps=[step("one", input={"word": "string(round)"})])
    run = carry_on(start(cast, again(inner, until="last != null", rounds=3)))
    assert output(run, "again")["rounds"] == 2
    assert len(frames(run, "one")) == 4


def test_a_person_is_asked_in_each_round(cast: Cast) -> None:
    asks = step("look", "person", review=REVIEW, input={"word": "steps.write.word"})
    run = carry_on(start(cast, again(WRITES, asks, until="round == 2")))
    for _ in range(2):
        approve(cast, Review.objects.get(status="open"))
        run = carry_on(run)
    assert (run.status, Review.objects.count()) == ("done", 2)


def test_a_large_output_is_read_in_the_next_round(cast: Cast) -> None:
    wide = step("write", input={"word": "last == null ? input.wide : last.write.word + 'b'"})
    until = "steps.write.word.endsWith('bb')"
    run = carry_on(start(cast, again(wide, until=until), given={"wide": "w" * 70_000}))
    assert run.status == "done"
    kept = StepRun.objects.get(run=run, step__key="again").output or {}
    assert set(kept) == {"$content", "size", "media_type"}


def test_what_died_between_rounds_is_taken_again_and_no_round_is_lost(cast: Cast) -> None:
    run = start(cast, again(rounds=3, until="round == 3"))
    for number in range(3):
        settle(take_one())  # the repeat begins a round
        lost = take_one("w1")
        assert lost.frame.endswith(f"~{number}")
        StepRun.objects.filter(pk=lost.pk).update(status="ready")
        again_taken = take("w2")["write"]
        assert settle(again_taken) == []
        settle(lost)  # it comes too late
    settle(take_one())
    run.refresh_from_db()
    assert run.status == "done"
    assert len(frames(run, "write")) == 3


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([again(until="steps.end.word == 'a'"), step("end")], "reads steps.end, which comes later."),
        ([again(), step("end", input={"word": "steps.write.word"})], "stands inside 'again' and cannot be seen"),
        ([again(), step("end", input={"word": "last.write.word"})], "reads 'last', which is not there."),
        ([again(rounds=21)], "21 is greater than the maximum of 20"),
        ([again(review=REVIEW)], "is a repeat: a person can decide after it"),
        ([again(step("sub", input={"word": "steps.again.rounds"}))], "which is not done before what is inside it."),
        ([step("one", fallback=again())], "stands in for another step, so it has no steps"),
        (
            [step("gate", "person", review=REVIEW, releases=["write"]), again()],
            "which stands inside 'again' and is done in each round.",
        ),
    ],
)
def test_what_cannot_be_is_told(cast: Cast, steps: list[Spec], told: str) -> None:
    with pytest.raises(BadDocument) as raised:
        documents.read(source(*steps))
    assert told in str(raised.value)


def test_a_run_in_the_middle_of_a_repeat_goes_over_where_what_is_inside_is_the_same(cast: Cast) -> None:
    run = carry_on(start(cast, again(asked(), until="false", rounds=3)))
    approve(cast, Review.objects.open().get())
    carry_on(run)
    assert len(frames(run, "write")) == 2
    inside = newer(cast, again(asked(), step("after"), until="false", rounds=3), step("end"))
    refused = move(cast, run, inside)
    assert (refused.moved, "what stands inside it is another" in refused.told) == (False, True)
    assert move(cast, run, newer(cast, again(asked(), until="false", rounds=3), step("end"))).moved
    for _ in range(2):
        approve(cast, Review.objects.open().get())
        carry_on(run)
    assert (output(run, "again")["outputs"]["write"]["word"], len(frames(run, "write"))) == ("aaa", 3)
    assert (Run.objects.get(pk=run.pk).status, statuses(run)["end"]) == ("done", "done")
