"""Numbers, money, durations and times as people read them, in the reader's language and zone."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit import dates
from audit.clock_time import now
from audit.templatetags.icons import icon

register = template.Library()

Figure = int | float | Decimal
BADGE_STOPS = 999
SOON, VERY_SOON = timedelta(hours=1), timedelta(minutes=15)
NOTHING = "–"
WRITTEN: dict[str, Callable[[Any], str]] = {
    "": dates.of_year,
    "short": dates.of_month,
    "minute": dates.minute,
    "arriving": dates.arriving,
}


@register.filter
def number(value: Figure | None, places: int = 0) -> str:
    """18204 -> "18,204", by locale; `|number:1` keeps one decimal. None -> a dash."""
    if value is None:
        return NOTHING
    return number_format(round(Decimal(str(value)), places), places, use_l10n=True, force_grouping=True)


@register.filter
def compact(value: Figure | None) -> str:
    """31400 -> "31.4k", 812 -> "812"."""
    if value is None:
        return NOTHING
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if abs(float(value)) >= size:
            return f"{number_format(round(float(value) / size, 1), 1)}{sign}"
    return number(value)


@register.filter
def badge(count: int | None) -> str:
    """A count for a badge: nothing at 0, and it stops counting at "999+"."""
    if not count:
        return ""
    return f"{BADGE_STOPS}+" if count > BADGE_STOPS else str(count)


@register.filter
def money(value: Figure | None) -> str:
    """US dollars: 41.8 -> "$41.80", 0.041 -> "$0.041", 0.0004 -> "$0.0004", 0.00002 -> "under $0.0001"."""
    if value is None:
        return NOTHING
    amount = Decimal(str(value))
    size = abs(amount)
    if 0 < size < Decimal("0.0001"):
        return _("under $0.0001")
    exact = size == 0 or size >= 1 or size == size.quantize(Decimal("0.01"))
    places = 2 if exact else 3 if size >= Decimal("0.01") else 4
    said = pgettext("an amount", "$%s") % number_format(round(size, places), places, force_grouping=True)
    return f"−{said}" if amount < 0 else said


@register.filter
def pct(share: Figure | None, places: int = 0) -> str:
    """A share from 0 to 1: 0.671 -> "67%"; `|pct:1` -> "67.1%"."""
    if share is None:
        return NOTHING
    return pgettext("a share", "%s%%") % number_format(round(float(share) * 100, places), places)


@register.filter
def score(share: Figure | None) -> str:
    """A confidence from 0 to 1 as whole points of a hundred: 0.784 -> "78"."""
    return NOTHING if share is None else str(round(float(share) * 100))


@register.filter
def duration(value: timedelta | Figure | None) -> str:
    """Seconds or a timedelta: "40 ms", "4.2 s", "42 s", "18 min", "3 h 36 min", "2 d 4 h". Rounded down."""
    if value is None:
        return NOTHING
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    seconds = max(seconds, 0.0)
    if seconds < 1:
        return _("%d ms") % (seconds * 1000)
    if seconds < 10:
        return _("%s s") % number_format(math.floor(seconds * 10) / 10, 1)
    if seconds < 60:
        return _("%d s") % seconds
    return _long(int(seconds) // 60)


def _long(minutes: int) -> str:
    hours, minutes_left = divmod(minutes, 60)
    days, hours_left = divmod(hours, 24)
    if not hours:
        return _("%d min") % minutes
    if not days:
        return _("%(h)d h %(m)d min") % {"h": hours, "m": minutes_left} if minutes_left else _("%d h") % hours
    return _("%(d)d d %(h)d h") % {"d": days, "h": hours_left} if hours_left else _("%d d") % days


@register.filter
def clock(at: datetime | None, how: str = "") -> str:
    """The time of day in the reader's zone: "14:33"; `|clock:"s"` -> "14:33:02"."""
    return NOTHING if at is None else date_format(timezone.localtime(at), "H:i:s" if how == "s" else "H:i")


@register.filter
def stamp(at: datetime | None) -> str:
    """Day and time in the reader's zone, to the second: "22 Nov 2026, 14:33:02"."""
    return NOTHING if at is None else dates.second(timezone.localtime(at))


@register.filter
def day(at: datetime | None) -> str:
    """The day in the reader's zone: "22 Nov 2026"."""
    return NOTHING if at is None else dates.of_year(timezone.localtime(at))


@register.filter(expects_localtime=True)
def written(at: date | None, how: str = "") -> str:
    """A day as it is written: "22 Nov 2026"; `:"short"` without the year, `:"minute"` and `:"arriving"` with a time."""
    return NOTHING if at is None else WRITTEN[how](at)


@register.filter
def short_hash(digest: str | None) -> str:
    """The two ends of a digest: "7f3a…c21e"."""
    return f"{digest[:4]}…{digest[-4:]}" if digest and len(digest) > 12 else digest or NOTHING


def _now(context: Context) -> datetime:
    """One `now` for the whole page, if the view or a context processor gave one."""
    given = context.get("now")
    return now() if given is None else cast(datetime, given.astimezone(UTC))  # a lazy one cannot be subtracted


@register.simple_tag(takes_context=True)
def ago(context: Context, at: datetime | None) -> SafeString | str:
    """`{% ago review.asked_at %}`: "just now", "59 min ago", and after a day the date; hover gives the second."""
    if at is None:
        return NOTHING
    since = _now(context) - at
    if since < timedelta(seconds=5):
        said = _("just now")
    elif since < timedelta(days=1):
        said = _("%s ago") % duration(since if since >= timedelta(minutes=1) else int(since.total_seconds()))
    else:
        said = f"{day(at)}, {clock(at)}"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), stamp(at), said)


def urgency(left: timedelta) -> str:
    """How a due time is drawn: "bad" when past or within 15 minutes, "warn" within the hour, else plain."""
    return "bad" if left < VERY_SOON else "warn" if left < SOON else ""


@register.simple_tag(takes_context=True)
def due(context: Context, at: datetime | None, *, long: bool = False) -> SafeString | str:
    """`{% due review.due_at %}`: "38 min" or "18 min late"; `long=True`: "Due in 38 min", as a pill."""
    if at is None:
        return ""
    left = at - _now(context)
    tone, said = urgency(left), duration(max(abs(left), timedelta(seconds=1)))
    if left < timedelta(0):
        said = _("%s late") % said
    elif long:
        said = _("Due in %s") % said
    shape = icon("timer" if long else "clock", "i-s") if tone else ""
    return format_html(
        '<time class="{} num {}" datetime="{}" title="{}">{}{}</time>',
        "pill" if long else "due",
        tone,
        at.isoformat(),
        stamp(at),
        shape,
        said,
    )


@register.simple_tag
def meter(value: Figure | None, of: Figure = 1, *, width: int = 34, tone: str = "auto", label: str = "") -> SafeString:
    """`{% meter review.confidence %}`: a bar; "auto" draws under 65 bad, under 85 warn; any other tone as given."""
    share = min(max(float(value or 0) / float(of or 1), 0.0), 1.0)
    points = round(share * 100)
    if tone == "auto":
        tone = "bad" if points < 65 else "warn" if points < 85 else "ok"
    said = label or _("%d of 100") % points
    bar = f"{share * width:.1f}"
    return format_html(
        '<svg class="meter" width="{}" height="6" role="img" aria-label="{}">'
        '<rect class="t" width="{}" height="6" rx="3"/>'
        '<rect class="v {}" width="{}" height="6" rx="3"/></svg>',
        width,
        said,
        width,
        tone,
        bar,
    )


@register.simple_tag(takes_context=True)
def current(context: Context, *names: str) -> SafeString | str:
    """`{% current "inbox" "review" %}`: marks a link as the page that one is on. A piece is given its `page_name`."""
    match: Any = getattr(context.get("request"), "resolver_match", None)
    name = context.get("page_name", getattr(match, "url_name", None))
    return format_html('aria-current="{}"', "page") if name in names else ""
