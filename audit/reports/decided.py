"""Decisions and lapses as the ledger tells them. Those that were undone do not count. No working table is read."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from audit.reports.wanted import Wanted
from audit.sight import Reach

type Row = dict[str, Any]

COUNTED = """
undone AS MATERIALIZED (
    SELECT (body::jsonb ->> 'undone')::uuid AS event_id FROM audit_event
    WHERE kind = 'review.open' AND actor_kind = 'person' AND occurred_at >= %(since)s
), counted AS (
    SELECT e.*, e.occurred_at AS at FROM audit_event e
    WHERE e.kind = ANY(%(kinds)s) AND e.workflow_id = ANY(%(workflows)s)
        AND e.occurred_at >= %(since)s AND e.occurred_at < %(until)s
        AND (e.run_id IS NULL OR e.run_id <> ALL(%(hidden)s::bigint[]))
        AND NOT EXISTS (SELECT FROM undone WHERE undone.event_id = e.event_id)
)
"""
TOLD = """
told AS (
    SELECT e.id, e.event_id, e.at, e.run_id, e.workflow_id, e.actor_id, b.*,
        CASE WHEN e.kind = 'review.lapsed' THEN 'lapsed' WHEN e.kind = 'review.sent_back' THEN 'sent_back'
            WHEN b.outcome IS NOT NULL THEN 'own' WHEN e.kind = 'review.rejected' THEN 'rejected'
            WHEN b.edited THEN 'edited' ELSE 'written' END AS verdict,
        e.kind <> 'review.lapsed' AS by_people, e.kind = 'review.approved' AS agreed,
        extract(epoch FROM coalesce(b.decided_at, e.at) - b.asked_at)::float8 AS waited,
        round(extract(epoch FROM b.due_at - b.asked_at))::float8 AS allowed
    FROM counted e CROSS JOIN LATERAL jsonb_to_record(e.body::jsonb) AS b (
        workflow text, version int, step text, rule text, confidence float8, edited boolean,
        outcome text, back_to text, asked_at timestamptz, due_at timestamptz, decided_at timestamptz)
), decided AS (
    SELECT told.*, by_people AND decided_at > due_at AS late, agreed AND waited < %(hasty_seconds)s AS hasty,
        CASE WHEN confidence < 1 THEN floor(confidence * 10) WHEN confidence >= 1 THEN 9 END::int AS tenth,
        width_bucket(waited, %(edges)s::float8[]) AS bin
    FROM told
)
"""
DECIDED = f"{COUNTED}, {TOLD}"
PAGE = """
WITH {decided}
SELECT decided.*, personal.data AS private
FROM decided LEFT JOIN audit_personal personal ON personal.event_id = decided.id
WHERE {where} AND {place} ORDER BY decided.id {order} LIMIT %(limit)s
"""
COUNT = "WITH {decided} SELECT count(*) AS count FROM {rows} WHERE {where}"
WORKFLOWS = """
SELECT DISTINCT ON (workflow_id) workflow_id AS id, body::jsonb ->> 'workflow' AS name FROM audit_event
WHERE kind IN ('workflow.active', 'version.published') AND workflow_id = ANY(%(workflows)s)
ORDER BY workflow_id, id DESC
"""
NAMES = """
SELECT person AS id, (
    SELECT p.data::jsonb ->> 'actor' FROM audit_event e JOIN audit_personal p ON p.event_id = e.id
    WHERE e.actor_kind = 'person' AND e.actor_id = person ORDER BY e.id DESC LIMIT 1
) AS name FROM unnest(%(people)s::text[]) AS person
"""


def ask(question: str, values: dict[str, Any]) -> list[Row]:
    """The rows that answer a question, each by column name."""
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def values(wanted: Wanted, reach: Reach) -> dict[str, Any]:
    """What the questions here need to know."""
    span = {"since": wanted.period.start, "until": wanted.period.end}
    return {**wanted.values(), **span, "workflows": reach.workflows, "hidden": reach.hidden}


def page(wanted: Wanted, reach: Reach, *, before: int | None, after: int | None, limit: int) -> list[Row]:
    """Decisions, newest first from `before` on; with `after`, oldest first from there."""
    place, order = ("decided.id > %(after)s", "ASC") if after is not None else ("decided.id < %(before)s", "DESC")
    question = PAGE.format(decided=DECIDED, where=wanted.where(), place=place, order=order)
    bounds = {"before": 2**62 if before is None else before, "after": after, "limit": limit}
    return ask(question, values(wanted, reach) | bounds)


def count(wanted: Wanted, reach: Reach) -> int:
    """How many there are. What is narrowed by workflow alone is counted without reading what the entries tell."""
    plain = set(wanted.narrowed) <= {"workflow"}
    decided, rows = (COUNTED, "counted") if plain else (DECIDED, "decided")
    question = COUNT.format(decided=decided, rows=rows, where=wanted.where())
    return int(ask(question, values(wanted, reach))[0]["count"])


def workflow_names(workflows: Sequence[int]) -> dict[int, str]:
    """The newest name of each workflow, as the ledger knows it."""
    return {row["id"]: row["name"] for row in ask(WORKFLOWS, {"workflows": list(workflows)})}


def names(people: Sequence[str]) -> dict[str, str]:
    """The names of people by their ids; somebody whose name was erased is missing."""
    return {row["id"]: row["name"] for row in ask(NAMES, {"people": list(people)}) if row["name"]}
