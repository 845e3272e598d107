"""The airline's desk: the 14 tools by name, and what each answers in words."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.airline import lookups, reservations, sums
from tests.airline.bookings import Bookings, Effect, Refused
from tests.airline.recordings import Call, declared


def think(bookings: Bookings, *, thought: str) -> str:
    """Nothing: a thought is only written down."""
    return ""


def transfer_to_human_agents(bookings: Bookings, *, summary: str) -> str:
    """The customer is somebody else's from here."""
    return "Transfer successful"


WRITES: dict[str, Callable[..., Any]] = {
    tool.__name__: tool
    for tool in (
        reservations.book_reservation,
        reservations.cancel_reservation,
        reservations.send_certificate,
        reservations.update_reservation_baggages,
        reservations.update_reservation_flights,
        reservations.update_reservation_passengers,
    )
}
READS: dict[str, Callable[..., Any]] = {
    tool.__name__: tool
    for tool in (
        sums.calculate,
        lookups.get_reservation_details,
        lookups.get_user_details,
        lookups.list_all_airports,
        lookups.search_direct_flight,
        lookups.search_onestop_flight,
        think,
        transfer_to_human_agents,
    )
}
TOOLS = {**READS, **WRITES}


@dataclass(frozen=True)
class Answer:
    """What a tool answered, in words; whether it refused, and whether the bookings are other than before."""

    text: str
    refused: bool = False
    changed: bool = False


@cache
def _fits(name: str) -> Draft202012Validator:
    return Draft202012Validator(next(tool["parameters"] for tool in declared() if tool["name"] == name))


def answer(bookings: Bookings, call: Call) -> Answer:
    """Do what a call asks; a refusal changes nothing."""
    if call.name not in TOOLS:
        return Answer(f"Unknown action {call.name}", refused=True)
    wrong = next(iter(_fits(call.name).iter_errors(call.arguments)), None)
    if wrong:
        return Answer(f"Error: {wrong.message}", refused=True)
    tried = bookings.copy()
    try:
        said = TOOLS[call.name](tried, **copy.deepcopy(call.arguments))
    except Refused as refused:
        return Answer(str(refused), refused=True)
    except TypeError as unknown:
        return Answer(f"Error: {unknown}", refused=True)
    text, changed = said if isinstance(said, str) else json.dumps(said), bool(tried.since(bookings))
    bookings.become(tried)
    return Answer(text, changed=changed)


def effect(bookings: Bookings, call: Call) -> Effect:
    """The records that a call would change, as it would leave them; the bookings stay as they are."""
    tried = bookings.copy()
    answer(tried, call)
    return tried.since(bookings)
