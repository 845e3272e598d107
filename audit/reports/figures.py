"""The figures of a report, all from one pass over the decisions, and what the models cost from a second."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from audit.reports import intervals, verdicts
from audit.reports.decided import COUNTED, DECIDED, Row, ask, values
from audit.reports.intervals import Interval
from audit.reports.periods import Period
from audit.reports.wanted import Wanted
from audit.sight import Reach

# A kind of grouping -> GROUPING(bar, workflow_id, actor_id, tenth, bin): a 0 bit where the column is grouped by.
ALL, BAR, WORKFLOW, PERSON, SCORE, WAIT = 0b11111, 0b01111, 0b10111, 0b11011, 0b11101, 0b11110

SLICED = """
sliced AS (
    SELECT {rows}.*, at >= %(start)s AS current,
        width_bucket(at, CASE WHEN at >= %(start)s THEN %(bars)s::timestamptz[]
                              ELSE %(bars_before)s::timestamptz[] END) AS bar
    FROM {rows} WHERE {where} AND (at >= %(start)s OR at < %(end_before)s)
)
"""
FIGURES = """
WITH {decided}, {sliced}
SELECT current, bar, workflow_id, actor_id, tenth, bin,
    GROUPING(bar, workflow_id, actor_id, tenth, bin) AS grouped,
    count(*) FILTER (WHERE by_people) AS count,
    count(*) FILTER (WHERE verdict = 'written') AS written,
    count(*) FILTER (WHERE verdict = 'edited') AS edited,
    count(*) FILTER (WHERE verdict = 'own') AS own,
    count(*) FILTER (WHERE verdict = 'sent_back') AS sent_back,
    count(*) FILTER (WHERE verdict = 'rejected') AS rejected,
    count(*) FILTER (WHERE verdict = 'lapsed') AS lapsed,
    count(*) FILTER (WHERE agreed AND NOT edited) AS unchanged,
    count(*) FILTER (WHERE late) AS late,
    count(*) FILTER (WHERE hasty) AS hasty,
    avg(confidence) FILTER (WHERE by_people) AS stated,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) FILTER (WHERE by_people) AS half,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY waited) FILTER (WHERE by_people) AS most,
    mode() WITHIN GROUP (ORDER BY allowed) FILTER (WHERE by_people) AS allowed,
    max(version) AS version
FROM sliced
GROUP BY GROUPING SETS (
    (current), (current, bar), (current, workflow_id), (current, actor_id), (current, tenth), (current, bin))
"""
COSTS = """
WITH {counted}, {sliced}, runs AS (
    SELECT DISTINCT ON (current, run_id) current, bar, workflow_id, run_id FROM sliced ORDER BY current, run_id, at
)
SELECT current, bar, workflow_id, GROUPING(bar, workflow_id) << 3 | 7 AS grouped, sum(spent.cost) AS cost
FROM runs CROSS JOIN LATERAL (
    SELECT sum((e.body::jsonb ->> 'cost')::numeric) AS cost FROM audit_event e
    WHERE e.run_id = runs.run_id
        AND e.kind IN ('steprun.done', 'steprun.failed', 'steprun.ready', 'steprun.waiting')
) AS spent
GROUP BY GROUPING SETS ((current), (current, bar), (current, workflow_id))
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """What some decisions come to, and how many lapses stand beside them.

    Times in seconds, cost in US dollars; None where there is nothing to say.
    """

    count: int = 0
    written: int = 0
    edited: int = 0
    own: int = 0
    sent_back: int = 0
    rejected: int = 0
    lapsed: int = 0
    unchanged: int = 0
    late: int = 0
    hasty: int = 0
    stated: float | None = None
    half: float | None = None
    most: float | None = None
    allowed: float | None = None
    version: int | None = None
    cost: Decimal | None = None

    @property
    def ended(self) -> int:
        """All that came to an end: decisions and lapses."""
        return self.count + self.lapsed

    @property
    def as_written(self) -> float | None:
        """The share that people approved as it was written."""
        return self.written / self.count if self.count else None

    @property
    def left_alone(self) -> float | None:
        """The share that people agreed to without a change, be it by an own outcome."""
        return self.unchanged / self.count if self.count else None

    @property
    def overridden(self) -> Interval | None:
        """The share in which people did not leave what the AI wrote but changed, refused or sent it back."""
        return intervals.share(self.count - self.unchanged, self.count)

    @property
    def in_time(self) -> float | None:
        """The share that was decided before it was due."""
        return 1 - self.late / self.count if self.count else None

    @property
    def cost_each(self) -> Decimal | None:
        """What the models of those runs cost, for each decision."""
        return (self.cost or Decimal(0)) / self.count if self.count else None


@dataclass(slots=True)
class Figures:
    """A period's figures, those of the period before, and the ways they part."""

    period: Period
    earlier: Period
    total: Tally = field(default_factory=Tally)
    before: Tally = field(default_factory=Tally)
    bars: dict[int, Tally] = field(default_factory=dict)
    bars_before: dict[int, Tally] = field(default_factory=dict)
    workflows: dict[int, Tally] = field(default_factory=dict)
    people: dict[str, Tally] = field(default_factory=dict)
    scores: dict[int | None, Tally] = field(default_factory=dict)
    waits: dict[int, Tally] = field(default_factory=dict)


# Which figures a kind of grouping fills, and by which column.
PLACES = {
    BAR: ("bars", "bar"),
    WORKFLOW: ("workflows", "workflow_id"),
    PERSON: ("people", "actor_id"),
    SCORE: ("scores", "tenth"),
    WAIT: ("waits", "bin"),
}

OF_PEOPLE = ("people", "scores", "waits")  # where a lapse has no part


def read(wanted: Wanted, reach: Reach, moment: datetime) -> Figures:
    """Ask the ledger for everything that a report shows. `wanted` may be narrowed by workflow alone."""
    figures = Figures(wanted.period, wanted.period.before(moment))
    told = values(wanted, reach) | _spans(figures)
    decided, counted = (SLICED.format(rows=rows, where=wanted.where()) for rows in ("decided", "counted"))
    costs = {_group(row): row["cost"] for row in ask(COSTS.format(counted=COUNTED, sliced=counted), told)}
    both = told | {"kinds": [*verdicts.DECIDED, *verdicts.LAPSED]}
    for row in ask(FIGURES.format(decided=DECIDED, sliced=decided), both):
        _place(figures, row, costs.get(_group(row)))
    return figures


def _spans(figures: Figures) -> dict[str, Any]:
    """Both periods. Bars are numbered from 1 on, each from its first moment."""
    return {
        "since": figures.earlier.start,
        "start": figures.period.start,
        "end_before": figures.earlier.end,
        "bars": figures.period.bars(),
        "bars_before": figures.earlier.bars(figures.period.unit),
    }


def _group(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("current", "grouped", "bar", "workflow_id"))


def _place(figures: Figures, row: Row, cost: Decimal | None) -> None:
    tally = Tally(**{name: row[name] for name in Tally.__dataclass_fields__ if name != "cost"}, cost=cost)
    if row["grouped"] == ALL:
        setattr(figures, "total" if row["current"] else "before", tally)
    elif row["current"]:
        name, column = PLACES[row["grouped"]]
        if not tally.count and name in OF_PEOPLE:
            return
        getattr(figures, name)[row[column]] = tally
    elif row["grouped"] == BAR:
        figures.bars_before[row["bar"]] = tally
