"""The answers that the form of a decision sent: an own outcome by its button, the typed form, where to send it back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from audit.models import User
from orchestration.ways import FORM, MODEL, outcomes
from reviews.asking import answering, forms, reading
from reviews.asking.answering import Answers
from reviews.asking.reading import Read, Typed
from reviews.models import Draft, Review
from reviews.refusals import BadForm
from reviews.states import Verdict

MARK = "outcome."  # a button's value that stands for an own outcome: outcome.escalate


@dataclass(frozen=True, slots=True)
class Sent:
    """As it came in. `typed` is None where no form came."""

    verdict: str
    outcome: str = ""
    to: str = ""
    typed: Typed | None = None
    section: Mapping[str, Any] = field(default_factory=dict)

    def answers(self, review: Review, by: User, content: dict[str, Any]) -> Answers:
        """The same as values, with its files kept for good. `BadForm` where a value does not fit."""
        fields = self.section.get(FORM, [])
        plainly_no = self.verdict == Verdict.REJECTED and not self.outcome
        if not fields or self.typed is None or plainly_no or self.verdict == Verdict.SENT_BACK:
            return Answers(self.outcome, to=self.to)
        found = read(review, self.section, self.typed, by, content)
        if found.problems:
            raise BadForm(list(found.problems.items()))
        came = [upload.store() for upload in found.uploads.values()]
        return Answers(self.outcome, found.values, came, self.to)


def of(post: QueryDict, files: Mapping[str, Any], review: Review, by: User) -> Sent:
    """What came, as far as it can be one; `reading.NotAsked` where it holds a field that nobody asks."""
    section = answering.section_of(review)
    verdict, outcome = post.get("verdict", ""), ""
    if verdict.startswith(MARK):
        outcome = verdict.removeprefix(MARK)
        offered = outcomes(section).get(outcome)
        verdict = str(offered["counts_as"]) if offered else "approved"  # below, it is refused as not offered
    return Sent(verdict, outcome, post.get("to", MODEL), typed(post, files, section, by), section)


def typed(post: QueryDict, files: Mapping[str, Any], section: Mapping[str, Any], by: User) -> Typed | None:
    """The form as it was typed; None where none came."""
    if not reading.is_sent(post):
        reading.typed(post, files, [], by)
        return None
    return reading.typed(post, files, section.get(FORM, []), by)


def read(
    review: Review, section: Mapping[str, Any], said: Typed, by: User, content: Mapping[str, Any] | None = None
) -> Read:
    """What was typed, as values."""
    scope = forms.scope_for(review, section, content)
    return reading.read(said, section.get(FORM, []), scope, by)


def standing(review: Review, section: Mapping[str, Any], draft: Draft | None) -> Typed:
    """What stands in the form: as it was kept, else as it was answered at an earlier place, else as it is prefilled."""
    fields = section.get(FORM, [])
    if draft is not None and draft.form:
        return dict(draft.form)
    if FORM not in review.first_written and FORM in review.content:
        return reading.as_typed(review.content[FORM], fields)
    return reading.as_typed(forms.prefilled(fields, forms.scope_for(review, section)), fields) if fields else {}
