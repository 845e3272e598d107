"""Warnings: the known mistakes. Each may be acknowledged by name."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.documents.outline import Placed
from orchestration.readiness.called import changes, tools_of
from orchestration.readiness.findings import WARNS
from orchestration.readiness.people import deciding
from orchestration.readiness.rules import THINKING, Definition, Facts, Lack, rule
from orchestration.routing.policy import ANY

type Told = Iterator[Lack | None]


@rule("one_model", WARNS, gettext_lazy("More than one model is asked"))
def one_model(definition: Definition, facts: Facts) -> Told:
    """Two steps or more, and all of them on one model."""
    steps = definition.of_kind(*THINKING)
    if len(steps) < 2:
        return
    names = {step.spec["model"] for step in steps}
    if ANY in names:  # each call goes where it fits best
        return
    told = {"count": len(steps), "name": next(iter(names))}
    what = _("All %(count)d steps that ask a model ask “%(name)s”.") % told
    mend = _("Ask another where the task is another: what one gets wrong, it gets wrong everywhere.")
    yield None if len(names) > 1 else Lack(what, mend)


@rule("outside", WARNS, gettext_lazy("Effects outside are approved"))
def outside(definition: Definition, facts: Facts) -> Told:
    """By a review point before the step, or at a gate."""
    approved = {key for step in definition.placed for key in step.spec.get("releases", [])}
    for step, name, part in tools_of(definition):
        row = facts.tools.get(name)
        if row is None or not row.leaves_house:
            continue
        if part == ("tool",):
            held = step.key in approved or step.spec.get("review", {}).get("when") == "before"
            mend = _("Give the step a review with when: before, or put a gate before it.")
        elif changes(name):
            held = step.spec.get("call_review", {}).get("when") == "before"
            mend = _("Give the agent's calls a review: call_review, with when: before.")
        else:
            held, mend = False, _("Nobody looks at calls that only read. Take the tool away if that is not meant.")
        what = _("What “%(name)s” does leaves the house, and nobody looks at it before.") % {"name": name}
        yield None if held else Lack(what, mend, step, part)


@rule("agent_limits", WARNS, gettext_lazy("Every agent has limits"))
def agent_limits(definition: Definition, facts: Facts) -> Told:
    """On its turns and its time."""
    for step in definition.of_kind("agent"):
        limits = step.spec.get("limits", {})
        if {"turns", "seconds"} <= set(limits):
            yield None
        else:
            what = _("The agent has no limit of its own on turns and time.")
            yield Lack(what, _("Say limits: {turns: …, seconds: …}."), step, ("limits",))


@rule("alone", WARNS, gettext_lazy("No owner reviews alone"))
def alone(definition: Definition, facts: Facts) -> Told:
    """The one who answers for a step, or for the workflow, is not the only one who could decide there."""
    for step in definition.placed:
        who = facts.groups.get(deciding(step))
        if not who:
            continue
        if len(who) > 1 or not who & _owners(definition, step, facts):
            yield None
        else:
            what = _("“%(login)s” owns it and is the only one who can decide on it.") % {"login": min(who)}
            yield Lack(what, _("Put a second person into the group that decides."), step, ("review", "group"))


def _owners(definition: Definition, step: Placed, facts: Facts) -> set[str]:
    """Who owns a step alone: its person, or the only member of its group; and the owner of the workflow."""
    owner = step.spec["owner"]
    members = facts.groups.get(owner.get("group", ""), frozenset())
    own = {owner["user"]} if "user" in owner else set(members) if len(members) == 1 else set()
    return own | {definition.document["owner"]}


@rule("watched", WARNS, gettext_lazy("Somebody looks at a metric"))
def watched(definition: Definition, facts: Facts) -> Told:
    """At least one has a target, or blocks."""
    metrics = [metric for step in definition.placed for metric in step.spec.get("metrics", [])]
    if not metrics:
        return
    if any(metric.get("blocking") or "target" in metric for metric in metrics):
        yield None
    else:
        yield Lack(_("No metric has a target, and none blocks."), _("Say what share should be met: target: 0.9."))
