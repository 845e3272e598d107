"""Sending an e-mail: into a folder by default, over SMTP when a host is configured."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orchestration.tools.tool import KEYED, UNSAFE, Tool, ToolFailed

ONE_LINE = r"^[^\r\n\u0000]*$"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["to", "subject", "body"],
    "properties": {
        "to": {"type": "string", "format": "email", "maxLength": 254, "pattern": r"^[^\s,;<>]+@[^\s,;<>]+$"},
        "subject": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": ONE_LINE},
        "body": {"type": "string", "minLength": 1, "maxLength": 20000},
    },
}


def _by_smtp() -> bool:
    return bool(settings.SMTP_HOST)


def send(arguments: dict[str, Any], key: str) -> dict[str, Any]:
    """Send one message. Into the folder: under a name made from `key`, so that a retry finds it sent."""
    message_id = f"<{key}@handrail.invalid>"
    message = EmailMessage(
        arguments["subject"], arguments["body"], to=[arguments["to"]], headers={"Message-ID": message_id}
    )
    if _by_smtp():
        _over_smtp(message)
    else:
        into_folder(message, Path(settings.OUTBOX), key)
    return {"sent": True, "message_id": message_id}


def _over_smtp(message: EmailMessage) -> None:
    try:
        message.send()
    except ConnectionRefusedError as error:
        raise ToolFailed(_("The mail server does not answer."), retry=True) from error
    except OSError as error:
        raise ToolFailed(_("The mail server refused: %(error)s") % {"error": error}, retry=False) from error


def into_folder(message: EmailMessage, folder: Path, key: str) -> None:
    """Put a message into a folder, whole or not at all: again under the same key, it is there once."""
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^a-z0-9-]", "-", key.lower())
    unfinished = folder / f".{name}.{id(message)}"
    unfinished.write_bytes(message.message().as_bytes())
    unfinished.replace(folder / f"{name}.eml")


def effects(arguments: dict[str, Any]) -> list[str]:
    """What a call does, for the person who approves it."""
    told = [_("The e-mail goes to %(to)s.") % {"to": arguments.get("to", "")}]
    if not _by_smtp():
        told.append(_("It is put into the outbox folder; no mail server is set up."))
    return told


SEND = Tool(
    name="email.send",
    version=1,
    title=gettext_noop("Send an e-mail"),
    effect="write",
    leaves_house=True,
    schema=SCHEMA,
    call=send,
    effects=effects,
    repeats=lambda: UNSAFE if _by_smtp() else KEYED,
    untrusted=False,
    example={"sent": True, "message_id": "<a-dry-run@handrail.invalid>"},
)
