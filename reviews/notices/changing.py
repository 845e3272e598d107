"""Choosing how one is told. What waits already is planned anew: it comes as was chosen last."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import person
from audit.clock_time import HandrailNow, now
from audit.ledger import record
from audit.models import User
from reviews.notices import choosing
from reviews.notices.choosing import ALWAYS_URGENT, URGENT
from reviews.reaching import Notice, NoticeChoices

MOST = 2000
CHOSEN = ("ways", "digest_at", "quiet_from", "quiet_to", "urgent_passes", "zone")


@transaction.atomic
def choose(user: User, ways: Mapping[str, Mapping[str, str]], **times: Any) -> NoticeChoices:
    """Keep what somebody chose: `ways` by kind and channel, and the times as the row has them."""
    held = NoticeChoices.objects.select_for_update().filter(user=user).first() or NoticeChoices(user=user)
    before = _told(held)
    kept = NoticeChoices.objects.update_or_create(user=user, defaults={"ways": dict(ways), **times})[0]
    after = _told(kept)
    if changed := {name: value for name, value in after.items() if before[name] != value}:
        record("user.notices_chosen", user, actor=person(user), body={"now": changed})
    plan_anew(user)
    return kept


def _told(row: NoticeChoices) -> dict[str, Any]:
    """What the ledger is told of them: when and over what they are told, and no address."""
    return {name: getattr(row, name) for name in CHOSEN}


def plan_anew(user: User) -> None:
    """Let what waits for them come when they want it now, or not at all."""
    reader, moment = choosing.reader(user), now()
    rows = Notice.objects.filter(user=user, message=None, dropped_at=None).select_related("review").order_by("pk")
    waiting, unwanted = [], []
    for one in rows.select_for_update(of=("self",), skip_locked=True)[:MOST]:
        urgent = one.kind in ALWAYS_URGENT or (one.review is not None and one.review.priority == URGENT)
        due = reader.due(one.kind, one.channel, one.told_at, moment, urgent=urgent)
        if due is None:
            unwanted.append(one.pk)
        else:
            one.due = due
            waiting.append(one)
    Notice.objects.bulk_update(waiting, ["due"], batch_size=500)
    Notice.objects.filter(pk__in=unwanted).update(dropped_at=HandrailNow(), why=_("They chose not to be told of this."))
