"""What starts runs by itself, and whether it does so now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from audit import choices
from orchestration.models import Run, Trigger, Workflow
from orchestration.states import TriggerStatus

SWITCH = "arrivals.on"  # the workspace's choice, which feeds obey
FEED = "feed"


@dataclass(frozen=True, slots=True)
class Arriving:
    """One trigger: whether it starts runs, and when it last did."""

    trigger: Trigger
    on: bool
    last: datetime | None


def triggers(workflows: Iterable[Workflow]) -> list[Arriving]:
    """The triggers of `workflows`: two queries."""
    newest = Run.objects.filter(trigger=OuterRef("pk")).order_by("-pk").values("created_at")[:1]
    found = list(Trigger.objects.filter(workflow__in=workflows).annotate(last=Subquery(newest)).order_by("name"))
    switched_on = bool(choices.read(SWITCH, True)) if found else True
    return [
        Arriving(
            trigger,
            trigger.status == TriggerStatus.ACTIVE and (switched_on or trigger.kind != FEED),
            trigger.last,  # type: ignore[attr-defined]
        )
        for trigger in found
    ]
