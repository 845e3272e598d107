"""Adding, copying, moving and removing steps in the text of a draft."""

from copy import deepcopy
from typing import NamedTuple

from django.utils.translation import gettext as _

from orchestration import documents
from orchestration.documents import writing
from orchestration.documents.loading import loaded
from orchestration.documents.outline import AROUND_OTHERS, MANY_TIMES, Placed, Spec, walk
from orchestration.documents.problems import Path
from orchestration.documents.writing import MISSING
from orchestration.editing import skeletons
from orchestration.editing.changing import NoSuchStep
from orchestration.models.definitions import StepRole

FIRST = "first"
EXTRAS = ("fallback", "compensate")
UP, DOWN = "up", "down"


class CannotChange(ValueError):
    """The steps stay as they are: a sentence that says why."""


class Edited(NamedTuple):
    """The text as it is then, and the key of the step to look at."""

    source: str
    key: str


class Place(NamedTuple):
    """Somewhere a step can go: in front of what stands at `number` in the list at `path`. `said` calls it by name."""

    key: str
    said: str
    path: Path
    number: int
    depth: int = 0


def places(source: str) -> list[Place]:
    """Every place where a step can be put, from the first to the last; each has a key that forms send."""
    tree = _Tree(source)
    found = [Place(FIRST, _("At the beginning"), ("steps",), 0)]
    for one in tree.placed:
        if one.role == StepRole.STEP:
            around, number = one.path[:-1], int(one.path[-1])
            after = _("After %s") % one.spec["name"]
            found.append(Place(f"after:{one.key}", after, around, number + 1, one.depth))
        found += _inside(one)
    return found


def _inside(one: Placed) -> list[Place]:
    if one.spec["kind"] in MANY_TIMES:
        said = _("Inside %s, first") % one.spec["name"]
        return [Place(f"in:{one.key}:0", said, (*one.path, "steps"), 0, one.depth + 1)]
    if one.spec["kind"] not in AROUND_OTHERS:
        return []
    return [
        Place(
            f"in:{one.key}:{number}",
            _("In “%(branch)s” of %(step)s, first") % {"branch": branch["name"], "step": one.spec["name"]},
            (*one.path, "branches", number, "steps"),
            0,
            one.depth + 1,
        )
        for number, branch in enumerate(one.spec.get("branches", []))
    ]


def add(source: str, kind: str, where: str) -> Edited:
    """Add a step of a kind at a place; `fallback:KEY` and `compensate:KEY` put it beside a step."""
    tree = _Tree(source)
    if kind not in skeletons.NAMES:
        raise CannotChange(_("There are no steps of that kind."))
    role, _colon, key = where.partition(":")
    if role in EXTRAS:
        beside = tree.of(key)
        if beside.role != StepRole.STEP or (kind in AROUND_OTHERS):
            raise CannotChange(_("A step that stands in for another has none of its own, and none inside."))
        new = skeletons.step(kind, tree.keys, beside.spec)
        new.pop("fallback", None)
        return Edited(_checked(writing.put(source, (*beside.path, role), new)), new["key"])
    place = _place(source, where)
    new = skeletons.step(kind, tree.keys, tree.near(place))
    return Edited(_checked(writing.insert(source, place.path, place.number, new)), new["key"])


def copy(source: str, key: str) -> Edited:
    """A second step like this one behind it, with keys of its own for it and all that is inside."""
    tree = _Tree(source)
    one = tree.of(key)
    if one.role != StepRole.STEP:
        raise CannotChange(_("A step that stands in for another cannot stand there twice."))
    spec, taken = deepcopy(writing.value_at(loaded(source).value, one.path)), set(tree.keys)
    _rekey(spec, taken)
    spec["name"] = _("%s, copy") % str(spec["name"])[:100]
    made = writing.insert(source, one.path[:-1], int(one.path[-1]) + 1, spec)
    return Edited(_checked(made), spec["key"])


def _rekey(spec: Spec, taken: set[str]) -> None:
    spec["key"] = skeletons.free(str(spec["key"])[:55], taken)
    taken.add(spec["key"])
    inner = [*spec.get("steps", []), *(step for branch in spec.get("branches", []) for step in branch["steps"])]
    for one in [*inner, *(spec[name] for name in EXTRAS if isinstance(spec.get(name), dict))]:
        _rekey(one, taken)


def move(source: str, key: str, where: str) -> Edited:
    """Move a step up or down, past the ends of a branch out of it, or to a place."""
    tree = _Tree(source)
    one = tree.of(key)
    if one.role != StepRole.STEP:
        raise CannotChange(_("It stands beside its step, and goes where that goes."))
    around, number = one.path[:-1], int(one.path[-1])
    if where in {UP, DOWN}:
        path, to = tree.towards(one, where)
    else:
        path, to = _place(source, where)[2:4]
    if path[: len(one.path)] == one.path:
        raise CannotChange(_("A step cannot be moved into itself."))
    if path != around:
        _refuse_emptying(tree, one)
    return Edited(_checked(writing.move(source, (*around, number), path, to)), key)


def remove(source: str, key: str) -> Edited:
    """Take a step out, with all that is inside it. The one before it is looked at next."""
    tree = _Tree(source)
    one = tree.of(key)
    if one.role == StepRole.STEP:
        _refuse_emptying(tree, one)
        made = writing.put(source, one.path, MISSING)
    elif one.role == StepRole.FALLBACK:
        made = writing.put(source, one.path, "fail")
    else:
        made = writing.put(source, one.path, MISSING)
    left = [other.key for other in _Tree(made).placed]
    before = [other.key for other in tree.placed[: tree.placed.index(one)] if other.key in left]
    return Edited(_checked(made), before[-1] if before else left[0])


def _refuse_emptying(tree: "_Tree", one: Placed) -> None:
    """Of a workflow, and of what is done many times, one step stays; a branch may be empty."""
    around = one.path[:-1]
    in_branch = len(around) > 2 and around[-3] == "branches"
    if not in_branch and not any(o.path[:-1] == around and o.key != one.key for o in tree.placed):
        raise CannotChange(_("It is the only step there. Add another one first."))


def _place(source: str, where: str) -> Place:
    found = next((place for place in places(source) if place.key == where), None)
    if found is None:
        raise CannotChange(_("That place is not there any more."))
    return found


def _checked(source: str) -> str:
    documents.sketch(source)
    return source


class _Tree:
    """The steps of a text."""

    def __init__(self, source: str) -> None:
        self.placed = list(walk(documents.sketch(source).document))
        self.keys = {one.key for one in self.placed}

    def of(self, key: str) -> Placed:
        """The step of a key."""
        found = next((one for one in self.placed if one.key == key), None)
        if found is None:
            raise NoSuchStep(key)
        return found

    def near(self, place: Place) -> Spec:
        """The step that a new one at a place takes after: the one before it, else the one around it."""
        before = [one for one in self.placed if one.path[:-1] == place.path and int(one.path[-1]) < place.number]
        around = [one for one in self.placed if place.path[: len(one.path)] == one.path]
        return (before or around or self.placed)[-1 if before or around else 0].spec

    def towards(self, one: Placed, where: str) -> tuple[Path, int]:
        """The place one further up or down; past the end of a list, before or behind the step around it."""
        around, number = one.path[:-1], int(one.path[-1])
        count = sum(1 for other in self.placed if other.path[:-1] == around and other.role == StepRole.STEP)
        if where == UP and number > 0:
            return around, number - 1
        if where == DOWN and number < count - 1:
            return around, number + 2
        outer = next((other for other in self.placed if other.key == one.parent_key), None)
        if outer is None:
            raise CannotChange(_("It stands at the end already."))
        return outer.path[:-1], int(outer.path[-1]) + (where == DOWN)
