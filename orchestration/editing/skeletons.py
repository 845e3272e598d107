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
    "repeat": _("Again, until it is good"),
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
    "repeat": "again",
    "workflow": "run",
    "wait": "wait",
    "outcome": "outcome",
}

PURPOSES: dict[str, str | Promise] = {
    "model": _("Answers from what it reads."),
    "agent": _("Finds out what is needed, with its tools."),
    "tool": _("Does one thing in another system."),
    "person": _("Lets a person decide."),
    "decision": _("Chooses which way it goes on."),
    "parallel": _("Does several things at the same time."),
    "map": _("Does the same for each item of a list."),
    "repeat": _("Does the same again until it is good enough."),
    "workflow": _("Lets another workflow do its part."),
    "wait": _("Waits until it can go on."),
    "outcome": _("Says what came of it."),
}
type Measure = tuple[str | Promise, Spec]

# How it can show that a step did well, as far as that can be said of any step of its kind.
METRICS: dict[str, Measure] = {
    "model": (_("Fits its contract"), {"kind": "schema", "target": 0.95}),
    "agent": (_("Fits its contract"), {"kind": "schema", "target": 0.95}),
    "tool": (_("Answers in time"), {"kind": "latency", "seconds": 30, "target": 0.95}),
    "person": (_("Approved"), {"kind": "verdict", "is": "approved", "target": 0.8}),
    "map": (_("No item failed"), {"kind": "cel", "expression": "output.failed == 0", "target": 0.95}),
    "repeat": (_("Good enough in time"), {"kind": "cel", "expression": "output.met", "target": 0.9}),
    "outcome": (_("Success"), {"kind": "cel", "expression": "output.success", "target": 0.9}),
}


def step(kind: str, keys: Collection[str], like: Spec) -> Spec:
    """A new step of a kind. `keys` are taken; owner, permission and data class are those of `like`."""
    key = free(STEMS[kind], keys)
    made: Spec = {"key": key, "name": str(NAMES[kind]), "kind": kind, "purpose": str(PURPOSES[kind])}
    made |= {name: like[name] for name in ("owner", "permission") if like.get(name)}
    made.setdefault("permission", {})
    made |= _own(kind, {*keys, key}, made)
    if "metrics" in made and kind in METRICS:
        said, measure = METRICS[kind]
        made["metrics"] = [{"name": str(said), **measure}]
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
            return {"branches": [{"name": str(_("Yes")), "steps": []}, {"name": str(_("Otherwise")), "steps": []}]}
        case "parallel":
            one = step("tool", keys, like)
            two = step("tool", {*keys, one["key"]}, like)
            return {"join": "all", "branches": [{"name": "One", "steps": [one]}, {"name": "Two", "steps": [two]}]}
        case "map":
            inner = step("tool", keys, like)
            return {"over": "input.items", "at_once": 10, "on_failure": "continue", "metrics": [], "steps": [inner]}
        case "repeat":
            return {"until": "round == 2", "rounds": 3, "metrics": [], "steps": [step("tool", keys, like)]}
        case "workflow":
            return {"workflow": "choose-one", "input": {}, "metrics": []}
        case "wait":
            return {"for_seconds": 60}
        case _:
            return {"label": "'done'", "success": "true", "metrics": [], "limits": {"seconds": 5}}
