"""Explain the path: what a version does, in plain sentences made from its document."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestration.explain import acting, asked, clocked, whom
from orchestration.explain.groups import called
from orchestration.explain.kinds import released, said
from orchestration.explain.words import listed
from orchestration.models import Step, Trigger, Version
from orchestration.models.definitions import StepRole

AI, SYSTEM, PERSON, END = "ai", "sys", "human", "end"
MARKS = {"model": AI, "agent": AI, "outcome": END}  # every other kind is the system's

type Steps = dict[int, Step]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the path: a bold beginning, the rest, and whose mark stands before it."""

    kind: str
    bold: str
    rest: str = ""


def explain(version: Version, steps: Iterable[Step], triggers: Iterable[Trigger]) -> list[Sentence]:
    """From what starts a run to what it comes to."""
    by_id = {step.pk: step for step in steps if step.role != StepRole.CALL}  # calls are told with their agent
    approved = released(by_id.values())
    told = (sentence for step in by_id.values() for sentence in _step(step, by_id, approved))
    return [_begin(version, triggers), *told]


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


def _step(step: Step, steps: Steps, approved: set[str]) -> Iterator[Sentence]:
    review = step.review
    if step.kind == "person":
        yield _gate(step, steps)
        return
    if review.get("when") == "before":
        yield _asked(step, review, steps)
    yield Sentence(MARKS.get(step.kind, SYSTEM), _when(step, steps), said(step, approved=step.key in approved))
    yield from _calls(step)
    if review.get("when") == "after":
        yield _asked(step, review, steps)


def _when(step: Step, steps: Steps) -> str:
    """The step's name, and when its turn comes where that is not simply after the one before."""
    parent = steps.get(step.parent_id or 0)
    if parent is None:
        return f"{step.name}:"
    told = {"step": step.name, "parent": parent.name}
    if step.role == StepRole.FALLBACK:
        return _("If %(parent)s fails, %(step)s:") % told
    if step.role == StepRole.COMPENSATION:
        return _("To undo %(parent)s, %(step)s:") % told
    if parent.kind == "map":
        return _("%(step)s (each item of %(parent)s):") % told
    if parent.kind == "repeat":
        return _("%(step)s (each round of %(parent)s):") % told
    return _("%(step)s (%(branch)s):") % {**told, "branch": parent.spec["branches"][step.branch]["name"]}


def _gate(step: Step, steps: Steps) -> Sentence:
    """A step of kind person: who decides, and what goes on only then."""
    names = {other.key: other.name for other in steps.values()}
    told = [said(step)]
    if wanted := step.spec.get("releases"):
        which = listed(names.get(key, key) for key in wanted)
        told.append(_("Only then, and exactly as it was shown: %s.") % which)
    bold = _("%(group)s decide: %(when)s") % {"group": whom.first(step.review), "when": _when(step, steps)}
    return Sentence(PERSON, bold, " ".join([*told, *asked.told(step, names), *besides(step.review)]))


def besides(review: dict[str, Any]) -> Iterator[str]:
    """Who approves after the first, how soon, and what the clock does."""
    yield from whom.sentences(review)
    yield from _signs(review)
    yield _urgency(review)
    yield from clocked.sentences(review)


def _signs(review: dict[str, Any]) -> Iterator[str]:
    """What whoever decides says by their signature."""
    if meaning := review.get("sign", {}).get("meaning"):
        yield _("Each decision is signed, which means: %(meaning)s") % {"meaning": meaning}


def _asked(step: Step, review: dict[str, Any], steps: Steps) -> Sentence:
    names = {other.key: other.name for other in steps.values()}
    bold = _("%s decide") % whom.first(review)
    if review.get("when") == "before":
        rest = _("before %s acts: they see exactly what it would do, may change it, approve or reject it.") % step.name
    else:
        rest = _("after %s has worked, before anything goes on: they may change what it wrote.") % step.name
    return Sentence(PERSON, bold, " ".join([rest, *asked.told(step, names), *besides(review)]))


def _calls(step: Step) -> Iterator[Sentence]:
    """Who decides on what an agent asks for, and who answers it."""
    review = step.spec.get("call_review", {})
    names = acting.writes(step.spec)
    if review.get("when") == "before" and names:
        told = {"step": step.name, "tools": listed(names)}
        rest = _("before %(step)s calls %(tools)s: they see exactly what would be called.") % told
        rest = " ".join([rest, _("They may change it, approve it, or refuse it with a note that the agent reads.")])
        yield Sentence(PERSON, _("%s decide") % whom.first(review), " ".join([rest, *besides(review)]))
    if (group := step.spec.get("asks", {}).get("group")) is not None:
        due = step.spec["asks"].get("due_minutes")
        told = {"step": step.name, "due": ngettext("%d minute", "%d minutes", due or 0) % (due or 0)}
        rest = _("what %(step)s asks, within %(due)s.") if due else _("what %(step)s asks.")
        yield Sentence(PERSON, _("%s answer") % called(str(group)), rest % told)


def _urgency(review: dict[str, Any]) -> str:
    said = [entry.get("due_minutes") for entry in review.get("why", []) if isinstance(entry, dict)]
    due = [minutes for minutes in said if isinstance(minutes, int)]
    if not due:  # a draft
        return _("Nothing says yet how urgent that is.")
    count, shortest = len(due), min(due)
    rules = ngettext("%(count)d rule says how urgent that is", "%(count)d rules say how urgent that is", count)
    soonest = ngettext("%d minute", "%d minutes", shortest) % shortest
    urgency = _("%(rules)s, the soonest %(soonest)s.") % {"rules": rules % {"count": count}, "soonest": soonest}
    return f"{urgency} {_('Nobody decides on work of their own.')}"
