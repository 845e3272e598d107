"""Reading the text of a PDF, in a process of its own: a file from outside may be broken, or made to harm."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from audit.canonical import clean
from orchestration.files import MARK
from orchestration.tools.tool import SAFE, Tool, ToolFailed

READER = Path(__file__).with_name("pdf_reader.py")
SECONDS = 20  # of this machine's time, for one file
PAGES = 200
CHARACTERS = 500_000
MEGABYTES = 768  # of memory, for the process that reads
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["file"],
    "properties": {
        "file": {
            "title": "PDF",
            "type": "object",
            "format": "file",
            "accept": [".pdf"],
            "required": [MARK, "name", "media_type", "size"],
        }
    },
}
SENTENCES = {
    "no_pdf": gettext_lazy("This is no PDF, or one that is broken."),
    "locked": gettext_lazy("This PDF is locked with a password. Send one that is not."),
    "pages": gettext_lazy("This PDF has more than %(pages)d pages, which is the most that is read."),
    "text": gettext_lazy("This PDF holds more than %(characters)d characters, which is the most that is read."),
    "memory": gettext_lazy("This PDF unpacks to more than can be read."),
    "time": gettext_lazy("This PDF could not be read in %(seconds)d seconds."),
}


def text(arguments: dict[str, Any], key: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The text of a PDF, with its columns held apart by blanks. A picture of a page has none: 0 characters."""
    told = _read(files[arguments["file"][MARK]])
    if why := told.get("refused"):
        raise refusal(why)
    read = str(clean(told["text"])[0])
    return {"pages": told["pages"], "characters": len(read), "text": read}


def refusal(why: str) -> ToolFailed:
    """Why nothing was read, for a person. Another try would come to the same."""
    told = {"pages": PAGES, "characters": CHARACTERS, "seconds": SECONDS}
    return ToolFailed(str(SENTENCES.get(why, SENTENCES["no_pdf"])) % told, retry=False)


def _read(data: bytes) -> dict[str, Any]:
    """What the reader says. It bounds itself; should it not, it is ended from here."""
    limits = json.dumps({"seconds": SECONDS, "pages": PAGES, "characters": CHARACTERS, "megabytes": MEGABYTES})
    command = [sys.executable, "-I", str(READER), limits]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS + 2, check=False, env={})
    except subprocess.TimeoutExpired:
        return {"refused": "time"}
    if done.returncode < 0:  # ended by the system: it used up its time
        return {"refused": "time"}
    try:
        return dict(json.loads(done.stdout))
    except ValueError:
        return {"refused": "memory" if b"MemoryError" in done.stderr else "no_pdf"}


def effects(arguments: dict[str, Any]) -> list[str]:
    """What a call does, for the person who approves it."""
    named = {"name": arguments.get("file", {}).get("name", "")}
    return [_("The text of %(name)s is read. Nothing is changed.") % named]


TEXT = Tool(
    name="pdf.text",
    version=1,
    title=gettext_noop("Read the text of a PDF"),
    effect="read",
    leaves_house=False,
    schema=SCHEMA,
    call=text,
    effects=effects,
    repeats=lambda: SAFE,
    takes_files=True,
)
