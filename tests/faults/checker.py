"""What must hold after every fault, read from the rows."""

from django.db import connection
from django.db.models import Count

from audit import sealer
from audit.models import Event, Pending
from orchestration.models import Attempt, Run, StepRun
from orchestration.states import RUN_TERMINAL
from reviews.models import Decision, Review
from tests.processes import until


def check_promises() -> None:
    """Nothing lost, nothing committed twice, every move recorded, every decision there."""
    live = Run.objects.live().count()
    assert Run.objects.count() == live + Run.objects.filter(status__in=RUN_TERMINAL).count()
    twice = Attempt.objects.filter(result="done").values("step_run").annotate(n=Count("id")).filter(n__gt=1)
    assert not twice.exists(), "a step was committed twice"
    _every_status_is_recorded()
    assert StepRun.objects.waiting().count() == Review.objects.open().count()
    decided = Decision.objects.filter(undone_at__isnull=True)
    assert decided.count() == Review.objects.filter(decided_by__isnull=False).count()
    for decision in decided:
        assert Event.objects.get(event_id=decision.receipt).content_hash == decision.content_hash
    until(lambda: not sealer.seal() and not Pending.objects.exists(), "every event to be sealed")
    _leaves_have_no_gap()


def _every_status_is_recorded() -> None:
    for kind, rows in (("run", Run), ("steprun", StepRun), ("review", Review)):
        for row in rows.objects.all():
            moves = Event.objects.filter(object_type=kind, object_id=str(row.pk))
            assert moves.filter(kind=f"{kind}.{row.status}").exists(), f"{kind} {row.pk} is {row.status}, unrecorded"


def _leaves_have_no_gap() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), coalesce(max(leaf_index) + 1, 0) FROM audit_leaf")
        count, past = cursor.fetchone()
    assert count == past == Event.objects.count()
