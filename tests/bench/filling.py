"""Finished runs in bulk, for measurements alone: copies of runs that were carried out, made inside the database.

Each copy has every row of its original under numbers of its own: the run, its steps and their tries, its review and
its decision, its entries in the ledger with what is personal in them and their places in the record. So tables,
indexes and statistics are as full as real work would have left them. What is not true of a copy: it has the times of
its original, and its leaf's hash is its original's, so the record of such a database does not hold when it is checked.
The owner's role is needed, since nobody else may choose the numbers of entries. Nothing else may be at work meanwhile.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from audit.sealer import LOCK
from orchestration.models import Run
from orchestration.states import RunStatus
from reviews.models import Review

BATCH = 20_000  # copies a transaction
REVIEWED = 10  # every tenth run was reviewed
OWN = {  # table: its own number, and which rows of it belong to run %s
    "orchestration_run": ("id", "id = %s"),
    "orchestration_steprun": ("id", "run_id = %s"),
    "orchestration_attempt": ("id", "step_run_id IN (SELECT id FROM orchestration_steprun WHERE run_id = %s)"),
    "reviews_review": ("id", "run_id = %s"),
    "reviews_decision": ("id", "review_id IN (SELECT id FROM reviews_review WHERE run_id = %s)"),
    "audit_event": ("id", "run_id = %s"),
    "audit_personal": ("event_id", "event_id IN (SELECT id FROM audit_event WHERE run_id = %s)"),
    "audit_leaf": ("leaf_index", "event_id IN (SELECT id FROM audit_event WHERE run_id = %s)"),
}
POINTS_TO = {
    "run_id": "orchestration_run",
    "step_run_id": "orchestration_steprun",
    "review_id": "reviews_review",
    "event_id": "audit_event",
}
OBJECTS = {"run": "orchestration_run", "steprun": "orchestration_steprun", "review": "reviews_review"}
COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = current_schema AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""

type Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Rows:
    """The rows of one table that are copied, and the number before the first of the copies."""

    ids: list[int]
    before: int

    def number(self, column: sql.Composable) -> sql.Composed:
        """The number that copy `k` (from 0) of the row in `column` has."""
        return sql.SQL("{} + k * {} + array_position({}::bigint[], {})").format(
            self.before, len(self.ids), sql.Literal(self.ids), column
        )


def fill(owner_url: str, finished: int) -> None:
    """Copy the last finished runs of the chain and of the decision so often that `finished` more runs stand there."""
    reviewed = finished // REVIEWED
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for slug, times in (("bench-chain-2", finished - reviewed), ("bench-decision", reviewed)):
            original = Run.objects.filter(workflow__slug=slug, status=RunStatus.DONE).latest("pk").pk
            for first in range(0, times, BATCH):
                with connection.transaction():
                    _copy(connection, original, min(BATCH, times - first))
        for table in OWN:
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))


def wait(owner_url: str, times: int) -> None:
    """Copy every open review with its run and its steps, each so often. Their entries in the ledger are not copied."""
    tables = {name: OWN[name] for name in ("orchestration_run", "orchestration_steprun", "reviews_review")}
    originals = list(Review.objects.open().order_by("id").values_list("run_id", flat=True))
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for original in originals:
            with connection.transaction():
                rows = {table: _rows(connection, table, original, times) for table in tables}
                for table, copied in rows.items():
                    connection.execute(_insert(connection, table, rows), {"last": times - 1, "ids": copied.ids})
        for table in (*tables, "reviews_findable"):
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))


def _copy(connection: Connection, original: int, times: int) -> None:
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])  # the sealer gives no numbers meanwhile
    rows = {table: _rows(connection, table, original, times) for table in OWN}
    for table, copied in rows.items():
        if copied.ids:
            connection.execute(_insert(connection, table, rows), {"last": times - 1, "ids": copied.ids})


def _rows(connection: Connection, table: str, original: int, times: int) -> Rows:
    own, belongs = OWN[table]
    found = connection.execute(f"SELECT {own} FROM {table} WHERE {belongs} ORDER BY 1", [original])
    ids = [int(row[0]) for row in found]
    return Rows(ids, _reserve(connection, table, own, len(ids) * times))


def _reserve(connection: Connection, table: str, own: str, count: int) -> int:
    """Keep `count` numbers; what is returned is the one before them."""
    if own == "leaf_index":
        taken = connection.execute("SELECT coalesce(max(leaf_index), -1) FROM audit_leaf").fetchone()
    elif own == "id":
        sequence = "pg_get_serial_sequence(%s, 'id')"
        taken = connection.execute(f"SELECT nextval({sequence})", [table]).fetchone()
        assert taken
        connection.execute(f"SELECT setval({sequence}, %s)", [table, taken[0] + count])
    else:
        return 0
    assert taken
    return int(taken[0])


def _insert(connection: Connection, table: str, rows: dict[str, Rows]) -> sql.Composed:
    columns = connection.execute(COLUMNS, [table]).fetchall()
    own = OWN[table][0]
    return sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values} FROM {table}, generate_series(0, %(last)s) AS k "
        "WHERE {own} = ANY(%(ids)s)"
    ).format(
        table=sql.Identifier(table),
        own=sql.Identifier(own),
        names=sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns),
        values=sql.SQL(", ").join(_value(table, name, kind, rows) for name, kind in columns),
    )


def _value(table: str, name: str, kind: str, rows: dict[str, Rows]) -> sql.Composable:
    """What stands in a column of a copy: the same, but for numbers and what points to them."""
    column = sql.Identifier(name)
    if kind == "uuid":
        return sql.SQL("md5({}::text || ':' || {} + k)::uuid").format(column, rows["orchestration_run"].before)
    if name == "object_id":
        cases = [
            sql.SQL("WHEN {} THEN ({})::text").format(object_type, rows[owner].number(sql.SQL("object_id::bigint")))
            for object_type, owner in OBJECTS.items()
        ]
        return sql.SQL("CASE object_type {} ELSE object_id END").format(sql.SQL(" ").join(cases))
    if pointed := POINTS_TO.get(name):
        return rows[pointed].number(column)
    return rows[table].number(column) if name == OWN[table][0] else column
