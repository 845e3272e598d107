"""How the proof of the record stands: what is signed, what waits, where checkpoints are, when all was last checked."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from audit import sealer
from audit.clock_time import now
from audit.models import Event, Pending
from audit.proof import anchoring, checkpoints
from audit.proof.folder import Folder, NoKey
from audit.proof_models import Anchor, Checkpoint
from audit.verifier.notes import Key

LATE = timedelta(seconds=10)  # what has waited longer for its number is not in order


class Put(NamedTuple):
    """One place for checkpoints: when it last took one, and why it did not at the last try."""

    name: str
    last: Anchor | None
    failed: Anchor | None

    @property
    def said(self) -> str:
        """What kind of place it is, and which."""
        kind, _colon, which = self.name.partition(":")
        return {"file": _("A file beside the key"), "mail": _("Mail to %(to)s") % {"to": which}}.get(kind, self.name)


class Checked(NamedTuple):
    """A check of the whole record."""

    event: Event
    whole: bool
    entries: int


class Health(NamedTuple):
    """Everything that the page says."""

    newest: Checkpoint | None
    entries: int
    waiting: int
    oldest: datetime | None
    unsigned: str
    keys: list[Key]
    no_key: str
    places: list[Put]
    checked: Checked | None

    @property
    def lag(self) -> timedelta:
        """How long the oldest event waits for its number."""
        return now() - self.oldest if self.oldest else timedelta()

    @property
    def late(self) -> bool:
        """Whether the sealer is behind."""
        return self.lag > LATE

    @property
    def uncovered(self) -> int:
        """Entries that have a number, and no checkpoint over them."""
        return self.entries - (self.newest.tree_size if self.newest else 0)


def look() -> Health:
    """Ask the database and the signer's folder."""
    newest = checkpoints.newest()
    waiting = Pending.objects.all()[:1000].count()
    oldest = Pending.objects.order_by("event_id").values_list("event__occurred_at", flat=True).first()
    keys, no_key = _keys()
    return Health(
        newest=newest,
        entries=sealer.head() + 1,
        waiting=waiting,
        oldest=oldest,
        unsigned=_unsigned(newest),
        keys=keys,
        no_key=no_key,
        places=_places(),
        checked=_checked(),
    )


def _keys() -> tuple[list[Key], str]:
    try:
        return Folder.here().publics(), ""
    except NoKey as error:
        return [], str(error)


def _unsigned(newest: Checkpoint | None) -> str:
    """Why nothing is signed now, as the sealer last said; "" where something was signed since."""
    said = Event.objects.filter(kind="ledger.unsigned").order_by("-occurred_at").first()
    if said is None or (newest is not None and newest.created_at > said.occurred_at):
        return ""
    return str(said.data.get("why", ""))


def _places() -> list[Put]:
    rows = Anchor.objects.order_by("place", "done", "-id").distinct("place", "done")
    last = {(row.place, row.done): row for row in rows}
    found = []
    for place in anchoring.all_places():
        good, bad = last.get((place.name, True)), last.get((place.name, False))
        found.append(Put(place.name, good, bad if bad and (good is None or bad.pk > good.pk) else None))
    return found


def _checked() -> Checked | None:
    kinds = ("ledger.verified", "ledger.broken")
    event = Event.objects.filter(kind__in=kinds).order_by("-occurred_at").first()
    return Checked(event, event.kind == kinds[0], int(event.data.get("rows", 0))) if event else None
