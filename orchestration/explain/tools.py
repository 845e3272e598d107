"""What the pages of tools show: each with how often it was called, and one with all that is known of it."""

from collections.abc import Iterable
from typing import Any

from audit import hot
from audit.clock_time import now
from audit.differences import Piece, pieces
from audit.models import Event, User
from orchestration import credentials, waived
from orchestration.catalog import inquiring, signing, tooling, using, warning
from orchestration.models import Limit, Run, StepRun, Tool
from orchestration.models.catalog import WHY_NOT

CALLS, TESTS, EVENTS = 10, 5, 12  # that the page of a tool shows
MOST = 1000  # calls are counted no further
USED = """
WITH s AS MATERIALIZED (
    SELECT id, spec->>'tool' AS tool FROM orchestration_step WHERE kind = 'tool' AND spec->>'tool' = ANY(%s::text[])
)
SELECT t.name, (SELECT count(*) FROM (
    SELECT FROM s JOIN orchestration_steprun r ON r.step_id = s.id WHERE s.tool = t.name AND r.fence > 0 LIMIT %s::int
) called) FROM unnest(%s::text[]) AS t (name)
"""


def lines(rows: Iterable[Tool]) -> list[dict[str, Any]]:
    """Each tool with why it may not be called, and how often it was."""
    rows, today = list(rows), waived.today(now())
    names = [row.name for row in rows]
    used: dict[str, int] = dict(hot.rows(USED, [names, MOST, names])) if names else {}
    return [{"row": row, "why": row.why_not(today), "used": used.get(row.name, 0)} for row in rows]


def whole(row: Tool, user: User) -> dict[str, Any]:
    """All that is known of one tool, as far as this person may see its calls."""
    why_not = row.why_not(waived.today(now()))
    said = row.declaration
    steps = StepRun.objects.filter(step__kind="tool", step__spec__tool=row.name, fence__gt=0)
    secret = row.connection.secret if row.connection else row.secret
    tests = row.inquiries.select_related("asked_by").order_by("-pk")
    return {
        "row": row,
        "why_not": why_not,
        "why": WHY_NOT.get(why_not, ""),
        "facts": tooling.facts_of(row)[1:] if said else [],
        "warnings": warning.of(said),
        "schema": tooling.as_text(said.get("arguments")),
        "difference": difference(row),
        "gone": row.offered == {},
        "key_missing": credentials.missing([secret]).get(secret, ""),
        "proposal": signing.open_proposal(tooling.ACT, row),
        "holders": using.holders(row),
        "at_once": Limit.objects.filter(lane=f"tool:{row.name}").values_list("at_once", flat=True).first(),
        "calls": steps.filter(run__in=Run.objects.seen_by(user))
        .select_related("run", "step__parent")
        .order_by("-pk")[:CALLS],
        "used": lines([row])[0]["used"],
        "tests": tests[:TESTS],
        "testing": tests.filter(ended_at=None).exists(),
        "untried": inquiring.why_untried(row),
        "events": Event.objects.filter(object_type="tool", object_id=str(row.pk))
        .select_related("personal")
        .order_by("-pk")[:EVENTS],
    }


def difference(row: Tool) -> list[Piece]:
    """How what is declared now differs from what was signed, word by word."""
    if not row.offered:
        return []
    return pieces(tooling.as_text(row.declaration), tooling.as_text(row.offered))
