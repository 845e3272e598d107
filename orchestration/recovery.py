"""The sweep: what a lost bell, a dead worker or a missed moment left undone, found in the rows."""

from django.db import transaction

from audit.moves import LostRace
from audit.ticks import tick
from orchestration import engine, queue
from orchestration.models import StepRun

BATCH = 500


@tick("sweep", every=5)
def sweep() -> int:
    """Take again what expired, and ring for what is ready. Returns how many steps were taken again."""
    expired = StepRun.objects.expired().select_related(*engine.JOINED)[:BATCH]
    taken = 0
    for step_run in expired:
        try:
            engine.take_again(step_run)
            taken += 1
        except LostRace:
            continue
    if StepRun.objects.claimable().exists():
        queue.ring()
    return taken


@tick("due", every=0.25)
def ring_for_due() -> None:
    """Ring as soon as a moment has come that a step waited for: an undo window's end, a retry's."""
    due = StepRun.objects.claimable().filter(not_before__isnull=False)
    if due.exists():
        with transaction.atomic():
            queue.ring()
