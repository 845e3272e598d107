"""A write is right by what it does to the bookings, and a conversation by how they end."""

from dataclasses import replace

from tests.airline import figures, judged
from tests.airline.bookings import fresh
from tests.airline.figures import Plain
from tests.airline.recordings import Call, Conversation

WRONG_THEN_RIGHT, THREE_CHANGES = 5, 3


def test_a_reviewer_approves_what_does_the_same_however_it_is_spelled(excerpt: dict[int, Conversation]) -> None:
    conversation = excerpt[THREE_CHANGES]
    expected = judged.writes(conversation.expected)[0]
    flights = [{"origin": "?", **flight} for flight in expected.arguments["flights"]]
    asked = Call(expected.name, {**expected.arguments, "flights": flights})
    assert asked != expected
    assert judged.Reviewer(conversation).decide(asked).approved


def test_a_reviewer_approves_each_open_write_once(excerpt: dict[int, Conversation]) -> None:
    reviewer = judged.Reviewer(excerpt[THREE_CHANGES])
    said = [reviewer.decide(call).approved for call in judged.writes(excerpt[THREE_CHANGES].expected)]
    assert said == [True, True, True]
    assert not any(reviewer.decide(call).approved for call in judged.writes(excerpt[THREE_CHANGES].expected))
    assert reviewer.bookings.changed() == judged.expected_end(excerpt[THREE_CHANGES]).changed()


def test_a_reviewer_refuses_what_would_change_nothing_and_says_so(excerpt: dict[int, Conversation]) -> None:
    verdict = judged.Reviewer(excerpt[0]).decide(Call("cancel_reservation", {"reservation_id": "NONE00"}))
    assert verdict == judged.Verdict(False, "It would change nothing: Error: reservation not found")


def test_an_open_write_that_would_change_nothing_is_like_no_other() -> None:
    nothing = Call("cancel_reservation", {"reservation_id": "NONE00"})
    assert judged.matching(fresh(), nothing, [nothing]) is None


def test_reads_are_never_matched() -> None:
    read = Call("get_user_details", {"user_id": "mia_li_3668"})
    assert judged.matching(fresh(), read, [read]) is None


def test_the_gate_makes_a_conversation_with_a_wrong_write_end_right(excerpt: dict[int, Conversation]) -> None:
    conversation = excerpt[WRONG_THEN_RIGHT]
    found, past = figures.plain(conversation), figures.gated(conversation)
    assert (found.wrong, found.right, found.ends_right) == (1, 1, False)
    assert (past.approved, past.approved_till_unfit, past.ends_right, past.ends_right_till_unfit) == (1, 0, True, False)


def test_differences_are_named(excerpt: dict[int, Conversation]) -> None:
    ended, should = (end(excerpt[0]).changed() for end in (judged.recorded_end, judged.expected_end))
    assert judged.differences(ended, should) == ["reservations HATHAT: payment_history, nonfree_baggages differ"]
    assert judged.differences({}, should)[0] == "reservations HATHAT: not changed"
    assert judged.differences(ended, ended) == []


def test_the_bookings_of_the_excerpt_end_as_its_rewards_say(excerpt: dict[int, Conversation]) -> None:
    ends = {number: figures.plain(conversation).ends_right for number, conversation in excerpt.items()}
    assert ends == {number: conversation.reward == 1 for number, conversation in excerpt.items()}


def test_the_bookings_of_all_end_as_their_rewards_say_but_for_one(played: list[tuple[Conversation, Plain]]) -> None:
    named = {one.name: why for one, found in played if (why := figures.unlike_its_reward(one, found))}
    assert named == {
        "task 2, trial 1": "The bookings end right; the recording stopped at its limit and was never scored."
    }
    assert sum(found.asked for _, found in played) == 149
    assert sum(found.word_for_word for _, found in played) == 37
    assert sum(found.right for _, found in played) == 38
    assert sum(found.refused for _, found in played) == 63
    assert sum(found.wrong for _, found in played) == 46


def test_what_had_to_be_said_as_well_is_named(excerpt: dict[int, Conversation]) -> None:
    right = replace(excerpt[2], reward=0.0, outputs=("327",))
    found = figures.plain(right)
    assert figures.unlike_its_reward(right, found) == "The bookings end right; 327 had to be said as well."
