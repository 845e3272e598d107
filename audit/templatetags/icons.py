"""Icons and marks for templates: Lucide's drawings from its package, inlined once and kept.

A mark says who did or does a thing: a rounded square is AI, a diamond or hexagon a person, a square the system.
"""

import functools
from typing import Any

import lucide
from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from audit.models import User

register = template.Library()

_DIAMOND = "M7 .8 13.2 7 7 13.2.8 7Z"
_HEXAGON = "M4 .9h6L13.2 6 10 11.1H4L.8 6Z"

TURNS = frozenset({"arrow-left", "arrow-right", "chevron-left", "chevron-right", "log-out", "undo-2", "send"})
"""Drawings that point along the text, and the other way where it runs from right to left."""

MARKS = {"model": "ai", "ai": "ai", "agent": "ai", "person": "human", "human": "human", "wait": "wt"}
"""Kind of step or actor -> class of its mark; every other kind is the system's."""


@functools.cache
def _drawing(name: str) -> str:
    """The inside of a Lucide icon, as SVG text. Raises `lucide.IconDoesNotExist`."""
    whole = lucide._render_icon(name, None)
    return whole[whole.index(">") + 1 : whole.rindex("</svg>")].strip()


@register.simple_tag
@functools.lru_cache(maxsize=1024, typed=True)
def icon(name: str, classes: str = "", *, label: str = "") -> SafeString:
    """`{% icon "inbox" %}`; classes such as "i-s ok"; hidden from screen readers unless it has a label."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    classes = f"{classes} turns".lstrip() if name in TURNS else classes
    return format_html('<svg class="i {}" viewBox="0 0 24 24" {}>{}</svg>', classes, spoken, SafeString(_drawing(name)))


@register.simple_tag
def mark(kind: str) -> SafeString:
    """`{% mark step.kind %}`: the small shape that says AI, person or system."""
    return format_html('<i class="k {}" aria-hidden="true"></i>', MARKS.get(kind, "sys"))


@register.simple_tag
def diamond(classes: str = "") -> SafeString:
    """A person's mark, drawn, in the colour of the text around it."""
    return format_html(
        '<svg class="diamond {}" viewBox="0 0 14 14" aria-hidden="true"><path d="{}"/></svg>',
        classes,
        _DIAMOND,
    )


@register.simple_tag
def hexagon(label: str = "", *, full: bool = False) -> SafeString:
    """A review point: outlined beside a step that has one, full where a person's word stands."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="hex{}" viewBox="0 0 14 12" {}><path d="{}"/></svg>',
        " full" if full else "",
        spoken,
        _HEXAGON,
    )


@register.simple_tag
def avatar(person: User | str | None, classes: str = "", *, title: str = "") -> SafeString:
    """`{% avatar review.decided_by "s" %}`: initials in a circle; the name itself stands beside it."""
    named = str(person.get_full_name() or person.get_username() if isinstance(person, User) else person or "")
    hint = format_html(' title="{}"', title) if title else ""
    return format_html('<span class="av {}"{} aria-hidden="true">{}</span>', classes, hint, initials(named))


@register.simple_tag
def glyph(name: str, kind: str = "ai") -> SafeString:
    """`{% glyph "mail" %}`: an icon in a small tile, violet when AI made the thing."""
    return format_html('<span class="av {}">{}</span>', MARKS.get(kind, "sys"), icon(name))


@register.simple_tag
def pill(text: Any, tone: str = "", drawn: str = "") -> SafeString:
    """`{% pill "Due in 5 min" "bad" "timer" %}`: a word with a colour and, always for a state, an icon."""
    shape = icon(drawn, "i-s") if drawn else ""
    return format_html('<span class="pill {}">{}{}</span>', tone, shape, conditional_escape(text))


def initials(name: str) -> str:
    """Two letters for a person: "Rita Bauer" -> "RB", "rita" -> "RI", nobody -> "?"."""
    words = [word for word in name.replace(".", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]).upper()


def _state_words() -> dict[str, tuple[str, str, str]]:
    return {
        "accepted": ("", "circle-dashed", _("Accepted")),
        "ready": ("", "circle-dashed", _("Ready")),
        "running": ("run", "loader", _("Running")),
        "waiting": ("human", "user", _("Waiting")),
        "done": ("ok", "check", _("Done")),
        "failed": ("bad", "circle-x", _("Failed")),
        "lost": ("bad", "unplug", _("Lost")),
        "cancelled": ("line", "ban", _("Cancelled")),
        "open": ("human", "user", _("Open")),
        "approved": ("ok", "check", _("Approved")),
        "rejected": ("bad", "x", _("Rejected")),
        "sent_back": ("warn", "undo-2", _("Sent back")),
        "withdrawn": ("line", "ban", _("Withdrawn")),
        "signed": ("ok", "check", _("Signed")),
        "refused": ("bad", "x", _("Refused")),
        "lapsed": ("warn", "timer-off", _("Lapsed")),
        "seconded": ("ok", "eye", _("Answered blindly")),
        "undone": ("line", "undo-2", _("Undone")),
        "draft": ("run", "pencil", _("Draft")),
        "published": ("line", "circle-check", _("Published")),
        "active": ("ok", "check", _("Active")),
        "paused": ("warn", "pause", _("Paused")),
        "retired": ("line", "archive", _("Retired")),
        "proposed": ("run", "pen-line", _("Proposed")),
        "suspended": ("warn", "pause", _("Suspended")),
        "changed": ("warn", "triangle-alert", _("Changed")),
        "off": ("warn", "ban", _("Off")),
        "ended": ("warn", "timer-off", _("Approval ended")),
        "asked": ("run", "loader", _("Under way")),
        "checking": ("run", "loader", _("Being looked through")),
        "checked": ("", "list-checks", _("Looked through")),
        "starting": ("run", "loader", _("Starting runs")),
        "stopped": ("warn", "octagon-pause", _("Stopped")),
        "dropped": ("line", "archive", _("Thrown away")),
    }


@register.simple_tag
def state(status: str, said: str = "") -> SafeString:
    """`{% state run.status %}`: icon, word and colour of a status; `said` replaces the word."""
    tone, drawn, word = _state_words().get(status, ("", "circle", status))
    return pill(said or word, tone, drawn)
