"""What each person chose: by kind and channel at once, in a digest or not at all, and when it shall be quiet."""

import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models import User
from reviews.notices.quiet import Hours
from reviews.reaching import Channel, Chat, Kind, NoticeChoices


class Way(TextChoices):
    """How soon."""

    NOW = "now", pgettext_lazy("without delay", "At once")
    DIGEST = "digest", _("In a digest")
    OFF = "off", _("Not at all")


ALWAYS_URGENT = frozenset({Kind.ESCALATED, Kind.NOBODY, Kind.STOPPED})
URGENT = 0  # the priority of a review that is urgent
AT_ONCE: dict[str, str] = dict.fromkeys(Channel.values, Way.NOW)
USUAL: dict[str, dict[str, str]] = {
    **dict.fromkeys(Kind.values, AT_ONCE),
    Kind.ASKED: {Channel.MAIL: Way.DIGEST, Channel.BROWSER: Way.OFF, Channel.CHAT: Way.NOW},
    Kind.DECIDED: {Channel.MAIL: Way.DIGEST, Channel.BROWSER: Way.OFF, Channel.CHAT: Way.OFF},
}


@dataclass(frozen=True)
class Reader:
    """Somebody who is told things, and how they want to be."""

    user: User
    hours: Hours
    ways: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    urgent_passes: bool = False
    has_chat: bool = False

    def way(self, kind: str, channel: str) -> str:
        """How soon they want to be told of that kind over that channel."""
        if channel == Channel.CHAT and not self.has_chat:
            return Way.OFF
        chosen = self.ways.get(kind, {}).get(channel, "")
        return chosen if chosen in Way.values else USUAL[kind][channel]

    def due(self, kind: str, channel: str, since: datetime, moment: datetime, *, urgent: bool) -> datetime | None:
        """When they are told of what happened then, seen from this moment; None: not at all."""
        way = self.way(kind, channel)
        if way == Way.OFF:
            return None
        if urgent and self.urgent_passes:
            return moment
        comes = self.hours.digest(since) if way == Way.DIGEST else moment
        return self.hours.loud(max(comes, moment))


def readers(users: Iterable[int]) -> list[Reader]:
    """Those of these people who can sign in, with what they chose. Three queries."""
    found = list(User.objects.filter(pk__in=list(users), is_active=True).order_by("pk"))
    ids = [user.pk for user in found]
    chosen = {row.pk: row for row in NoticeChoices.objects.filter(pk__in=ids)}
    chats = set(Chat.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return [_reader(user, chosen.get(user.pk), user.pk in chats) for user in found]


def reader(user: User) -> Reader:
    """One person, with what they chose."""
    return _reader(user, NoticeChoices.objects.filter(pk=user.pk).first(), Chat.objects.filter(pk=user.pk).exists())


def _reader(user: User, chosen: NoticeChoices | None, has_chat: bool) -> Reader:
    if chosen is None:
        return Reader(user, Hours(zone_of(user, ""), digest_at=None), has_chat=has_chat)
    quiet = (chosen.quiet_from, chosen.quiet_to)
    given = (quiet[0], quiet[1]) if quiet[0] is not None and quiet[1] is not None else None
    hours = Hours(zone_of(user, chosen.zone), given, chosen.digest_at)
    return Reader(user, hours, chosen.ways, chosen.urgent_passes, has_chat)


def zone_of(user: User, named: str) -> zoneinfo.ZoneInfo:
    """The zone that they named for notices, else that of their settings, else the workspace's."""
    own = getattr(getattr(user, "preferences", None), "zone", "")
    return next((found for name in (named, own) if (found := _zone(name))), zoneinfo.ZoneInfo(settings.TIME_ZONE))


def language_of(user: User) -> str:
    """The language that they read."""
    return getattr(getattr(user, "preferences", None), "language", "") or settings.LANGUAGE_CODE


@lru_cache(maxsize=512)
def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None
