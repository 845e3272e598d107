"""Whom a document names: people by login, groups by name, each with the place where it does."""

from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.documents.outline import Spec, walk
from orchestration.documents.problems import Path, Problem


@dataclass(frozen=True, slots=True)
class Named:
    """A login or a group, and where it stands."""

    name: str
    path: Path
    step: str = ""

    def missing(self, told: str) -> Problem:
        """The problem that there is nobody of this name; `told` has a place for it."""
        return Problem(told % repr(self.name), self.path, self.step)


def people(document: Spec) -> Iterator[Named]:
    """The logins that a document names."""
    yield Named(document["owner"], ("owner",))
    for step in walk(document):
        if "user" in step.spec["owner"]:
            yield Named(step.spec["owner"]["user"], (*step.path, "owner", "user"), step.key)


def groups(document: Spec) -> Iterator[Named]:
    """The groups that it names. What its reviews name is read as far as its shape can be told."""
    for may, names in document["groups"].items():
        yield from (Named(name, ("groups", may, place)) for place, name in enumerate(names))
    for step in walk(document):
        spec = step.spec
        for may, names in spec["permission"].items():
            for place, name in enumerate(names):
                yield Named(name, (*step.path, "permission", may, place), step.key)
        for part in ("owner", "review"):
            if isinstance(name := spec.get(part, {}).get("group"), str) and name:
                yield Named(name, (*step.path, part, "group"), step.key)
