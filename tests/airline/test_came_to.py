"""What is said of a round sees what is wrong with it."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from audit.canonical import digest
from tests.airline import __main__ as command
from tests.airline import came_to, desk, judged, promised
from tests.airline.bookings import fresh
from tests.airline.came_to import IDLE, RIGHT, WRONG, Record
from tests.airline.recordings import EXCERPT, Call, Conversation
from tests.airline.rounds import KINDS

KEY, STEP, TOOL = "run-1-step-serve-airline_cancel_reservation-item-1-3", 3, "airline.cancel_reservation@2"
CANCEL = Call("cancel_reservation", {"reservation_id": "K1NW8N"})
WRONG_THEN_RIGHT = 5
GATE, GOES_ON, NO_GATE, _ = KINDS


def record(call: Call = CANCEL, *, acted: bool = True, approved: bool = True) -> Record:
    """A record in which one call stands."""
    content = {"tool": TOOL, "arguments": call.arguments}
    acting = {KEY: (STEP, TOOL)} if acted else {}
    return Record({}, {}, {}, acting, {STEP: digest(content)} if approved else {})


def row(call: Call, pk: int = STEP) -> Any:
    """The step run of a call."""
    step = SimpleNamespace(spec={"tool": f"airline.{call.name}"})
    return SimpleNamespace(pk=pk, step=step, given={"arguments": call.arguments}, status="done", output={})


def test_what_a_person_approved_and_no_more_counts_as_approved() -> None:
    assert record().approves(KEY, CANCEL)
    assert not record().approves(KEY, Call(CANCEL.name, {"reservation_id": "ANOTHER"}))
    assert not record().approves("another key", CANCEL)
    assert not record(acted=False).approves(KEY, CANCEL)
    assert not record(approved=False).approves(KEY, CANCEL)


def test_a_write_that_is_none_of_the_open_ones_is_wrong_whoever_approved_it(excerpt: dict[int, Conversation]) -> None:
    conversation = excerpt[WRONG_THEN_RIGHT]
    asked, wrong, lost = came_to.judge(conversation, [row(CANCEL)], record(), {KEY: CANCEL}, EXCERPT)
    assert (asked, wrong, lost) == ({WRONG: 1}, [KEY], [])


def test_a_right_write_counts_once(excerpt: dict[int, Conversation]) -> None:
    conversation = excerpt[WRONG_THEN_RIGHT]
    (expected,) = judged.writes(conversation.expected)
    other = Record({}, {}, {}, {KEY: (STEP, TOOL), "again": (STEP + 1, TOOL)}, {})
    rows, made = [row(expected), row(expected, STEP + 1)], {KEY: expected, "again": expected}
    asked, wrong, _ = came_to.judge(conversation, rows, other, made, EXCERPT)
    assert asked[RIGHT] == 1
    assert wrong == ["again"]


def test_an_approved_write_that_never_came_is_lost(excerpt: dict[int, Conversation]) -> None:
    nothing = Call("cancel_reservation", {"reservation_id": "NONE00"})
    rows = [row(CANCEL), row(nothing, STEP + 1)]
    asked, _, lost = came_to.judge(excerpt[WRONG_THEN_RIGHT], rows, record(), {}, EXCERPT)
    assert asked == {WRONG: 1, IDLE: 1}
    assert lost == [f"cancel_reservation of step run {STEP}"]


def test_a_round_is_held_to_what_the_recorded_calls_leave_in_it(excerpt: dict[int, Conversation]) -> None:
    conversation = excerpt[WRONG_THEN_RIGHT]
    right = judged.expected_end(conversation).changed()
    assert promised.expected(conversation, GOES_ON, EXCERPT) == right
    assert promised.expected(conversation, GATE, EXCERPT) == {}
    assert promised.expected(conversation, NO_GATE, EXCERPT) == judged.recorded_end(conversation).changed()


@pytest.mark.parametrize("order", [False, True])
def test_an_answer_is_the_recorded_one_whatever_the_order_of_its_names(*, order: bool) -> None:
    text = desk.answer(fresh(), CANCEL).text
    told = json.loads(text)
    turned = dict(reversed(told.items())) if order else told
    held = SimpleNamespace(status="done", output={"text": json.dumps(turned)})
    assert came_to.is_as_recorded(held, text)
    assert not came_to.is_as_recorded(SimpleNamespace(status="done", output={"text": "{}"}), text)


def test_the_command_knows_each_round() -> None:
    assert tuple(kind.name for kind in KINDS) == command.ROUNDS
