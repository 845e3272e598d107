"""Named agents in a document: each is pinned to a version, and what that says is laid under the step that uses it.

A step may only narrow what its agent is: fewer tools, lower limits, less sensitive data. Whatever is wider is told.
"""

from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from orchestration import callables
from orchestration.callables import AGENT, AT
from orchestration.documents.loading import Unreadable, loaded
from orchestration.documents.outline import Placed, Spec, walk
from orchestration.documents.problems import Path, Problem
from orchestration.models import Agent, AgentVersion
from orchestration.states import DataClass

CLASSES = list(DataClass.values)
# What an agent's own document holds; the rest of a step is the step's.
OWN = (
    "model",
    "routing",
    "prompt",
    "tools",
    "workers",
    "call_review",
    "asks",
    "talks",
    "output",
    "confidence",
    "limits",
    "ceiling",
    "metrics",
)
NEEDED: Spec = {"model": "", "prompt": "", "tools": [], "output": {}, "metrics": []}
LEFT_OPEN = ("output", "confidence")  # what the step says where its agent does not
OWN_WAY = ("tools", "workers", "call_review", "limits", "ceiling", "metrics")  # compared otherwise than word by word

type Pin = tuple[str, int]  # name and number of a version
type Wider = Iterator[tuple[str, Path]]  # what is wrong, and in which part of the step


@dataclass(frozen=True)
class Agents:
    """The agents that a document names, as they stand: the number of the newest version of each, 0 where none is
    signed, and the documents of the versions that are meant. `stamp` is equal where they are.
    """

    stamp: tuple[Any, ...] = ()
    newest: dict[str, int] = field(default_factory=dict, compare=False)
    documents: dict[Pin, Spec] = field(default_factory=dict, compare=False)


NOBODY = Agents()


def of_source(source: str) -> Agents:
    """The agents that a text names. No query where it names none, else two."""
    if AGENT not in source:
        return NOBODY
    try:
        return of(_named(source))
    except (Unreadable, RecursionError):  # told where it is read
        return NOBODY


def pins(source: str) -> list[str]:
    """The versions that a text means now, each as name@2."""
    return [f"{name}{AT}{number}" for name, number in of_source(source).documents]


@lru_cache(maxsize=8)
def _named(source: str) -> frozenset[str]:
    return frozenset(_references(loaded(source).value))


def _references(value: Any) -> Iterator[str]:
    """What steps of kind agent say in a document that may have any shape."""
    if isinstance(value, dict) and value.get("kind") == AGENT and isinstance(value.get(AGENT), str):
        yield value[AGENT]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _references(one)


def of(references: Collection[str]) -> Agents:
    """The agents of these references, as name or name@2."""
    if not references:
        return NOBODY
    names = {reference.partition(AT)[0] for reference in references}
    rows = Agent.objects.filter(name__in=names).values_list("name", "current__number")
    newest = {name: number or 0 for name, number in rows}
    pins = {pin(reference, newest) for reference in references}
    versions = AgentVersion.objects.filter(agent__name__in=newest, number__in={number for _, number in pins})
    found = {(name, number): (said, hashed) for name, number, said, hashed in versions.values_list(*COLUMNS)}
    known = {one: found[one] for one in sorted(pins) if one in found}
    stamp = tuple(sorted(newest.items())), tuple((one, hashed) for one, (_, hashed) in known.items())
    return Agents(stamp, newest, {one: said for one, (said, _) in known.items()})


COLUMNS = ("agent__name", "number", "document", "hash")


def pin(reference: str, newest: dict[str, int]) -> Pin:
    """The version that is meant: the newest, where none is named."""
    name, _, number = reference.partition(AT)
    return name, int(number) if number.isdecimal() else newest.get(name, 0)


def lay(document: Spec, agents: Agents) -> tuple[Spec, list[Problem]]:
    """The document with each agent pinned and laid under its step, and what is wrong. What is given stays as it is."""
    if agents is NOBODY:
        return document, []
    made, found = deepcopy(document), list[Problem]()
    for step in walk(made):
        if step.spec["kind"] == AGENT and isinstance(step.spec.get(AGENT), str):
            found += _lay(step, agents)
    return made, found


def _lay(step: Placed, agents: Agents) -> list[Problem]:
    spec = step.spec
    (name, number), newest = pin(spec[AGENT], agents.newest), agents.newest
    own = agents.documents.get((name, number))
    if own is None:
        for key, empty in NEEDED.items():
            spec.setdefault(key, deepcopy(empty))
        if name not in newest:
            told = f"is done by the agent {name!r}, and there is none of this name."
        elif not newest[name]:
            told = f"is done by the agent {name!r}, of which nobody has signed a version."
        else:
            told = f"is done by version {number} of the agent {name!r}, which was never signed."
        return [Problem(told, (*step.path, AGENT), step.key)]
    found = [Problem(told, (*step.path, *part), step.key) for told, part in wider(spec, own, name)]
    if "output" not in own and "output" not in spec:
        told = f"says no output, and neither does the agent {name!r}."
        found.append(Problem(told, (*step.path, AGENT), step.key))
    spec.update(under(spec, own))
    spec[AGENT] = f"{name}{AT}{number}"
    return found


def under(spec: Spec, own: Spec) -> Spec:
    """What a step comes to with its agent's own document under it."""
    laid: Spec = {**deepcopy(NEEDED), **deepcopy(own), **{name: spec[name] for name in OWN if name in spec}}
    laid["limits"] = {**own.get("limits", {}), **spec.get("limits", {})}
    measured = own.get("metrics", [])
    laid["metrics"] = [*measured, *(one for one in spec.get("metrics", []) if one not in measured)]
    taken = set(own["tools"]) - set(laid["tools"])
    if laid.get("workers"):
        laid["workers"] = [_without(worker, taken) for worker in laid["workers"]]
    return {name: value for name, value in laid.items() if value or name != "limits"}


def _without(worker: Spec, taken: set[str]) -> Spec:
    """A worker without the tools that a step takes away from its agent."""
    made = {**worker, "tools": [name for name in worker["tools"] if name not in taken]}
    if worker.get("workers"):
        made["workers"] = [_without(one, taken) for one in worker["workers"]]
    return made


def wider(spec: Spec, own: Spec, name: str) -> Wider:
    """Where a step says more than its agent is, or something else."""
    for key in OWN:
        if key in OWN_WAY or key not in spec or (key in LEFT_OPEN and key not in own):
            continue
        if spec[key] != own.get(key):
            yield f"says another {key} than the agent {name!r}, which says that itself.", (key,)
    for place, tool in enumerate(spec.get("tools", [])):
        if tool not in own["tools"]:
            yield f"may call {tool!r}, which the agent {name!r} may not.", ("tools", place)
    for place, worker in enumerate(spec.get("workers", [])):
        if worker not in own.get("workers", []):
            yield f"has a worker {worker['key']!r} that the agent {name!r} does not have.", ("workers", place)
    if _above(spec.get("ceiling"), own.get("ceiling")):
        yield f"may be given more sensitive data than the agent {name!r}.", ("ceiling",)
    yield from _looser_review(spec, own, name)
    yield from _higher_limits(spec.get("limits", {}), {**callables.USUAL, **own.get("limits", {})}, name)


def _above(said: str | None, most: str | None) -> bool:
    return said is not None and most is not None and CLASSES.index(said) > CLASSES.index(most)


def _looser_review(spec: Spec, own: Spec, name: str) -> Wider:
    said, asked = spec.get("call_review"), own.get("call_review", {})
    if said is None or said == asked:
        return
    if "when" in asked or said.get("when") != "before":
        yield f"has its calls looked at otherwise than the agent {name!r} says.", ("call_review",)


def _higher_limits(said: Spec, own: Spec, name: str) -> Wider:
    for key, value in said.items():
        if key in own and Decimal(str(value)) > Decimal(str(own[key])):
            told = f"may go further than the agent {name!r}: {key} {value}, where {own[key]} is the most."
            yield told, ("limits", key)
