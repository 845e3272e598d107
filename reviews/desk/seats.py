"""The places of a review that several people approve: who filled which, who is asked now, and who comes after."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from reviews import places
from reviews.desk import fields
from reviews.desk.fields import Field
from reviews.models import Decision, Review
from reviews.states import Verdict
from reviews.who import told

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
        """Each place: one query, none where there is one alone."""
        every = places.of(self.review)
        if len(every) < 2:
            return []
        taken = {one.place: one for one in self._standing()}
        return [
            Seat(told.place_said(self.review, place), self._state(place.number, taken), taken.get(place.number))
            for place in every
        ]

    def _standing(self) -> list[Decision]:
        found = self.review.decisions.standing().filter(verdict=Verdict.APPROVED)
        return list(found.select_related("by", "stands_for").order_by("place"))

    def _state(self, number: int, taken: dict[int, Decision]) -> str:
        if number in taken:
            return FILLED
        if not self.review.is_open:
            return EMPTY
        return ASKED if self.review.side_by_side or number == self.review.place else LATER

    @property
    def said(self) -> str:
        """How far it has come: "1 of 2", or "" where one person decides."""
        return said(self.review)

    @property
    def enough(self) -> bool:
        """Whether fewer than all places are enough."""
        return self.review.needed < len(self.all)

    @property
    def waits(self) -> bool:
        """Whether others are asked once a place is filled."""
        return bool(self.all) and self.review.filled + 1 < self.review.needed

    @property
    def next(self) -> Seat | None:
        """Who is asked once the place that is asked now is filled; None where that is the last."""
        if not self.waits and self.all and not self._must_wait:
            return None
        later = [seat for seat in self.all if seat.state in (LATER, ASKED)]
        return next((seat for seat in later if seat.state == LATER), later[-1] if len(later) > 1 else None)

    @property
    def _must_wait(self) -> bool:
        """Whether a place is left that is filled however few are enough."""
        taken = {seat.decision.place for seat in self.all if seat.decision}
        return sum(place.must and place.number not in taken for place in places.of(self.review)) > 1

    @cached_property
    def changed(self) -> list[Field]:
        """What somebody who approved before has changed, as it was and as it stands here now."""
        if self.review.written is None:
            return []
        was: dict[str, Any] = self.review.written
        return fields.changed(self.review, was.get("arguments", was))


def said(review: Review) -> str:
    """How many places are filled, of how many that are needed."""
    count = len(places.of(review))
    told_so = _("%(filled)d of %(count)d approved") % {"filled": review.filled, "count": review.needed}
    return told_so if count > 1 and review.needed > 1 else ""
