"""What starts runs by itself, whether it does so now, and the switches that stop it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from audit import choices
from audit.choices import Choice
from orchestration.models import Run, Trigger, Workflow
from orchestration.states import TriggerStatus


@dataclass(frozen=True, slots=True)
class Arriving:
    """One trigger: whether it is on, and when it last started a run."""

    trigger: Trigger
    on: bool
    last: datetime | None


def triggers(workflows: Iterable[Workflow]) -> list[Arriving]:
    """The triggers of `workflows`: one query."""
    newest = Run.objects.filter(trigger=OuterRef("pk")).order_by("-pk").values("created_at")[:1]
    found = Trigger.objects.filter(workflow__in=workflows).annotate(last=Subquery(newest)).order_by("name")
    return [Arriving(trigger, trigger.status == TriggerStatus.ACTIVE, trigger.last) for trigger in found]


def switches() -> list[tuple[Choice, bool]]:
    """The workspace's switches as they stand: one query."""
    return [(choice, bool(value)) for choice, value in choices.chosen() if choice.kind == choices.SWITCH]
