"""The text of an agent: YAML in, what it says out, or every problem in a sentence with its line.

It is looked at as the part of a workflow's document that it becomes: by the same shape and the same rules.
"""

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from django.contrib.auth.models import Group

from orchestration import documents
from orchestration.documents import BadDocument, Problem, meaning, naming, reviews, shape
from orchestration.documents.laid import OWN
from orchestration.documents.outline import Spec

NEEDED = ("model", "prompt", "tools")
AROUND: Spec = {  # a workflow of nothing but a step that it does
    "slug": "agent",
    "name": "Agent",
    "purpose": "To look at it.",
    "risk": "high",
    "owner": "nobody",
    "title": "'agent'",
    "groups": {"see": [], "start": [], "decide": [], "manage": []},
    "input": {"type": "object", "properties": {}},
}
STEP: Spec = {
    "key": "agent",
    "name": "Agent",
    "kind": "agent",
    "purpose": "To look at it.",
    "owner": {"user": "nobody"},
    "permission": {},
    "review": {"waiver": "Its steps say who reviews them."},
    "input": {},
    "output": {"type": "object"},
    "metrics": [],
    "data": "public",
}
BEGINNING = """\
# What this agent is. Steps that use it may only narrow it.
model: any
prompt: |
  Say what it is to do.
tools: []
limits:
  turns: 12
  calls: 30
  minutes: 10
"""


def read(source: str) -> dict[str, Any]:
    """What an agent's text says, or `BadDocument`."""
    loaded = documents.parsed(source)
    try:
        found = list(_problems(loaded.value))
    except RecursionError as error:
        raise BadDocument([Problem(documents.TOO_DEEP, line=1)]) from error
    if found:
        raise BadDocument(found).at(loaded.lines)
    return dict(loaded.value)


def problems(source: str) -> list[Problem]:
    """Why it cannot be signed like this."""
    try:
        read(source)
    except BadDocument as error:
        return sorted(error.problems, key=lambda one: one.line)
    return []


def _problems(said: Any) -> Iterator[Problem]:
    if not isinstance(said, dict):
        yield Problem("It says nothing of an agent yet: model, prompt and tools at least.")
        return
    if strays := [str(name) for name in said if name not in OWN]:
        yield from (Problem(_stray(name), (name,)) for name in strays)
        return
    if missing := [name for name in NEEDED if name not in said]:
        yield from (Problem(f"It says no {name}.", missing=name) for name in missing)
        return
    whole: Spec = {**AROUND, "steps": [{**STEP, **said}]}
    found = shape.problems(whole) or [*meaning.problems(whole), *reviews.problems(whole), *_nobody(whole)]
    yield from map(_own, found)


def _stray(name: str) -> str:
    near = get_close_matches(name[:60], OWN, n=1)
    return f"{name[:60]!r} is nothing that an agent says" + (f"; is {near[0]!r} meant?" if near else ".")


def _nobody(whole: Spec) -> Iterator[Problem]:
    """The groups that are named, and that there are not."""
    named = list(naming.groups(whole))
    known = set(Group.objects.filter(name__in={one.name for one in named}).values_list("name", flat=True))
    yield from (one.missing("There is no group %s here.") for one in named if one.name not in known)


def _own(problem: Problem) -> Problem:
    """A problem of the workflow around it, as one of the agent's own text."""
    told = problem.told
    if not problem.where and told[:1].islower():
        told = f"It {told}"
    return replace(problem, told=told, path=problem.path[2:], step="")
