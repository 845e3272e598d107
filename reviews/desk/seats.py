"""The places of a review that several people approve: who filled which, who is asked now, and who comes after."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from orchestration.explain.groups import called
from reviews import places
from reviews.desk import fields
from reviews.desk.fields import Field
from reviews.models import Decision, Review
from reviews.states import Verdict

FILLED, ASKED, LATER, EMPTY = "filled", "asked", "later", "empty"


@dataclass(frozen=True, slots=True)
class Seat:
    """One place. `state` is filled, asked, later, or empty where the review ended before it was reached."""

    group: str
    state: str
    decision: Decision | None


@dataclass
class Seats:
    """All places of a review, in their order; none where one person decides alone."""

    review: Review

    @cached_property
    def all(self) -> list[Seat]:
        """Each place: two queries, none where there is one alone."""
        every = places.of(self.review)
        if len(every) < 2:
            return []
        names = dict(Group.objects.filter(pk__in={group for _number, group in every}).values_list("pk", "name"))
        taken = {one.place: one for one in self._standing()}
        return [
            Seat(called(names[group]), self._state(number, taken), taken.get(number))
            for number, group in every
            if group in names
        ]

    def _standing(self) -> list[Decision]:
        found = self.review.decisions.standing().filter(verdict=Verdict.APPROVED)
        return list(found.select_related("by").order_by("place"))

    def _state(self, number: int, taken: dict[int, Decision]) -> str:
        if number in taken:
            return FILLED
        if not self.review.is_open:
            return EMPTY
        return ASKED if number == self.review.place else LATER

    @property
    def said(self) -> str:
        """How far it has come: "1 of 2", or "" where one person decides."""
        return said(self.review)

    @property
    def next(self) -> Seat | None:
        """Who is asked once the place that is asked now is filled; None where that is the last."""
        return next((seat for seat in self.all if seat.state == LATER), None)

    @cached_property
    def changed(self) -> list[Field]:
        """What somebody who approved before has changed, as it was and as it stands here now."""
        if self.review.written is None:
            return []
        was: dict[str, Any] = self.review.written
        return fields.changed(self.review, was.get("arguments", was))


def said(review: Review) -> str:
    """How many places are filled, of how many."""
    count = len(places.of(review))
    return _("%(filled)d of %(count)d approved") % {"filled": review.filled, "count": count} if count > 1 else ""
