"""Who decides at a step, and how urgently; or why nobody does."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets import answers, folds, notices, signing, timing, whom
from orchestration.editing.widgets.rows import Mapping
from orchestration.editing.widgets.simple import number
from orchestration.editing.widgets.widget import Choices, Wrong, text, texts, within

LINES = ("title", "summary", "confidence")


@dataclass(frozen=True)
class Review:
    """A review point before or after the act, or a waiver. `person`: a step that is a person's has one before it.

    `calls`: it is on what an agent calls, so it stands before that.
    """

    person: bool = False
    calls: bool = False
    template: ClassVar[str] = "review"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        held = value if isinstance(value, dict) else {}
        waiver = held.get("waiver")
        waiver = waiver if isinstance(waiver, dict) else {"reason": waiver} if isinstance(waiver, str) else {}
        why = [one for one in held.get("why") or [] if isinstance(one, dict)]
        return {
            "mode": held.get("when") or ("waiver" if "waiver" in held else ""),
            "person": self.person,
            "calls": self.calls,
            "group": str(held.get("group", "")),
            "groups": choices.groups,
            "lines": [(name, str(held.get(name, ""))) for name in LINES],
            "evidence": Mapping().show(held.get("evidence"), choices),
            "undo": held.get("undo_seconds", ""),
            "sign": signing.show(held),
            "content": notices.show(held),
            "asks": None if self.calls else answers.show(held, choices),
            "why": [*({**one, "if": one.get("if", "")} for one in why), {"priority": 1, "due_minutes": ""}],
            "whom": whom.show(held, choices),
            "reason": str(waiver.get("reason", "")),
            "until": str(waiver.get("until", "")),
            "timing": timing.show(held, choices),
            "folds": folds.of(held, calls=self.calls),
        }

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        held = before if isinstance(before, dict) else {}
        mode = text(sent, f"{name}.mode")
        if mode == "waiver":
            said = {key: text(sent, f"{name}.{key}") for key in ("reason", "until")}
            if held.get("waiver") == said["reason"] and not said["until"]:
                return held  # an older document's, which is a text
            return {"waiver": {key: value for key, value in said.items() if value}}
        if mode not in {"before", "after"}:
            return MISSING
        made = {key: value for key, value in held.items() if key != "waiver"} | {"when": mode}
        for key in ("group", *LINES):
            _set(made, key, text(sent, f"{name}.{key}"))
        with within("whom"):
            whom.read(name, sent, made)
        with within("shown"):
            evidence = Mapping().read(f"{name}.evidence", sent, held.get("evidence"))
        _set(made, "evidence", {} if evidence is MISSING else evidence)
        undo = number(text(sent, f"{name}.undo"), whole=True)
        _set(made, "undo_seconds", None if undo is MISSING else undo)
        signing.read(made, name, sent)
        notices.read(made, name, sent)
        why = _why(name, sent)
        made["why"] = why if why and "if" not in why[-1] else [*why, _always()]
        made.setdefault("title", "run.workflow")
        timing.put(made, name, sent)
        with within("asks"):
            return answers.read(name, sent, made)


def _why(name: str, sent: QueryDict) -> list[dict[str, Any]]:
    columns = [texts(sent, f"{name}.{part}") for part in ("rule", "if", "sentence", "priority", "due")]
    made: list[dict[str, Any]] = []
    for place, (rule, condition, sentence, priority, due) in enumerate(zip(*columns, strict=False)):
        if not (rule or condition or sentence or due):
            continue
        if not sentence:
            raise Wrong(_("Say in a sentence why a person is asked: the reviewer reads it."))
        minutes = number(due, whole=True)
        if minutes is MISSING:
            raise Wrong(_("Say within how many minutes it is due: %s") % sentence[:60])
        one: dict[str, Any] = {"rule": rule or f"rule-{place + 1}"}
        one |= {"if": condition} if condition else {}
        one |= {"priority": int(priority) if priority in {"0", "1", "2"} else 1, "due_minutes": minutes}
        made.append(one | {"sentence": sentence})
    always = [one for one in made if "if" not in one]
    return [*(one for one in made if "if" in one), *always]


def _always() -> dict[str, Any]:
    sentence = _("A person decides every time; it is due within an hour.")
    return {"rule": "every-time", "priority": 1, "due_minutes": 60, "sentence": sentence}


def _set(made: dict[str, Any], key: str, value: Any) -> None:
    if value in ("", None, {}):
        made.pop(key, None)
    else:
        made[key] = value
