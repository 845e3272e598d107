"""What must hold after every fault, read from the rows: set by set, so that thousands of runs cost a second."""

from typing import Any

from django.db import connection
from django.db.models import Count, F, QuerySet

from audit import sealer
from audit.canonical import digest
from audit.models import Event, Leaf, Pending
from audit.verifier.events import COLUMNS, leaf_hash
from orchestration import crew
from orchestration.models import Attempt, Run, StepRun
from orchestration.states import RUN_TERMINAL, RunStatus, StepStatus
from reviews.models import Decision, Review
from reviews.states import ReviewStatus
from tests import owner
from tests.faults.figures import Fault
from tests.processes import until

MOVED = [
    f"{name}.{status}"
    for name, statuses in (("run", RunStatus), ("steprun", StepStatus), ("review", ReviewStatus))
    for status in statuses
]
# Each event of a move says which status it left: a gap in that chain is a move that nobody recorded.
BROKEN_CHAINS = """
SELECT kind || ' of ' || object_id || ', from ' || coalesce(was, 'nothing') || ', after ' || coalesce(before, 'nothing')
FROM (
    SELECT kind, object_id, body::jsonb ->> 'was' AS was,
        lag(split_part(kind, '.', 2)) OVER (PARTITION BY object_type, object_id ORDER BY id) AS before
    FROM audit_event WHERE kind = ANY(%s)) moves
WHERE was IS DISTINCT FROM before LIMIT 5
"""
UNRECORDED = """
SELECT id, status FROM {table} row WHERE status IS DISTINCT FROM (
    SELECT split_part(kind, '.', 2) FROM audit_event
    WHERE object_type = '{name}' AND object_id = row.id::text AND kind = ANY(%s) ORDER BY id DESC LIMIT 1)
LIMIT 5
"""
# Only who holds nothing may go on: a run is final, or somebody or something is waited for in it.
LOST = """
SELECT count(*) FROM orchestration_run r WHERE status NOT IN ('done', 'failed', 'cancelled') AND NOT EXISTS (
    SELECT 1 FROM orchestration_steprun s WHERE s.run_id = r.id AND s.status = 'waiting')
"""
LEFT_OVER = """
SELECT count(*) FROM orchestration_run r JOIN orchestration_steprun s ON s.run_id = r.id
WHERE r.status IN ('done', 'failed', 'cancelled') AND s.status IN ('held', 'ready', 'running', 'waiting')
"""
DONE_OTHERWISE = """
SELECT count(*) FROM orchestration_steprun s WHERE status = 'done' AND shared_from_id IS NULL AND (
    SELECT count(*) FROM orchestration_attempt a WHERE a.step_run_id = s.id AND a.result = 'done') <> 1
"""
STALE = """
SELECT count(*) FROM orchestration_steprun
WHERE status = 'running' AND lease_until < handrail_now() - interval '60 seconds'
"""
UNASKED = """
SELECT count(*) FROM (SELECT id FROM orchestration_steprun WHERE status = 'waiting' AND awaits = 'person') step
FULL JOIN (SELECT step_run_id FROM reviews_review WHERE status = 'open') asked ON asked.step_run_id = step.id
WHERE step.id IS NULL OR asked.step_run_id IS NULL
"""
LEAVES = "SELECT count(*), coalesce(max(leaf_index) + 1, 0), (SELECT count(*) FROM audit_event) FROM audit_leaf"
LEFT = """
SELECT (SELECT count(*) FROM pg_stat_activity WHERE usename = 'handrail_app')
    + (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' OR NOT granted)
"""


def check(fault: Fault) -> None:
    """All of it, once every process of the test has ended; and the figures that it comes to."""
    runs = Run.objects.count()
    final, lost = Run.objects.filter(status__in=RUN_TERMINAL).count(), _one(LOST)
    twice = Attempt.objects.filter(result="done").values("step_run").annotate(n=Count("id")).filter(n__gt=1).count()
    fault.tell("accepted", runs, "runs")
    fault.tell("lost", lost, "runs")
    fault.tell("committed_twice", twice, "steps")
    fault.tell("tries", Attempt.objects.count(), "tries")
    fault.tell("tries_lost", Attempt.objects.filter(result="lost").count(), "tries")
    fault.tell("refused_late", Event.objects.filter(kind="steprun.late_refused").count(), "writes")
    assert (lost, twice, _one(LEFT_OVER), _one(DONE_OTHERWISE), _one(STALE), _one(UNASKED)) == (0, 0, 0, 0, 0, 0)
    assert runs == final + Run.objects.live().filter(step_runs__status="waiting").distinct().count()
    assert Event.objects.filter(kind="steprun.late_refused").count() == Attempt.objects.filter(result="late").count()
    check_moves()
    check_decisions()
    check_leaves()
    check_nothing_is_left()
    fault.tell("checked", Event.objects.count(), "events")


def check_moves() -> None:
    """Every row stands where its last event says, and no move in between is missing."""
    assert not _rows(BROKEN_CHAINS, [MOVED])
    for model in (Run, StepRun, Review):
        names = {"table": model._meta.db_table, "name": model._meta.model_name}
        assert not _rows(UNRECORDED.format(**names), [MOVED]), f"{model.__name__} moved unrecorded"


def check_decisions() -> None:
    """Every decision that ended a review is that of its review, is as it was taken, and is in the record."""
    standing = Decision.objects.standing().filter(place=F("review__place"), review__decided_by__isnull=False)
    decided = standing.select_related("review")
    assert decided.count() == Review.objects.filter(decided_by__isnull=False).count()
    receipts = dict(
        Event.objects.filter(kind__in=("review.approved", "review.rejected", "review.sent_back")).values_list(
            "event_id", "content_hash"
        )
    )
    for decision in decided.iterator():
        hashes = {digest(decision.content), decision.content_hash, receipts[decision.receipt]}
        assert len(hashes) == 1, f"decision {decision.pk} changed"
        assert (decision.review.status, decision.review.decided_by_id) == (decision.verdict, decision.by_id)


def check_leaves() -> None:
    """Every event has its place in the record, without a gap, and its hash is that of the event as it stands."""
    until(lambda: not sealer.seal() and not Pending.objects.exists(), "every event to be sealed")
    (count, past, events), *_ = _rows(LEAVES)
    assert count == past == events
    columns: QuerySet[Event, tuple[Any, ...]] = Event.objects.order_by("id").values_list("id", *COLUMNS)
    hashes = dict(Leaf.objects.values_list("event_id", "leaf_hash"))
    for pk, *row in columns.iterator():
        assert bytes(hashes[pk]) == leaf_hash(sealer.columns(row)), f"event {pk} changed"


def check_nothing_is_left() -> None:
    """No connection and no lock of a process that has ended; our own are closed for that."""
    crew.close_database()
    with owner.connect() as watching:
        until(lambda: watching.execute(LEFT).fetchone() == (0,), "connections and locks of dead processes to go", 10)


def _one(statement: str) -> int:
    return int(_rows(statement)[0][0])


def _rows(statement: str, given: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())
