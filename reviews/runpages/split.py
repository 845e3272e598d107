"""Where the time of a run went, as one split bar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from reviews.runpages.spans import AI, AROUND, FAIL, IDLE, INSIDE, PERSON, SYSTEM, WAIT, Span

THINNEST, SPACE = 0.85, 0.35  # per cent


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the bar."""

    kind: str
    said: str
    took: timedelta
    x: str
    width: str


def split(spans: Iterable[Span], models: set[str]) -> list[Part]:
    """The parts that took any time; `models` names the steps at which AI works, so that failed tries count there."""
    took = dict.fromkeys((AI, SYSTEM, INSIDE, WAIT, PERSON, IDLE), timedelta())
    for span in spans:
        kind = (AI if span.key in models else SYSTEM) if span.kind == FAIL else span.kind
        if kind != AROUND:
            took[kind] += span.length
    words = {
        AI: _("AI at work"),
        SYSTEM: _("Systems at work"),
        INSIDE: _("Items and other runs"),
        WAIT: _("Waiting for people"),
        PERSON: _("Decided, can be undone"),
        IDLE: _("Waiting for a moment or an event"),
    }
    return list(_placed([(kind, words[kind], length) for kind, length in took.items() if length]))


def _placed(parts: list[tuple[str, str, timedelta]]) -> Iterable[Part]:
    whole = sum((took for _kind, _said, took in parts), timedelta())
    room = 100 - (THINNEST + SPACE) * len(parts)
    x = 0.0
    for kind, said, took in parts:
        width = THINNEST + room * (took / whole)
        yield Part(kind, said, took, f"{x:.2f}%", f"{width:.2f}%")
        x += width + SPACE
