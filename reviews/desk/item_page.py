"""The right side of the inbox: one item, what it rests on, what follows from a decision, and who may take it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import differences
from audit.models import User
from orchestration import tools
from orchestration.models import Step
from reviews import drafts
from reviews.asking.drawn import Asking
from reviews.desk import called, evidence, fields, pausing, released, said
from reviews.desk.attending import Attending
from reviews.desk.beside import Beside
from reviews.desk.called import Call
from reviews.desk.evidence import Evidence
from reviews.desk.fields import Field
from reviews.desk.released import Released
from reviews.desk.seats import Seats
from reviews.models import Decision, Draft, Review
from reviews.when.words import Timing

SHOWN = ("written", "changes", "final")
TABS = ("output", "evidence", "comments", "earlier")
QUESTION = "question"  # in what an agent asks
SENDS = {"email.send": "send"}  # tools that send something, and the icon for it


@dataclass
class Words:
    """What a person has typed and must not lose, and what is to be said about it."""

    reason: str | None = None
    reason_problem: str = ""
    texts: dict[str, str] | None = None
    values: dict[str, Any] | None = None
    problems: dict[str, str] = field(default_factory=dict)
    refusal: str = ""
    moved: list[Field] = field(default_factory=list)
    form: dict[str, Any] | None = None
    form_problems: dict[str, str] = field(default_factory=dict)
    editing: bool = False
    comment: str = ""
    comment_problem: str = ""


@dataclass
class Item:
    """One review as one reader sees it."""

    review: Review
    reader: User
    words: Words
    asked: Mapping[str, str]

    @cached_property
    def draft(self) -> Draft | None:
        """What the reader keeps of it."""
        return drafts.of(self.review, self.reader)

    @cached_property
    def decision(self) -> Decision | None:
        """The one that stands."""
        if self.review.is_open:
            return None
        return self.review.decisions.standing().select_related("by").order_by("-id").first()

    @cached_property
    def evidence(self) -> Evidence:
        """What it rests on."""
        return evidence.gather(self.review)

    @cached_property
    def beside(self) -> Beside:
        """What stands beside it: comments, earlier decisions, sources, checks."""
        return Beside(self.review, self.reader, self.evidence, self.asked)

    @cached_property
    def call(self) -> Call | None:
        """The call of an agent that it is about, if it is: with what led to it."""
        return called.of(self.review, self.reader)

    @cached_property
    def asking(self) -> Asking:
        """What it asks besides: a form, own outcomes, and where it may be sent back."""
        answered = self.decision.content if self.decision is not None else None
        typed = self.words.form
        return Asking(self.review, self.reader, self.draft, typed, self.words.form_problems, answered)

    @property
    def asks(self) -> bool:
        """Whether an agent asks for an answer, and not for an approval."""
        return self.call is not None and self.call.asks

    @cached_property
    def step(self) -> Step:
        """The step of the document that it belongs to."""
        return evidence.outermost(self.review.step_run.step)

    @cached_property
    def tool(self) -> tools.Tool | None:
        """The tool that an approval lets be called."""
        return tools.TOOLS.get(self._tool) if self._tool else None

    @cached_property
    def facts(self) -> list[tuple[str, str]]:
        """What such a call does to the world."""
        return called.facts(self._tool)

    @cached_property
    def refusal(self) -> str:
        """Why this reader may not decide it; empty when they may."""
        return said.why_not(self.review, self.reader)

    @property
    def may_decide(self) -> bool:
        """Whether the reader gets buttons."""
        return self.review.is_open and not self.refusal

    @cached_property
    def final(self) -> dict[str, Any]:
        """The arguments as they would be, or were, carried out."""
        if self.decision is not None:
            content = self.decision.content
            return dict(content.get("arguments", content))
        return drafts.standing(self.review, self.draft)

    @cached_property
    def fields(self) -> list[Field]:
        """Every field, as written and as it would be carried out."""
        final = {**self.final, **(self.words.values or {})}
        return fields.opened(self.review, final, self.words.texts or {}, self.words.problems)

    @cached_property
    def sent(self) -> list[Field]:
        """The same as the form of the decision sends it: one text for each argument."""
        return fields.describe(self.review, self.final)

    @cached_property
    def holders(self) -> list[tuple[str, str, bool]]:
        """The objects and lists that are edited field by field."""
        return fields.holders(self.review, {**self.final, **(self.words.values or {})})

    @property
    def read_fields(self) -> list[Field]:
        """The fields that are read one by one: what a gate releases is said in words, unless somebody changed it."""
        said_in_words = {released.FIELD} if self.released else set()
        if self.asks:
            said_in_words = {one.name for one in self.fields if self.review.is_open or one.name == QUESTION}
        return [one for one in self.fields if one.name not in said_in_words or one.written != one.final]

    @cached_property
    def released(self) -> list[Released]:
        """What an approval lets happen later, if this is a gate."""
        return released.acts(self.review, self.final)

    @cached_property
    def changes(self) -> int:
        """How many places were changed by a person."""
        return sum(differences.changes(one.pieces) for one in self.fields)

    @property
    def has_tools(self) -> bool:
        """Whether there is anything to choose above the text."""
        return (bool(self.changes) or self.may_decide) and not self.asks

    @property
    def show(self) -> str:
        """Which of the three views of the text."""
        if not self.changes:
            return "written"
        wanted = self.asked.get("show", "")
        return wanted if wanted in SHOWN else "changes"

    @property
    def tab(self) -> str:
        """Which section."""
        wanted = "comments" if self.words.comment_problem else self.asked.get("tab", "")
        return wanted if wanted in TABS else "output"

    @property
    def is_editing(self) -> bool:
        """Whether the fields are open for typing."""
        return self.may_decide and not self.asks and (self.words.editing or self.asked.get("edit") == "1")

    @property
    def reason(self) -> str:
        """The reason as typed, or as kept."""
        if self.words.reason is not None:
            return self.words.reason
        return self.draft.reason if self.draft else ""

    @property
    def standing(self) -> str:
        """What is said in place of buttons: who was first, or why this reader may not."""
        if self.review.is_open:
            return self.refusal
        return self.words.refusal or said.who_decided(self.review, self.reader)

    @property
    def input(self) -> list[tuple[str, str]]:
        """What the run began with, field by field."""
        return [(evidence.plain(name), fields.as_text(value)) for name, value in self.review.run.input.items()]

    @property
    def question(self) -> str:
        """What somebody outside wrote, if the item shows it."""
        return "" if self.asks else evidence.asked(self.review)

    @cached_property
    def paused(self) -> pausing.Asked | None:
        """What a server asks in the middle of a call, if this is that."""
        return pausing.of(self.review)

    @cached_property
    def effects(self) -> list[str]:
        """What an approval leads to, in sentences."""
        if self.review.is_blind:
            return [_("Nothing is carried out: your answer is compared with the first.")]
        if self.paused is not None:
            return self.paused.effects
        if "tool" in self.review.content:
            gone = [_("The tool it needs is not installed any more.")]
            return self.tool.effects(self.final) if self.tool else gone
        if self.asks:
            return [_("The agent reads your answer, and goes on.")]
        if self.released:
            told = [
                (one.step.name, effect) for one in self.released for effect in one.effects or [_("It is carried out.")]
            ]
            return [_("%(step)s: %(effect)s") % {"step": name, "effect": effect} for name, effect in told]
        return [_("The text goes on to the next step as it stands here.")]

    @property
    def drawn(self) -> str:
        """The icon of what happens."""
        return SENDS.get(self._tool, "arrow-right")

    @cached_property
    def timing(self) -> Timing:
        """When it is due, and what the clock does about it."""
        return Timing(self.review, self.reader)

    @cached_property
    def seats(self) -> Seats:
        """Who approves, where several have to."""
        return Seats(self.review)

    @cached_property
    def who(self) -> Attending:
        """Who looks at it."""
        return Attending(self.review, self.reader)

    @property
    def hands_on(self) -> str:
        """What an approval comes to where others have to approve after it; "" where it is the last."""
        if not self.review.is_open or (following := self.seats.next) is None:
            return ""
        told = _("%(group)s are asked next. Nothing is carried out before they approve as well.")
        return told % {"group": following.group}

    @property
    def approve(self) -> str:
        """What the button says: what happens."""
        if self.hands_on:
            return _("Approve with edits, ask the next") if self.changes else _("Approve, ask the next")
        if self.asks or self.review.is_blind:
            return _("Approve blindly") if self.review.is_blind else _("Send the answer")
        sends = self._tool in SENDS
        if self.paused is not None:
            return _("Send the answer")
        if not self.changes:
            return _("Approve and send") if sends else _("Approve and go on")
        told = {"n": self.changes}
        if sends:
            return (
                ngettext("Approve with %(n)d edit and send", "Approve with %(n)d edits and send", self.changes) % told
            )
        return ngettext("Approve with %(n)d edit", "Approve with %(n)d edits", self.changes) % told

    @property
    def _tool(self) -> str:
        return str(self.review.content.get("tool", "")).partition("@")[0]
