"""What a schema cannot say of a document: keys used twice, tools that are not there, parts that contradict others."""

import re
from collections.abc import Callable, Iterator

from orchestration import callables, files, tools
from orchestration.documents import cases, gates, handing, leading, measures, reach, schemas
from orchestration.documents.outline import AROUND_OTHERS, EXTRAS, Placed, Spec, walk
from orchestration.documents.problems import Problem
from orchestration.expressions import BadExpression, evaluate
from orchestration.handing import ways
from orchestration.models.definitions import StepRole
from orchestration.references import names_read
from orchestration.routing.classes import LOWEST
from orchestration.states import DataClass
from orchestration.tools import lent

MOST, DEEPEST = 200, 8  # steps in all, and around a step
PARTS = {"decision": ("branches",), "parallel": ("branches",)}  # which part of a step its kind's own rules are about
MOST_WORKERS_DEEP = 3
OF_AGENTS = {"turns", "calls", "fan_out", "repeats", "tokens", "minutes", "depth"}  # limits
CLASSES = list(DataClass.values)
WAITS = ("for_seconds", "until", "event")
BARE_DATE = re.compile(r"[\d\s+*/().:-]*")


def problems(document: Spec) -> list[Problem]:
    """What is wrong with a document that has its shape."""
    placed = list(walk(document))
    if found := list(_size(placed)):
        return found
    known, found = reach.check(document)
    return [
        *schemas.problems("the input", document["input"], ("input",)),
        *(Problem(told, ("input",)) for told in files.schema_problems(document["input"])),
        *_budget(document),
        *(told for step in placed for told in _step(step)),
        *found,
        *gates.problems(placed, known),
        *handing.problems(placed),
        *leading.problems(placed),
        *cases.problems(document),
    ]


def _size(placed: list[Placed]) -> Iterator[Problem]:
    seen: set[str] = set()
    for step in placed:
        if step.key in seen:
            yield Problem(
                f"Two steps have the key {step.key!r}.", (*step.path, "key"), mend="Give one of them another."
            )
        seen.add(step.key)
    if len(placed) > MOST:
        yield Problem(f"The document has {len(placed)} steps; {MOST} is the most.", ("steps",))
    if deep := next((step for step in placed if step.depth > DEEPEST), None):
        yield Problem(f"The steps are nested more than {DEEPEST} deep.", deep.path)


def _budget(document: Spec) -> Iterator[Problem]:
    if "budget" in document and not {"run", "month"} & set(document["budget"]):
        yield Problem("says for what it is: run, month or both.", ("budget",), where="budget")


def _step(placed: Placed) -> Iterator[Problem]:
    spec = placed.spec
    stands_in = placed.role != StepRole.STEP
    told = [*_review(spec), *_limits(spec)]
    if stands_in and (spec["kind"] in AROUND_OTHERS or any(isinstance(spec.get(n), dict) for n, _ in EXTRAS)):
        told.append("stands in for another step, so it has no steps, fallback or compensation of its own.")
    yield from (Problem(sentence, placed.path, placed.key) for sentence in told)
    about = tuple(name for name in PARTS.get(spec["kind"], ()) if name in spec)
    own = KINDS.get(spec["kind"], _nothing)(spec)
    yield from (Problem(sentence, (*placed.path, *about), placed.key) for sentence in own)
    for name in ("input_schema", "output"):
        yield from schemas.problems(name, spec.get(name, {}), (*placed.path, name), placed.key)
    yield from measures.problems(placed)


def _nothing(spec: Spec) -> Iterator[str]:
    yield from ()


def _review(spec: Spec) -> Iterator[str]:
    """Where a person can decide, by the kind of the step."""
    when = spec.get("review", {}).get("when")
    if spec["kind"] == "person" and when != "before":
        yield "is a person's, so its review says when: before."
    elif spec["kind"] in {"decision", "parallel", "wait"} and when:
        yield f"is a {spec['kind']}, at which nobody decides: its review is a waiver."
    elif spec["kind"] in {"map", "repeat", "workflow"} and when == "before":
        yield f"is a {spec['kind']}: a person can decide after it, or before the steps inside it, but not before it."


def _limits(spec: Spec) -> Iterator[str]:
    limits, retry = spec.get("limits", {}), spec.get("retry", {})
    if "tries" in limits and "tries" in retry:
        yield "says twice how often it is tried: in limits and in retry."
    if limits.get("total_seconds", float("inf")) < limits.get("seconds", 0):
        yield "has less time in all (total_seconds) than for one try (seconds)."
    if spec["kind"] != "agent" and (strays := sorted(OF_AGENTS & set(limits))):
        yield f"has a limit on {strays[0]}, which only an agent has."
    if retry.get("first_seconds", 0) > retry.get("longest_seconds", float("inf")):
        yield "waits longer before its second try (first_seconds) than it may (longest_seconds)."


def _tool(spec: Spec) -> Iterator[str]:
    if spec["tool"] and spec["tool"] not in tools.TOOLS:
        yield f"calls {spec['tool']!r}, which is no tool here."


def _agent(spec: Spec) -> Iterator[str]:
    yield from lent.problems(spec, tools.TOOLS)
    names = [callables.spelled(name) for name in spec["tools"]]
    names += [callables.spelled(worker["key"]) for worker in spec.get("workers", [])]
    names += list(ways(spec))
    reserved = [callables.ASK, callables.FINISH]
    yield from (
        f"has two things that a model would know as {name!r}." for name in sorted(set(names)) if names.count(name) > 1
    )
    yield from (f"has a tool that a model would take for {name!r}." for name in reserved if name in names)
    if (deep := _workers_deep(spec)) > MOST_WORKERS_DEEP:
        yield f"has workers of workers more than {MOST_WORKERS_DEEP} deep."
    elif deep > (most := spec.get("limits", {}).get("depth", deep)):
        yield f"has agents {deep} deep in one another, and its limits say that {most} is the most (depth)."
    data = str(spec.get("data", LOWEST))
    if CLASSES.index(data) > CLASSES.index(spec.get("ceiling", data)):
        yield f"touches {data} data, and may be given {spec['ceiling']} data at the most (ceiling)."
    for worker in spec.get("workers", []):
        yield from (f"has a worker {worker['key']!r} that {told}" for told in _agent(worker))
    if spec.get("talks") and "asks" not in spec:
        yield "talks, so it says with whom: asks."
    if spec.get("call_review", {}).get("when") == "after":
        yield "makes calls, so who decides on them does so before."


def _workers_deep(spec: Spec) -> int:
    return max((1 + _workers_deep(worker) for worker in spec.get("workers", [])), default=0)


def _branches(spec: Spec) -> Iterator[str]:
    names = [branch["name"] for branch in spec["branches"]]
    yield from (f"has two branches {name!r}." for name in dict.fromkeys(names) if names.count(name) > 1)


def _decision(spec: Spec) -> Iterator[str]:
    yield from _branches(spec)
    *conditional, last = spec["branches"]
    yield from (f"needs an `if` at its branch {b['name']!r}." for b in conditional if "if" not in b)
    if "if" in last:
        yield f"takes its last branch, {last['name']!r}, where no other holds, so that one has no `if`."


def _parallel(spec: Spec) -> Iterator[str]:
    yield from _branches(spec)
    join, count = spec.get("join"), len(spec["branches"])
    if isinstance(join, dict) and join["quorum"] > count:
        yield f"waits for {join['quorum']} branches and has {count}."


def _map(spec: Spec) -> Iterator[str]:
    if "most_failures" in spec and spec.get("on_failure") != "continue":
        yield "stops at the first failure, so most_failures means nothing without on_failure: continue."


def _wait(spec: Spec) -> Iterator[str]:
    said = [name for name in WAITS if name in spec]
    if len(said) != 1:
        yield "waits for one thing: for_seconds, until or event."
    if "event" in said and "seconds" not in spec:
        yield "waits for an event, so it says for how many seconds at most."
    if "event" not in said and (stray := sorted({"match", "seconds", "on_timeout"} & set(spec))):
        yield f"waits for no event, so {stray[0]} means nothing."
    if "until" in said:
        yield from _moment(spec["until"])


def _moment(text: str) -> Iterator[str]:
    """A date without quotation marks of its own is a subtraction."""
    if not BARE_DATE.fullmatch(text):
        return
    try:
        if not names_read(text) and not isinstance(evaluate(text, {}), str):
            yield f"waits until {text}, which is no text: a date needs its own quotation marks, as in \"'2030-01-31'\"."
    except BadExpression:
        return  # told where all expressions are read


KINDS: dict[str, Callable[[Spec], Iterator[str]]] = {
    "tool": _tool,
    "agent": _agent,
    "decision": _decision,
    "parallel": _parallel,
    "map": _map,
    "wait": _wait,
}
