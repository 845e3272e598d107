"""The inspector: everything about one step of a run; what is large is loaded when its tab is opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from audit.models import User
from orchestration.callables import AGENT
from orchestration.explain import graph, routed
from orchestration.explain.groups import called
from orchestration.explain.reading import THINKING, Field, fields, may_read, may_see_routing
from orchestration.models import Attempt, RoutingDecision, RuleCheck, Step, StepRun
from orchestration.routing import sentences
from orchestration.states import Awaits, DataClass, Effect, StepStatus
from reviews.desk import seats
from reviews.models import Decision, Review
from reviews.runpages import earlier, talk, undone
from reviews.runpages.course import Course
from reviews.runpages.items import Items
from reviews.runpages.kinds import About
from reviews.runpages.opened import Opened, Turn
from reviews.runpages.raw import opened_up, raw
from reviews.runpages.talk import Talk
from reviews.runpages.tries import Try, tries
from reviews.runpages.watching import WRITING
from reviews.who import told as waiting

MODEL, TALK = "model", "talk"
TABS = ("summary", TALK, "input", "output", "prompt", MODEL, "raw")
MOST_DECISIONS = 20
BY_KIND = {
    "model": "sparkles",
    "agent": "bot",
    "tool": "plug",
    "outcome": "flag",
    "person": "user",
    "decision": "split",
    "parallel": "git-fork",
    "map": "layers",
    "repeat": "rotate-cw",
    "workflow": "workflow",
    "wait": "timer",
}


@dataclass
class Inspected:
    """One step of a run, or of an item of it. `held` is None as long as it has not begun."""

    step: Step
    held: StepRun | None
    tab: str
    readable: bool
    about: About
    frame: str = ""
    tries: list[Try] = field(default_factory=list)
    review: Review | None = None
    decisions: list[Decision] = field(default_factory=list)
    inputs: list[Field] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    output: Any = None
    raw: dict[str, Any] = field(default_factory=dict)
    items: Items | None = None
    opened: Opened | None = None
    turns: Sequence[Turn] = ()
    routings: list[RoutingDecision] = field(default_factory=list)  # by which models were asked, newest first
    talk: Talk | None = None  # of an agent
    traced: bool = False  # whether this person may see them

    @property
    def address(self) -> str:
        """What its addresses begin with."""
        return urlencode({"step": self.step.key, "item": self.frame} if self.frame else {"step": self.step.key})

    @property
    def last(self) -> Attempt | None:
        """The last try that called a model, or else the last."""
        with_model = [tried.attempt for tried in self.tries if tried.attempt.model]  # newest first
        return with_model[0] if with_model else self.tries[0].attempt if self.tries else None

    @property
    def ruled(self) -> int | None:
        """The check of the rules that stopped it last, if one did: a query."""
        stopped = RuleCheck.objects.filter(step_run_id=self.held.pk, effect=Effect.DENY) if self.held else None
        return stopped.order_by("-pk").values_list("pk", flat=True).first() if stopped is not None else None

    @property
    def drawn(self) -> str:
        """The icon of its kind."""
        return BY_KIND.get(self.step.kind, "square")

    @property
    def mark(self) -> str:
        """Who does it: ai, human or sys."""
        return graph.mark(self.step.kind)

    @property
    def owner_called(self) -> str:
        """Who answers for it."""
        group = self.step.owner_group
        return str(self.step.owner or (called(group.name) if group else ""))

    @property
    def writes(self) -> bool:
        """Whether a model writes in it now, and this person may look on."""
        held, here = self.held, self.tab in {"summary", "output", TALK} and not self.frame
        writing = held is not None and held.status == StepStatus.RUNNING and self.step.kind in WRITING
        return writing and here and self.readable

    @property
    def unknown(self) -> bool:
        """Whether its outcome is unknown, and somebody is asked."""
        held = self.held
        return held is not None and (held.status, held.awaits) == (StepStatus.WAITING, Awaits.OUTCOME)

    @cached_property
    def undo(self) -> undone.Undone | None:
        """Whether it is a call that was undone, or can be."""
        return undone.of(self.held)

    @cached_property
    def before(self) -> list[earlier.Earlier]:
        """What it had come to each time before it was sent back."""
        return earlier.of(self.held)

    @property
    def nobody(self) -> bool:
        """Whether somebody is asked because no model may do it."""
        if not self.unknown or not self.routings or self.held is None:
            return False
        return (self.routings[0].fence, self.routings[0].chosen) == (self.held.fence, "")

    @property
    def routed(self) -> RoutingDecision | None:
        """The newest decision, for those who may see it."""
        return self.routings[0] if self.routings and self.traced else None

    @property
    def why(self) -> str:
        """The newest decision in one sentence."""
        return routed.why(self.routings[0])

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Every call of the newest decision."""
        return routed.calls(self.routings[0])

    @property
    def data_class(self) -> str:
        """What the data of its call count as."""
        return str(DataClass(self.routings[0].asked["data"]).label)

    @property
    def sources(self) -> list[str]:
        """Where that comes from."""
        return sentences.told(self.routings[0].asked["sources"])

    @property
    def asked_called(self) -> str:
        """Whom its question was put to."""
        return waiting.waits_for(self.review) if self.review else ""

    @property
    def approved(self) -> str:
        """How many of its places are filled, where several people have to approve."""
        return seats.said(self.review) if self.review and self.review.is_open else ""


def tabs(shown: Inspected | None) -> list[tuple[str, str]]:
    """The tabs with their names; that of the model only where one was to be asked."""
    words = (_("Summary"), _("Talk"), _("Input"), _("Output"), _("Prompt"), _("Model"), _("Raw"))
    has = {MODEL: shown is not None and bool(shown.routings), TALK: shown is not None and shown.step.kind == AGENT}
    return [(key, word) for key, word in zip(TABS, words, strict=True) if has.get(key, True)]


def choose(course: Course, steps: Sequence[Step], wanted: str) -> str:
    """The key of the selected step: the one asked for, else the one at which the run stands."""
    if wanted == graph.BEGIN or any(step.key == wanted for step in steps):
        return wanted
    stands = course.current or (course.steps[-1] if course.steps else None)
    return stands.step.key if stands else steps[0].key if steps else graph.BEGIN


def inspect(
    course: Course,
    step: Step,
    tab: str,
    user: User,
    about: About,
    frame: str = "",
    given: Mapping[str, str] = MappingProxyType({}),
) -> Inspected:
    """The step, with what its open tab shows; `given` says which part of what is long."""
    held = course.step(step.key)
    shown = Inspected(step, held, tab if tab in TABS else TABS[0], may_read(user, step), about, frame)
    if held is not None:
        shown.tries = tries(course.tries.get(held.pk, []), course.now)
        shown.review = course.reviews.get(held.pk)
        shown.decisions = course.decisions.get(shown.review.pk, []) if shown.review else []
        _load_routings(shown, user)
    if (shown.tab == MODEL and not shown.routings) or (shown.tab == TALK and step.kind != AGENT):
        shown.tab = TABS[0]
    if shown.readable:
        _load(shown, course, given)
    return shown


def _load(shown: Inspected, course: Course, given: Mapping[str, str]) -> None:
    """What the open tab shows beyond the summary."""
    if shown.held is None and shown.tab != "input":
        return
    match shown.tab:
        case "input":
            shown.inputs = fields(shown.step, shown.held, course.run)
        case "output" if shown.held is not None:
            shown.output = opened_up(shown.held.output)
        case "prompt":
            shown.messages = _messages(shown)
        case "raw" if shown.held is not None:
            shown.raw = raw(shown.step, shown.held, shown.tries)
        case "talk" if shown.held is not None:
            shown.talk = talk.page(shown.held, given)


def _load_routings(shown: Inspected, user: User) -> None:
    """The decisions of a step that asks a model, with all that its tab shows of them where that is open."""
    if shown.step.kind not in THINKING:
        return
    found = RoutingDecision.objects.filter(step_run=shown.held).order_by("-fence")
    told = found.defer("seen", "ranked", "fell") if shown.tab == MODEL else found.only("step_run", "fence", "chosen")
    shown.routings = list(told[:MOST_DECISIONS])
    shown.traced = bool(shown.routings) and (
        shown.readable or may_see_routing(user, shown.step, shown.held.workflow_id if shown.held else 0)
    )


def _messages(shown: Inspected) -> list[dict[str, Any]]:
    prompts = Attempt.objects.filter(step_run=shown.held, prompt__isnull=False).order_by("-fence")
    return prompts.values_list("prompt", flat=True).first() or []
