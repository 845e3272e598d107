"""Filing a record in the house: one JSON file in a folder under the data folder, written once and never over."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from audit.canonical import clean
from orchestration.tools.tool import KEYED, Tool, ToolFailed

SLUG = "^[a-z0-9]+(-[a-z0-9]+)*(?![\\s\\S])"
FOLDER, APART = "folder", "told_apart_by"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": [FOLDER],
    "minProperties": 2,
    "maxProperties": 40,
    "propertyNames": {"pattern": "^[a-z][a-z0-9_]*(?![\\s\\S])", "maxLength": 60},
    "properties": {
        FOLDER: {"title": "Folder", "type": "string", "pattern": SLUG, "maxLength": 60},
        APART: {
            "title": "No two with the same",
            "description": "Names of fields, parted by commas: a second record with the same is refused.",
            "type": "string",
            "pattern": "^[a-z][a-z0-9_]*(, ?[a-z][a-z0-9_]*)*(?![\\s\\S])",
            "maxLength": 200,
        },
    },
    "additionalProperties": {"type": ["string", "number", "boolean"], "minLength": 1, "maxLength": 50_000},
}


def file(arguments: dict[str, Any], key: str) -> dict[str, Any]:
    """Write the record; a retry under the same `key` finds it written."""
    fields = {name: value for name, value in arguments.items() if name not in (FOLDER, APART)}
    folder = Path(settings.HANDRAIL_HOME) / "records" / arguments[FOLDER]
    path = folder / f"{_name(arguments, fields, key)}.json"
    record = json.dumps({"filed_by": key, **clean(fields)[0]}, ensure_ascii=False, indent=2, sort_keys=True)
    folder.mkdir(parents=True, exist_ok=True)
    if not _written(path, record) and _filed_by(path) != key:
        told = _("There is one in %(folder)s already with the same %(fields)s, so nothing was filed.")
        raise ToolFailed(told % {"folder": arguments[FOLDER], "fields": arguments.get(APART, "")}, retry=False)
    return {"filed": True, "record": f"{arguments[FOLDER]}/{path.name}"}


def _name(arguments: dict[str, Any], fields: dict[str, Any], key: str) -> str:
    """By what tells records apart, whatever its case and blanks; else by the step that files it."""
    names = [name.strip() for name in arguments.get(APART, "").split(",") if name.strip()]
    if not names:
        return re.sub(r"[^a-z0-9-]", "-", key.lower())
    if missing := [name for name in names if name not in fields]:
        told = _("It is to be told apart by %(name)s, which it does not have. Nothing was filed.")
        raise ToolFailed(told % {"name": missing[0]}, retry=False)
    said = [" ".join(str(fields[name]).casefold().split()) for name in names]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def _written(path: Path, record: str) -> bool:
    """Put it there whole, or not at all where there is one: a link to a name that is taken is refused by the system."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{id(record)}")
    unfinished.write_text(record, "utf-8")
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return False
    finally:
        unfinished.unlink()
    return True


def _filed_by(path: Path) -> str:
    try:
        return str(json.loads(path.read_text("utf-8"))["filed_by"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ToolFailed(_("The record that stands there cannot be read."), retry=True) from error


def effects(arguments: dict[str, Any]) -> list[str]:
    """What a call does, for the person who approves it."""
    told = [_("It is filed in the house, in the folder “%(folder)s”.") % {"folder": arguments.get(FOLDER, "")}]
    if apart := arguments.get(APART):
        told.append(_("A second one with the same %(fields)s is refused.") % {"fields": apart})
    return told


FILE = Tool(
    name="record.file",
    version=1,
    title=gettext_noop("File a record"),
    effect="write",
    leaves_house=False,
    schema=SCHEMA,
    call=file,
    effects=effects,
    repeats=lambda: KEYED,
)
