"""How what is bought gets paid, and what is paid back."""

from typing import Any

from tests.airline.bookings import Bookings, Record, Refused

BAG = 50
INSURANCE = 30


def pay_for_booking(bookings: Bookings, user_id: str, payments: list[dict[str, Any]], price: float) -> None:
    """Take a new reservation's price: each payment must be covered, and together they must come to it exactly."""
    methods = bookings.find("users", user_id, "Error: user not found")["payment_methods"]
    for payment in payments:
        name, amount = payment["payment_id"], payment["amount"]
        if name not in methods:
            raise Refused(f"Error: payment method {name} not found")
        if methods[name]["source"] in ("gift_card", "certificate") and methods[name]["amount"] < amount:
            raise Refused(f"Error: not enough balance in payment method {name}")
    paid = sum(payment["amount"] for payment in payments)
    if paid != price:
        raise Refused(f"Error: payment amount does not add up, total price is {price}, but paid {paid}")
    own = bookings.own("users", user_id)["payment_methods"]
    for payment in payments:
        _take(own, payment["payment_id"], payment["amount"])


def _take(methods: dict[str, Record], name: str, amount: float) -> None:
    """A certificate is used up whatever is left on it; a credit card has no balance here."""
    if methods[name]["source"] == "gift_card":
        methods[name]["amount"] -= amount
    elif methods[name]["source"] == "certificate":
        del methods[name]


def may_pay_for_change(bookings: Bookings, user_id: str, name: str, price: float) -> None:
    """`Refused` where a payment method cannot pay a change of a reservation, or take its refund."""
    methods = bookings.find("users", user_id, "Error: user not found")["payment_methods"]
    if name not in methods:
        raise Refused("Error: payment method not found")
    if methods[name]["source"] == "certificate":
        raise Refused("Error: certificate cannot be used to update reservation")
    if methods[name]["source"] == "gift_card" and methods[name]["amount"] < price:
        raise Refused("Error: gift card balance is not enough")


def pay_for_change(bookings: Bookings, reservation: Record, name: str, price: float) -> None:
    """Write what a change cost, or gave back, beside what was paid before."""
    methods = bookings.own("users", reservation["user_id"])["payment_methods"]
    if methods[name]["source"] == "gift_card":
        methods[name]["amount"] -= price
    if price:
        reservation["payment_history"].append({"payment_id": name, "amount": price})
