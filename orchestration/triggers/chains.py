"""Triggers that follow another workflow: when a run of it has ended, their own run starts.

They read the ledger by its gap-free numbers, each up to its own place, so that no ended run is missed or read twice;
the key of the ended run makes certain of it.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import F

from audit import sealer
from audit.actors import CLOCK
from audit.models import Leaf
from audit.ticks import tick
from orchestration import rights
from orchestration.contents import open_up
from orchestration.models import Run, Trigger
from orchestration.states import RUN_TERMINAL, RunStatus, TriggerStatus
from orchestration.triggers import firing, mapping
from orchestration.triggers.firing import Came, NotAllowed, Paused
from orchestration.triggers.kinds import OUTCOME

ANY = "any"
ENDS = (*RUN_TERMINAL, ANY)
KINDS = [f"run.{status}" for status in RUN_TERMINAL]
BATCH = 200  # ended runs a tick
AT_ONCE = 500  # triggers


@tick("outcomes", every=1)
def follow() -> int:
    """Start what follows the runs that have ended since the last look. Returns how many ended runs there were."""
    head = sealer.head()
    rows = Trigger.objects.filter(kind=OUTCOME, status=TriggerStatus.ACTIVE, place__lt=head)
    triggers = list(rows.select_related("workflow", "owner").order_by("place")[:AT_ONCE])
    if not triggers:
        return 0
    ended = _ended(triggers, head)
    upto = ended[-1][0] if len(ended) == BATCH else head
    runs = Run.objects.filter(pk__in={run for _, run in ended}).select_related("workflow", "version")
    by_id = {run.pk: run for run in runs.defer("version__document", "version__source")}
    for leaf, run_id in ended:
        for trigger in triggers:
            if leaf > trigger.place and run_id in by_id and wants(trigger, by_id[run_id]):
                _fire(trigger, by_id[run_id])
    followed = Trigger.objects.filter(pk__in=[trigger.pk for trigger in triggers], place__lt=upto)
    followed.exclude(status=TriggerStatus.PAUSED).update(place=upto)
    return len(ended)


def _ended(triggers: Iterable[Trigger], head: int) -> list[tuple[int, int]]:
    """The leaves that tell of ended runs of the workflows that somebody follows, in order: (leaf, run)."""
    after = min(trigger.place for trigger in triggers)
    sources = {trigger.source_id for trigger in triggers}
    found = Leaf.objects.filter(leaf_index__gt=after, leaf_index__lte=head, event__kind__in=KINDS)
    told = found.filter(event__workflow_id__in=sources, event__object_type="run").order_by("leaf_index")
    return list(told.annotate(run=F("event__run_id")).values_list("leaf_index", "run")[:BATCH])


def wants(trigger: Trigger, run: Run) -> bool:
    """Whether a trigger follows the end of that run."""
    ends, outcome = trigger.config["ends"], trigger.config["outcome"]
    return (
        run.workflow_id == trigger.source_id
        and (run.status == ends if ends != ANY else run.status in RUN_TERMINAL)
        and (not outcome or (run.status == RunStatus.DONE and run.outcome == outcome))
    )


def _fire(trigger: Trigger, run: Run) -> None:
    def make() -> dict[str, Any]:
        if trigger.source_id is None or "view" not in rights.afresh(trigger.owner_id, trigger.source_id).may:
            raise NotAllowed(f"{trigger.owner} may not see runs of {run.workflow.name}.")
        return mapping.apply(trigger.config["mapping"], scope_of(run))

    sample = {"run": {"id": run.pk, "title": run.title, "status": run.status}, "outcome": run.outcome}
    came = Came(make, key=f"run:{run.pk}", sample=sample, spent=True, after=run)
    try:
        firing.fire(trigger, came, actor=CLOCK.acting_for("person", trigger.owner_id))
    except Paused:
        return


def scope_of(run: Run) -> mapping.Scope:
    """What the mapping can read about an ended run."""
    about = {
        "id": run.pk,
        "title": run.title,
        "workflow": run.workflow.slug,
        "version": run.version.number,
        "status": str(run.status),
        "succeeded": bool(run.succeeded),
        "input": open_up(run.input),
    }
    return {"run": about, "outcome": run.outcome, "result": open_up(run.result or {})}
