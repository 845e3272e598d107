"""What a message says: by default that something waits, of which workflow, until when, and where, and nothing of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.clock_time import now
from reviews.models import Review
from reviews.notices import content, links
from reviews.notices.choosing import Reader, language_of
from reviews.reaching import TO_DECIDE, Channel, Kind, Message, Notice

MOST_LINES = 10  # of one workflow
LONGEST_NAME = 80
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Line:
    """One thing that somebody is told."""

    text: str
    url: str
    due: datetime | None = None
    title: str = ""


@dataclass(frozen=True)
class Group:
    """What is told of one workflow: so many things, the first of them each with its link."""

    name: str
    count: int
    lines: Sequence[Line]

    @property
    def more(self) -> int:
        """How many are not shown one by one."""
        return self.count - len(self.lines)


@dataclass(frozen=True)
class Letter:
    """What a message says, in its reader's language and zone."""

    subject: str
    groups: Sequence[Group]
    waiting: int  # how many things wait for the reader altogether, where there are more than are told
    language: str
    zone: str

    @property
    def only(self) -> Line | None:
        """The one thing that it says, if it is one."""
        return self.groups[0].lines[0] if len(self.groups) == 1 and self.groups[0].count == 1 else None

    @property
    def url(self) -> str:
        """Where it leads."""
        return self.only.url if self.only else address("inbox")

    def as_text(self) -> str:
        """Plain text."""
        return self._rendered("reviews/notices/mail.txt")

    def as_html(self) -> str:
        """Simple HTML."""
        return self._rendered("reviews/notices/mail.html")

    def _rendered(self, template: str) -> str:
        with translation.override(self.language), timezone.override(self.zone):
            context = {"letter": self, "workspace": settings.HANDRAIL_WORKSPACE, "inbox": address("inbox")}
            return render_to_string(template, {**context, "choices": address("me-notices")}).strip() + "\n"


def compose(reader: Reader, message: Message, notices: Sequence[Notice]) -> Letter:
    """One message to one person, of things that they may be told."""
    language, moment = language_of(reader.user), now()
    with translation.override(language), timezone.override(reader.hours.zone):
        shown = _by_workflow(notices)
        to_decide = [
            one.review for some in shown.values() for one in some[:MOST_LINES] if one.kind in TO_DECIDE and one.review
        ]
        tokens = {} if message.channel == Channel.BROWSER else links.make(reader.user, to_decide, moment)
        groups = [
            Group(name, len(some), [_line(one, tokens) for one in some[:MOST_LINES]]) for name, some in shown.items()
        ]
        waiting = Review.objects.open_for(reader.user)[:MOST_COUNTED].count() if len(notices) > 1 else 0
        return Letter(_subject(groups), groups, waiting, language, str(reader.hours.zone))


def address(name: str, *arguments: object) -> str:
    """The whole address of a page, as it is reached from outside."""
    return settings.HANDRAIL_ADDRESS.rstrip("/") + reverse(name, args=arguments)


def said(kind: str, words: Mapping[str, str]) -> str:
    """What happened, without a word of what it is about."""
    match kind:
        case Kind.ASKED:
            return _("Something waits for your decision")
        case Kind.ASSIGNED:
            return _("Something was given to you to decide")
        case Kind.REMINDED:
            return _("Something that waits for you is due soon")
        case Kind.ESCALATED:
            return _("Something that is late came to you to decide")
        case Kind.MENTIONED:
            return _("Somebody mentioned you")
        case Kind.DECIDED:
            return _("Something that you started or follow was decided")
        case Kind.LAPSED:
            return _("The time for a decision ran out")
        case Kind.STOPPED:
            return _("Your webhook %(name)s was switched off, because it does not answer") % {
                "name": words.get("name", "")
            }
        case _:
            return _("Nobody may decide something that you answer for")


def _by_workflow(notices: Sequence[Notice]) -> dict[str, list[Notice]]:
    found: dict[str, list[Notice]] = {}
    for one in {(one.review_id, one.kind, one.pk if one.kind not in TO_DECIDE else 0): one for one in notices}.values():
        name = one.review.workflow.name if one.review else settings.HANDRAIL_WORKSPACE
        found.setdefault(" ".join(name.split())[:LONGEST_NAME], []).append(one)
    return found


def _line(notice: Notice, tokens: Mapping[int, str]) -> Line:
    review, words = notice.review, notice.words
    text = said(notice.kind, words)
    if review is None:
        return Line(text, address("webhook", words["hook"]))
    token = tokens.get(review.pk)
    url = address("link", token) if token and notice.kind in TO_DECIDE else address("review", review.pk)
    due = review.due_at if notice.kind in TO_DECIDE else None
    if not content.may_hold_content(review, words):
        return Line(text, url, due)
    more = ": ".join(filter(None, (words.get("by", ""), words.get("text", ""))))
    return Line(text, url, due, " · ".join(filter(None, (" ".join(review.title.split()), more))))


def _subject(groups: Sequence[Group]) -> str:
    count = sum(group.count for group in groups)
    if count == 1:
        return f"{groups[0].name}: {groups[0].lines[0].text}"
    words = {"n": count, "workspace": settings.HANDRAIL_WORKSPACE}
    return ngettext("%(n)d thing for you at %(workspace)s", "%(n)d things for you at %(workspace)s", count) % words
