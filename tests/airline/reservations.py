"""The tools that write: booking, cancelling and changing reservations, and sending certificates."""

from typing import Any

from tests.airline import money
from tests.airline.bookings import Bookings, Record, Refused

NOW = "2024-05-15T15:00:00"
RESERVATION_IDS = ("HATHAT", "HATHAU", "HATHAV")
CERTIFICATE_IDS = ("certificate_3221322", "certificate_3221323", "certificate_3221324")


def book_reservation(
    bookings: Bookings,
    *,
    user_id: str,
    origin: str,
    destination: str,
    flight_type: str,
    cabin: str,
    flights: list[Record],
    passengers: list[Record],
    payment_methods: list[Record],
    total_baggages: int,
    nonfree_baggages: int,
    insurance: str,
) -> Record:
    """A new reservation, paid."""
    bookings.find("users", user_id, "Error: user not found")
    taken = [_seats(bookings, flight, cabin, len(passengers)) for flight in flights]
    price = sum(flight["price"] for flight in taken) * len(passengers)
    price += money.INSURANCE * len(passengers) if insurance == "yes" else 0
    price += money.BAG * nonfree_baggages
    name = next((name for name in RESERVATION_IDS if bookings.get("reservations", name) is None), "")
    if not name:
        raise Refused("Error: no reservation id is left")
    money.pay_for_booking(bookings, user_id, payment_methods, price)
    reservation: Record = {
        "reservation_id": name,
        "user_id": user_id,
        "origin": origin,
        "destination": destination,
        "flight_type": flight_type,
        "cabin": cabin,
        "flights": taken,
        "passengers": passengers,
        "payment_history": payment_methods,
        "created_at": NOW,
        "total_baggages": total_baggages,
        "nonfree_baggages": nonfree_baggages,
        "insurance": insurance,
    }
    bookings.add("reservations", name, reservation)
    bookings.own("users", user_id)["reservations"].append(name)
    return reservation


def _seats(bookings: Bookings, flight: Record, cabin: str, passengers: int) -> Record:
    """A flight as it stands in a reservation: with the cabin's price on that day, where it can be booked."""
    number, date = flight["flight_number"], flight["date"]
    found = bookings.find("flights", number, f"Error: flight {number} not found")
    on = found["dates"].get(date, {"status": "not flown"})
    if on["status"] != "available":
        raise Refused(f"Error: flight {number} not available on date {date}")
    if on["available_seats"][cabin] < passengers:
        raise Refused(f"Error: not enough seats on flight {number}")
    return _with(flight, on["prices"][cabin], found)


def _with(flight: Record, price: float, found: Record) -> Record:
    """A flight as it was asked for, in the order of its keys, with its price and its way."""
    return {**flight, "price": price, "origin": found["origin"], "destination": found["destination"]}


def cancel_reservation(bookings: Bookings, *, reservation_id: str) -> Record:
    """A reservation cancelled, with every payment given back."""
    _find(bookings, reservation_id)
    reservation = bookings.own("reservations", reservation_id)
    back = [{**paid, "amount": -paid["amount"]} for paid in reservation["payment_history"]]
    reservation["payment_history"].extend(back)
    reservation["status"] = "cancelled"
    return reservation


def _find(bookings: Bookings, name: str) -> Record:
    return bookings.find("reservations", name, "Error: reservation not found")


def update_reservation_flights(
    bookings: Bookings, *, reservation_id: str, cabin: str, flights: list[Record], payment_id: str
) -> Record:
    """A reservation on other flights, or in another cabin, the difference paid.

    What flies as before is kept at its price. The recorded tool leaves the reservation's own `cabin` as it was.
    """
    found = _find(bookings, reservation_id)
    seats = len(found["passengers"])
    taken = [_kept(found, flight, cabin) or _seats(bookings, flight, cabin, seats) for flight in flights]
    before = sum(flight["price"] for flight in found["flights"])
    price = (sum(flight["price"] for flight in taken) - before) * seats
    money.may_pay_for_change(bookings, found["user_id"], payment_id, price)
    reservation = bookings.own("reservations", reservation_id)
    reservation["flights"] = taken
    money.pay_for_change(bookings, reservation, payment_id, price)
    return reservation


def _kept(reservation: Record, flight: Record, cabin: str) -> Record | None:
    if cabin != reservation["cabin"]:
        return None
    wanted = flight["flight_number"], flight["date"]
    kept = next((had for had in reservation["flights"] if (had["flight_number"], had["date"]) == wanted), None)
    return _with(flight, kept["price"], kept) if kept else None


def update_reservation_baggages(
    bookings: Bookings, *, reservation_id: str, total_baggages: int, nonfree_baggages: int, payment_id: str
) -> Record:
    """A reservation with other baggage; bags that are no longer paid for give nothing back."""
    found = _find(bookings, reservation_id)
    price = money.BAG * max(0, nonfree_baggages - found["nonfree_baggages"])
    money.may_pay_for_change(bookings, found["user_id"], payment_id, price)
    reservation = bookings.own("reservations", reservation_id)
    reservation["total_baggages"] = total_baggages
    reservation["nonfree_baggages"] = nonfree_baggages
    money.pay_for_change(bookings, reservation, payment_id, price)
    return reservation


def update_reservation_passengers(bookings: Bookings, *, reservation_id: str, passengers: list[Record]) -> Record:
    """A reservation for other people, as many as before."""
    found = _find(bookings, reservation_id)
    if len(passengers) != len(found["passengers"]):
        raise Refused("Error: number of passengers does not match")
    reservation = bookings.own("reservations", reservation_id)
    reservation["passengers"] = passengers
    return reservation


def send_certificate(bookings: Bookings, *, user_id: str, amount: Any) -> str:
    """A certificate in the user's profile."""
    held = bookings.find("users", user_id, "Error: user not found")["payment_methods"]
    name = next((name for name in CERTIFICATE_IDS if name not in held), "")
    if not name:
        raise Refused("Error: no certificate id is left")
    certificate = {"source": "certificate", "amount": amount, "id": name}
    bookings.own("users", user_id)["payment_methods"][name] = certificate
    return f"Certificate {name} added to user {user_id} with amount {amount}."
