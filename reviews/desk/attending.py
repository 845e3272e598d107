"""Who looks at an item: to whom it is assigned, who holds it, for whom the reader would decide, whom others asked."""

from dataclasses import dataclass
from functools import cached_property

from audit.clock_time import now
from audit.models import User
from reviews import decisions
from reviews.models import Opinion, Review
from reviews.who import holding, opinions, passing, told


@dataclass
class Attending:
    """The lines and buttons of one item about who decides it, as one reader sees them."""

    review: Review
    reader: User

    @property
    def waits_for(self) -> str:
        """Whom it waits for now."""
        return told.waits_for(self.review)

    @property
    def is_mine(self) -> bool:
        """Whether it is assigned to the reader."""
        return self.review.assigned_to_id == self.reader.pk

    @cached_property
    def held(self) -> User | None:
        """Who holds it at this moment."""
        return holding.held_by(self.review, now()) if self.review.claimed_by_id else None

    @property
    def held_by_me(self) -> bool:
        """Whether the reader does."""
        return self.held == self.reader

    @property
    def leads(self) -> bool:
        """Whether the reader may assign it."""
        return passing.leads(self.reader, self.review)

    @cached_property
    def stands_for(self) -> User | None:
        """The person who is away and for whom the reader would decide."""
        try:
            able = decisions.check_may_decide(self.review, self.reader).able
        except decisions.CannotDecide:
            return None
        return User.objects.filter(pk=able.stands_for).first() if able.stands_for else None

    @cached_property
    def opinions(self) -> list[Opinion]:
        """What colleagues were asked, and said."""
        return opinions.of(self.review)

    @property
    def asked_of_me(self) -> Opinion | None:
        """What the reader is asked and has not answered."""
        return next((one for one in self.opinions if one.asked_id == self.reader.pk and one.answered_at is None), None)
