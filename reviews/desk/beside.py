"""What stands beside an item: what people say about it, earlier decisions on like cases, its sources and its checks."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import cached_property

from audit.models import User
from reviews import commenting
from reviews.desk import checks, likes, sources
from reviews.desk.checks import Check
from reviews.desk.evidence import Evidence
from reviews.desk.likes import Like
from reviews.desk.sources import Source
from reviews.models import Comment, Review, Watch

MOST = 50  # comments that are shown


@dataclass
class Beside:
    """All of it, for one reader; each is asked for only where it is shown."""

    review: Review
    reader: User
    evidence: Evidence
    asked: Mapping[str, str]

    @cached_property
    def count(self) -> int:
        """How many comments there are; a badge counts no further than a thousand."""
        return self.review.comments.all()[:1000].count()

    @cached_property
    def comments(self) -> list[Comment]:
        """The last of them, the oldest first."""
        return commenting.of(self.review, MOST)

    @property
    def left(self) -> int:
        """How many stand before those that are shown."""
        return max(0, self.count - len(self.comments))

    @cached_property
    def watched(self) -> bool:
        """Whether the reader looks on."""
        return Watch.objects.filter(review=self.review, user=self.reader).exists()

    @cached_property
    def likes(self) -> list[Like]:
        """Earlier decisions on like cases."""
        return likes.of(self.review)

    @cached_property
    def sources(self) -> list[Source]:
        """The passages that it rests on."""
        return sources.of(self.review, self.evidence)

    @property
    def source(self) -> Source | None:
        """The one that is opened."""
        return next((one for one in self.sources if str(one.number) == self.asked.get("source")), None)

    @cached_property
    def checks(self) -> list[Check]:
        """What is checked about it."""
        return checks.of(self.review)

    @property
    def green(self) -> int:
        """How many checks are in order."""
        return sum(check.ok for check in self.checks)
