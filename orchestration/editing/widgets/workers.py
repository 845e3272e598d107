"""The agents that an agent may give work to: each a small form of its own, with one more for the next."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from orchestration.documents.dumping import dump
from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.limits import Limits
from orchestration.editing.widgets.parts import snippet
from orchestration.editing.widgets.simple import kept_order
from orchestration.editing.widgets.widget import Choices, Wrong, texts

type Worker = dict[str, Any]

MOST = 20  # as many as a document takes
TEXTS = ("key", "name", "purpose", "model", "prompt")
PARTS = ("turns", "calls", "tokens", "cost", "minutes", "seconds")
LIMITS = Limits(PARTS)
OWN = {*TEXTS, "tools", "limits"}  # what has a field; the rest stands as YAML
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
ANSWER = {"type": "object", "required": ["answer"], "properties": {"answer": {"title": "Answer", "type": "string"}}}


@dataclass(frozen=True)
class Workers:
    """A list of small agents. The tools of the agent itself are offered; others are added by name."""

    template: ClassVar[str] = "workers"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        held = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        shown = [self._row(str(place), one, choices) for place, one in enumerate(held)]
        return {"workers": [*shown, self._row("", {}, choices)], "models": choices.models}

    def _row(self, was: str, worker: Worker, choices: Choices) -> dict[str, Any]:
        listed = worker.get("tools")
        chosen = [str(one) for one in listed] if isinstance(listed, list) else []
        offered = {name for name, _label in choices.lent}
        others = [(name, name) for name in chosen if name not in offered]
        rest = _rest(worker)
        model = str(worker.get("model", ""))
        return {
            "was": was,
            **{name: str(worker.get(name, "")) for name in TEXTS},
            "strange": model if model and model not in dict(choices.models) else "",
            "tools": [(name, label, name in chosen) for name, label in [*choices.lent, *others]],
            "more": "",
            "limits": LIMITS.show(worker.get("limits"), choices)["parts"],
            "rest": dump(rest) if rest else "",
            "gone": False,
        }

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        held = before if isinstance(before, list) else []
        made: list[Worker] = []
        for row in rows(name, sent):
            was = row["was"]
            old = dict(held[int(was)]) if was.isdecimal() and int(was) < len(held) else {}
            if row["gone"] or (not old and not row["name"] and not row["key"]):
                continue
            made.append(self._worker(row, old, [str(one.get("key")) for one in made]))
        if len(made) > MOST:
            raise Wrong(_("An agent has %d workers at the most.") % MOST)
        return made or MISSING

    def _worker(self, row: dict[str, Any], old: Worker, taken: list[str]) -> Worker:
        said = {name: row[name] for name in TEXTS}
        for name in TEXTS:
            if str(old.get(name, "")).replace("\r\n", "\n").strip() == said[name]:
                said[name] = old.get(name, "")  # blanks around a text are nobody's change
        if not old:
            said = _begun(said, taken)
        if empty := next((one for one in ("name", "key", "purpose", "prompt") if not said[one]), ""):
            raise Wrong(_("The worker %(worker)s has no %(part)s.") % {"worker": _called(row, old), "part": empty})
        if not KEY.fullmatch(said["key"]):
            raise Wrong(_("%s is no key: small letters, digits, underscores, beginning with a letter.") % said["key"])
        if said["key"] in taken:
            raise Wrong(_("Two workers have the key %s.") % said["key"])
        tools = kept_order([*row["tools"], *_names(row["more"])], old.get("tools"))
        limits = LIMITS.taken(row["limits"], old.get("limits"))
        fields = {**said, "tools": tools, "limits": limits} | ({} if said["model"] else {"model": MISSING})
        whole = {**_rest_of(row["rest"], old), **fields}
        ordered = {name: whole[name] for name in [*old, *whole] if name in whole}
        return {name: value for name, value in ordered.items() if value is not MISSING}


def rows(name: str, sent: QueryDict) -> Iterator[dict[str, Any]]:
    """Each worker as it was sent, as texts; the tools that are ticked are sent as `PLACE:tool`."""
    parts = ("was", *TEXTS, "more", "rest", *(f"limits.{part}" for part in PARTS))
    columns = [texts(sent, f"{name}.{part}") for part in parts]
    ticked = [one.partition(":") for one in texts(sent, f"{name}.tools")]
    gone = set(texts(sent, f"{name}.gone"))
    for values in zip(*columns, strict=False):
        row: dict[str, Any] = dict(zip(parts, values, strict=True))
        row["limits"] = {part: row.pop(f"limits.{part}") for part in PARTS}
        row["tools"] = [tool for place, _colon, tool in ticked if place == row["was"]]
        row["gone"] = bool(row["was"]) and row["was"] in gone
        yield row


def typed(shown: dict[str, Any], name: str, sent: QueryDict) -> dict[str, Any]:
    """What the template needs, as somebody filled it in."""
    known = {row["was"]: row for row in shown["workers"]}
    made = []
    for row in rows(name, sent):
        tools = [(tool, label, tool in row["tools"]) for tool, label, _on in known.get(row["was"], known[""])["tools"]]
        model = row["model"] if row["model"] and row["model"] not in dict(shown["models"]) else ""
        made.append({**row, "tools": tools, "limits": list(row["limits"].items()), "strange": model})
    return {**shown, "workers": made} if made else shown


def _begun(said: dict[str, str], taken: list[str]) -> dict[str, str]:
    """A new worker: what is not said yet begins as something that can be looked through."""
    name = said["name"] or said["key"]
    stem = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:50]
    stem = stem if KEY.fullmatch(stem) else "worker"
    free = next(key for n in range(1, MOST + 2) if (key := stem if n == 1 else f"{stem}_{n}") not in taken)
    begun = {
        "key": free,
        "name": name,
        "purpose": str(_("Does one part of the work.")),
        "prompt": str(_("Say what it is to do, and what it answers.")),
    }
    return said | {part: said[part] or value for part, value in begun.items()}


def _called(row: dict[str, Any], old: Worker) -> str:
    return str(row["name"] or row["key"] or old.get("name", ""))[:60]


def _names(said: str) -> list[str]:
    return [one for one in re.split(r"[\s,]+", said) if one]


def _rest(worker: Worker) -> Worker:
    return {name: value for name, value in worker.items() if name not in OWN}


def _rest_of(said: str, old: Worker) -> Worker:
    stood = _rest(old)
    if stood and said == dump(stood).strip():
        return stood
    value = snippet(said)
    if value is MISSING:
        if old:
            raise Wrong(_("A worker says what it answers: output, in its YAML."))
        return {"output": ANSWER}
    if not isinstance(value, dict):
        raise Wrong(_("Write the rest of a worker as names, each with its value."))
    if strays := sorted(OWN & set(value)):
        raise Wrong(_("%s has a field of its own above.") % strays[0])
    return value if old else {"output": ANSWER, **value}
