"""Several decisions at once: what each item would do, which of them may go together, and what became of each.

They go together when they are of one step of one version and nothing about them stands out. Each is then decided by
itself: with its own version, its own hash of what was shown, its own check and its own result.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from audit.models import User
from audit.moves import IllegalMove, LostRace
from orchestration import pauses, tools
from orchestration.models.definitions import StepRole
from reviews import decisions, points
from reviews.desk import checks, said
from reviews.desk.checks import Check
from reviews.models import Decision, Draft, Review, ReviewQuerySet
from reviews.states import Verdict

MOST = 50  # items at once
ALONE = {  # what a review point may ask for that a person answers item by item
    "form": gettext_noop("It asks for more than yes or no."),
    "outcomes": gettext_noop("It has answers of its own."),
    "sign": gettext_noop("It is signed by itself."),
}
JOINED = ("group", "workflow", "run__version", "started_by", "decided_by", "step_run__step")


class Shown(NamedTuple):
    """What a page showed of one item."""

    pk: int
    version: int
    shown_hash: str


@dataclass
class Line:
    """One item: why it has to be decided by itself, if it has, and what became of it."""

    review: Review
    alone: str = ""
    done: bool = False
    refused: str = ""
    decision: Decision | None = None

    @property
    def chosen(self) -> bool:
        """Whether it is still to be decided, and can be."""
        return not self.alone and not self.done

    @cached_property
    def effects(self) -> list[str]:
        """What an approval of it leads to."""
        tool = tools.TOOLS.get(str(self.review.content.get("tool", "")).partition("@")[0])
        return tool.effects(self.review.arguments) if tool else [_("The text goes on to the next step as it stands.")]

    @cached_property
    def checks(self) -> list[Check]:
        """What is checked about it."""
        return checks.of(self.review)


@dataclass
class Bulk:
    """Those that were chosen, in the order of the list."""

    lines: list[Line] = field(default_factory=list)
    left_out: int = 0

    @property
    def together(self) -> list[Line]:
        """Those that can be decided together and are not yet."""
        return [line for line in self.lines if line.chosen]

    @property
    def apart(self) -> list[Line]:
        """Those that have to be looked at one by one."""
        return [line for line in self.lines if line.alone and not line.done]

    @property
    def done(self) -> list[Line]:
        """Those that are decided."""
        return [line for line in self.lines if line.done]


def look(seen: ReviewQuerySet, user: User, ids: Sequence[int]) -> Bulk:
    """What was chosen, as far as this person may see it: which may go together, and why others may not."""
    found = seen.filter(pk__in=ids[:MOST]).select_related(*JOINED).in_order()
    drafts = Draft.objects.filter(user=user, review__in=ids[:MOST]).exclude(arguments={})
    edited = set(drafts.values_list("review_id", flat=True))
    lines = [Line(one, _alone(one, user, one.pk in edited)) for one in found]
    steps = Counter(line.review.step_run.step_id for line in lines if not line.alone)
    step = steps.most_common(1)[0][0] if steps else None
    for line in lines:
        if not line.alone and line.review.step_run.step_id != step:
            line.alone = _("It is of another step, or of another version of it.")
    return Bulk(lines, max(0, len(ids) - MOST))


def _alone(review: Review, user: User, edited: bool) -> str:
    """Why an item is decided by itself; "" where it can go together with others."""
    if not review.is_open:
        return said.who_decided(review, user)
    if review.filled:
        return _("Somebody has approved it already, and others are asked: look at it by itself.")
    if told := said.why_not(review, user):
        return told
    return _asks_more(review, edited) or _stands_out(review)


def _asks_more(review: Review, edited: bool) -> str:
    step, section = review.step_run.step, points.section(review.step_run)
    told = [text for key, text in ALONE.items() if section.get(key)]
    if told:
        return _(told[0])
    if edited:
        return _("You have edited it.")
    if step.role == StepRole.CALL or pauses.ASKS in review.content:
        return _("An agent or a server asks for it: look at what led to it.")
    return _("It lets other steps act later.") if step.spec.get("releases") else ""


def _stands_out(review: Review) -> str:
    red = [check for check in checks.of(review) if not check.ok]
    return _("A check is open: %(name)s.") % {"name": red[0].name} if red else ""


def decide(bulk: Bulk, shown: Mapping[int, Shown], *, by: User, verdict: Verdict, reason: str) -> None:
    """Decide each that was shown and chosen, in a transaction of its own. What fails says why and stays chosen.

    What this person has decided so already counts as done: the same form may come twice.
    """
    for line in bulk.lines:
        one = shown.get(line.review.pk)
        if one is None:
            continue
        if line.alone:
            line.done = _is_done(line, one, by, verdict)
            continue
        try:
            line.decision = decisions.decide(
                line.review.pk,
                by=by,
                verdict=verdict,
                version=one.version,
                shown_hash=one.shown_hash,
                reason=reason,
            )
            line.done = True
        except (decisions.CannotDecide, IllegalMove, LostRace) as error:
            line.refused = _why(error, line.review, by)


def again(before: Bulk, after: Bulk) -> Bulk:
    """What was chosen as it stands now, with what became of each."""
    came_to = {line.review.pk: line for line in before.lines}
    for line in after.lines:
        was = came_to.get(line.review.pk, line)
        line.done, line.refused, line.decision = was.done, was.refused, was.decision
    return after


def _is_done(line: Line, one: Shown, by: User, verdict: Verdict) -> bool:
    """Whether this person has decided it so, on what was shown."""
    given = line.review.decisions.standing().filter(by=by, verdict=verdict, shown_hash=one.shown_hash).first()
    line.decision = given
    return given is not None


def _why(error: Exception, review: Review, by: User) -> str:
    match error:
        case decisions.ReasonNeeded():
            return _("Say why you reject it. The reason goes into the record.")
        case decisions.AlreadyDecided():
            return said.who_was_first(error.review, by)
        case decisions.PlaceFilled():
            return said.who_filled(error.decision, review)
        case decisions.RuleSaysNo():
            return str(error)
        case decisions.NotAllowed():
            return _("You may no longer decide it.")
        case decisions.Stale():
            return _("It was changed since this page was opened. Look at it again.")
        case decisions.BadEdit():
            return _("It cannot be carried out as it stands.")
    return _("The run has moved on, so there is nothing to decide here any more.")


def numbers(given: Iterable[str]) -> list[int]:
    """The numbers of items that an address or a form names, each once; what is no number is passed over."""
    found = (int(one) for one in given if one.isascii() and one.isdecimal() and len(one) <= 18)
    return list(dict.fromkeys(found))
