"""Who may see reviews: whoever may see their workflow, unless their run is hidden from them for now."""

from audit import sight
from audit.models import User
from reviews.models import Review


@sight.judge("review")
def may_see_review(user: User, pk: str) -> bool:
    """A review of a workflow that one may see."""
    return Review.objects.seen_by(user).unveiled(user).filter(pk=pk).exists()
