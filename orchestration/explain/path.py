"""Explain the path: what a version does, in plain sentences made from its document."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestration import tools
from orchestration.explain.groups import called
from orchestration.models import Step, Trigger, Version

AI, SYSTEM, PERSON, END = "ai", "sys", "human", "end"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the path: a bold beginning, the rest, and whose mark stands before it."""

    kind: str
    bold: str
    rest: str = ""


def explain(version: Version, steps: Iterable[Step], triggers: Iterable[Trigger]) -> list[Sentence]:
    """From what starts a run to what it comes to."""
    return [_begin(version, triggers), *(sentence for step in steps for sentence in _step(step))]


def _begin(version: Version, triggers: Iterable[Trigger]) -> Sentence:
    document = version.document
    what = str(document["input"].get("title") or _("An input"))
    ways = [trigger.name for trigger in triggers]
    starters = [called(name) for name in document["groups"]["start"]]
    if starters:
        ways.append(_("a form that %s may fill in") % listed(starters))
    if not ways:
        return Sentence(SYSTEM, _("%s arrives.") % what)
    return Sentence(SYSTEM, _("%s arrives,") % what, _("through %s.") % listed(ways))


def _step(step: Step) -> Iterator[Sentence]:
    review = step.review
    if review.get("when") == "before":
        yield _asked(step, review)
    yield _work(step)
    if review.get("when") == "after":
        yield _asked(step, review)


def _work(step: Step) -> Sentence:
    told = {"step": step.name, "owner": owner(step), "purpose": _sentence(step.purpose)}
    match step.kind:
        case "model":
            return Sentence(AI, step.name + ":", _("%(purpose)s AI does it; %(owner)s answers for it.") % told)
        case "tool":
            return Sentence(SYSTEM, step.name + ":", " ".join(_effects(step, told)))
        case _:
            return Sentence(END, step.name + ":", _("%(purpose)s %(owner)s answers for it.") % told)


def _effects(step: Step, told: dict[str, str]) -> Iterator[str]:
    tool = tools.TOOLS.get(step.spec["tool"])
    yield told["purpose"]
    if tool is not None and tool.leaves_house:
        yield (
            _("This leaves the house, exactly as it was approved.")
            if step.is_reviewed
            else _("This leaves the house without anybody's approval.")
        )
    yield _("%(owner)s answer for it.") % told if step.owner is None else _("%(owner)s answers for it.") % told


def _asked(step: Step, review: dict[str, Any]) -> Sentence:
    group, count = called(review["group"]), len(review["why"])
    bold = _("%s decide") % group
    if review["when"] == "before":
        rest = _("before %s acts: they see exactly what it would do, may change it, approve or reject it.") % step.name
    else:
        rest = _("after %s has worked, before anything goes on: they may change what it wrote.") % step.name
    rules = ngettext("%(count)d rule says how urgent that is", "%(count)d rules say how urgent that is", count)
    shortest = min(entry["due_minutes"] for entry in review["why"])
    soonest = ngettext("%d minute", "%d minutes", shortest) % shortest
    urgency = _("%(rules)s, the soonest %(soonest)s.") % {"rules": rules % {"count": count}, "soonest": soonest}
    return Sentence(PERSON, bold, f"{rest} {urgency} {_('Nobody decides on what they started.')}")


def owner(step: Step) -> str:
    """Who answers for a step, by name."""
    return str(step.owner) if step.owner else called(step.owner_group.name) if step.owner_group else ""


def listed(names: list[str]) -> str:
    """Names as a list in words: "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
