"""With a long past behind it, everything that is done for each step, and the list of runs, is found by an index."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import connection

from audit.actors import COMMAND, person
from audit.clock_time import now
from orchestration import claims, control, recovery, waking
from orchestration.models import Run, StepRun
from orchestration.outcomes import Failed
from reviews import intake
from reviews.models import Review
from reviews.runpages import runlist
from tests import owner
from tests.cast import Cast
from tests.clock import jump
from tests.flow.drawn import begin, carry_on, publish, step
from tests.flow.hands import approve, settle
from tests.orchestration.machine.courses import acts, asks, hears, waits

PAST = 25_000  # finished runs; each has three steps
LARGE = ("steprun", "run", "attempt", "event", "review", "pending", "personal")
READING = re.compile(rf"Seq Scan on (?:orchestration|audit|reviews)_({'|'.join(LARGE)})\b")

RUNS = "INSERT INTO orchestration_run ({names}) SELECT {names} FROM orchestration_run t, generate_series(1, %s)"
STEPS = """
INSERT INTO orchestration_steprun ({names}, run_id) SELECT {t_names}, r.id
FROM orchestration_steprun t JOIN orchestration_run r ON r.id <> t.run_id
"""
TRIES = """
INSERT INTO orchestration_attempt ({names}, step_run_id) SELECT {t_names}, s.id
FROM orchestration_attempt t JOIN orchestration_steprun o ON o.id = t.step_run_id
JOIN orchestration_steprun s ON s.step_id = o.step_id AND s.id <> o.id
"""
REVIEWS = """
INSERT INTO reviews_review ({names}, step_run_id, run_id) SELECT {t_names}, s.id, s.run_id
FROM reviews_review t JOIN orchestration_steprun o ON o.id = t.step_run_id
JOIN orchestration_steprun s ON s.step_id = o.step_id AND s.id <> o.id
"""
EVENTS = """
INSERT INTO audit_event ({names}, event_id, run_id, object_id) SELECT {t_names}, gen_random_uuid(), r.id, r.id::text
FROM audit_event t JOIN orchestration_run r ON r.id <> t.run_id WHERE t.object_type = 'run'
"""


def names(table: str, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    with connection.cursor() as cursor:
        columns = [c.name for c in connection.introspection.get_table_description(cursor, table)]
    kept = [f'"{name}"' for name in columns if name not in ("id", *without)]
    return {"names": ", ".join(kept), "t_names": ", ".join(f"t.{name}" for name in kept)}


def _count(*tables: str) -> None:
    with owner.connect() as connection:
        connection.execute(f"ANALYZE {', '.join(tables)}")


def give_it_a_past(cast: Cast) -> None:
    """So many runs like the one that is there."""
    workflow = publish(cast, step("first"), asks("ask"), step("end"), slug="past")
    run = carry_on(begin(cast, workflow))
    approve(cast, Review.objects.get())
    assert carry_on(run).status == "done"
    with connection.cursor() as cursor:
        cursor.execute(RUNS.format(**names("orchestration_run")), [PAST])
        cursor.execute(STEPS.format(**names("orchestration_steprun", without=("run_id",))))
        cursor.execute(TRIES.format(**names("orchestration_attempt", without=("step_run_id",))))
        _count("orchestration_steprun", "orchestration_run")  # else what follows is planned for empty tables
        cursor.execute(REVIEWS.format(**names("reviews_review", without=("step_run_id", "run_id"))))
    with owner.connect() as connected:
        connected.execute(EVENTS.format(**names("audit_event", without=("event_id", "run_id", "object_id"))))


def give_it_a_present(cast: Cast) -> None:
    """A few runs at each kind of place."""
    each = step("each", "map", over="[1, 2, 3]", steps=[acts("one"), hears("heard")])
    workflow = publish(cast, waits("brief"), each, asks("ask"), step("end"), limits={"key": "input.who"})
    call = publish(cast, step("call", "workflow", workflow="drawn", input={"who": "'c'"}), slug="calls")
    runs = [begin(cast, workflow, {"who": who}) for who in "aabb"] + [begin(cast, call)]
    carry_on(runs[0])
    jump(seconds=61)
    waking.wake_due()
    control.set_limit("tool:test.hold", 3, actor=person(cast.adam))
    with owner.connect() as connected:
        connected.execute("VACUUM ANALYZE")


class Plans:
    """How the database carries out what is asked meanwhile: `read` is what it reads from end to end."""

    def __init__(self) -> None:
        self.read: dict[str, str] = {}
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Mapping[str, Any]) -> Any:
        if re.match(r"\s*(SELECT|UPDATE|WITH|DELETE)", sql):
            kept = context.get("cursor") is None  # one plan for all values
            for plan in (self._told(sql, params), *([self._general(sql)] if kept else [])):
                self.count += 1
                if READING.search(plan):
                    self.read[sql] = plan
        return execute(sql, params, many, context)

    def _told(self, sql: str, params: Any) -> str:
        connection.ensure_connection()
        return self._explained("EXPLAIN " + psycopg.ClientCursor(connection.connection).mogrify(sql, params))

    def _general(self, sql: str) -> str:
        number = iter(range(1, 100))
        return self._explained("EXPLAIN (GENERIC_PLAN) " + re.sub("%s", lambda _: f"${next(number)}", sql))

    def _explained(self, statement: str) -> str:
        with psycopg.ClientCursor(connection.connection) as cursor:
            return "\n".join(row[0] for row in cursor.execute(statement.encode()).fetchall())


@contextmanager
def explained() -> Iterator[Plans]:
    plans = Plans()
    with connection.execute_wrapper(plans):
        yield plans


def everything(cast: Cast) -> Iterator[Callable[[], object]]:
    """What workers, the clock, people and pages do."""
    held: list[StepRun] = []
    yield lambda: held.extend(claims.claim("w1", 20))
    yield claims.suspects_wait
    yield lambda: claims.claim_suspect("w1")
    yield lambda: claims.beat(held)
    yield lambda: claims.told_to_stop(held)
    yield lambda: settle(held.pop(), room=3)
    yield lambda: settle(held.pop(), Failed("Busy.", retry=True))
    yield lambda: carry_on(held[0].run, jumps=1)
    yield lambda: claims.bury("w1")
    yield recovery.sweep
    yield recovery.wake_due
    yield lambda: waking.tell("news", {}, actor=COMMAND)
    yield lambda: carry_on(held[0].run)
    yield intake.do_missed
    yield lambda: approve(cast, Review.objects.open().earliest("pk"))
    yield lambda: carry_on(held[0].run)
    yield lambda: control.pause_run(Run.objects.live().earliest("pk"), actor=person(cast.adam))
    yield lambda: control.release_run(Run.objects.live().earliest("pk"), actor=person(cast.adam))
    yield lambda: control.cancel_run(Run.objects.live().latest("pk"), actor=person(cast.adam))
    for state in ("", "live", "waiting", "paused"):
        yield partial(runlist.page, cast.rita, {}, runlist.Wanted.read({"state": state}), now())


@pytest.mark.timeout(300)
def test_it_reads_no_large_table_from_end_to_end(live_cast: Cast) -> None:
    give_it_a_past(live_cast)
    give_it_a_present(live_cast)
    with explained() as plans:
        for act in everything(live_cast):
            act()
    assert plans.count > 100
    assert not plans.read, "\n\n".join(f"{sql}\n{plan}" for sql, plan in plans.read.items())
