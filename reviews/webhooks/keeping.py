"""Hooks: made by an admin, signed by a second person, and stopped by any of them at once; each act is an event."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import acts, rows
from audit.actors import CLOCK, Actor, person
from audit.canonical import digest
from audit.clock_time import HandrailNow, now
from audit.ledger import record
from audit.models import Proposal, User
from audit.moves import begin, move
from orchestration import encrypted, endpoints
from orchestration.catalog import CannotChange, signing
from orchestration.catalog.changing import CHANGE, ChangedMeanwhile, Problems, may_change, refuse_others
from orchestration.catalog.connecting import NAME
from orchestration.catalog.signing import APPROVED, UNSIGNED, SignedRow
from orchestration.sights import may_see_tools
from orchestration.states import ConnectionStatus
from orchestration.triggers import secrets
from reviews.reaching import OUTSIDE, Hook, HookDelivery, Kind, Told

ACT = "hook.approve"
PURPOSE = b"handrail: secrets of outgoing webhooks"
SHOWN = ("title", *Hook.DECIDING)
OLD_GOOD_FOR = timedelta(hours=24)
MOST_FAILURES, FAILING_FOR = 20, timedelta(hours=12)  # both, one after the other, until it is switched off
REST, LONGEST_REST = 5, 300  # seconds after one failure, and after many
WELL: dict[str, Any] = {"failures": 0, "failing_since": None, "rests_until": None}
WORDS: dict[str, str | Promise] = {
    Kind.ASKED: gettext_lazy("a decision is asked for"),
    Kind.REMINDED: gettext_lazy("it is due soon"),
    Kind.ESCALATED: gettext_lazy("it is late, and goes to others"),
    Kind.DECIDED: gettext_lazy("it is decided"),
    Kind.LAPSED: gettext_lazy("its time ran out"),
}
LABELS: dict[str, str | Promise] = {
    "address": gettext_lazy("Address"),
    "private": gettext_lazy("May lie inside the house"),
    "kinds": gettext_lazy("Told when"),
    "titles": gettext_lazy("With titles, where the workflow allows it"),
}


def state_of(row: Hook) -> str:
    """The hash of what its form shows."""
    return digest({name: getattr(row, name) for name in SHOWN} | {"status": str(row.status)})


def add(name: str, wanted: Mapping[str, Any], *, by: User) -> tuple[Hook, str]:
    """Write a hook down; its secret is given once, now. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    found = _of_name(name) + problems(wanted)
    if found:
        raise CannotChange(found)
    secret = secrets.new()
    row = Hook(name=name, owner=by, edited_by=by, key=close(secret), **{key: wanted[key] for key in SHOWN})
    row.title = row.title or name
    try:
        with transaction.atomic():
            begin(row, actor=person(by), body={"now": row.content})
    except IntegrityError as error:
        raise CannotChange([("name", _("There is a webhook of this name already."))]) from error
    return row, secret


@transaction.atomic
def change(pk: int, wanted: Mapping[str, Any], *, by: User, seen: str) -> Hook:
    """Change a hook; where something that is signed is another now, it is told nothing until it is signed again."""
    refuse_others(by)
    if found := problems(wanted):
        raise CannotChange(found)
    row = Hook.objects.select_for_update(of=("self",)).get(pk=pk)
    if state_of(row) != seen:
        raise ChangedMeanwhile
    now_said = {name: wanted[name] for name in SHOWN if wanted[name] != getattr(row, name)}
    if not now_said:
        return row
    was, before = {name: getattr(row, name) for name in now_said}, row.content
    for name, value in now_said.items():
        setattr(row, name, value)
    decides = row.content != before
    record("hook.revised", row, actor=person(by), body={"was": was, "now": now_said, "decides": decides})
    Hook.objects.filter(pk=pk).update(**now_said, **({"edited_by": by} if decides else {}))
    if decides and row.status in (ConnectionStatus.APPROVED, ConnectionStatus.OFF):
        move(row, ConnectionStatus.PROPOSED, actor=person(by), told={"body": {"changed": sorted(now_said)}}, **UNSIGNED)
    return row


@transaction.atomic
def propose(pk: int, *, by: User) -> Proposal:
    """Put it to a second person. Raises `NotAllowed`, `proposals.CannotPropose`."""
    refuse_others(by)
    row = Hook.objects.select_for_update(of=("self",)).get(pk=pk)
    return signing.ask(ACT, row, lambda: _("Let the webhook %s be told as it is written here") % row.name, by=by)


@transaction.atomic
def switch(pk: int, to: ConnectionStatus, *, by: User) -> None:
    """Stop telling it, or let it be told again as it was signed. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    row = Hook.objects.select_for_update(of=("self",)).get(pk=pk)
    if to == ConnectionStatus.APPROVED and not row.stands_as_signed:
        raise CannotChange([("", _("What stands here is not what was signed. Have it approved again."))])
    fields: dict[str, Any] = UNSIGNED if to == ConnectionStatus.RETIRED else WELL
    move(row, to, actor=person(by), **fields)


@transaction.atomic
def renew(pk: int, *, by: User, at_once: bool = False) -> str:
    """A new secret, given once; messages are signed with the one before as well for a day, unless it ends at once."""
    refuse_others(by)
    row = Hook.objects.select_for_update(of=("self",)).get(pk=pk)
    secret = secrets.new()
    kept = {"old_key": "", "old_key_until": None} if at_once else _kept(row)
    Hook.objects.filter(pk=pk).update(key=close(secret), **kept)
    record("hook.secret", row, actor=person(by), body={"at_once": at_once})
    return secret


@transaction.atomic
def again(pk: int, *, by: User) -> HookDelivery:
    """Send one thing once more, by hand: the same bytes under the same key. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    row = HookDelivery.objects.select_for_update(of=("self",)).select_related("hook").get(pk=pk)
    if row.hook.status != ConnectionStatus.APPROVED:
        raise CannotChange([("", _("The webhook is not in use, so nothing is sent."))])
    record("hook.again", row.hook, actor=person(by), body={"delivery": str(row.key), "review": row.review_id})
    fresh: dict[str, Any] = {"tries": 0, "done_at": None, "given_up_at": None, "held_until": None}
    HookDelivery.objects.filter(pk=pk).update(due=HandrailNow(), **fresh)
    Hook.objects.filter(pk=row.hook_id).update(rests_until=None)
    return row


@transaction.atomic
def failed(row: Hook) -> bool:
    """Count a failure; after too many it is switched off, and its owner is told. Whether it was switched off."""
    held, moment = Hook.objects.select_for_update(of=("self",)).get(pk=row.pk), now()
    held.failures += 1
    held.failing_since = held.failing_since or moment
    held.rests_until = moment + timedelta(seconds=min(REST * 2 ** min(held.failures - 1, 10), LONGEST_REST))
    held.save(update_fields=["failures", "failing_since", "rests_until"])
    lately = held.failures < MOST_FAILURES or held.failing_since > moment - FAILING_FOR
    if lately or held.status != ConnectionStatus.APPROVED:
        return False
    stop(held, actor=CLOCK)
    return True


def stop(held: Hook, *, actor: Actor) -> None:
    """Switch a held hook off, and tell whoever answers for it."""
    move(held, ConnectionStatus.OFF, actor=actor, told={"body": {"failures": held.failures}})
    if held.owner_id is not None:
        words = {"hook": str(held.pk), "name": held.name}
        about = f"hook {held.pk} {now().isoformat()}"
        rows.insert([Told(kind=Kind.STOPPED, about=about, users=[held.owner_id], words=words)])


def close(secret: str) -> str:
    """A secret as it is kept."""
    return encrypted.close(secret, PURPOSE)


def keys(row: Hook) -> list[str]:
    """The secrets that messages are signed with now; none where none can be read any more."""
    kept = [row.key]
    if row.old_key and row.old_key_until is not None and row.old_key_until > now():
        kept.append(row.old_key)
    found = []
    for one in kept:
        try:
            found.append(encrypted.open_up(one, PURPOSE))
        except encrypted.Lost:
            continue
    return found


def problems(wanted: Mapping[str, Any]) -> Problems:
    """Why a hook cannot be like this. It may look an address up."""
    found: Problems = []
    title = str(wanted.get("title", ""))
    if len(title) > 120 or not title.isprintable():
        found.append(("title", _("At most 120 characters.")))
    if told := endpoints.problem(str(wanted.get("address", "")), private=bool(wanted.get("private"))):
        found.append(("address", told))
    if not wanted.get("kinds") or set(wanted["kinds"]) - set(OUTSIDE):
        found.append(("kinds", _("Choose at least one of these.")))
    return found


def facts_of(row: Hook) -> acts.Facts:
    """What is signed, in the reader's words."""
    yes = {True: _("yes"), False: _("no")}
    said = {"address": row.address, "private": yes[row.private], "titles": yes[row.titles]}
    said["kinds"] = ", ".join(str(WORDS[one]) for one in row.kinds)
    return [(_("Webhook"), row.name), *((str(LABELS[name]), str(value)) for name, value in said.items())]


def _of_name(name: str) -> Problems:
    return [] if NAME.fullmatch(name) else [("name", _("Small letters, digits and hyphens. At most 40 of them."))]


def _kept(row: Hook) -> dict[str, Any]:
    return {"old_key": row.key, "old_key_until": now() + OLD_GOOD_FOR}


@acts.register
class ApproveHook(SignedRow[Hook]):
    """A second person's word for a hook."""

    name = ACT
    object_type = "hook"
    model = Hook

    def called(self) -> str:
        """The act in a few words."""
        return _("A webhook that another system is told by")

    def follows(self) -> str:
        """What it comes to."""
        return _("From now on this address is told what becomes of reviews, until somebody switches it off.")

    def facts_of(self, row: Hook) -> acts.Facts:
        """What is signed, in the reader's words."""
        return facts_of(row)

    def seen(self, user: User) -> bool:
        """Whoever may look at connections."""
        return may_see_tools(user)

    def may_sign(self, user: User, proposal: Proposal) -> bool:
        """Admins."""
        return may_change(user.pk) and user.has_perm(CHANGE)

    def approve(self, row: Hook, by: User, told: dict[str, Any], **signed: Any) -> None:
        """Move it to approved; where it is so already, its signature alone is another."""
        if row.status != APPROVED:
            move(row, APPROVED, actor=person(by), told=told, **WELL, **signed)
            return
        Hook.objects.filter(pk=row.pk).update(**signed)
        record("hook.renewed", row, actor=person(by), **told)

    def address(self, proposal: Proposal) -> str:
        """The hook's page."""
        return reverse("webhook", args=[proposal.object_id])
