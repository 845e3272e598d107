"""Choosing how one is told. What waits already is planned anew: it comes as was chosen last."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.clock_time import HandrailNow, now
from audit.models import User
from reviews.notices import choosing
from reviews.notices.choosing import ALWAYS_URGENT, URGENT
from reviews.reaching import Notice, NoticeChoices

MOST = 2000


@transaction.atomic
def choose(user: User, ways: Mapping[str, Mapping[str, str]], **times: Any) -> NoticeChoices:
    """Keep what somebody chose: `ways` by kind and channel, and the times as the row has them."""
    kept = NoticeChoices.objects.update_or_create(user=user, defaults={"ways": dict(ways), **times})[0]
    plan_anew(user)
    return kept


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
