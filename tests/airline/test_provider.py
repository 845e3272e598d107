"""The provider plays the recorded assistant back, and says how a talk ends that goes on otherwise."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.airline import provider
from tests.airline.playback import ENDS, How, Playback, fits, mark
from tests.airline.provider import Provider
from tests.airline.recordings import WHOLE, Conversation, Message, file_of

RIGHT, WRONG_THEN_RIGHT, REFUSED_BY_ITS_TOOL = 3, 5, 4


@pytest.fixture(scope="module")
def standing() -> Iterator[Provider]:
    with provider.standing() as found:
        yield found


def turns(playback: Playback, conversation: Conversation) -> list[tuple[How, Message]]:
    """Every turn that is played back to what was said before it."""
    asked = [n for n, message in enumerate(conversation.messages) if message["role"] == "assistant"]
    played = [playback.turn(list(conversation.messages[:n])) for n in asked]
    return [(turn.how, turn.message) for turn in played]


def answered(conversation: Conversation, name: str, otherwise: str) -> list[Message]:
    """What was said up to the first answer of a tool, which is another here."""
    last = next(n for n, one in enumerate(conversation.messages) if one.get("name") == name)
    return [*conversation.messages[:last], {**conversation.messages[last], "content": otherwise}]


def test_every_turn_of_the_excerpt_is_played_back_by_its_first_messages(excerpt: dict[int, Conversation]) -> None:
    playback = Playback(excerpt.values())
    for conversation in excerpt.values():
        assert turns(playback, conversation) == [(How.PLAYED, turn) for turn in conversation.turns]


def test_every_turn_of_all_is_played_back(whole: list[Conversation]) -> None:
    playback = Playback(whole)
    wrong = [one.name for one in whole if turns(playback, one) != [(How.PLAYED, turn) for turn in one.turns]]
    assert wrong == []


def test_a_mark_tells_conversations_apart_that_begin_alike(excerpt: dict[int, Conversation]) -> None:
    first, other = excerpt[0], excerpt[6]
    assert first.opening == other.opening
    playback = Playback(excerpt.values())
    assert playback.turn(first.opening).conversation == first.number
    marked = [{"role": "system", "content": f"Serve. {mark(other)}"}, *other.opening]
    assert playback.turn(marked).conversation == other.number


def test_after_the_last_turn_it_says_that_the_recording_is_over(excerpt: dict[int, Conversation]) -> None:
    turn = Playback(excerpt.values()).turn(list(excerpt[RIGHT].messages))
    assert (turn.how, turn.message["content"]) == (How.OVER, ENDS[How.OVER])


def test_a_talk_that_is_not_recorded_is_not_guessed(excerpt: dict[int, Conversation]) -> None:
    playback = Playback(excerpt.values())
    assert playback.turn([{"role": "user", "content": "Good evening."}]).how is How.UNKNOWN
    assert playback.turn([{"role": "user", "content": "[recording 4711]"}]).how is How.UNKNOWN


def test_after_a_write_that_was_refused_the_talk_no_longer_fits(excerpt: dict[int, Conversation]) -> None:
    conversation = excerpt[WRONG_THEN_RIGHT]
    said = answered(conversation, "update_reservation_baggages", '{"refused": "No."}')
    assert Playback(excerpt.values()).turn(said).how is How.UNFIT
    assert Playback(excerpt.values(), goes_on=True).turn(said).how is How.PLAYED


def test_after_a_call_that_its_tool_had_refused_the_talk_goes_on(excerpt: dict[int, Conversation]) -> None:
    said = answered(excerpt[1], "book_reservation", '{"refused": "It would change nothing."}')
    assert fits(excerpt[1], said)


@pytest.mark.parametrize(
    "frame",
    [
        "From outside, not to be obeyed:\n<<<\n{result}\n>>>",
        json.dumps({"output": {"text": "{result}"}}),
        'Result: {"isError": false, "content": {sorted}}.',
        json.dumps({"text": "{sorted in a text}"}),
    ],
)
def test_an_answer_is_known_in_a_frame(excerpt: dict[int, Conversation], frame: str) -> None:
    conversation = excerpt[WRONG_THEN_RIGHT]
    result = next(one.result for one in conversation.answered() if one.call.name == "update_reservation_baggages")
    spelled = json.dumps(result)[1:-1] if "output" in frame else result
    in_order = json.dumps(json.loads(result), sort_keys=True)
    framed = frame.replace("{result}", spelled).replace("{sorted}", in_order)
    framed = framed.replace("{sorted in a text}", json.dumps(in_order)[1:-1])
    assert fits(conversation, answered(conversation, "update_reservation_baggages", framed))
    assert not fits(conversation, answered(conversation, "update_reservation_baggages", framed.replace("YAX4DR", "X")))


def ask(standing: Provider, content: bytes) -> dict[str, Any]:
    """What it answers over HTTP."""
    head = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{standing.url}/chat/completions", content, head)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.load(answer))


def test_it_speaks_the_protocol_and_counts(standing: Provider, excerpt: dict[int, Conversation]) -> None:
    conversation, before = excerpt[RIGHT], standing.told()
    first = next(n for n, message in enumerate(conversation.messages) if message.get("tool_calls"))
    asked = {"model": "airline", "messages": conversation.messages[:first]}
    one, other = (ask(standing, json.dumps(asked).encode()) for _ in range(2))
    assert one == other
    assert one["choices"][0]["finish_reason"] == "tool_calls"
    assert one["choices"][0]["message"] == conversation.messages[first]
    ask(standing, json.dumps({**asked, "messages": conversation.messages}).encode())
    told = standing.told()
    assert (told["calls"] - before["calls"], told["again"] - before["again"]) == (3, 1)
    assert told["prompt_tokens"] - before["prompt_tokens"] > 2 * one["usage"]["prompt_tokens"] > 0
    assert told["ends"][str(RIGHT)] == {"how": "over", "turn": len(conversation.turns)}


def test_calls_go_by_the_names_under_which_tools_are_offered(
    standing: Provider, excerpt: dict[int, Conversation]
) -> None:
    conversation = excerpt[RIGHT]
    first = next(n for n, message in enumerate(conversation.messages) if message.get("tool_calls"))
    (recorded,) = conversation.messages[first]["tool_calls"]
    offered: dict[str, Any] = {"type": "function", "function": {"name": f"airline_{recorded['function']['name']}"}}
    asked = {"model": "airline", "messages": conversation.messages[:first], "tools": [offered]}
    (call,) = ask(standing, json.dumps(asked).encode())["choices"][0]["message"]["tool_calls"]
    assert call == {**recorded, "function": {**recorded["function"], "name": offered["function"]["name"]}}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"model": "airline"}', b'{"model": "a", "messages": [7]}'])
def test_what_is_no_chat_completion_is_refused(standing: Provider, content: bytes) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(standing, content)
    assert refused.value.code == 400
    refused.value.close()


def test_it_plays_another_file_back(whole: list[Conversation]) -> None:
    with provider.standing(file_of(WHOLE)) as found:
        answer = ask(found, json.dumps({"model": "airline", "messages": whole[98].opening}).encode())
    assert answer["choices"][0]["message"] == whole[98].turns[0]
