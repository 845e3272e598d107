"""Places of a review as its row holds them: whom each asks, by ids, and what all that are asked come to together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

MOST = 20  # places that edits may lead to
OF_SECTION = 10  # the highest number that a review section gives


@dataclass(frozen=True, slots=True)
class Place:
    """One place: members of these groups may fill it, and these people, where they have the skill that it asks for.

    `kind` and `said` tell how it came to them: the name of a group, of a person, a permission, or names. `must`: it is
    filled however few places are enough.
    """

    number: int
    groups: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    kind: str = "group"
    said: str = ""
    skill: str = ""
    must: bool = False

    @classmethod
    def read(cls, held: Any) -> "Place":
        """As a row holds it; once it was a pair of a number and a group."""
        if isinstance(held, list | tuple):
            return cls(held[0], (held[1],))
        groups, people = (tuple(held.get(name, ())) for name in ("groups", "people"))
        kind, said, skill = (str(held.get(name, "")) for name in ("kind", "said", "skill"))
        return cls(held["number"], groups, people, kind, said, skill, bool(held.get("must")))

    @property
    def as_json(self) -> dict[str, Any]:
        """What a row holds of it."""
        made: dict[str, Any] = {"number": self.number, "kind": self.kind, "said": self.said}
        made |= {"groups": list(self.groups), "people": list(self.people)}
        return made | ({"skill": self.skill} if self.skill else {}) | ({"must": True} if self.must else {})

    @property
    def asks(self) -> frozenset[str]:
        """Whom it asks, as marks that can be compared."""
        return frozenset([*(f"g{pk}" for pk in self.groups), *(f"p{pk}" for pk in self.people)])


class Asked(NamedTuple):
    """Whom the places that are asked now ask: groups and people by id, and those of whom a skill is wanted."""

    groups: frozenset[int]
    people: frozenset[int]
    skilled: frozenset[str]

    def asks(self, person: int, groups: Iterable[int], skills: Iterable[str]) -> bool:
        """Whether somebody is among them."""
        if person in self.people or not self.groups.isdisjoint(groups):
            return True
        return bool(self.skilled) and not self.skilled.isdisjoint(marks(person, groups, skills))


def marks(person: int, groups: Iterable[int], skills: Iterable[str]) -> set[str]:
    """What places that want a skill know somebody by."""
    known = [f"p{person}", *(f"g{pk}" for pk in groups)]
    return {f"{one}:{skill}" for one in known for skill in skills}


def asked(places: Iterable[Place]) -> Asked:
    """Whom these places ask together."""
    plain, skilled = [], set()
    for place in places:
        if place.skill:
            skilled |= {f"{mark}:{place.skill}" for mark in place.asks}
        else:
            plain.append(place)
    groups = frozenset(pk for place in plain for pk in place.groups)
    return Asked(groups, frozenset(pk for place in plain for pk in place.people), frozenset(skilled))


def stricter(known: Sequence[Place], anew: Sequence[Place]) -> list[Place]:
    """The places of a review once its question was worked out anew: nobody who has to approve is let off.

    A place that asks others now is asked beside the one that was; one that asks fewer of the same takes its place. One
    that asks nobody, since its expression cannot be worked out any more, is asked beside it too: nobody can fill it.
    """
    found = {place.number: place for place in known}
    for place in anew:
        was = found.get(place.number)
        if was is None:
            found[place.number] = place
        elif was.skill == place.skill and place.asks and place.asks < was.asks:
            found[place.number] = replace(place, must=was.must)
        elif (was.skill, was.asks) != (place.skill, place.asks):
            _beside(found, place)
    return sorted(found.values(), key=lambda one: one.number)


def _beside(found: dict[int, Place], place: Place) -> None:
    """A place of its own, unless an earlier edit has led to one like it."""
    alike = any(one.must and (one.asks, one.skill) == (place.asks, place.skill) for one in found.values())
    if not alike and len(found) < MOST:
        number = max(*found, OF_SECTION) + 1
        found[number] = replace(place, number=number, must=True)


def assigned_apart(able: Sequence[frozenset[int]], taken: frozenset[int] = frozenset()) -> bool:
    """Whether each of these places could be filled by somebody else, by whom each may be filled."""
    matched: dict[int, int] = {}  # person -> place

    def send(place: int, seen: set[int]) -> bool:
        for person in sorted(able[place] - taken - seen):
            seen.add(person)
            if person not in matched or send(matched[person], seen):
                matched[person] = place
                return True
        return False

    return all(send(place, set()) for place in range(len(able)))
