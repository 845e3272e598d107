"""The sweep: what a lost bell, a dead worker or a missed moment left undone, found in the rows."""

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from audit.clock_time import HandrailNow
from audit.ticks import tick
from orchestration import afterwards, claims, endings, joins, queue, turns, waking
from orchestration.models import Run, StepRun, Workflow
from orchestration.states import RUN_LIVE, STEP_LIVE, STEP_TERMINAL, StepStatus

BATCH = 500


@tick("sweep", every=5)
def sweep() -> int:
    """Take again what expired, finish what is half done, ring for what is ready. Returns how many were taken again."""
    expired = StepRun.objects.expired().order_by("lease_until").values_list("pk", flat=True)[:BATCH]
    taken = claims.take_again(expired, expired=True)
    waking.missed_children()
    _force_stops()
    _close_what_ends()
    _stop_left_over()
    _cancel_orphans()
    for workflow in Workflow.objects.filter(runs__waits_turn=True, runs__status__in=RUN_LIVE).distinct():
        turns.admit(workflow)
    if StepRun.objects.claimable().exists():
        with transaction.atomic():
            queue.ring()
    return taken


@tick("due", every=0.25)
def wake_due() -> None:
    """Wake what waits for a moment that has come, and ring for what may begin now: an undo window, another try."""
    waking.wake_due()
    if StepRun.objects.claimable().filter(not_before__isnull=False).exists():
        with transaction.atomic():
            queue.ring()


def _force_stops() -> None:
    """Cancel what was told to stop and has had its time."""
    since = HandrailNow() - settings.HANDRAIL_GRACE
    told = StepRun.objects.filter(status=StepStatus.RUNNING, stop_asked_at__lt=since)
    for step_run in told.select_related("run__version", "step").defer("question", "output")[:BATCH]:
        afterwards.follow_up(endings.force(step_run))


def _close_what_ends() -> None:
    """Runs that are ending and have nothing live: somebody died between the last step and the end."""
    live = StepRun.objects.filter(run=OuterRef("pk"), status__in=STEP_LIVE)
    stuck = Run.objects.live().exclude(ending="").filter(~Exists(live)).values_list("pk", "ending")[:BATCH]
    for pk, _ in stuck:
        afterwards.follow_up(endings.go_on_ending(pk))


def _stop_left_over() -> None:
    """What is still live inside a step that has gone on without it, or in a run that has ended."""
    left = StepRun.objects.live().filter(parent__isnull=False, stop_asked_at__isnull=True, undoes=None)
    gone = left.exclude(parent__status=StepStatus.WAITING).exclude(
        parent__status__in=(StepStatus.READY, StepStatus.HELD)
    )
    for container in StepRun.objects.filter(pk__in=gone.values("parent")).select_related("step")[:BATCH]:
        if joins.stops_others(container):
            afterwards.follow_up(endings.stop_parts(container))


def _cancel_orphans() -> None:
    """Runs that nobody waits for any more: the step that started them was cancelled."""
    orphans = Run.objects.live().filter(parent__status__in=STEP_TERMINAL, ending="")
    for pk in orphans.values_list("pk", flat=True)[:BATCH]:
        afterwards.follow_up(endings.cancel(pk))
