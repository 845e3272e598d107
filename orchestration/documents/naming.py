"""Whom a document names: people by login, groups by name, each with the place where it does."""

from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.documents.outline import Spec, walk
from orchestration.documents.problems import Path, Problem

SECTIONS = ("review", "call_review")  # the parts of a step that say who decides


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
        for section in SECTIONS:
            for path, name in asked(step.spec.get(section, {}), "person"):
                yield Named(name, (*step.path, section, *path), step.key)


def groups(document: Spec) -> Iterator[Named]:
    """The groups that it names. What its reviews name is read as far as its shape can be told."""
    for may, names in document["groups"].items():
        yield from (Named(name, ("groups", may, place)) for place, name in enumerate(names))
    for step in walk(document):
        spec = step.spec
        for may, names in spec["permission"].items():
            for place, name in enumerate(names):
                yield Named(name, (*step.path, "permission", may, place), step.key)
        if isinstance(name := spec["owner"].get("group"), str) and name:
            yield Named(name, (*step.path, "owner", "group"), step.key)
        for section in SECTIONS:
            for path, name in letting(spec.get(section, {})):
                yield Named(name, (*step.path, section, *path), step.key)
        if isinstance(name := spec.get("asks", {}).get("group"), str) and name:
            yield Named(name, (*step.path, "asks", "group"), step.key)


def deciding(review: Spec) -> Iterator[tuple[Path, str]]:
    """The groups that a review section lets decide, in their order, each with its place in it."""
    yield from asked(review, "group")


def asked(review: Spec, kind: str) -> Iterator[tuple[Path, str]]:
    """What the places of a review section name of one kind, in their order, each with where it stands in it."""
    for path, entry in entries(review):
        if isinstance(name := entry.get(kind), str) and name:
            yield (*path, kind), name


def entries(review: Spec) -> Iterator[tuple[Path, Spec]]:
    """The places of a review section, the first among them, as far as its shape can be told."""
    if "waiver" in review:
        return
    who = review.get("who")
    yield (("who",), who) if isinstance(who, dict) else ((), {"group": review.get("group")})
    listed = then if isinstance(then := review.get("then"), list) else []
    yield from ((("then", place), one) for place, one in enumerate(listed) if isinstance(one, dict))


def letting(review: Spec) -> Iterator[tuple[Path, str]]:
    """The groups that it lets decide, and those that it lets decide too once it is late."""
    yield from deciding(review)
    listed = later if isinstance(later := review.get("escalate"), list) else []
    for place, one in enumerate(listed):
        if isinstance(one, dict) and isinstance(name := one.get("group"), str) and name:
            yield ("escalate", place, "group"), name
