"""The work on uploads, piece by piece: rows are looked through, and start their runs. Each piece is one transaction.

The clock does it: it is there when every worker and the web are dead, and another goes on when it dies. What was done
stands in the rows; a row and the run that it starts are committed together. Two at work on one upload take different
rows and wait for nothing of each other's; whoever stops an upload waits for the pieces at hand, and no more.
"""

import logging
import time
from collections.abc import Sequence
from typing import Any, cast

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from audit import hot
from audit import rows as bulk
from audit.actors import CLOCK, Actor
from audit.clock_time import HandrailNow
from audit.moves import move
from audit.rows import Change
from audit.ticks import tick
from orchestration import control, engine, rights
from orchestration.batches import mapping
from orchestration.models import TriggerFire, Upload, UploadRow, Version
from orchestration.models.batches import AT_WORK
from orchestration.starts import BadInput, CannotStart, current_version
from orchestration.states import BrakeStatus, FireResult, TriggerStatus, UploadStatus

BUDGET = 0.4  # seconds at a time: the clock has other things to do
LOOKED_AT = 200  # rows a piece
STARTED = 50
UPLOADS = 20  # at once
BROKE = "Handrail broke while making a run of this. The log says more."
# Who stops an upload or pauses its trigger waits for these; others who share them do not.
SHARED = "SELECT id FROM orchestration_upload WHERE id = %s AND status = %s FOR SHARE"
SHARED_TRIGGER = "SELECT id FROM orchestration_trigger WHERE id = %s AND status = %s FOR SHARE"

logger = logging.getLogger("uploads")


class NotAllowed(Exception):
    """Whoever sent the rows may start no runs of the workflow now."""


@tick("uploads", every=0.5)
def work() -> int:
    """Go on with the uploads for a moment, a piece of each in turn. Returns how many rows were done with."""
    until, done = time.monotonic() + BUDGET, 0
    left = list(Upload.objects.filter(status__in=AT_WORK).order_by("?").values_list("pk", flat=True)[:UPLOADS])
    while left and time.monotonic() < until:
        pk = left.pop(0)
        if rows := piece(pk):
            left.append(pk)
            done += rows
    return done


def go_on_with(pk: int, seconds: float) -> None:
    """Go on with one upload for that long: a short file is then looked through before the page answers."""
    until = time.monotonic() + seconds
    while piece(pk) and time.monotonic() < until:
        pass


def piece(pk: int) -> int:
    """The next piece of an upload; 0 when there is nothing to do, or something holds it back."""
    status = Upload.objects.filter(pk=pk).values_list("status", flat=True).first()
    if status == UploadStatus.CHECKING:
        return look_through(pk) or _looked_through(pk)
    if status == UploadStatus.STARTING and control.brake().status != BrakeStatus.PULLED:
        return start_some(pk) or _finish(pk)
    return 0


@transaction.atomic
def look_through(pk: int) -> int:
    """Look at the next rows: whether each would start a run. Nothing starts."""
    if (upload := _shared(pk, UploadStatus.CHECKING)) is None or upload.version is None:
        return 0
    found, changes = _next(upload, LOOKED_AT, fits=None), []
    for row in found:
        wrong = _wrong(upload, upload.version, row)
        changes.append(Change(row, {"fits": None}, {"fits": not wrong, "problems": wrong or None}))
    bulk.update(changes)
    return len(found)


def _wrong(upload: Upload, version: Version, row: UploadRow) -> mapping.Problems:
    try:
        return mapping.wrong(version, upload.mapping, mapping.row_of(upload, row.cells))
    except Exception:
        logger.exception("Handrail broke at row %s of upload %s.", row.number, upload.pk)
        return [("", BROKE)]


@transaction.atomic
def _looked_through(pk: int) -> int:
    upload = _whole(pk)
    if upload.status == UploadStatus.CHECKING and not upload.rows.filter(result="", fits=None).exists():
        fit = upload.rows.filter(result="", fits=True).count()
        told = {"body": {"rows": fit, "left_out": upload.total - fit}, **_title(upload)}
        move(upload, UploadStatus.CHECKED, actor=_actor(upload), told=told)
    return 0


def start_some(pk: int) -> int:
    """Start the runs of the next rows; or say why the rest starts none."""
    try:
        return _start(pk)
    except NotAllowed as refused:
        return _refuse_rest(pk, str(refused))
    except CannotStart as stopped:
        return _halt(pk, str(stopped))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Handrail broke at some rows of upload %s; they are tried one by one.", pk)
    return _one_by_one(pk)


@transaction.atomic
def _start(pk: int, only: int | None = None) -> int:
    if (upload := _shared(pk, UploadStatus.STARTING)) is None or upload.trigger is None:
        return 0
    if not hot.rows(SHARED_TRIGGER, [upload.trigger_id, TriggerStatus.ACTIVE.value]):
        return 0  # paused: the rows wait
    if "start" not in rights.afresh(upload.by_id, upload.workflow_id).may:
        raise NotAllowed(_("%(who)s may not start runs of %(workflow)s.") % _who(upload))
    version = current_version(upload.workflow)
    found = _next(upload, STARTED, fits=True, **({"pk": only} if only else {}))
    ready, changes = [], []
    for row in found:
        try:
            ready.append((row, mapping.made(version, upload.mapping, mapping.row_of(upload, row.cells))))
        except BadInput as error:
            changes.append(_refused(upload, row, error, version))
    inputs = [given for _row, given in ready]
    who: dict[str, Any] = {"actor": _actor(upload), "started_by": upload.by, "trigger": upload.trigger}
    begun = engine.start_many(version, inputs, **who) if inputs else []
    for (row, _given), run in zip(ready, begun, strict=True):
        if isinstance(run, BadInput):
            changes.append(_refused(upload, row, run, version))
        else:
            changes.append(
                Change(row, {"result": "", "run": None}, {"result": FireResult.STARTED.value, "run": run.pk})
            )
    if bulk.update(changes):
        raise AssertionError("A row that is held cannot have changed.")
    _write_down(upload, changes)
    return len(found)


def _write_down(upload: Upload, changes: Sequence[Change]) -> None:
    """What came to the trigger. That a key is taken once holds even for who would undo what the rows say."""
    TriggerFire.objects.bulk_create(
        TriggerFire(
            trigger=upload.trigger,
            key=key_of(cast(UploadRow, change.row)),
            result=change.to["result"],
            run_id=change.to.get("run"),
            told="; ".join(said for _where, said in change.to.get("problems") or ()),
        )
        for change in changes
    )


def key_of(row: UploadRow) -> str:
    """By which the trigger knows a row."""
    return f"row:{row.upload_id}:{row.number}"


def _refused(upload: Upload, row: UploadRow, error: BadInput, version: Version) -> Change:
    problems = mapping.told(error, upload.mapping)
    if version.pk != upload.version_id:
        told = _("Version %d, published meanwhile, takes it no longer.") % (version.number or 0)
        problems = [*problems, ("", told)]
    return Change(row, {"result": ""}, {"result": FireResult.REFUSED.value, "problems": problems})


def _one_by_one(pk: int) -> int:
    """Each by itself, so that the one that breaks us holds up no other."""
    waiting = UploadRow.objects.filter(upload=pk, result="", fits=True).order_by("number")
    for row in (rows := list(waiting.values_list("pk", flat=True)[:STARTED])):
        try:
            _start(pk, only=row)
        except (OperationalError, InterfaceError, NotAllowed, CannotStart):
            raise
        except Exception:
            logger.exception("Handrail broke at row %s of upload %s.", row, pk)
            UploadRow.objects.filter(pk=row, result="").update(result=FireResult.FAILED, problems=[["", BROKE]])
    return len(rows)


@transaction.atomic
def _refuse_rest(pk: int, told: str) -> int:
    upload = _whole(pk)
    if upload.status != UploadStatus.STARTING:
        return 0
    rest = upload.rows.filter(result="", fits=True)
    return rest.update(result=FireResult.REFUSED, problems=[["", told]])


@transaction.atomic
def _halt(pk: int, why: str) -> int:
    """Nothing can start now, and may later: it is stopped, and can go on."""
    upload = _whole(pk)
    if upload.status == UploadStatus.STARTING:
        told = {"personal": {"title": upload.name, "reason": why}}
        move(upload, UploadStatus.STOPPED, actor=_actor(upload), told=told, why=why)
    return 0


@transaction.atomic
def _finish(pk: int) -> int:
    upload = _whole(pk)
    if upload.status == UploadStatus.STARTING and not upload.rows.filter(result="", fits=True).exists():
        started = upload.rows.filter(result=FireResult.STARTED).count()
        told = {"body": {"rows": started, "left_out": upload.total - started}, **_title(upload)}
        move(upload, UploadStatus.DONE, actor=_actor(upload), told=told, ended_at=HandrailNow())
    return 0


def _shared(pk: int, status: UploadStatus) -> Upload | None:
    """The upload, held against whoever would stop it, if that is how it stands."""
    if not hot.rows(SHARED, [pk, status.value]):
        return None
    about = Upload.objects.select_related("workflow__current", "version__workflow", "trigger", "by")
    return about.get(pk=pk)


def _whole(pk: int) -> Upload:
    """The upload, once every piece at hand is done."""
    return Upload.objects.select_for_update(of=("self",), no_key=True).select_related("workflow", "by").get(pk=pk)


def _next(upload: Upload, most: int, **which: Any) -> list[UploadRow]:
    """The next rows that nobody else is at, held until the commit."""
    waiting = UploadRow.objects.filter(upload=upload, result="", **which).order_by("number")
    return list(waiting.select_for_update(skip_locked=True, no_key=True)[:most])


def _actor(upload: Upload) -> Actor:
    return CLOCK.acting_for("person", upload.by_id)


def _title(upload: Upload) -> dict[str, Any]:
    return {"personal": {"title": upload.name}}


def _who(upload: Upload) -> dict[str, str]:
    return {"who": str(upload.by), "workflow": upload.workflow.name}
