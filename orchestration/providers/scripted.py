"""The provider `scripted`: answers written in advance, one for each label, and marked as such."""

import json
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from orchestration.providers import step_input
from orchestration.providers.kinds import Answer, Messages, Price, ProviderError

LONGEST_NAME = 80


class NoScript(ProviderError):
    """The file with the written answers cannot be used."""


class Scripted:
    """Answers `{"subject", "body", "scripted": true}` as JSON to an input with a `label`."""

    name = "scripted"
    price = Price(input=0.000001, output=0.000002)

    def about(self) -> str:
        """What it reads and answers."""
        return _("Reads label and customer_name, if they are given; answers subject, body and scripted (yes).")

    def __init__(self) -> None:
        self._lock = Lock()
        self._stamp: tuple[str, int] | None = None
        self._script: dict[str, Any] = {}

    def answer(self, messages: Messages) -> Answer:
        """The e-mail written for the label; for a label without one, a general and honest one."""
        given = step_input.read(messages)
        script = self.load()
        written = script["answers"].get(given.get("label")) or script["general"]
        body = "\n\n".join((greeting(script, given), written["body"].strip(), script["sign_off"].strip()))
        said = {"subject": written["subject"], "body": body, "scripted": True}
        return Answer.to(messages, json.dumps(said, ensure_ascii=False))

    def load(self) -> Mapping[str, Any]:
        """The script, read again when its file changed; raises NoScript."""
        path = Path(settings.HANDRAIL_SCRIPT)
        with self._lock:
            try:
                stamp = (str(path), path.stat().st_mtime_ns)
                if stamp != self._stamp:
                    self._script, self._stamp = _checked(yaml.safe_load(path.read_text("utf-8"))), stamp
            except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
                sentence = _("The answers in %(file)s cannot be read. Mend or restore the file.")
                raise NoScript(sentence % {"file": path.name}) from error
            return self._script


def greeting(script: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """The first line, with the customer's name on one line, or without one when none is given."""
    name = " ".join(str(given.get("customer_name") or "").split())[:LONGEST_NAME]
    # Not str.format: a name is a stranger's text, and braces in it must stay braces.
    line = str(script["greeting"]).replace("{name}", name or "\0")
    return line.replace(" \0", "").replace("\0", "")


def _checked(script: Any) -> dict[str, Any]:
    """The script, once every part that an answer needs is known to be text."""
    parts = [script["greeting"], script["sign_off"]]
    for written in (script["general"], *script["answers"].values()):
        parts += [written["subject"], written["body"]]
    if not all(isinstance(part, str) and part.strip() for part in parts):
        raise ValueError("a part of the script is not text")
    return dict(script)
