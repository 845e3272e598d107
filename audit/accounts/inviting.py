"""Invitations: the only way in. A link for one person, that expires, opens once, and of which only the hash is kept."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit import moves, people
from audit.accounts import posting
from audit.actors import person
from audit.clock_time import now
from audit.models import Invitation, User
from audit.moves import IllegalMove, LostRace
from audit.states import InvitationStatus

GOOD_FOR = timedelta(days=3)
MAY_INVITE = "audit.change_choices"


class BadInvitation(ValueError):
    """Nobody was invited: fields with what is wrong with them."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(told for _name, told in problems))
        self.problems = problems


class Closed(Exception):
    """The link opens nothing any more."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom an admin wants to come in."""

    name: str
    login: str
    email: str
    groups: tuple[Group, ...] = ()


def invite(guest: Guest, *, by: User) -> tuple[Invitation, str]:
    """Ask somebody in. Returns the invitation, and the secret of its link: it can never be shown again."""
    if found := list(_problems(guest)):
        raise BadInvitation(found)
    secret = secrets.token_urlsafe(32)
    row = Invitation(
        login=guest.login,
        name=guest.name,
        email=guest.email,
        token_hash=_hashed(secret),
        invited_by=by,
        until=now() + GOOD_FOR,
    )
    try:
        with transaction.atomic():
            known = {"name": guest.name, "login": guest.login, "email": guest.email}
            groups = [group.name for group in guest.groups]
            body = {"groups": groups, "until": row.until.isoformat()}
            moves.begin(row, actor=person(by), body=body, personal=known)
            row.groups.set(guest.groups)
    except IntegrityError:
        told = _("Somebody was invited under this name already. Withdraw that first.")
        raise BadInvitation([("login", told)]) from None
    return row, secret


def _problems(guest: Guest) -> Iterable[tuple[str, str]]:
    login = guest.login
    if not login.isprintable() or any(sign.isspace() for sign in login):
        yield "login", _("A login is one word.")
    elif User.objects.filter(username__iexact=login).exists():
        yield "login", _("Somebody signs in with this name already.")
    if User.objects.filter(email__iexact=guest.email).exists():
        yield "email", _("Somebody has this address already.")


def tell(row: Invitation, link: str) -> bool:
    """Send the link by mail; False where the mail server did not take it."""
    said = {"name": row.name, "inviter": row.invited_by, "link": link, "login": row.login}
    subject = _("You are invited to Handrail, %(workspace)s") % {"workspace": settings.HANDRAIL_WORKSPACE}
    text = _(
        "Hello %(name)s,\n\n%(inviter)s invited you. Open this link and choose a password; "
        "it opens once, within three days:\n\n%(link)s\n\nYou sign in as %(login)s. "
        "If you did not expect this, do nothing.\n"
    )
    return posting.post(EmailMessage(" ".join(subject.split()), text % said, to=[row.email]))


def find(secret: str) -> Invitation:
    """The invitation of a link, or `Closed`."""
    row = Invitation.objects.select_related("invited_by").filter(token_hash=_hashed(secret)).first()
    if row is None or not row.is_open or row.until <= now() or not _still_may(row.invited_by):
        raise Closed
    return row


@transaction.atomic
def accept(secret: str, password: str) -> User:
    """Come in: the person is made, with their groups. Whoever opens the link twice at once comes in once."""
    row = find(secret)
    held = Invitation.objects.select_for_update().get(pk=row.pk)
    if not held.is_open or User.objects.filter(username__iexact=held.login).exists():
        raise Closed
    asked = person(row.invited_by, auth="invitation")
    user = people.welcome(held.login, held.name, held.email, password, actor=asked)
    for group in held.groups.order_by("pk"):
        people.join(user, group, actor=asked)
    told = {"personal": {"name": held.name}}
    try:
        moves.move(
            held,
            InvitationStatus.ACCEPTED,
            actor=person(user, auth="invitation"),
            told=told,
            user=user,
            closed_at=now(),
        )
    except (IllegalMove, LostRace) as error:
        raise Closed from error
    return user


@transaction.atomic
def withdraw(row: Invitation, *, by: User) -> None:
    """Let the link open nothing any more. Raises `IllegalMove` or `LostRace` where it was taken."""
    told = {"personal": {"name": row.name}}
    moves.move(row, InvitationStatus.WITHDRAWN, actor=person(by), told=told, closed_at=now())


def _still_may(inviter: User) -> bool:
    """Whoever may invite nobody any more: neither do the links that they gave."""
    return inviter.is_active and inviter.has_perm(MAY_INVITE)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
