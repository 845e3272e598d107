"""Adding, copying, moving and removing steps in a text."""

from pathlib import Path

import pytest

from orchestration import documents
from orchestration.documents.loading import load
from orchestration.documents.outline import walk
from orchestration.editing import skeletons, steps
from orchestration.editing.steps import CannotChange
from tests.orchestration.drafting import EVERY_KIND

SAMPLE = Path("orchestration/templates/answer_a_customer.yaml").read_text()


def keys(source: str) -> list[str]:
    """The keys of all steps, as they stand."""
    return [placed.key for placed in walk(documents.sketch(source).document)]


@pytest.mark.parametrize("kind", list(skeletons.NAMES))
def test_a_step_of_each_kind_can_be_added(kind: str) -> None:
    made = steps.add(SAMPLE, kind, "after:triage")
    assert keys(made.source)[:2] == ["triage", made.key]
    assert made.source.startswith(SAMPLE[: SAMPLE.index("  - key: draft")])
    spec = load(made.source).value["steps"][1]
    assert (spec["owner"], spec["permission"]["run"]) == ({"user": "adam"}, ["owner", "admin"])


def test_a_step_can_be_added_at_every_place() -> None:
    for place in steps.places(EVERY_KIND):
        made = steps.add(EVERY_KIND, "tool", place.key)
        assert set(keys(made.source)) == {*keys(EVERY_KIND), made.key}


def test_a_fallback_and_a_compensation_stand_beside_their_step() -> None:
    made = steps.add(SAMPLE, "person", "fallback:triage")
    assert load(made.source).value["steps"][0]["fallback"]["key"] == made.key
    undo = steps.add(SAMPLE, "tool", "compensate:send")
    assert load(undo.source).value["steps"][2]["compensate"]["key"] == undo.key
    with pytest.raises(CannotChange):
        steps.add(made.source, "tool", f"compensate:{made.key}")


def test_a_copy_has_keys_of_its_own_for_all_that_is_inside() -> None:
    outer = next(placed for placed in walk(documents.sketch(EVERY_KIND).document) if placed.spec["kind"] == "parallel")
    made = steps.copy(EVERY_KIND, outer.key)
    found = keys(made.source)
    assert len(found) == len(set(found)) > len(keys(EVERY_KIND)) + 1


def test_a_step_moves_up_and_down_and_stays_in_its_words() -> None:
    down = steps.move(SAMPLE, "triage", steps.DOWN)
    assert keys(down.source)[:2] == ["draft", "triage"]
    assert steps.move(down.source, "triage", steps.UP).source.split() == SAMPLE.split()
    with pytest.raises(CannotChange):
        steps.move(SAMPLE, "triage", steps.UP)


def test_past_the_end_of_a_branch_it_moves_out() -> None:
    placed = next(p for p in walk(documents.sketch(EVERY_KIND).document) if "branches" in p.path and p.depth == 1)
    made = EVERY_KIND
    for _ in range(10):
        made = steps.move(made, placed.key, steps.DOWN).source
        now = next(p for p in walk(documents.sketch(made).document) if p.key == placed.key)
        if now.depth == 0:
            break
    assert now.depth == 0


def test_nothing_moves_into_itself() -> None:
    outer = next(p for p in walk(documents.sketch(EVERY_KIND).document) if p.spec["kind"] == "decision")
    with pytest.raises(CannotChange):
        steps.move(EVERY_KIND, outer.key, f"in:{outer.key}:0")


def test_the_only_step_stays() -> None:
    alone = SAMPLE
    for key in ("draft", "send", "outcome"):
        alone = steps.remove(alone, key).source
    with pytest.raises(CannotChange):
        steps.remove(alone, "triage")


def test_a_place_that_is_gone_is_told() -> None:
    with pytest.raises(CannotChange):
        steps.move(SAMPLE, "triage", "after:nothing")
