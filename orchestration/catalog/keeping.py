"""Keys that are kept here: given once, never shown again, and given anew when they change."""

import re

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actors import person
from audit.clock_time import HandrailNow
from audit.ledger import record
from audit.models import User
from orchestration import credentials
from orchestration.catalog.changing import CannotChange, Problems, refuse_others
from orchestration.catalog.connecting import named_by
from orchestration.catalog.looking import forget
from orchestration.models import Connection, KeptKey, Model
from orchestration.models.catalog import KEPT

LONGEST = 4000  # characters of a key
MOST = 500  # keys


def keep(name: str, key: str, *, by: User) -> KeptKey:
    """Keep a key under a new name. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    found: Problems = []
    if not re.fullmatch(KEPT, f"kept:{name}"):
        found.append(("name", _("Small letters, digits and hyphens, as in own-gateway.")))
    if found := found + _of_key(key):
        raise CannotChange(found)
    if KeptKey.objects.count() >= MOST:
        raise CannotChange([("name", _("More keys than %d are not kept.") % MOST)])
    row = KeptKey(name=name, closed=credentials.close(key.strip()), made_by=by)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            record("keptkey.kept", row, actor=person(by))
            transaction.on_commit(forget)
    except IntegrityError:
        told = _("A key of this name is kept already. Give it anew below, or choose another name.")
        raise CannotChange([("name", told)]) from None
    forget()
    return row


@transaction.atomic
def renew(pk: int, key: str, *, by: User) -> KeptKey:
    """Put another key in the place of a kept one; calls use it within a second. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    if found := _of_key(key):
        raise CannotChange(found)
    row = KeptKey.objects.select_for_update(of=("self",)).get(pk=pk)
    KeptKey.objects.filter(pk=row.pk).update(closed=credentials.close(key.strip()), changed_at=HandrailNow())
    record("keptkey.changed", row, actor=person(by))
    forget()
    transaction.on_commit(forget)
    return row


@transaction.atomic
def drop(pk: int, *, by: User) -> str:
    """Forget a key that no model names; its name. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    row = KeptKey.objects.select_for_update(of=("self",)).get(pk=pk)
    using = list(Model.objects.filter(secret=row.reference).values_list("name", flat=True)[:3])
    using += list(Connection.objects.filter(named_by(row.reference)).values_list("name", flat=True)[:3])
    if using:
        told = _("%(name)s is the key of %(models)s, so it stays. Name another key there first.")
        raise CannotChange([("", told % {"name": row.name, "models": ", ".join(using)})])
    record("keptkey.dropped", row, actor=person(by))
    row.delete()
    forget()
    transaction.on_commit(forget)
    return row.name


def _of_key(key: str) -> Problems:
    """Why this cannot be a key. It is never repeated."""
    key = key.strip()
    if not 8 <= len(key) <= LONGEST or not key.isascii() or not key.isprintable() or " " in key:
        return [("key", _("A key is one line of at least 8 letters, digits and signs, without spaces."))]
    return []
