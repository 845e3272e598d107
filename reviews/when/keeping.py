"""Calendars are made and changed here, each time with an event that holds what stood there before."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

import holidays
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit import sight
from audit.actors import person
from audit.canonical import digest
from audit.clock_time import now
from audit.ledger import record
from audit.models import User
from orchestration.documents.reviews import lists_calendars
from reviews.models import Calendar
from reviews.when import business, used

type Problems = dict[str, str]  # the field, and what is wrong with it; "" is the whole

MOST = 200
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FIELDS = ("name", "zone", "hours", "country", "region", "off", "working")
PERMISSION = "audit.change_choices"


class CannotKeep(ValueError):
    """Nothing was kept: `problems` says of each field why."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


class Clash(CannotKeep):
    """Somebody else changed the calendar meanwhile."""

    def __init__(self) -> None:
        super().__init__({"": _("Somebody changed this calendar meanwhile. What you wrote is still here.")})


@sight.judge("calendar")
def may_see_calendar(user: User, pk: str) -> bool:
    """A calendar: whoever may change the workspace's choices."""
    return bool(user.has_perm(PERMISSION))


@lists_calendars
def listed() -> list[tuple[str, str]]:
    """All of them, as those who write workflows choose among them."""
    return list(Calendar.objects.order_by("name", "pk").values_list("slug", "name")[:MOST])


def state_of(row: Calendar) -> str:
    """The hash of all that a form shows: whether somebody changed it meanwhile."""
    return digest(said(row))


def said(row: Calendar) -> dict[str, Any]:
    """All that it says, as the record keeps it."""
    return {name: getattr(row, name) for name in FIELDS}


def add(slug: str, values: dict[str, Any], *, by: User) -> Calendar:
    """Make a calendar. Raises `CannotKeep`."""
    _refuse_others(by)
    row = Calendar(slug=slug, changed_by=by, **values)
    moment = now()
    found = _wrong(row, moment)
    if not SLUG.fullmatch(slug) or len(slug) > 60:
        found["slug"] = _("Small letters and digits, with hyphens between: berlin-office.")
    elif Calendar.objects.filter(slug=slug).exists():
        found["slug"] = _("There is a calendar of this name already.")
    if not found and Calendar.objects.count() >= MOST:
        found[""] = _("A workspace has %d calendars at the most. Change one that is there.") % MOST
    if found:
        raise CannotKeep(found)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            record("calendar.created", row, actor=person(by), body=_body(row), content_hash=state_of(row))
    except IntegrityError:
        raise CannotKeep({"slug": _("There is a calendar of this name already.")}) from None
    return row


@transaction.atomic
def change(pk: int, values: dict[str, Any], *, seen: str, by: User) -> Calendar:
    """Change what stood there when `seen` was its `state_of`. What is due already stays due when it was.

    Raises `CannotKeep`, `Clash`.
    """
    _refuse_others(by)
    row = Calendar.objects.select_for_update(of=("self",)).get(pk=pk)
    was = said(row)
    if digest(was) != seen:
        raise Clash
    for name, value in values.items():
        setattr(row, name, value)
    row.__dict__.pop("opening", None)
    if found := _wrong(row, now()):
        raise CannotKeep(found)
    if said(row) == was:
        return row
    row.changed_by, row.changed_at = by, now()
    row.save(update_fields=[*FIELDS, "changed_by", "changed_at"])
    body = {**_body(row), "was": was}
    record("calendar.changed", row, actor=person(by), body=body, content_hash=state_of(row), wake=True)
    return row


@transaction.atomic
def remove(pk: int, *, by: User) -> str:
    """Delete a calendar that nothing uses; its name. Raises `CannotKeep` with what uses it."""
    _refuse_others(by)
    row = Calendar.objects.select_for_update(of=("self",)).get(pk=pk)
    if told := used.told(row):
        raise CannotKeep({"": told})
    record("calendar.deleted", row, actor=person(by), body=_body(row), content_hash=state_of(row), wake=True)
    row.delete()
    return row.name


def _body(row: Calendar) -> dict[str, Any]:
    return {"name": row.name, "slug": row.slug, "now": said(row)}


def _refuse_others(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied


def zones() -> list[str]:
    """The names of all time zones, as the machine knows them."""
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")


def countries() -> dict[str, list[str]]:
    """The countries whose public holidays are known, each with its regions."""
    return dict(holidays.list_supported_countries(include_aliases=False))


def _wrong(row: Calendar, moment: datetime) -> Problems:
    found: Problems = {}
    if not row.name.strip():
        found["name"] = _("What is it called? People read it: “business hours of Berlin”.")
    if row.zone not in available_timezones():
        found["zone"] = _("There is no such time zone. Write it like Europe/Berlin.")
    known = countries()
    if row.country and row.country not in known:
        found["country"] = _("The public holidays of this country are not known here.")
    elif row.region and row.region not in known.get(row.country, ()):
        regions = ", ".join(known.get(row.country, ())[:30])
        found["region"] = _("No such region there. It has: %s.") % (regions or _("none"))
    if not found and not business.is_ever_open(row, moment):
        found[""] = _("It is not open at all within a year, so nothing would ever be due. Say when it is open.")
    return found
