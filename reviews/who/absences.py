"""Absences: said by the person or by those who run the house, each an event. Nobody acts for themselves in a ring."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.actors import person
from audit.clock_time import HandrailNow
from audit.ledger import record
from audit.models import User
from reviews.models import Absence
from reviews.who import holders

LONGEST = timedelta(days=366)
MOST = 50  # absences of one person that are still to come


class CannotBeAway(ValueError):
    """The absence was not kept: a sentence that says why."""


@transaction.atomic
def say(user: User, from_day: date, to_day: date, deputy: User | None, *, by: User) -> Absence:
    """Somebody is away from one day to another, both included. Raises `CannotBeAway`."""
    if to_day < from_day:
        raise CannotBeAway(_("The last day lies before the first."))
    if to_day < holders.today():
        raise CannotBeAway(_("That is over already."))
    if to_day - from_day > LONGEST:
        raise CannotBeAway(_("An absence is a year long at the most."))
    if deputy is not None and (deputy.pk == user.pk or not deputy.is_active):
        raise CannotBeAway(_("Choose somebody else who can sign in."))
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if coming(user).count() >= MOST:
        raise CannotBeAway(_("There are %d absences to come already. Call one off first.") % MOST)
    if deputy is not None and _ring(user, deputy, from_day, to_day):
        told = {"deputy": deputy, "name": user}
        raise CannotBeAway(_("%(deputy)s is away too, and %(name)s would act for themselves in the end.") % told)
    made = Absence.objects.create(user=user, deputy=deputy, from_day=from_day, to_day=to_day, made_by=by)
    body = {"user": user.pk, "deputy": deputy.pk if deputy else None, **_days(made)}
    personal = {"name": str(user), "deputy": str(deputy or "")}
    record("absence.said" if deputy else "absence.alone", made, actor=person(by), body=body, personal=personal)
    holders.forget()
    return made


@transaction.atomic
def call_off(pk: int, user: User, *, by: User) -> None:
    """An absence does not take place, or is over earlier. Raises `CannotBeAway` where there is none such."""
    found = Absence.objects.filter(pk=pk, user=user, ended_at=None, to_day__gte=holders.today())
    made = found.select_related("user").first()
    if made is None or not found.update(ended_at=HandrailNow()):
        raise CannotBeAway(_("There is no such absence any more."))
    record("absence.over", made, actor=person(by), body={"user": user.pk, **_days(made)}, personal={"name": str(user)})
    holders.forget()


def coming(user: User) -> QuerySet[Absence]:
    """Those that hold now or later, the first first."""
    found = Absence.objects.filter(user=user, ended_at=None, to_day__gte=holders.today())
    return found.select_related("deputy").order_by("from_day", "id")


def _days(made: Absence) -> dict[str, str]:
    return {"from_day": made.from_day.isoformat(), "to_day": made.to_day.isoformat()}


def _ring(user: User, deputy: User, from_day: date, to_day: date) -> bool:
    """Whether on any of these days those who act for one another come back to where they began."""
    said = Absence.objects.filter(ended_at=None, from_day__lte=to_day, to_day__gte=from_day).order_by("id")
    rows = list(said.values_list("user", "deputy", "from_day", "to_day"))
    edges = {from_day, *(day for _user, _deputy, day, _to in rows if from_day <= day <= to_day)}
    edges |= {to + timedelta(days=1) for _user, _deputy, _day, to in rows if from_day <= to < to_day}
    return any(_leads_back(user.pk, {**_away_on(rows, day), user.pk: deputy.pk}) for day in sorted(edges))


def _away_on(rows: Sequence[tuple[int, int | None, date, date]], day: date) -> dict[int, int | None]:
    return {user: deputy for user, deputy, first, last in rows if first <= day <= last}


def _leads_back(person_id: int, gone: Mapping[int, int | None]) -> bool:
    seen, at = {person_id}, gone.get(person_id)
    while at is not None and at not in seen:
        seen.add(at)
        at = gone.get(at)
    return at == person_id
