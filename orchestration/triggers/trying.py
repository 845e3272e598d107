"""Trying a mapping on what came before: nothing starts, and nothing is kept."""

from dataclasses import dataclass, field
from typing import Any

from audit.clock_time import now
from audit.models import User
from orchestration.expressions import BadExpression
from orchestration.models import Run, Trigger, TriggerFire
from orchestration.starts import BadInput, CannotStart, current_version, title
from orchestration.states import RUN_TERMINAL
from orchestration.triggers import chains, mapping, schedules
from orchestration.triggers.kinds import OUTCOME, SCHEDULE, WEBHOOK

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """What a mapping made of something that came: the input and the title of its run, or what does not fit."""

    scope: Any
    given: dict[str, Any] | None = None
    title: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)


def samples(trigger: Trigger) -> list[TriggerFire]:
    """What came lately and is still kept as a whole, newest first."""
    fires = TriggerFire.objects.filter(trigger=trigger, sample__isnull=False).exclude(sample__has_key="cut")
    return list(fires.order_by("-id")[:SHOWN])


def scope(trigger: Trigger, fire: TriggerFire | None, user: User) -> mapping.Scope | None:
    """What the mapping would read: of something that came, else of what would come next; None where there is none."""
    if trigger.kind == WEBHOOK:
        return dict(fire.sample) if fire is not None and isinstance(fire.sample, dict) else None
    if trigger.kind == SCHEDULE:
        config = trigger.config
        if fire is not None and isinstance(fire.sample, dict):
            return dict(fire.sample)
        coming = schedules.next_due(config["cron"], config["zone"], now())
        return schedules.scope_of(coming, config["zone"]) if coming else None
    return _of_ended(trigger, fire, user) if trigger.kind == OUTCOME else None


def _of_ended(trigger: Trigger, fire: TriggerFire | None, user: User) -> mapping.Scope | None:
    seen = Run.objects.seen_by(user).filter(workflow=trigger.source_id, status__in=RUN_TERMINAL)
    if fire is not None and isinstance(fire.sample, dict):
        seen = seen.filter(pk=fire.sample["run"]["id"])
    run = seen.select_related("workflow", "version").order_by("-id").first()
    return chains.scope_of(run) if run is not None else None


def attempt(trigger: Trigger, fields: mapping.Mapping, read: mapping.Scope) -> Trial:
    """What the mapping makes of it, checked as a run's input would be."""
    try:
        given = mapping.apply(fields, read)
    except BadExpression as error:
        return Trial(read, problems=[("", str(error))])
    try:
        return Trial(read, given, title(current_version(trigger.workflow), given))
    except BadInput as error:
        return Trial(read, given, problems=error.problems)
    except CannotStart as error:
        return Trial(read, given, problems=[("", str(error))])
