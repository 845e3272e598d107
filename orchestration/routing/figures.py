"""How a step does on a model: its own metrics, seconds, tokens and cost, read from the ledger by the clock.

A projection: it is worked out from sealed events in their order, and can be made anew from the first one.
"""

import json
import time
from collections.abc import Iterable, Mapping
from decimal import Decimal
from statistics import fmean
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max

from audit import hot
from audit.models import Leaf
from audit.ticks import tick
from orchestration.models import FigureMark, ModelFigure
from orchestration.routing.asked import Figure

KEPT = 5.0  # seconds that figures are remembered
RECENT = 200  # tries that count
BATCH = 2000  # leaves in one go
ENDED = """
SELECT s.workflow_id, st.key, a.model,
    extract(epoch FROM a.ended_at - a.started_at)::float8, a.tokens_out, a.cost, s.metrics
FROM unnest(%s::bigint[]) WITH ORDINALITY AS ended (id, n)
JOIN orchestration_steprun s ON s.id = ended.id
JOIN orchestration_step st ON st.id = s.step_id
CROSS JOIN LATERAL (
    SELECT * FROM orchestration_attempt WHERE step_run_id = s.id AND model <> '' AND result IN ('done', 'waiting')
    ORDER BY fence DESC LIMIT 1) a
ORDER BY ended.n
"""
DONE = """
SELECT e.object_id FROM audit_leaf l JOIN audit_event e ON e.id = l.event_id
WHERE l.leaf_index > %s AND l.leaf_index <= %s AND e.kind = 'steprun.done' ORDER BY l.leaf_index
"""

UNIQUE = ["workflow", "step", "model"]
NAMES = ["recent", "runs", "measured", "met", "p50", "p95", "tokens_out", "cost"]

_kept: dict[tuple[int, str], tuple[float, Mapping[str, Figure]]] = {}


class Did(NamedTuple):
    """One try that did a step's work: on which model, in how many seconds, and whether its metrics were met."""

    workflow_id: int
    step: str
    model: str
    seconds: float
    tokens_out: int
    cost: Decimal
    met: bool | None


def of(workflow_id: int, step: str) -> Mapping[str, Figure]:
    """The figures of a step, by model; a few seconds old at the most."""
    key, moment = (workflow_id, step), time.monotonic()
    if key not in _kept or moment - _kept[key][0] > KEPT:
        rows = ModelFigure.objects.filter(workflow=workflow_id, step=step).defer("recent")
        _kept[key] = moment, {row.model: _figure(row) for row in rows}
    return _kept[key][1]


def forget() -> None:
    """Read them again at the next chance."""
    _kept.clear()


def _figure(row: ModelFigure) -> Figure:
    return Figure(row.runs, row.measured, row.met, row.p50, row.p95, row.tokens_out, row.cost)


@tick("figures", every=5)
def count() -> int:
    """Read on in the ledger, and bring the figures up to it. Returns how many tries were counted."""
    counted = 0
    while (came := _count()) is not None:
        counted += came
    return counted


@transaction.atomic
def _count() -> int | None:
    """One go: how many tries were counted, or None at the end of the ledger."""
    mark, _made = FigureMark.objects.select_for_update().get_or_create(pk=1)
    head = Leaf.objects.aggregate(head=Max("leaf_index"))["head"]
    until = min(mark.leaf + BATCH, head if head is not None else -1)
    if until <= mark.leaf:
        return None
    ended = [int(pk) for (pk,) in hot.rows(DONE, [mark.leaf, until])]
    tries = [Did._make((*row[:6], met(json.loads(row[6])))) for row in hot.rows(ENDED, [ended])] if ended else []
    _add(tries)
    FigureMark.objects.filter(pk=mark.pk).update(leaf=until)
    return len(tries)


def met(metrics: Iterable[dict[str, Any]]) -> bool | None:
    """Whether a try met all metrics of its step that were measured; None where none was."""
    measured = [one["met"] for one in metrics if one.get("met") is not None]
    return all(measured) if measured else None


def _add(tries: Iterable[Did]) -> None:
    by: dict[tuple[int, str, str], list[Did]] = {}
    for one in tries:
        by.setdefault((one.workflow_id, one.step, one.model), []).append(one)
    known = ModelFigure.objects.filter(
        workflow__in={key[0] for key in by}, step__in={key[1] for key in by}, model__in={key[2] for key in by}
    )
    rows = {(row.workflow_id, row.step, row.model): row for row in known}
    for key, came in by.items():
        row = rows.setdefault(key, ModelFigure(workflow_id=key[0], step=key[1], model=key[2]))
        _work_out(row, came)
    changed = [rows[key] for key in by]
    ModelFigure.objects.bulk_create(changed, update_conflicts=True, update_fields=NAMES, unique_fields=UNIQUE)


def _work_out(row: ModelFigure, came: Iterable[Did]) -> None:
    new = [[round(one.seconds * 1000), one.tokens_out, str(one.cost), one.met] for one in came]
    row.recent = [*row.recent, *new][-RECENT:]
    seconds = sorted(one[0] / 1000 for one in row.recent)
    measured = [one[3] for one in row.recent if one[3] is not None]
    row.runs, row.measured, row.met = len(row.recent), len(measured), sum(measured)
    row.p50, row.p95 = _at(seconds, 0.5), _at(seconds, 0.95)
    row.tokens_out = fmean(one[1] for one in row.recent)
    row.cost = sum((Decimal(one[2]) for one in row.recent), Decimal(0)) / len(row.recent)


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
