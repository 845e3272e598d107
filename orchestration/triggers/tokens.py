"""Tokens of the API: made and withdrawn by their owners, known by their hash, and never more than their owner is."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actors import Actor, person
from audit.clock_time import HandrailNow, now
from audit.models import User
from audit.moves import begin, move
from orchestration import rights
from orchestration.models import ApiToken, Workflow
from orchestration.states import TokenStatus
from orchestration.triggers.keeping import BadTrigger

BEGINS = "hr_"
SHOWN = 11  # characters of it that are kept to know it by
LONGEST_DAYS = 366
MOST = 50  # in use, for one person
LONGEST_NAME = 120
USED_EVERY = timedelta(minutes=1)  # how exactly the last use is kept

START, READ, CATALOGUE = "runs:start", "runs:read", "workflows:read"
SCOPES: dict[str, str | Promise] = {
    START: gettext_lazy("Start runs"),
    READ: gettext_lazy("Read runs: state, input and result"),
    CATALOGUE: gettext_lazy("Read workflows: name and input"),
}
NEEDS = {START: "start", READ: "view", CATALOGUE: "view"}  # what the owner must be allowed


class BadToken(BadTrigger):
    """What was asked for cannot be a token. `problems` names each field with a sentence."""


@transaction.atomic
def make(
    owner: User,
    name: str,
    *,
    scopes: Collection[str],
    days: int,
    workflows: Collection[Workflow] = (),
    every_workflow: bool = False,
) -> tuple[ApiToken, str]:
    """A token for oneself, and its text, which nobody can read again. Raises `BadToken`."""
    if found := _problems(owner, name, scopes, days, workflows, every_workflow):
        raise BadToken(found)
    text = BEGINS + secrets.token_urlsafe(32)
    token = ApiToken(name=name, owner=owner, scopes=sorted(scopes), every_workflow=every_workflow)
    token.digest, token.prefix, token.ends_at = _digest(text), text[:SHOWN], now() + timedelta(days=days)
    allowed = "*" if every_workflow else sorted(workflow.slug for workflow in workflows)
    body = {"scopes": token.scopes, "workflows": allowed, "ends_at": token.ends_at.isoformat()}
    begin(token, actor=person(owner), body=body, personal={"name": name})
    token.workflows.set(workflows)
    return token, text


def _problems(
    owner: User, name: str, scopes: Collection[str], days: int, workflows: Collection[Workflow], every: bool
) -> list[tuple[str, str]]:
    found = []
    if not name.strip() or len(name) > LONGEST_NAME:
        found.append(("name", _("Give it a name of at most %d characters.") % LONGEST_NAME))
    if not scopes or set(scopes) - set(SCOPES):
        found.append(("scopes", _("Choose what it may do.")))
    if not 1 <= days <= LONGEST_DAYS:
        found.append(("days", _("Give a whole number of days from 1 to %d.") % LONGEST_DAYS))
    if not workflows and not every:
        found.append(("workflows", _("Choose the workflows that it opens, or all of yours.")))
    if ApiToken.objects.filter(owner=owner, status=TokenStatus.ACTIVE, ends_at__gt=HandrailNow()).count() >= MOST:
        found.append(("", _("You have %d tokens in use. Withdraw one first.") % MOST))
    return found


def withdraw(token: ApiToken, *, actor: Actor) -> None:
    """Let a token open nothing any more. Raises `IllegalMove` or `LostRace` when it was withdrawn already."""
    move(token, TokenStatus.WITHDRAWN, actor=actor)


def _open() -> Q:
    return Q(status=TokenStatus.ACTIVE, ends_at__gt=HandrailNow(), owner__is_active=True)


def still(pk: int) -> ApiToken | None:
    """The token of that id, if it opens anything now."""
    return ApiToken.objects.filter(_open(), pk=pk).select_related("owner").first()


def known(text: str) -> ApiToken | None:
    """The token of that text, if it opens anything now; when it was last used is kept, to the minute."""
    if not text.startswith(BEGINS) or len(text) > 100:
        return None
    token = ApiToken.objects.filter(_open(), digest=_digest(text)).select_related("owner").first()
    if token is not None and _is_stale(token.last_used_at):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=HandrailNow())
    return token


def _is_stale(used: datetime | None) -> bool:
    return used is None or now() - used > USED_EVERY


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def may(token: ApiToken, scope: str, workflow: Workflow) -> bool:
    """Whether it may do that with a workflow: within its scopes and workflows, and as far as its owner may, now."""
    return (
        scope in token.scopes
        and (token.every_workflow or token.workflows.filter(pk=workflow.pk).exists())
        and NEEDS[scope] in rights.afresh(token.owner_id, workflow.pk).may
    )


def ids(token: ApiToken, scope: str) -> list[int]:
    """The workflows with which it may do that: for lists."""
    if scope not in token.scopes:
        return []
    owned = Workflow.objects.ids_allowed(token.owner, NEEDS[scope])
    if token.every_workflow:
        return owned
    return list(token.workflows.filter(pk__in=owned).values_list("pk", flat=True))
