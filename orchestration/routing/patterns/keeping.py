"""The workspace's own patterns: set, changed and switched by those who may change rules, each time with a reason.

A pattern raises the class of what it finds from the next look on, and lowers nothing. That it is switched off or finds
something else from now on does let more pass: it is an act of one person, in the record with the reason.
"""

import re

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit import sight
from audit.actors import person
from audit.canonical import clean, digest
from audit.clock_time import now
from audit.ledger import record
from audit.models import User
from audit.moves import begin, move
from orchestration.models import Pattern
from orchestration.policies.activating import may_change, may_look
from orchestration.policies.shape import KEY, LONGEST_KEY
from orchestration.routing import detectors, presidio
from orchestration.routing.patterns.looking import forget
from orchestration.routing.patterns.reading import BadPattern, Detector, own
from orchestration.states import DataClass, PatternStatus

type Problems = list[tuple[str, str]]  # the field, and what is wrong with it

MOST = 100  # patterns that are on or off
LONGEST_WHY = 500
RAISING = tuple(name for name in DataClass.values if name != DataClass.PUBLIC)  # the lowest class raises nothing
BUILT_IN = frozenset(one.kind for one in (*detectors.DETECTORS, detectors.ID))
TAKEN = BUILT_IN | presidio.ENTITIES.keys() | {detectors.OWN, "secret", "new"}


class NotAllowed(PermissionDenied):
    """This person may not change rules, so they may not change patterns."""


class CannotKeep(Exception):
    """Nothing was kept: `problems` names each field with a sentence; "" is the whole."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(" ".join(told for _field, told in problems))
        self.problems = problems


class Clash(CannotKeep):
    """Somebody else changed the pattern meanwhile."""

    def __init__(self) -> None:
        super().__init__([("", _("Somebody changed this pattern meanwhile. What you wrote is still here."))])


@sight.judge("pattern")
def may_see_pattern(user: User, pk: str) -> bool:
    """A pattern: whoever may look at rules."""
    return may_look(user)


def read(name: str, pattern: str, data: str) -> Detector:
    """What somebody wrote as a detector, so that it can be tried. Or `CannotKeep`."""
    try:
        return own(name or _("this pattern"), pattern, data or DataClass.PERSONAL)
    except BadPattern as error:
        raise CannotKeep([("pattern", str(error))]) from error


def state_of(row: Pattern) -> str:
    """The hash of all that a form shows: whether somebody changed it meanwhile."""
    return digest({**row.said, "status": str(row.status)})


def add(name: str, pattern: str, data: str, *, why: str, by: User) -> Pattern:
    """Set a pattern: it is looked for within a second. Raises `CannotKeep`, `NotAllowed`."""
    _refuse_others(by)
    name, why = name.strip(), str(clean(why.strip())[0])
    found = _of_name(name) + _of(pattern, data, why)
    if not found and Pattern.objects.count() >= MOST:
        found = [("", _("A workspace has %d patterns at the most. Change one that is there.") % MOST)]
    if found:
        raise CannotKeep(found)
    row = Pattern(name=name, pattern=pattern, data=data, made_by=by, changed_by=by)
    told = {"body": {"now": row.said}, "personal": {"reason": why}, "content_hash": state_of(row)}
    try:
        with transaction.atomic():
            begin(row, actor=person(by), **told)
            transaction.on_commit(forget)
    except IntegrityError:
        raise CannotKeep([("name", _("There is a pattern of this name already."))]) from None
    forget()
    return row


@transaction.atomic
def change(pk: int, pattern: str, data: str, *, seen: str, why: str, by: User) -> Pattern:
    """Put another pattern or class in the place of what stood there when `seen` was its `state_of`.

    Raises `CannotKeep`, `Clash`, `NotAllowed`.
    """
    _refuse_others(by)
    row, why = _held(pk), str(clean(why.strip())[0])
    if found := _of(pattern, data, why):
        raise CannotKeep(found)
    if state_of(row) != seen:
        raise Clash
    was = row.said
    if was == {"pattern": pattern, "data": data}:
        return row
    row.pattern, row.data, row.changed_by, row.changed_at = pattern, data, by, now()
    row.save(update_fields=["pattern", "data", "changed_by", "changed_at"])
    body = {"was": was, "now": row.said}
    record("pattern.changed", row, actor=person(by), body=body, personal={"reason": why}, content_hash=state_of(row))
    _seen_again()
    return row


@transaction.atomic
def switch(pk: int, to: PatternStatus, *, why: str, by: User) -> Pattern:
    """Have it looked for again, or no longer. Raises `CannotKeep`, `Clash`, `NotAllowed`."""
    _refuse_others(by)
    row, why = _held(pk), str(clean(why.strip())[0])
    if found := _of_reason(why):
        raise CannotKeep(found)
    if row.status == to:
        raise Clash
    told = {"personal": {"reason": why}}
    move(row, to, actor=person(by), told=told, changed_by=by, changed_at=now())
    _seen_again()
    return row


def _held(pk: int) -> Pattern:
    return Pattern.objects.select_for_update(of=("self",)).get(pk=pk)


def _seen_again() -> None:
    forget()
    transaction.on_commit(forget)


def _refuse_others(by: User) -> None:
    afresh = User.objects.filter(pk=by.pk, is_active=True).first()
    if afresh is None or not may_change(afresh):
        raise NotAllowed


def _of_name(name: str) -> Problems:
    if len(name) > LONGEST_KEY or not re.fullmatch(KEY, name):
        return [("name", _("Small letters and digits, with single hyphens between them, as in customer-number."))]
    if name in TAKEN:
        return [("name", _("“%s” is looked for already. Choose another name.") % name)]
    return []


def _of(pattern: str, data: str, why: str) -> Problems:
    found = _of_reason(why)
    if data not in RAISING:
        found.append(("data", _("Choose the class of what it finds.")))
    if clean(pattern)[1]:
        return [*found, ("pattern", _("It holds characters that cannot be kept."))]
    if not pattern:
        return [*found, ("pattern", _("Write the pattern."))]
    try:
        own("", pattern, data)
    except BadPattern as error:
        found.append(("pattern", str(error)))
    return found


def _of_reason(why: str) -> Problems:
    if not why:
        return [("why", _("Say why: it stands in the record, beside your name."))]
    return [("why", _("This is too long: at most %s.") % LONGEST_WHY)] if len(why) > LONGEST_WHY else []
