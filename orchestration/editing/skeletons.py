"""What a step begins as when it is added: everything that can be guessed from its neighbours, and nothing more."""

from collections.abc import Collection
from itertools import count
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Spec = dict[str, Any]

NAMES: dict[str, str | Promise] = {
    "model": _("AI step"),
    "agent": _("Agent"),
    "tool": _("Tool step"),
    "person": _("A person's step"),
    "decision": _("Decision"),
    "parallel": _("At the same time"),
    "map": _("For each"),
    "workflow": _("Another workflow"),
    "wait": _("Wait"),
    "outcome": _("Outcome"),
}
STEMS = {
    "model": "think",
    "agent": "agent",
    "tool": "act",
    "person": "ask",
    "decision": "decide",
    "parallel": "together",
    "map": "each",
    "workflow": "run",
    "wait": "wait",
    "outcome": "outcome",
}


def step(kind: str, keys: Collection[str], like: Spec) -> Spec:
    """A new step of a kind. `keys` are taken; owner, permission and data class are those of `like`."""
    key = free(STEMS[kind], keys)
    made: Spec = {"key": key, "name": str(NAMES[kind]), "kind": kind, "purpose": str(_("Say what it is for."))}
    made |= {name: like[name] for name in ("owner", "permission") if like.get(name)}
    made.setdefault("permission", {})
    made |= _own(kind, {*keys, key}, made)
    if kind in {"model", "agent", "tool", "workflow", "person"} and like.get("data"):
        made["data"] = like["data"]
    if kind in {"model", "agent", "tool", "workflow"}:
        made |= {"limits": {"seconds": 60}, "fallback": "fail"}
    return made


def free(stem: str, keys: Collection[str]) -> str:
    """The stem, or with the first number that makes it new."""
    return next(key for n in count(1) if (key := stem if n == 1 else f"{stem}_{n}") not in keys)


def _own(kind: str, keys: Collection[str], like: Spec) -> Spec:
    answer = {"type": "object", "required": ["answer"], "properties": {"answer": {"title": "Answer", "type": "string"}}}
    match kind:
        case "model" | "agent":
            told = {"prompt": str(_("Say what it is to do, and what it answers.")), "input": {}, "output": answer}
            return told | ({"tools": []} if kind == "agent" else {}) | {"metrics": []}
        case "tool":
            return {"input": {}, "metrics": []}
        case "person":
            why = {"rule": "every-time", "priority": 1, "due_minutes": 60, "sentence": str(_("A person decides."))}
            return {"input": {}, "review": {"when": "before", "title": "run.workflow", "why": [why]}, "metrics": []}
        case "decision":
            return {"branches": [{"name": "Yes", "if": "true", "steps": []}, {"name": "Otherwise", "steps": []}]}
        case "parallel":
            one = step("tool", keys, like)
            two = step("tool", {*keys, one["key"]}, like)
            return {"join": "all", "branches": [{"name": "One", "steps": [one]}, {"name": "Two", "steps": [two]}]}
        case "map":
            inner = step("tool", keys, like)
            return {"over": "input.items", "at_once": 10, "on_failure": "continue", "metrics": [], "steps": [inner]}
        case "workflow":
            return {"workflow": "choose-one", "input": {}, "metrics": []}
        case "wait":
            return {"for_seconds": 60}
        case _:
            return {"label": "'done'", "success": "true", "metrics": [], "limits": {"seconds": 5}}
