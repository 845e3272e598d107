"""The verifier knows by itself what may follow what; here it is held to what the engine does."""

import json
from typing import Any

import pytest

from audit.states import INVITATION_MOVES, PROPOSAL_MOVES
from audit.verifier.events import Entry
from audit.verifier.story import MOVES, Story
from reviews.states import REVIEW_MOVES


def entry(kind: str, number: object = 1, **body: Any) -> Entry:
    return Entry(0, b"", {"kind": kind, "object_id": str(number), "body": json.dumps(body, separators=(",", ":"))})


@pytest.mark.parametrize(
    ("family", "moves"), [("review", REVIEW_MOVES), ("proposal", PROPOSAL_MOVES), ("invitation", INVITATION_MOVES)]
)
def test_it_knows_the_moves_of_the_engine(family: str, moves: dict[Any, set[Any]]) -> None:
    assert MOVES[family] == {str(was): {str(to) for to in several} for was, several in moves.items()}


def told(*entries: Entry, whole: bool = True) -> list[str]:
    story = Story(whole=whole)
    return [fault for one in entries for fault in story.faults(one)]


def test_a_story_that_can_have_happened_is_believed() -> None:
    assert not told(
        entry("review.open", 5_000_000),
        entry("review.commented", 5_000_000),
        entry("review.approved", 5_000_000, was="open"),
        entry("review.open", 5_000_000, was="approved"),
        entry("review.rejected", 5_000_000, was="open"),
        entry("run.done", 1, was="running"),
        entry("review.open", 1),
        entry("review.lapsed", 1, was="open"),
    )


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ([entry("review.approved", was="open")], "nobody ever asked for it"),
        ([entry("review.open"), entry("review.open")], "begins a second time"),
        ([entry("review.open"), entry("review.approved")], "does not say from what"),
        (
            [entry("review.open"), entry("review.approved", was="open"), entry("review.rejected", was="open")],
            "and it was approved",
        ),
        ([entry("review.open"), entry("review.lapsed", was="open"), entry("review.open", was="lapsed")], "cannot be"),
        ([entry("review.open", "one")], "names no review"),
        ([entry("proposal.signed", was="open")], "nobody ever asked for it"),
    ],
)
def test_one_that_cannot_is_not(entries: list[Entry], fault: str) -> None:
    assert fault in "; ".join(told(*entries))


def test_a_part_of_a_record_may_begin_in_the_middle() -> None:
    assert not told(entry("review.approved", was="open"), whole=False)
    assert told(entry("review.approved", was="open"), entry("review.rejected", was="open"), whole=False)
