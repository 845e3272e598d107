"""The kinds of triggers: what each is called, and what its mapping can read."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCHEDULE, WEBHOOK, OUTCOME, API, UPLOAD = "schedule", "webhook", "outcome", "api", "upload"

DRAWN = {UPLOAD: "table-2"}  # of kinds that are not made on the page of triggers


class Kind(NamedTuple):
    """One kind: its name, its icon, what it is in a sentence, and the names that its mapping can read."""

    key: str
    label: str | Promise
    drawn: str
    what: str | Promise
    reads: tuple[str, ...] = ()


# Other parts add theirs by `add`: a kind that is not made on the page of triggers (a feed, an upload) needs no entry.
_kinds: dict[str, Kind] = {}


def add(kind: Kind) -> None:
    """Let triggers of a kind be made on the page of a workflow."""
    _kinds[kind.key] = kind


def known() -> dict[str, Kind]:
    """Every kind that can be made on a page, by its key."""
    return dict(_kinds)


def drawn(key: str) -> str:
    """The icon of a kind, known or not."""
    return _kinds[key].drawn if key in _kinds else DRAWN.get(key, "zap")


add(Kind(SCHEDULE, _("A schedule"), "calendar-clock", _("Runs start at fixed times."), ("due",)))
add(Kind(WEBHOOK, _("A webhook"), "webhook", _("Another system sends a signed message."), ("payload", "headers")))
add(
    Kind(
        OUTCOME,
        _("Another workflow"),
        "git-merge",
        _("A run of another workflow ends."),
        ("run", "outcome", "result"),
    )
)
add(Kind(API, _("The API"), "plug", _("A program starts runs with a token.")))
