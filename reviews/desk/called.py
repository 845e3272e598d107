"""A call of an agent that is put to people: what it does to the world, and what led to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from audit.models import User
from orchestration import taking_over, tools
from orchestration.explain.reading import may_read
from orchestration.models import StepRun
from orchestration.models import Tool as Row
from orchestration.models.definitions import StepRole
from reviews.models import Review
from reviews.runpages import talk
from reviews.runpages.talk import Called, Spoken

LAST, EARLIER = 3, 9  # turns that are open, and that open at a press


@dataclass(frozen=True, slots=True)
class Call:
    """`turns` end with the one that asked for it, in which it is left out; `earlier` come before them, and before
    those there are `left` more. `others` are what the same turn asks for besides.
    """

    agent: StepRun
    asks: bool  # a person, and not a tool
    spoken: bool
    text: str  # what the agent said when it asked for it
    may_read: bool
    where: str  # the talk on the page of the run
    take_over: str  # the page on which its step is finished by hand, for those who may
    turns: Sequence[Spoken] = ()
    earlier: Sequence[Spoken] = ()
    left: int = 0
    others: Sequence[Called] = field(default=())

    @property
    def name(self) -> str:
        """The agent's."""
        return self.agent.step.name


def of(review: Review, reader: User) -> Call | None:
    """The call that a review asks about, if it does; five queries, and two for what is rare."""
    held = review.step_run
    if held.given is None or held.parent_id is None:
        return None
    agent = StepRun.objects.select_related("step__parent__parent", "run").get(pk=held.parent_id)
    asks, number = held.step.kind == "person", int(held.given["turn"])
    may_take = review.is_open and taking_over.can_be_taken_over(agent) and taking_over.may_take_over(reader, agent)
    take_over = reverse("take-over", args=[agent.pk]) if may_take else ""
    if not may_read(reader, agent.step):
        return Call(agent, asks, spoken=False, text="", may_read=False, where="", take_over=take_over)
    *turns, this = talk.until(agent, number, LAST + EARLIER + 1)
    own = next((one for one in this.calls if one.step_run == held.pk), None)
    return Call(
        agent,
        asks,
        spoken=own is not None and own.spoken,
        text=this.text,
        may_read=True,
        where=_where(agent, number),
        take_over=take_over,
        turns=turns[-LAST:],
        earlier=turns[:-LAST],
        left=number - 1 - len(turns),
        others=[one for one in this.calls if one is not own],
    )


def _where(agent: StepRun, number: int) -> str:
    """The talk of the agent on the page of its run; of one that works for another, that other's."""
    step = agent.step
    while step.role == StepRole.CALL and step.parent is not None:
        step = step.parent
    item = "/".join(part for part in agent.frame.split("/") if "." in part)
    first = {"turn": str(max(1, number - talk.SIZE + 1))} if step == agent.step else {}
    query = {"step": step.key, **({"item": item} if item else {}), "tab": "talk", **first}
    return reverse("run", args=[agent.run_id], query=query) + "#step"


def facts(name: str) -> list[tuple[str, str]]:
    """What a call of a tool does to the world, in words: a query for one of another system."""
    tool = tools.TOOLS.get(name)
    if tool is None:
        return []
    told: list[tuple[str, Any]] = [
        (_("Does"), _EFFECTS[tool.effect]()),
        (_("Others see it"), _("Yes, it leaves the house") if tool.leaves_house else _("No, it stays in the house")),
        (_("If it is called twice"), _REPEATS[tool.repeatability]()),
    ]
    if name not in tools.TOOLS.load() and tool.effect != "read":
        undo = Row.objects.filter(name=name).values_list("undo__name", flat=True).first()
        told.append((_("To take it back"), _("Call %s") % undo if undo else _("No tool of it does")))
    return told


_EFFECTS = {
    "read": lambda: _("Reads, and changes nothing"),
    "write": lambda: _("Changes something"),
    "destructive": lambda: _("Destroys something"),
}
_REPEATS = {
    "safe": lambda: _("Nothing happens by that"),
    "keyed": lambda: _("It happens once, by its key"),
    "unsafe": lambda: _("It happens twice, so it is not repeated"),
}
