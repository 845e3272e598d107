"""Workflows that a document starts: each is there, is pinned to one version, and never leads back to its beginning."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from orchestration.documents import BadDocument, Problem
from orchestration.documents.outline import Spec, walk
from orchestration.models import Version, Workflow
from orchestration.states import VersionStatus, WorkflowStatus

DEEPEST = 5  # runs that may stand above a run

type Pin = tuple[str, int]  # slug and number of a version


def pin(document: Spec) -> Spec:
    """The document with the version of every workflow that it starts in it, or `BadDocument`.

    What runs is thereby part of what is hashed.
    """
    pinned = deepcopy(document)
    steps = [placed for placed in walk(pinned) if placed.spec["kind"] == "workflow"]
    if not steps:
        return pinned
    currents = _currents({str(step.spec["workflow"]) for step in steps})
    for step in steps:
        step.spec.setdefault("version", currents.get(step.spec["workflow"], 0))
    versions = _versions({_pin(step.spec) for step in steps})
    found = [
        Problem(told, step.path, step.key)
        for step in steps
        for told in _problems(step.spec, document["slug"], currents, versions)
    ]
    if found := found or [Problem(told) for told in _below(document["slug"], versions)]:
        raise BadDocument(found)
    return pinned


def _pin(spec: Spec) -> Pin:
    return str(spec["workflow"]), int(spec["version"])


def _currents(slugs: set[str]) -> dict[str, int]:
    """The current version of each workflow that takes runs; 0 where none is published."""
    rows = Workflow.objects.filter(slug__in=slugs).exclude(status=WorkflowStatus.RETIRED)
    return {slug: number or 0 for slug, number in rows.values_list("slug", "current__number")}


def _versions(pins: set[Pin]) -> dict[Pin, dict[str, Any]]:
    """The documents of those versions that were published: one query."""
    wanted = {"workflow__slug__in": {slug for slug, _ in pins}, "number__in": {number for _, number in pins}}
    rows = Version.objects.filter(**wanted).exclude(status=VersionStatus.DRAFT)
    found = rows.values_list("workflow__slug", "number", "document")
    return {(slug, number): document for slug, number, document in found if number and (slug, number) in pins}


def _problems(spec: Spec, slug: str, currents: dict[str, int], versions: dict[Pin, Spec]) -> Iterator[str]:
    other = spec["workflow"]
    if other == slug:
        yield "starts the workflow that it belongs to."
    elif other not in currents:
        yield f"starts {other!r}, which is no workflow that takes runs here."
    elif not spec["version"]:
        yield f"starts {other!r}, of which no version is published."
    elif _pin(spec) not in versions:
        yield f"starts version {spec['version']} of {other!r}, which was never published."
    else:
        yield from _input(spec, versions[_pin(spec)]["input"])


def _input(spec: Spec, schema: dict[str, Any]) -> Iterator[str]:
    """Whether the fields are those that the other workflow takes; their values are checked when it starts."""
    given, known = set(spec["input"]), set(schema["properties"])
    for name in sorted(set(schema.get("required", [])) - given):
        yield f"gives no {name!r}, which {spec['workflow']!r} asks for."
    if schema.get("additionalProperties") is False:
        yield from (f"gives {name!r}, which {spec['workflow']!r} does not take." for name in sorted(given - known))


def _below(slug: str, versions: dict[Pin, Spec]) -> Iterator[str]:
    """Follow what is started level by level: back to the beginning, or too deep."""
    level = {pin: f"{pin[0]!r}" for pin in versions}
    for _ in range(DEEPEST):
        level = _next(level, versions)
        if back := next((said for (other, _), said in level.items() if other == slug), None):
            yield f"{slug!r} starts itself, through {back.rpartition(', ')[0]}."
            return
        if not level:
            return
        versions = _versions(set(level))
    yield f"Workflows start one another more than {DEEPEST} deep: {next(iter(level.values()))}."


def _next(level: dict[Pin, str], versions: dict[Pin, Spec]) -> dict[Pin, str]:
    """What the versions of one level start, each with the way there in words."""
    return {
        _pin(placed.spec): f"{said}, {placed.spec['workflow']!r}"
        for pin, said in level.items()
        if pin in versions
        for placed in walk(versions[pin])
        if placed.spec["kind"] == "workflow"
    }
