"""Receiving a file of rows: it is kept, and all of its rows are written down before anything is done with them."""

import json
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit.actors import person
from audit.models import User
from audit.moves import begin
from orchestration import files
from orchestration.batches import mapping, reading
from orchestration.models import Upload, Workflow
from orchestration.starts import CannotStart, current_version
from orchestration.states import FireResult
from orchestration.triggers.mapping import takes_files

COPY = "COPY orchestration_uploadrow (upload_id, number, line, cells, problems, result) FROM STDIN"
NEXT = "SELECT nextval(pg_get_serial_sequence('orchestration_upload', 'id'))"


class Refused(Exception):
    """No rows are taken for this workflow now: a sentence says why."""


def hindrance(workflow: Workflow) -> str:
    """Why rows cannot start runs of the workflow; "" where they can."""
    try:
        version = current_version(workflow)
    except CannotStart as error:
        return str(error)
    if needed := takes_files(version.document["input"]):
        return _("The workflow asks for a file (%s), which a row cannot give. Start its runs by the form.") % needed[0]
    return ""


@transaction.atomic
def receive(workflow: Workflow, name: str, data: bytes, *, by: User, delimiter: str = "") -> Upload:
    """Keep a file and its rows. Nothing starts. Raises `reading.Unreadable`, or `Refused`."""
    if told := hindrance(workflow):
        raise Refused(told)
    sheet, kept = reading.opened(data, name, delimiter), files.store(name, data)
    with connection.cursor() as cursor:
        cursor.execute(NEXT)
        (pk,) = cursor.fetchone()
        # Row by row off the file, so that 20 MB of it need not stand in memory as objects; the key of the upload, which
        # knows its columns only when all rows are read, is checked at the commit.
        with cursor.copy(COPY) as copy:
            for row in sheet.rows():
                copy.write_row((pk, row.number, row.line, _json(row.cells), *_unread(row)))
    upload = Upload(pk=pk, workflow=workflow, by=by, name=kept["name"], file_id=kept[files.MARK])
    upload.form, upload.encoding, upload.delimiter = sheet.form, sheet.encoding, sheet.delimiter
    upload.columns, upload.notes, upload.total = sheet.columns, sheet.notes, sheet.total
    upload.mapping = mapping.guessed(sheet.columns, current_version(workflow).document["input"])
    about = {"rows": sheet.total, "unread": sheet.unread, "form": sheet.form, "size": kept["size"]}
    begin(upload, actor=person(by), body=about, personal={"title": upload.name}, content_hash=kept[files.MARK])
    return upload


def _unread(row: reading.Row) -> tuple[str | None, str]:
    return (_json([["", row.told]]), FireResult.FAILED.value) if row.told else (None, "")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
