"""What a page says of time at a review."""

from django import template

from audit.models import User
from reviews.models import Review
from reviews.when.words import Timing

register = template.Library()


@register.simple_tag
def timing(review: Review, reader: User) -> Timing:
    """`{% timing review user as timing %}`: when it is due, what the clock has done about it and is to do."""
    return Timing(review, reader)
