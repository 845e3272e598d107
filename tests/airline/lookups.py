"""The tools that only read: users, reservations, airports and flights."""

import datetime
from collections.abc import Iterator

from tests.airline.bookings import Bookings, Record

AIRPORTS = {
    "SFO": "San Francisco",
    "JFK": "New York",
    "LAX": "Los Angeles",
    "ORD": "Chicago",
    "DFW": "Dallas",
    "DEN": "Denver",
    "SEA": "Seattle",
    "ATL": "Atlanta",
    "MIA": "Miami",
    "BOS": "Boston",
    "PHX": "Phoenix",
    "IAH": "Houston",
    "LAS": "Las Vegas",
    "MCO": "Orlando",
    "EWR": "Newark",
    "CLT": "Charlotte",
    "MSP": "Minneapolis",
    "DTW": "Detroit",
    "PHL": "Philadelphia",
    "LGA": "LaGuardia",
}


def get_user_details(bookings: Bookings, *, user_id: str) -> Record:
    """A user's profile."""
    return bookings.find("users", user_id, "Error: user not found")


def get_reservation_details(bookings: Bookings, *, reservation_id: str) -> Record:
    """A reservation."""
    return bookings.find("reservations", reservation_id, "Error: reservation not found")


def list_all_airports(bookings: Bookings) -> dict[str, str]:
    """Every airport and its city."""
    return AIRPORTS


def search_direct_flight(bookings: Bookings, *, origin: str, destination: str, date: str) -> list[Record]:
    """Every flight between two airports that can be booked on that day."""
    way = (origin, destination)
    return [_on(flight, date) for flight in _bookable(bookings, date) if _way(flight) == way]


def search_onestop_flight(bookings: Bookings, *, origin: str, destination: str, date: str) -> list[list[Record]]:
    """Every pair of flights with one stop; the second leaves on the day the first arrives, and not before it.

    The recorded tool tells the second's seats and prices on the day of the first, also where it leaves on the next.
    """
    pairs = []
    for first in _bookable(bookings, date):
        if first["origin"] != origin:
            continue
        arrives = first["scheduled_arrival_time_est"]
        then = day_after(date) if "+1" in arrives else date
        for second in _bookable(bookings, then):
            meets = _way(second) == (first["destination"], destination)
            if meets and arrives <= second["scheduled_departure_time_est"] and _status(second, date) == "available":
                pairs.append([{**_on(first, date), "date": date}, {**_on(second, date), "date": then}])
    return pairs


def day_after(date: str) -> str:
    """The next day."""
    return str(datetime.date.fromisoformat(date) + datetime.timedelta(days=1))


def _bookable(bookings: Bookings, date: str) -> Iterator[Record]:
    for _, flight in bookings.all("flights"):
        if _status(flight, date) == "available":
            yield flight


def _way(flight: Record) -> tuple[str, str]:
    return flight["origin"], flight["destination"]


def _status(flight: Record, date: str) -> str:
    return str(flight["dates"].get(date, {}).get("status", ""))


def _on(flight: Record, date: str) -> Record:
    """A flight and what it is on one day."""
    return {**{key: value for key, value in flight.items() if key != "dates"}, **flight["dates"][date]}
