"""Putting checkpoints where the owner of the database cannot change them. Each app says which places it knows.

A place takes a note and answers what it has to say of it, or raises `NotPut`. Every try is a row that stays.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _

from audit.accounts import posting
from audit.clock_time import now
from audit.proof import checkpoints
from audit.proof.folder import Folder
from audit.proof_models import Anchor, Checkpoint
from audit.ticks import tick

LOOKS = 60.0  # seconds between two looks at what is due
AGAIN = timedelta(minutes=10)  # after a try that failed
LONGEST = 300  # characters of an answer that are kept

logger = logging.getLogger(__name__)


class NotPut(RuntimeError):
    """The place did not take it; the message says why."""


class Place(NamedTuple):
    """Somewhere to put checkpoints, and how often."""

    name: str
    every: timedelta
    put: Callable[[Checkpoint], str]


type Finder = Callable[[], list[Place]]

_finders: list[Finder] = []


def places(function: Finder) -> Finder:
    """Register how to find places."""
    _finders.append(function)
    return function


def all_places() -> list[Place]:
    """Every place that is in use now."""
    return [place for find in _finders for place in find()]


@tick("anchor", every=LOOKS)
def anchor() -> int:
    """Put the newest checkpoint wherever it is due; how many places took it."""
    newest = checkpoints.newest()
    if newest is None:
        return 0
    last = {row.place: row for row in Anchor.objects.order_by("place", "-id").distinct("place")}
    due = [place for place in all_places() if _is_due(place, last.get(place.name), newest)]
    return sum(_put(place, newest) for place in due)


def _is_due(place: Place, last: Anchor | None, newest: Checkpoint) -> bool:
    if last is None:
        return True
    if not last.done:
        return now() >= last.at + AGAIN
    return newest.tree_size > last.tree_size and now() >= last.at + place.every


def _put(place: Place, newest: Checkpoint) -> bool:
    try:
        said, done = place.put(newest), True
    except NotPut as error:
        said, done = str(error), False
        logger.warning("The checkpoint %s was not put into %s: %s", newest.short, place.name, error)
    with transaction.atomic():
        Anchor.objects.create(tree_size=newest.tree_size, place=place.name, done=done, said=said[:LONGEST])
    return done


@places
def _ours() -> list[Place]:
    """The file outside the database, always; and people, by mail."""
    found = [Place("file", timedelta(minutes=10), _into_file)]
    return found + [Place(f"mail:{to}", timedelta(days=1), _by_mail(to)) for to in settings.HANDRAIL_ANCHOR_MAIL]


def _into_file(newest: Checkpoint) -> str:
    file = Folder.here().anchors
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as anchors:
            anchors.write(f"{newest.note}\n")
    except OSError as error:
        raise NotPut(str(error)) from error
    logger.info("Checkpoint of the record: %s", newest.short)
    return ""


def _by_mail(to: str) -> Callable[[Checkpoint], str]:
    def put(newest: Checkpoint) -> str:
        subject = _("Checkpoint of the record: %(size)s entries") % {"size": newest.tree_size}
        told = _("Keep this mail. With it, anybody can show whether the record of %(workspace)s was changed since.")
        text = f"{told % {'workspace': settings.HANDRAIL_WORKSPACE}}\n\n{newest.note}"
        if not posting.post(EmailMessage(subject, text, to=[to])):
            raise NotPut(_("The mail server did not take it."))
        return ""

    return put
