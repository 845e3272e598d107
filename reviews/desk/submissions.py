"""What a decision's form sent, read with care: it comes from outside, and any of it may be missing or nonsense."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from audit.canonical import NotCanonical, clean, digest
from audit.models import User
from reviews import decisions, drafts
from reviews.asking import answering
from reviews.asking.reading import NotAsked
from reviews.asking.sent import Sent
from reviews.asking.sent import of as answers_in
from reviews.desk import fields
from reviews.models import Decision, Review
from reviews.signing.signature import Signature
from reviews.states import Verdict

LONGEST_REASON = 4000
LONGEST_NUMBER = 9  # digits


class NotUnderstood(ValueError):
    """The form lacks what a decision needs, or holds what no page of ours sends."""


class TooLong(ValueError):
    """The reason is longer than the record takes."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A decision as it came in. `shown` are the arguments that the page showed; None when it sent none."""

    verdict: Verdict
    version: int
    shown_hash: str
    reason: str
    shown: dict[str, Any] | None
    asked: Sent


def read(post: QueryDict, files: Mapping[str, Any], review: Review, by: User) -> Submission:
    """The form as a submission, or `NotUnderstood`."""
    version, shown_hash = (post.get(name, "") for name in ("version", "shown_hash"))
    try:
        asked = answers_in(post, files, review, by)
    except NotAsked as error:
        raise NotUnderstood(str(error)) from error
    if asked.verdict not in Verdict.values:
        raise NotUnderstood(_("The form does not say whether to approve or to reject. Nothing was changed."))
    if not (version.isascii() and version.isdecimal() and len(version) <= LONGEST_NUMBER):
        raise NotUnderstood(_("The form does not say which version it showed. Nothing was changed."))
    if len(shown_hash) != len(digest("")) or not shown_hash.isalnum():
        raise NotUnderstood(_("The form does not say what it showed. Nothing was changed."))
    posted = fields.read(post, review)
    if posted and posted.problems:
        raise NotUnderstood(_("A field of the form holds no value of its kind. Nothing was changed."))
    shown = posted.values if posted else None
    return Submission(Verdict(asked.verdict), int(version), shown_hash, reason(post), shown, asked)


def reason(post: Mapping[str, str]) -> str:
    """The reason as typed, without what no database keeps."""
    typed: str = clean(fields.one_kind_of_break(post.get("reason", "")))[0]
    return typed


def decide(sent: Submission, review: Review, *, by: User, signature: Signature | None = None) -> Decision:
    """Take the decision that was sent, if it was taken on what stands there now."""
    _check_length(sent)
    edit = _edit(sent, review, by) if sent.verdict == Verdict.APPROVED and review.is_open else None
    content = review.content if edit is None else review.with_arguments(edit)
    if sent.asked.typed is not None and review.is_open:
        decisions.check_is_at(review, sent.version)
        decisions.check_may_decide(review, by)
    answers = sent.asked.answers(review, by, content) if review.is_open else decisions.Answers()
    return decisions.decide(
        review.pk,
        by=by,
        verdict=sent.verdict,
        version=sent.version,
        shown_hash=sent.shown_hash,
        reason=sent.reason,
        arguments=edit,
        signature=signature,
        answers=answers,
    )


def decided_on(sent: Submission, review: Review, *, by: User) -> dict[str, Any]:
    """The content that the decision would be taken on: what is signed."""
    _check_length(sent)
    if not review.is_open:
        return dict(review.content)
    approves = sent.verdict == Verdict.APPROVED
    content = decisions.edited_content(review, _edit(sent, review, by)) if approves else dict(review.content)
    answers = sent.asked.answers(review, by, content)
    return answering.check(review, sent.verdict, sent.reason, answers, content).into(content, review)


def _check_length(sent: Submission) -> None:
    if len(sent.reason) > LONGEST_REASON:
        raise TooLong(_("A reason may have %(most)d characters.") % {"most": LONGEST_REASON})


def answer(sent: Submission, review: Review, *, by: User) -> None:
    """What is written beside the buttons, in answer to a question of an agent, is kept as an edit: nothing is lost."""
    held = review.step_run
    asked = held.given is not None and held.step.kind == "person" and review.is_open
    if asked and sent.verdict == Verdict.APPROVED and sent.shown is not None:
        decisions.check_is_at(review, sent.version)
        drafts.keep(review, fields.Posted(values=sent.shown), by=by)


def _edit(sent: Submission, review: Review, by: User) -> dict[str, Any] | None:
    """The edit to carry out: what the page showed, if that is what stands now. A draft may change in another tab."""
    decisions.check_is_at(review, sent.version)
    decisions.check_may_decide(review, by)
    written = review.arguments
    standing = drafts.standing(review, drafts.of(review, by))
    try:
        same = digest(written if sent.shown is None else sent.shown) == digest(standing)
    except NotCanonical:
        same = False
    if not same:
        raise decisions.Stale
    return standing if standing != written else None
