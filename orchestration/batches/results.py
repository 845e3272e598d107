"""The results of an upload as a file: its own columns, and beside each row what became of it."""

import csv
import io
import json
import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from audit import sight
from audit.models import User
from audit.reading.exports import Slice, cell
from orchestration.batches.reading import CSV
from orchestration.contents import MARK, is_reference, load_all
from orchestration.models import Attempt, Upload, UploadRow
from orchestration.states import FireResult, RunStatus

SLICE = 500
HIDDEN = "hidden for now"
MORE = ("line", "run", "state", "outcome", "result", "error")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*")  # no spreadsheet takes it for a formula
NOT_STARTED = {"": "waits", FireResult.REFUSED: "refused", FireResult.FAILED: "could not be read"}


def of(upload: Upload, user: User) -> Slice:
    """Slice after slice of its rows, in their order. Of runs that are hidden from `user` for now, no more than that."""
    return partial(_slice, upload, frozenset(sight.hidden(user)))


def _slice(upload: Upload, hidden: frozenset[int], after: int) -> tuple[str, int] | None:
    rows = UploadRow.objects.filter(upload=upload, number__gt=max(after, 0)).select_related("run").order_by("number")
    found = list(rows.defer("run__input")[:SLICE])
    if not found:
        return (_written(upload, []), upload.total) if after < 0 else None
    errors, results = _errors(found), _results(found)
    lines = ([*_own(upload, row), *_became(row, hidden, errors, results)] for row in found)
    return _written(upload, lines, head=after < 0), found[-1].number


def _own(upload: Upload, row: UploadRow) -> list[Any]:
    if upload.form == CSV:
        width = len(upload.columns)
        return [*row.cells, *[""] * width][:width]
    return [_plain(row.cells.get(name)) for name in upload.columns]


def _became(row: UploadRow, hidden: frozenset[int], errors: dict[int, str], results: dict[str, Any]) -> list[Any]:
    told = "; ".join(f"{where}: {said}" if where else said for where, said in row.problems or ())
    if (run := row.run) is None:
        return [row.line, "", NOT_STARTED[row.result], "", "", told]
    if run.pk in hidden:
        return [row.line, run.pk, HIDDEN, "", "", ""]
    result: Any = run.result
    if is_reference(result):
        result = results[result[MARK]]
    return [row.line, run.pk, str(run.status), run.outcome, _plain(result), errors.get(run.pk, "")]


def _plain(value: Any) -> Any:
    """What a cell can hold: a list or an object as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)


def _results(rows: Iterable[UploadRow]) -> dict[str, Any]:
    found: list[Any] = [row.run.result for row in rows if row.run is not None]
    return load_all(filter(is_reference, found))


def _errors(rows: Iterable[UploadRow]) -> dict[int, str]:
    """Why the runs that failed did: what their last try that failed said, in one query."""
    failed = [row.run_id for row in rows if row.run is not None and row.run.status == RunStatus.FAILED]
    if not failed:
        return {}
    tries = Attempt.objects.filter(step_run__run__in=failed, result="failed").order_by("step_run__run_id", "-id")
    return dict(tries.distinct("step_run__run_id").values_list("step_run__run_id", "error"))


def _written(upload: Upload, lines: Iterable[list[Any]], *, head: bool = True) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    if head:
        writer.writerow([cell(name) for name in (*upload.columns, *_names(upload.columns))])
    writer.writerows([_safe(value) for value in line] for line in lines)
    return file.getvalue()


def _names(columns: list[str]) -> list[str]:
    """What our columns are called: apart from those of the file."""
    return [f"handrail {name}" if name in columns else name for name in MORE]


def _safe(value: Any) -> Any:
    return value if isinstance(value, str) and NUMBER.fullmatch(value) else cell(value)
