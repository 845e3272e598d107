"""Whether something would leave the house if a step went on without anybody's answer: in its own act, or in a later
step that nobody approves either. What cannot be told counts as leaving it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from orchestration import tools
from orchestration.documents.outline import MANY_TIMES, with_calls
from orchestration.plans import Plan

type Spec = dict[str, Any]


class Standing(NamedTuple):
    """A step as it stands among others: its part of the document, its review, and the step around it."""

    key: str
    spec: Spec
    review: Spec
    parent: str | None


def of_step(spec: Spec, review: Spec) -> str:
    """What of a step's own act would leave the house, in a few words; "" where nothing would."""
    if spec.get("releases"):
        return _("later steps act behind it")
    if review is spec.get("call_review"):
        named = (name for name in spec.get("tools", []) if _leaves(name))
        return next((_("%s leaves the house") % name for name in named), "")
    if review.get("when") == "after":
        return ""
    match spec.get("kind"):
        case "tool":
            name = str(spec.get("tool", ""))
            return _("%s leaves the house") % name if _leaves(name) else ""
        case "model" | "agent":
            return _("a model is asked")
        case "workflow":
            return _("another workflow begins")
        case "outcome":
            return _("the result is told")
    return ""


def of_document(document: Spec) -> list[Standing]:
    """The steps of a document, in their order."""
    return [Standing(one.key, one.spec, one.spec.get("review") or {}, one.parent_key) for one in with_calls(document)]


def of_plan(plan: Plan) -> list[Standing]:
    """The same of a version that is carried out."""
    found = sorted(plan.steps.values(), key=lambda step: step.position)
    keys = {step.pk: step.key for step in found}
    return [Standing(step.key, step.spec, step.review, keys.get(step.parent_id or 0)) for step in found]


def behind(steps: Sequence[Standing], key: str) -> str:
    """What leaves the house behind a step and nobody approves, in a few words; "" where nothing does."""
    places = {one.key: place for place, one in enumerate(steps)}
    if key not in places:
        return _("nobody can tell what follows")
    around = _round_it(steps, places, key)
    later = [one for place, one in enumerate(steps) if place > places[key] or _is_inside(one, around, steps, places)]
    released = {name for one in later for name in one.spec.get("releases", [])}
    for one in later:
        name = str(one.spec.get("tool", ""))
        if one.key == key or one.spec.get("kind") != "tool" or not _leaves(name):
            continue
        if one.key not in released and not _always_asks(one.review):
            told = {"step": one.spec.get("name", one.key), "tool": name}
            return _("%(tool)s at “%(step)s” leaves the house, and nobody approves it there") % told
    return ""


def by_clock(plan: Plan, key: str, spec: Spec, review: Spec) -> str:
    """Either, for a step of a version that is carried out."""
    return of_step(spec, review) or behind(of_plan(plan), key)


def _always_asks(review: Spec) -> bool:
    return review.get("when") == "before" and "only" not in review


def _leaves(name: str) -> bool:
    tool = tools.TOOLS.get(name)
    return tool is None or tool.leaves_house


def _round_it(steps: Sequence[Standing], places: dict[str, int], key: str) -> str | None:
    """The outermost step around one that does many times what is inside it."""
    many = (one.key for one in _above(steps, places, key) if one.spec.get("kind") in MANY_TIMES)
    return next(iter(reversed(list(many))), None)


def _is_inside(one: Standing, around: str | None, steps: Sequence[Standing], places: dict[str, int]) -> bool:
    return around is not None and any(other.key == around for other in _above(steps, places, one.key))


def _above(steps: Sequence[Standing], places: dict[str, int], key: str) -> Iterator[Standing]:
    parent = steps[places[key]].parent
    while parent is not None and parent in places:
        yield steps[places[parent]]
        parent = steps[places[parent]].parent


def unapproved(steps: Iterable[Standing]) -> Iterator[tuple[Standing, str]]:
    """The steps of which `only` can let an act that leaves the house go without anybody's approval, and the tool."""
    for one in steps:
        name = str(one.spec.get("tool", ""))
        sometimes = one.spec.get("kind") == "tool" and one.review.get("when") == "before" and "only" in one.review
        if sometimes and _leaves(name) and not _asks_for_all(one.review["only"], name):
            yield one, name


def _asks_for_all(only: Spec, name: str) -> bool:
    """Whether its effect alone has every call of a tool approved."""
    tool = tools.TOOLS.get(name)
    return tool is not None and tool.effect in only.get("effects", [])
