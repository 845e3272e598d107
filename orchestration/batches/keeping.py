"""What people do with an upload: say what becomes of its columns, start it, stop it, let it go on, throw it away."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import person
from audit.clock_time import HandrailNow
from audit.models import User
from audit.moves import IllegalMove, begin, move
from orchestration import rights, starts
from orchestration.batches import mapping, receiving
from orchestration.batches.mapping import Mapping
from orchestration.models import Trigger, Upload, Workflow
from orchestration.starts import CannotStart, current_version
from orchestration.states import FireResult, TriggerStatus, UploadStatus
from orchestration.triggers.kinds import UPLOAD


class BadMapping(ValueError):
    """The mapping cannot be used. `problems` names each field (or "") with a sentence."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{where}: {told}" for where, told in problems))
        self.problems = problems


class CannotUpload(Exception):
    """It cannot be done as things stand: a sentence that says why."""


@transaction.atomic
def look_through(pk: int, wanted: Mapping, *, by: User) -> None:
    """Say where each field comes from, and have every row looked at by it. Nothing starts. Raises `BadMapping`."""
    upload = _held(pk)
    if UploadStatus.CHECKING not in Upload.MOVES.get(UploadStatus(upload.status), ()):
        raise CannotUpload(_("The rows are being looked through, or have been started: nothing can be changed now."))
    version = _current(upload.workflow)
    if found := mapping.problems(wanted, upload.columns, version.document["input"]):
        raise BadMapping(found)
    upload.rows.filter(result="").update(fits=None, problems=None)
    told: dict[str, Any] = {"exhibits": {"mapping": wanted}, "personal": {"title": upload.name}}
    move(upload, UploadStatus.CHECKING, actor=person(by), told=told, mapping=wanted, version=version)


@transaction.atomic
def start(pk: int, rows: int, *, by: User) -> None:
    """Let the rows that fit start their runs: as many as were shown, by who sent them. Raises `CannotUpload`."""
    upload = _held(pk)
    if upload.status != UploadStatus.CHECKED:
        raise CannotUpload(_("The rows are not ready to be started, or were started already."))
    version = _current(upload.workflow)
    if version.pk != upload.version_id:
        newer = _("Version %d was published meanwhile. Have the rows looked through again, then start them.")
        raise CannotUpload(newer % (version.number or 0))
    try:
        starts.check_waivers(version)
    except CannotStart as error:
        raise CannotUpload(str(error)) from error
    fitting = upload.rows.filter(result="", fits=True).count()
    if fitting != rows or not fitting:
        raise CannotUpload(_("%d rows fit now, which is not what you were shown. Nothing was started.") % fitting)
    trigger = _trigger(upload)
    upload.rows.filter(result="", fits=False).update(result=FireResult.REFUSED)
    about = {"body": {"rows": fitting, "left_out": upload.total - fitting}, "personal": {"title": upload.name}}
    at = HandrailNow()
    move(upload, UploadStatus.STARTING, actor=person(by), told=about, trigger=trigger, started_at=at)


@transaction.atomic
def stop(pk: int, *, by: User, why: str = "") -> None:
    """Start no further row. The runs that were started go on. Raises `CannotUpload`."""
    upload = _held(pk)
    because = {"reason": why} if why else {}
    told: dict[str, Any] = {"personal": {"title": upload.name, **because}}
    _move(upload, UploadStatus.STOPPED, by, _("Nothing is being started, so there is nothing to stop."), told, why=why)


@transaction.atomic
def go_on(pk: int, *, by: User) -> None:
    """Start the rows that are left. Raises `CannotUpload`."""
    upload = _held(pk)
    if upload.status == UploadStatus.STOPPED:
        try:
            starts.check_waivers(_current(upload.workflow))
        except CannotStart as error:
            raise CannotUpload(str(error)) from error
        left = upload.rows.filter(result="", fits=True).count()
        told = {"body": {"rows": left}, "personal": {"title": upload.name}}
        move(upload, UploadStatus.STARTING, actor=person(by), told=told, why="")
        return
    raise CannotUpload(_("The upload is not stopped."))


@transaction.atomic
def drop(pk: int, *, by: User) -> None:
    """Throw an upload away that has started nothing: its rows are gone. Raises `CannotUpload`."""
    upload = _held(pk)
    told = {"personal": {"title": upload.name}}
    refused = _("Runs were started of it, so it stays. It can be stopped.")
    _move(upload, UploadStatus.DROPPED, by, refused, told, file=None, ended_at=HandrailNow())
    upload.rows.all().delete()


def _held(pk: int) -> Upload:
    """The upload, once every piece at hand is done."""
    rows = Upload.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("workflow__current", "by").get(pk=pk)


def _current(workflow: Workflow) -> Any:
    if told := receiving.hindrance(workflow):
        raise CannotUpload(told)
    return current_version(workflow)


def _move(upload: Upload, to: UploadStatus, by: User, refused: str, told: dict[str, Any], **fields: Any) -> None:
    try:
        move(upload, to, actor=person(by), told=told, **fields)
    except IllegalMove as error:
        raise CannotUpload(refused) from error


def _trigger(upload: Upload) -> Trigger:
    """The trigger of whoever sent the rows: made with their first upload, and theirs alone."""
    workflow = Workflow.objects.select_for_update(of=("self",), no_key=True).get(pk=upload.workflow_id)
    if "start" not in rights.afresh(upload.by_id, workflow.pk).may:
        raise CannotUpload(_("%s may not start runs of this workflow.") % upload.by)
    trigger = Trigger.objects.filter(workflow=workflow, kind=UPLOAD, owner=upload.by).first()
    if trigger is None:
        trigger = Trigger(workflow=workflow, kind=UPLOAD, owner=upload.by, made_by=upload.by)
        trigger.name = str(_("Uploads"))  # without a name of theirs: it stands in the part of the record that stays
        begin(trigger, actor=person(upload.by), body={"kind": UPLOAD})
    elif trigger.status != TriggerStatus.ACTIVE:
        raise CannotUpload(_("The trigger “%s” is paused, so no row can start a run.") % trigger.name)
    return trigger
