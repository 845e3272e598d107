"""Many beginnings, moves and entries with a few statements: each as if it had been written alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.actors import CLOCK, WORKER, person
from audit.clock_time import HandrailNow, now
from audit.ledger import Entry, NotInTransaction, record_all
from audit.models import Event, Exhibit, Pending
from audit.moves import Batch, IllegalMove, LostRace, begin
from orchestration.models import Run, Step, StepRun
from orchestration.states import RunStatus, StepStatus
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(cast: Cast) -> list[StepRun]:
    """Three ready steps of three runs."""
    for _ in range(3):
        cast.start()
    return list(StepRun.objects.select_related("step", "run__workflow", "run__version"))


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def a_run(cast: Cast) -> Run:
    return Run(workflow=cast.workflow, version=cast.version, title="A", input={"a": [1.5, None]}, started_by=cast.adam)


def a_step(cast: Cast, run: Run, **fields: Any) -> StepRun:
    step = Step.objects.filter(version=cast.version)[0]
    return StepRun(run=run, step=step, workflow_id=cast.workflow.pk, **fields)


def columns(row: Any) -> dict[str, Any]:
    """What the database holds of a row."""
    return dict(type(row).objects.filter(pk=row.pk).values().get())


def test_receipts_come_in_the_order_of_the_entries() -> None:
    receipts = record_all([Entry(f"ledger.{number}", "ledger", CLOCK) for number in range(300)])
    events = {event.event_id: event.kind for event in Event.objects.all()}
    assert [events[receipt.event_id] for receipt in receipts] == [f"ledger.{number}" for number in range(300)]
    assert kinds() == [f"ledger.{number}" for number in range(300)]
    assert Pending.objects.count() == 300


def test_each_entry_keeps_its_own_personal_part(cast: Cast) -> None:
    actors = [person(cast.rita), CLOCK, person(cast.ravi), person(cast.rita)]
    receipts = record_all([Entry("ledger.guarded", "ledger", actor) for actor in actors])
    events = Event.objects.in_bulk([receipt.id for receipt in receipts])
    names = [events[receipt.id].about.get("actor") for receipt in receipts]
    assert names == ["Rita Bauer", None, "Ravi Menon", "Rita Bauer"]


def test_large_exhibits_of_many_entries_are_kept_with_one_statement() -> None:
    entries = [Entry("ledger.guarded", "ledger", CLOCK, exhibits={"a": "x" * 5000, "b": "y" * 5000})] * 3
    with CaptureQueriesContext(connection) as asked:
        record_all(entries)
    pointed = [commitment for event in Event.objects.all() for commitment in event.data["exhibits"].values()]
    assert len(asked) == 2
    assert sorted(pointed) == sorted(Exhibit.objects.values_list("commitment", flat=True))
    assert len(set(pointed)) == 6


def test_nothing_to_write_is_no_statement() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert record_all([]) == []
        assert Batch().write() == []
    assert len(asked) == 0


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_written_in_a_transaction_alone(live_cast: Cast) -> None:
    batch = Batch()
    batch.begin(a_run(live_cast), actor=WORKER)
    with pytest.raises(NotInTransaction):
        batch.write()
    assert not Run.objects.exists()


def test_a_row_begun_in_a_batch_is_as_one_begun_alone(cast: Cast) -> None:
    alone, together = a_run(cast), a_run(cast)
    begin(alone, actor=WORKER)
    batch = Batch()
    batch.begin(together, actor=WORKER)
    batch.write()
    assert columns(together) == {**columns(alone), "id": together.pk, "created_at": together.created_at}
    together.title = "B"
    together.save()
    assert Run.objects.get(pk=together.pk).title == "B"


def test_a_row_may_point_to_one_begun_before_it(cast: Cast) -> None:
    run, batch = a_run(cast), Batch()
    outer = a_step(cast, run)
    inner = a_step(cast, run, parent=outer, frame="1.0")
    batch.begin(run, actor=WORKER)
    batch.begin(inner, actor=WORKER)
    batch.begin(outer, actor=WORKER)
    receipts = batch.write()
    assert (inner.parent_id, inner.run_id, outer.run_id) == (outer.pk, run.pk, run.pk)
    told = [Event.objects.get(pk=receipt.id).object_id for receipt in receipts]
    assert told == [str(run.pk), str(inner.pk), str(outer.pk)]


def test_a_row_that_points_outside_is_refused(cast: Cast) -> None:
    batch = Batch()
    batch.begin(a_step(cast, a_run(cast)), actor=WORKER)
    with pytest.raises(ValueError, match="not saved"):
        batch.write()


def test_many_moves_of_one_shape_are_two_statements(ready: list[StepRun]) -> None:
    batch = Batch()
    for number, step in enumerate(ready):
        batch.move(step, StepStatus.RUNNING, actor=WORKER, where={"fence": 0}, fence=number + 1, lease_until=now())
    with CaptureQueriesContext(connection) as asked:
        receipts = batch.write()
    assert len(asked) == 2
    assert [StepRun.objects.get(pk=step.pk).fence for step in ready] == [1, 2, 3]
    assert kinds()[-3:] == ["steprun.running"] * 3
    assert len(receipts) == 3
    assert Event.objects.get(pk=receipts[0].id).data["was"] == "ready"


def test_every_type_of_column_arrives_as_with_the_orm(cast: Cast, ready: list[StepRun]) -> None:
    alone, together, none = ready
    fields: dict[str, Any] = {
        "fence": 3,
        "worker": 'a "quoted" \\ wörker\n',
        "lease_until": now() + timedelta(microseconds=1),
        "acting": True,
        "output": {"a": [1, 1.25, None, "é\\u0000", {"b": False}]},
        "metrics": [],
        "answer": "text",
        "parent": none,
        "question": None,
    }
    batch = Batch()
    batch.move(together, StepStatus.RUNNING, actor=WORKER, **fields)
    batch.write()
    StepRun.objects.filter(pk=alone.pk).update(**fields)
    same = {**columns(alone), **{name: columns(together)[name] for name in ("id", "run_id", "ready_at", "status")}}
    assert columns(together) == same
    assert StepRun.objects.filter(pk=together.pk, question__isnull=True, status="running").exists()


def test_it_names_the_row_that_is_no_longer_as_it_was(ready: list[StepRun]) -> None:
    StepRun.objects.filter(pk=ready[1].pk).update(fence=7)
    batch = Batch()
    for step in ready:
        batch.move(step, StepStatus.RUNNING, actor=WORKER, where={"fence": 0}, worker="w")
    with pytest.raises(LostRace, match=f" {ready[1].pk} is no longer ready"), transaction.atomic():
        batch.write()
    assert not StepRun.objects.filter(worker="w").exists()


def test_two_copies_of_a_row_cannot_both_be_moved(ready: list[StepRun]) -> None:
    batch = Batch()
    for step in (ready[0], StepRun.objects.get(pk=ready[0].pk)):
        batch.move(step, StepStatus.RUNNING, actor=WORKER)
    with pytest.raises(LostRace):
        batch.write()


def test_an_illegal_move_is_refused_at_once(ready: list[StepRun]) -> None:
    batch = Batch()
    batch.move(ready[0], StepStatus.RUNNING, actor=WORKER)
    batch.move(ready[0], StepStatus.DONE, actor=WORKER)
    with pytest.raises(IllegalMove):
        batch.move(ready[0], StepStatus.READY, actor=WORKER)
    assert ready[0].status == StepStatus.DONE


def test_a_row_moved_twice_is_written_once_and_told_twice(ready: list[StepRun]) -> None:
    batch, step = Batch(), ready[0]
    batch.move(step, StepStatus.RUNNING, actor=WORKER, where={"fence": 0}, fence=1, worker="w")
    batch.move(step, StepStatus.DONE, actor=WORKER, where={"fence": 1}, output={"a": 1})
    with CaptureQueriesContext(connection) as asked:
        batch.write()
    held = StepRun.objects.get(pk=step.pk)
    assert (held.status, held.fence, held.worker, held.output) == ("done", 1, "w", {"a": 1})
    assert kinds()[-2:] == ["steprun.running", "steprun.done"]
    assert len(asked) == 2


def test_a_condition_that_an_earlier_move_broke_is_a_lost_race(ready: list[StepRun]) -> None:
    batch = Batch()
    batch.move(ready[0], StepStatus.RUNNING, actor=WORKER, where={"fence": 0}, fence=1)
    with pytest.raises(LostRace):
        batch.move(ready[0], StepStatus.DONE, actor=WORKER, where={"fence": 0})


def test_a_row_begun_and_moved_is_inserted_as_it_ended(cast: Cast) -> None:
    run, batch = a_run(cast), Batch()
    batch.begin(run, actor=WORKER)
    batch.move(run, RunStatus.RUNNING, actor=WORKER, where={"ending": ""})
    batch.record("run.told", run, actor=WORKER, body={"why": "so"})
    with CaptureQueriesContext(connection) as asked:
        batch.write()
    assert kinds()[-3:] == ["run.accepted", "run.running", "run.told"]
    assert Run.objects.get(pk=run.pk).status == RunStatus.RUNNING
    assert len(asked) == 2


def test_a_move_may_point_to_a_row_of_the_same_batch(cast: Cast, ready: list[StepRun]) -> None:
    run, batch = a_run(cast), Batch()
    inner = a_step(cast, run)
    batch.move(ready[0], StepStatus.RUNNING, actor=WORKER, parent=inner)
    batch.begin(run, actor=WORKER)
    batch.begin(inner, actor=WORKER)
    batch.write()
    assert ready[0].parent_id == inner.pk == StepRun.objects.get(pk=ready[0].pk).parent_id


def test_expressions_are_for_single_moves(ready: list[StepRun]) -> None:
    with pytest.raises(TypeError):
        Batch().move(ready[0], StepStatus.RUNNING, actor=WORKER, lease_until=HandrailNow())
    assert ready[0].status == StepStatus.READY


def test_a_batch_written_twice_writes_once(cast: Cast) -> None:
    batch = Batch()
    batch.record("ledger.guarded", "ledger", actor=CLOCK)
    assert len(batch.write()) == 1
    assert batch.write() == []
