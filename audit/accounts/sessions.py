"""The sessions of one person: seen, and ended. The sockets of an ended session are closed with it."""

import re
from datetime import datetime
from functools import partial
from typing import NamedTuple

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit import live
from audit.accounts import places
from audit.actors import person
from audit.clock_time import now
from audit.ledger import record
from audit.models import User

MOST = 50
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


class Seen(NamedTuple):
    """One session as a page shows it; 0 is one that was begun by no login of ours."""

    pk: int
    device: str
    address: str
    since: datetime | None
    seen: datetime | None
    here: bool


def of(request: HttpRequest, user: User) -> list[Seen]:
    """The newest sessions of this person that still stand, this one first."""
    here = request.session.session_key
    standing = Session.objects.filter(expire_date__gt=now()).values("session_key")
    rows = UserSession.objects.filter(user_id=user.pk, session_key__in=standing).order_by("-created_at")[:MOST]
    found = [
        Seen(row.pk, device(row.user_agent), row.ip, row.created_at, row.last_seen_at, row.session_key == here)
        for row in rows
    ]
    if not any(one.here for one in found):
        agent = request.META.get("HTTP_USER_AGENT", "")
        found.insert(0, Seen(0, device(agent), places.address(request), None, None, True))
    return sorted(found, key=lambda one: not one.here)


def device(agent: str) -> str:
    """A browser and a system, as people call them."""
    browser = next((name for sign, name in BROWSERS if re.search(sign, agent)), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A browser that does not say what it is")


def end(request: HttpRequest, user: User, pk: int) -> bool:
    """End one of one's own sessions; False where there is none of that number."""
    row = UserSession.objects.filter(pk=pk, user_id=user.pk).first()
    if row is None or row.session_key == request.session.session_key:
        return False
    _end(request, user, [row])
    return True


def end_others(request: HttpRequest, user: User) -> int:
    """End every session of this person but this one. Returns how many."""
    rows = UserSession.objects.filter(user_id=user.pk).exclude(session_key=request.session.session_key)
    return _end(request, user, list(rows))


@transaction.atomic
def _end(request: HttpRequest, user: User, rows: list[UserSession]) -> int:
    keys = [row.session_key for row in rows]
    ended, _of_each = Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in rows]).delete()
    if ended:
        told = {"address": places.address(request)}
        record("user.session_ended", user, actor=person(user), body={"sessions": ended}, personal=told)
    for key in keys:
        transaction.on_commit(partial(live.dismiss, user.pk, session=key))
    return ended
