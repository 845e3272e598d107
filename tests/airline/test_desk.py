"""The airline's desk answers as it was recorded, and a refusal changes nothing."""

from typing import Any

import pytest

from tests.airline import desk
from tests.airline.bookings import Bookings, fresh
from tests.airline.figures import Plain
from tests.airline.judged import after, expected_end
from tests.airline.recordings import WHOLE, Call, Conversation

MIA = "mia_li_3668"
BOOKING: dict[str, Any] = {
    "user_id": MIA,
    "origin": "JFK",
    "destination": "SEA",
    "flight_type": "one_way",
    "cabin": "economy",
    "flights": [{"flight_number": "HAT069", "date": "2024-05-20"}],
    "passengers": [{"first_name": "Mia", "last_name": "Li", "dob": "1990-04-05"}],
    "payment_methods": [{"payment_id": "certificate_7504069", "amount": 121}],
    "total_baggages": 0,
    "nonfree_baggages": 0,
    "insurance": "no",
}


def said(bookings: Bookings, name: str, **arguments: Any) -> str:
    return desk.answer(bookings, Call(name, arguments)).text


def test_it_answers_every_recorded_call_of_the_excerpt_word_for_word(excerpt: dict[int, Conversation]) -> None:
    for conversation in excerpt.values():
        bookings = fresh()
        for recorded in conversation.answered():
            assert desk.answer(bookings, recorded.call).text == recorded.result, conversation.name


def test_it_answers_all_621_recorded_calls_word_for_word(played: list[tuple[Conversation, Plain]]) -> None:
    assert [(conversation.name, found.unlike) for conversation, found in played if found.unlike] == []
    assert sum(found.calls for _, found in played) == 621


def test_the_expected_bookings_have_the_recorded_fingerprints(whole: list[Conversation]) -> None:
    told = {conversation.task: conversation for conversation in whole if conversation.fingerprint}
    assert {task: expected_end(one, WHOLE).fingerprint() for task, one in told.items()} == {
        task: one.fingerprint for task, one in told.items()
    }
    assert len(told) == 22


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"user_id": "nobody"}, "Error: user not found"),
        ({"flights": [{"flight_number": "HAT999", "date": "2024-05-20"}]}, "Error: flight HAT999 not found"),
        (
            {"flights": [{"flight_number": "HAT069", "date": "2024-06-20"}]},
            "Error: flight HAT069 not available on date 2024-06-20",
        ),
        ({"passengers": BOOKING["passengers"] * 13}, "Error: not enough seats on flight HAT069"),
        (
            {"payment_methods": [{"payment_id": "certificate_4856383", "amount": 121}]},
            "Error: not enough balance in payment method certificate_4856383",
        ),
        ({"insurance": "yes"}, "Error: payment amount does not add up, total price is 151, but paid 121"),
        ({"insurance": "perhaps"}, "Error: 'perhaps' is not one of ['yes', 'no']"),
        ({"seat": "12A"}, "Error: book_reservation() got an unexpected keyword argument 'seat'"),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(wrong: dict[str, Any], sentence: str) -> None:
    bookings = fresh()
    answer = desk.answer(bookings, Call("book_reservation", {**BOOKING, **wrong}))
    assert (answer.text, answer.refused, answer.changed) == (sentence, True, False)
    assert bookings.changed() == {}


def test_a_booking_uses_the_certificate_up_and_stands_in_the_profile() -> None:
    bookings = fresh()
    assert '"reservation_id": "HATHAT"' in said(bookings, "book_reservation", **BOOKING)
    user = bookings.find("users", MIA, "")
    assert "certificate_7504069" not in user["payment_methods"]
    assert user["reservations"][-1] == "HATHAT"


def test_a_second_booking_gets_the_next_name() -> None:
    paid = {"payment_methods": [{"payment_id": "credit_card_4421486", "amount": 121}]}
    bookings = after([Call("book_reservation", {**BOOKING, **paid})] * 2)
    assert [name for _, name in bookings.changed() if name.startswith("HAT")] == ["HATHAT", "HATHAU"]


def test_copies_do_not_change_one_another() -> None:
    one = fresh()
    other = one.copy()
    said(one, "book_reservation", **BOOKING)
    assert other.changed() == {}
    assert fresh().changed() == {}


def test_a_cancelled_reservation_gives_every_payment_back() -> None:
    bookings = fresh()
    answered = said(bookings, "cancel_reservation", reservation_id="K1NW8N")
    assert '"amount": 567}, {"payment_id": "gift_card_6136092", "amount": -567}' in answered
    assert answered.endswith('"status": "cancelled"}')


def test_other_passengers_are_as_many_as_before() -> None:
    refused = said(fresh(), "update_reservation_passengers", reservation_id="K1NW8N", passengers=BOOKING["passengers"])
    assert refused == "Error: number of passengers does not match"


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("(364 + 210.5) * 2", "1149.0"),
        ("-2 / 3", "-0.67"),
        ("1 / 0", "Error: division by zero"),
        ("2 ** 9", "Error: not a sum of numbers"),
        ("().__class__", "Error: invalid characters in expression"),
    ],
)
def test_a_sum_is_worked_out_and_nothing_else(expression: str, result: str) -> None:
    assert said(fresh(), "calculate", expression=expression) == result


def test_every_declared_tool_is_there_and_airports_have_names() -> None:
    assert len(desk.TOOLS) == 14
    assert '"LGA": "LaGuardia"' in said(fresh(), "list_all_airports")
    assert said(fresh(), "fly") == "Unknown action fly"
