"""Calendars that tests reckon by."""

from typing import Any

from audit.models import User
from reviews.models import Calendar
from reviews.when import keeping

OFFICE = [[[9 * 60, 12 * 60], [13 * 60, 17 * 60]]] * 5 + [[], []]
ALWAYS = [[[0, 24 * 60]]] * 7
BERLIN: dict[str, Any] = {
    "name": "Berlin",
    "zone": "Europe/Berlin",
    "hours": OFFICE,
    "country": "DE",
    "region": "BE",
    "off": {},
    "working": {},
}


def made(by: User, slug: str = "berlin", **said: Any) -> Calendar:
    """A calendar that is there, made where it is not."""
    found = Calendar.objects.filter(slug=slug).first()
    return found or keeping.add(slug, {**BERLIN, **said}, by=by)


def calendar(**said: Any) -> Calendar:
    """One that is nowhere but in memory."""
    return Calendar(slug="berlin", **{**BERLIN, **said})
