"""The newest entries of the record that somebody may see, for the lists on home and on a run's page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from audit import sight
from audit.models import Event, User
from audit.reading.entries import may_see_all
from audit.reading.told import Told, tell
from orchestration.models import Workflow

ROUTINE = (
    *("run.running", "steprun.ready", "steprun.running", "steprun.waiting", "steprun.acting", "steprun.done"),
    *("version.draft", "login.done", "logout.done"),
)  # said by others beside them, or of no interest on home


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its sentence, and its place in the record (None while it has none)."""

    event: Event
    told: Told
    leaf: int | None


def seen_by(user: User, workflows: Iterable[Workflow]) -> QuerySet[Event]:
    """The entries that `user` may see: of the workflows they may see, or all with the right to the record."""
    found = Event.objects.filter(sight.unveiled(user))
    return found if may_see_all(user) else found.filter(workflow_id__in=[workflow.pk for workflow in workflows])


def latest(entries: QuerySet[Event], most: int) -> list[Entry]:
    """The newest entries, newest first: one query."""
    found = entries.select_related("leaf", "personal").order_by("-id")[:most]
    return [Entry(event, tell(event), event.leaf.leaf_index if hasattr(event, "leaf") else None) for event in found]
