"""Notices in the browser: open pages are called over their socket, and ask what there is to show."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from audit import live
from audit.clock_time import HandrailNow
from audit.models import User
from reviews.notices import asked
from reviews.notices.composing import Letter, said
from reviews.reaching import Channel, Message, Notice

NEW = timedelta(minutes=10)  # what is older is not shown: its mail has come, or the inbox says it
MOST = 5
MOST_NOTICES = 100


def send(message: Message, letter: Letter) -> None:
    """Call their open pages. Where none is open there is nothing to do: this way is one for those who look."""
    live.call(message.user_id)


def new(user: User, after: int) -> list[dict[str, Any]]:
    """What a page shows that has shown everything up to that number. Nothing of what a review holds is in it."""
    messages = Message.objects.filter(user=user, channel=Channel.BROWSER, pk__gt=after, sent_at__gt=HandrailNow() - NEW)
    newest = list(messages.order_by("-pk").values_list("pk", flat=True)[:MOST])
    held = Notice.objects.filter(message__in=newest, dropped_at=None).select_related("review__workflow")
    notices = list(held.order_by("-pk")[:MOST_NOTICES])
    gone = asked.still(user, notices)
    found: dict[int, list[Notice]] = {}
    for one in notices:
        if one.pk not in gone and one.message_id is not None:
            found.setdefault(one.message_id, []).append(one)
    return [_shown(pk, found[pk]) for pk in sorted(found)]


def _shown(pk: int, notices: list[Notice]) -> dict[str, Any]:
    one = notices[0]
    if len(notices) == 1:
        about = one.review.workflow.name if one.review else ""
        url = reverse("review", args=[one.review_id]) if one.review else reverse("webhook", args=[one.words["hook"]])
        return {"id": pk, "title": said(one.kind, one.words), "body": about, "url": url}
    names = sorted({each.review.workflow.name for each in notices if each.review})
    told = ngettext("%(n)d thing for you", "%(n)d things for you", len(notices)) % {"n": len(notices)}
    return {"id": pk, "title": told, "body": ", ".join(names)[:200], "url": reverse("inbox")}
