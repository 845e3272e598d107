"""How an upload stands: counted from its rows and their runs, so that it is never wrong."""

from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count
from django.utils.translation import gettext as _

from orchestration.models import Run, StepRun, Upload
from orchestration.states import RUN_LIVE, FireResult, RunStatus, UploadStatus


class Part(NamedTuple):
    """A part of the bar: its class, what it says, how many, and where it stands as text for SVG."""

    state: str
    said: str
    number: int
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows by what became of them, and the runs that they started by their status."""

    total: int
    unread: int  # could not be read, or broke
    fit: int  # of those that wait
    unfit: int
    unseen: int  # not looked at yet
    refused: int
    started: int
    runs: dict[str, int] = field(default_factory=dict)
    people: int = 0  # runs that wait for people

    @property
    def seen(self) -> int:
        """Rows that were looked at."""
        return self.total - self.unseen

    @property
    def of(self) -> int:
        """Rows that were, or are, to start a run."""
        return self.started + self.fit

    @property
    def wrong(self) -> int:
        """Rows that start nothing."""
        return self.unread + self.unfit + self.refused

    @property
    def done(self) -> int:
        """Runs that are done."""
        return self.runs.get(RunStatus.DONE, 0)

    @property
    def failed(self) -> int:
        """Runs that failed."""
        return self.runs.get(RunStatus.FAILED, 0)

    @property
    def cancelled(self) -> int:
        """Runs that were cancelled."""
        return self.runs.get(RunStatus.CANCELLED, 0)

    @property
    def ended(self) -> int:
        """Runs that have ended."""
        return self.done + self.failed + self.cancelled

    @property
    def live(self) -> int:
        """Runs that go on without waiting for anybody."""
        return sum(self.runs.get(status, 0) for status in RUN_LIVE) - self.people

    @property
    def bar(self) -> list[Part]:
        """The rows that were, or are, to start a run, by what has become of them."""
        at, parts = 0, []
        for state, said, count in (
            ("done", _("done"), self.done),
            ("fail", _("failed"), self.failed),
            ("rest", _("cancelled"), self.cancelled),
            ("people", _("waiting for people"), self.people),
            ("now", _("at work"), self.live),
            ("rest", _("to start"), self.fit),
        ):
            whole = max(self.of, 1)
            parts.append(Part(state, said, count, f"{100 * at / whole:.2f}%", f"{100 * count / whole:.2f}%"))
            at += count
        return parts

    @property
    def seen_part(self) -> str:
        """How much was looked at, as text for SVG."""
        return f"{100 * self.seen / max(self.total, 1):.2f}%"


def of(upload: Upload) -> Progress:
    """How it stands now, in at most three queries."""
    counted = upload.rows.values_list("result", "fits").annotate(n=Count("id")).order_by()
    rows = {(result, fits): number for result, fits, number in counted}
    by_result = {result: sum(n for (one, _), n in rows.items() if one == result) for result in ("", *FireResult)}
    started = by_result[FireResult.STARTED]
    runs, people = _runs(upload) if started else ({}, 0)
    return Progress(
        total=upload.total,
        unread=by_result[FireResult.FAILED],
        fit=rows.get(("", True), 0),
        unfit=rows.get(("", False), 0),
        unseen=rows.get(("", None), 0),
        refused=by_result[FireResult.REFUSED],
        started=started,
        runs=runs,
        people=people,
    )


def _runs(upload: Upload) -> tuple[dict[str, int], int]:
    theirs = Run.objects.filter(upload_row__upload=upload)
    runs = dict(theirs.values_list("status").annotate(n=Count("id")).order_by())
    waiting = StepRun.objects.waiting_for_people().filter(run__upload_row__upload=upload)
    live = any(runs.get(status) for status in RUN_LIVE)
    return runs, waiting.values("run").distinct().count() if live else 0


def moves(upload: Upload, progress: Progress) -> bool:
    """Whether anything of it can still change by itself."""
    return upload.status in (UploadStatus.CHECKING, UploadStatus.STARTING) or progress.ended < progress.started
