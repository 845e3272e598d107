"""What the pages of agents show: each with what it did, and one with all that is known of it."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any, NamedTuple

from audit import hot
from audit.differences import Piece, pieces
from audit.models import Event, User
from orchestration import waived
from orchestration.agents import signing, text
from orchestration.callables import AT
from orchestration.models import Agent, AgentVersion, Run, Step, StepRun, Tool, Workflow
from orchestration.models.catalog import WHY_NOT

MOST = 200  # of what it did, the newest, are counted
VERSIONS, RUNS, EVENTS, WORKFLOWS = 10, 10, 12, 50  # that the page of an agent shows
DID = """
WITH s AS MATERIALIZED (
    SELECT id, split_part(spec->>'agent', '@', 1) AS agent FROM orchestration_step
    WHERE kind = 'agent' AND split_part(spec->>'agent', '@', 1) = ANY(%s::text[])
)
SELECT a.name, count(r.id), count(*) FILTER (WHERE r.status IN ('done', 'failed', 'cancelled')),
    count(*) FILTER (WHERE r.status = 'done'), coalesce(sum(c.calls), 0)::int,
    coalesce(sum(own.cost), 0) + coalesce(sum(c.cost), 0)
FROM unnest(%s::text[]) AS a (name)
CROSS JOIN LATERAL (
    SELECT r.id, r.status FROM s JOIN orchestration_steprun r ON r.step_id = s.id
    WHERE s.agent = a.name AND r.fence > 0 ORDER BY r.id DESC LIMIT %s::int
) r
CROSS JOIN LATERAL (SELECT sum(t.cost) AS cost FROM orchestration_attempt t WHERE t.step_run_id = r.id) own
CROSS JOIN LATERAL (
    SELECT count(*) AS calls, sum((SELECT sum(t.cost) FROM orchestration_attempt t WHERE t.step_run_id = k.id)) AS cost
    FROM orchestration_steprun k WHERE k.parent_id = r.id AND k.given IS NOT NULL AND k.undoes_id IS NULL
) c
GROUP BY a.name
"""


class Did(NamedTuple):
    """What an agent did of late: how often it worked, how often that ended and went well, its calls, US dollars."""

    worked: int = 0
    ended: int = 0
    done: int = 0
    calls: int = 0
    cost: Decimal = Decimal(0)

    @property
    def share(self) -> float | None:
        """The share of what ended that went well."""
        return self.done / self.ended if self.ended else None


class Held(NamedTuple):
    """A tool of an agent: its row, why it is not called, and whether this agent may use it."""

    name: str
    row: Tool | None
    why: str
    may: bool


def did(names: Sequence[str]) -> Mapping[str, Did]:
    """What these agents did, in one query."""
    if not names:
        return {}
    return {name: Did(*figures) for name, *figures in hot.rows(DID, [list(names), list(names), MOST])}


def lines(rows: Iterable[Agent]) -> list[dict[str, Any]]:
    """Each agent with its tools and what it did."""
    rows = list(rows)
    known = did([row.name for row in rows])
    return [{"row": row, "tools": tools_of(row), "did": known.get(row.name, Did())} for row in rows]


def tools_of(row: Agent) -> list[str]:
    """The names of the tools that it may ask for, as it was signed."""
    return list(row.current.document["tools"]) if row.current is not None else []


def whole(row: Agent, user: User) -> dict[str, Any]:
    """All that is known of one agent, as far as this person may see what it did."""
    steps = StepRun.objects.filter(step__kind="agent", step__spec__agent__startswith=f"{row.name}{AT}", fence__gt=0)
    seen = steps.filter(run__in=Run.objects.seen_by(user)).select_related("run", "step")
    versions = list(row.versions.select_related("proposed_by", "signed_by")[: VERSIONS + 1])
    told = [_told(one, before) for one, before in zip_longest(versions, versions[1:])]
    open_one = signing.open_proposal(row)
    changed = row.current is None or row.current.source != row.source
    return {
        "row": row,
        "facts": signing.facts_of(row.current.document) if row.current is not None else [],
        "tools": held(row),
        "versions": told[:VERSIONS],
        "changed": changed,
        "difference": difference(row) if changed else [],
        "problems": text.problems(row.source) if changed else [],
        "proposal": open_one,
        "did": did([row.name]).get(row.name, Did()),
        "most": MOST,
        "runs": seen.order_by("-pk")[:RUNS],
        "uses": uses(row, user),
        "events": Event.objects.filter(object_type="agent", object_id=str(row.pk))
        .select_related("personal")
        .order_by("-pk")[:EVENTS],
    }


def held(row: Agent) -> list[Held]:
    """Its tools, with what their calls do. Two queries."""
    names = tools_of(row)
    rows = {one.name: one for one in Tool.objects.filter(name__in=names).select_related("connection")}
    given = set(Tool.objects.filter(name__in=names, uses__agent=row.name).values_list("name", flat=True))
    return [_held(name, rows.get(name), name in given) for name in names]


def _held(name: str, row: Tool | None, given: bool) -> Held:
    if row is None:
        return Held(name, None, "", may=False)
    why = row.why_not(waived.today())
    return Held(name, row, str(WHY_NOT.get(why, why)), row.for_all or given)


def uses(row: Agent, user: User) -> list[dict[str, Any]]:
    """The steps of current versions that it does, in workflows that this person may see."""
    current = Workflow.objects.allowed(user, "view").exclude(current=None).values("current")
    steps = Step.objects.filter(kind="agent", spec__agent__startswith=f"{row.name}{AT}", version__in=current)
    found = steps.select_related("version__workflow").order_by("version__workflow__name", "position")[:WORKFLOWS]
    return [{"step": one, "number": int(one.spec["agent"].partition(AT)[2])} for one in found]


def difference(row: Agent) -> list[Piece]:
    """How its text differs from what is signed, word by word."""
    return pieces(row.current.source, row.source) if row.current is not None else []


def _told(version: AgentVersion, before: AgentVersion | None) -> dict[str, Any]:
    """A version, and how it came out of the one before it."""
    return {"row": version, "pieces": pieces(before.source, version.source) if before is not None else []}
